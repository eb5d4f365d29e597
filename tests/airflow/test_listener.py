"""What is done when a component of Airflow starts."""

import gc
import sys
from collections.abc import Iterator

import pytest

import deployplan_plugin
from deployplan.airflow_glue import tasks
from deployplan.airflow_glue.server import listener
from deployplan.airflow_glue.tasks import window_task

pytestmark = pytest.mark.airflow


@pytest.fixture
def thawed() -> Iterator[None]:
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("thawed")
def test_no_sweep_touches_what_a_component_shares_with_the_processes_that_it_forks() -> None:
    assert listener in deployplan_plugin.DeployPlanPlugin.listeners
    loaded = len(gc.get_objects())
    listener.on_starting(component=None)
    assert len(gc.get_objects()) < loaded / 100
    assert gc.get_freeze_count() > loaded / 2


@pytest.mark.usefixtures("thawed")
def test_what_every_task_needs_is_loaded_before_the_first_is_forked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "window_task", window_task)
    monkeypatch.delitem(sys.modules, window_task.__name__)
    listener.on_starting(component=None)
    assert window_task.__name__ in sys.modules
    assert set(listener.what_tasks_need()) <= set(sys.modules)
