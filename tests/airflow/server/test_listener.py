"""What is done when a component of Airflow starts."""

import ast
import gc
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import deployplan
from deployplan.airflow_glue import tasks
from deployplan.airflow_glue.plugin import DeployPlanPlugin
from deployplan.airflow_glue.server import listener
from deployplan.airflow_glue.tasks import window_task

pytestmark = pytest.mark.airflow

HOUSE = Path(deployplan.__file__).parent
WHERE_TASKS_WORK = ("airflow_glue", "runbook", "remote", "evidence", "checks")
NOT_IN_TASKS = ("airflow_glue/plugin.py", "airflow_glue/server", "airflow_glue/notifier_process")
ONLY_IN_SOME = {
    "httpx",
    "upath",
    "asgiref.sync",
    "fcntl",
    "deployplan.plan.pages.readable",
    "deployplan.ui.release_spans",
}
"""What a task comes to only with some plans, or finds loaded by Airflow."""


@pytest.fixture
def thawed() -> Iterator[None]:
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("thawed")
def test_no_sweep_touches_what_a_component_shares_with_the_processes_that_it_forks() -> None:
    assert listener in DeployPlanPlugin.listeners
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


def imports_in_functions(path: Path) -> Iterator[str]:
    """The modules that functions of this file import."""
    for function in ast.walk(ast.parse(path.read_text())):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.ImportFrom) and node.module:
                    yield node.module
                elif isinstance(node, ast.Import):
                    yield from (alias.name for alias in node.names)


def test_what_tasks_import_while_they_work_is_loaded_before_the_first_is_forked() -> None:
    """The SSH library takes a quarter of a second of a core, which each task of a run would pay."""
    files = [path for room in WHERE_TASKS_WORK for path in (HOUSE / room).rglob("*.py")]
    wanted = {
        name
        for path in files
        if not str(path.relative_to(HOUSE)).startswith(NOT_IN_TASKS)
        for name in imports_in_functions(path)
    }
    assert "deployplan.remote.ssh.transport" in wanted
    started = "import sys; from deployplan.airflow_glue.server import listener; listener.on_starting(None); "
    loaded = subprocess.run(
        [sys.executable, "-c", started + "print(*sys.modules)"],
        check=True,
        capture_output=True,
        text=True,
        cwd=HOUSE.parent,
        timeout=120,
    ).stdout
    assert wanted - ONLY_IN_SOME - set(loaded.split()) == set()
