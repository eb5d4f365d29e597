"""How a task that ends on purpose is told in Airflow's log: by its sentence, without the way on which it came."""

import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest
from airflow.sdk.exceptions import AirflowFailException

from builders import a_snapshot
from deployplan.airflow_glue.dags.openings import OfferedOpening
from deployplan.airflow_glue.dags.schedule import redeploy_param, window_params
from deployplan.airflow_glue.plan_source import PlanSource
from deployplan.airflow_glue.tasks.host import TaskHost
from deployplan.airflow_glue.tasks.operators import PlanOperator, Preflight

pytestmark = pytest.mark.airflow


def raise_deep(error: Exception, levels: int = 5) -> NoReturn:
    """Raise many calls below, while another error is handled."""
    if levels:
        raise_deep(error, levels - 1)
    try:
        raise KeyError("what was met first")
    except KeyError as met:
        raise error from met


def end_of(error: Exception, carry: Callable[[PlanOperator], Any]) -> Exception:
    async def step(_: TaskHost) -> None:
        raise_deep(error)

    class Ends(Preflight):
        body = staticmethod(lambda: step)

    snapshot = a_snapshot()
    task = Ends(task_id="preflight").of(PlanSource(snapshot.plan.name, snapshot.digest, lambda: snapshot))
    with pytest.raises(type(error)) as ended:
        carry(task)
    return ended.value


CONTEXT: Any = {"dag_run": SimpleNamespace(run_id="run-1")}
WAYS: dict[str, Callable[[PlanOperator], Any]] = {
    "execute": lambda task: task.execute(CONTEXT),
    "answered": lambda task: task.answered(CONTEXT, {"chosen_options": ["Approve"]}),
    "resume": lambda task: task.resume(CONTEXT, {}),
}


@pytest.mark.parametrize("carry", WAYS.values(), ids=WAYS)
def test_an_end_on_purpose_is_one_sentence_without_our_frames(carry: Callable[[PlanOperator], Any]) -> None:
    error = end_of(AirflowFailException("n1: there is no Airflow connection 'ssh'; add it"), carry)

    told = "".join(traceback.format_exception(error))

    assert told.strip().endswith("AirflowFailException: n1: there is no Airflow connection 'ssh'; add it")
    assert "raise_deep" not in told
    assert "what was met first" not in told


def test_an_error_that_nobody_meant_keeps_the_way_on_which_it_came() -> None:
    told = "".join(traceback.format_exception(end_of(ZeroDivisionError("a fault of ours"), WAYS["execute"])))
    assert told.count("raise_deep") >= 6
    assert "what was met first" in told


def test_the_trigger_form_asks_for_nothing_but_what_a_person_may_choose_and_says_what_it_is() -> None:
    at = datetime(2026, 11, 28, 22, tzinfo=UTC)
    shown = window_params([OfferedOpening(at.isoformat(), "28 November, 22:00 UTC", at, at)]) | redeploy_param()

    assert list(shown) == ["window", "redeploy"]
    for param in shown.values():
        assert param.schema["title"]
        assert len(param.description or "") > 40
    assert list(window_params([]) | redeploy_param()) == ["redeploy"]
