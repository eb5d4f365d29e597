"""What is done when a component of Airflow starts."""

import gc
from collections.abc import Iterator

import pytest

import deployplan_plugin
from deployplan.airflow_glue.server import listener

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
