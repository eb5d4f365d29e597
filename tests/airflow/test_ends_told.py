"""How a task that ends on purpose is told in Airflow's log: by its sentence, without the way on which it came."""

import traceback
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn

import pytest
from airflow.sdk.exceptions import AirflowFailException

from deployplan.airflow_glue.dags.openings import OfferedOpening
from deployplan.airflow_glue.dags.schedule import redeploy_param, window_params
from deployplan.airflow_glue.tasks.operators import Preflight

pytestmark = pytest.mark.airflow


class DeepStep:
    """A step whose work raises many calls below, while another error is handled."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def execute(self, context: Mapping[str, Any]) -> NoReturn:
        self._down(5)

    answered = resume = lambda self, context, event: self._down(5)

    def _down(self, levels: int) -> NoReturn:
        if levels:
            self._down(levels - 1)
        try:
            raise KeyError("what was met first")
        except KeyError as met:
            raise self._error from met


def end_of(error: Exception, carry: Callable[[Preflight], Any]) -> Exception:
    class Ends(Preflight):
        def _begin(self, context: Any) -> Any:
            return DeepStep(error)

    with pytest.raises(type(error)) as ended:
        carry(Ends(task_id="preflight"))
    return ended.value


WAYS: dict[str, Callable[[Preflight], Any]] = {
    "execute": lambda task: task._do("execute", {}),
    "answered": lambda task: task.answered({}, {}),
    "resume": lambda task: task.resume({}, {}),
}


@pytest.mark.parametrize("carry", WAYS.values(), ids=WAYS)
def test_an_end_on_purpose_is_one_sentence_without_our_frames(carry: Callable[[Preflight], Any]) -> None:
    error = end_of(AirflowFailException("n1: there is no Airflow connection 'ssh'; add it"), carry)

    told = "".join(traceback.format_exception(error))

    assert told.strip().endswith("AirflowFailException: n1: there is no Airflow connection 'ssh'; add it")
    assert "_down" not in told
    assert "what was met first" not in told


def test_an_error_that_nobody_meant_keeps_the_way_on_which_it_came() -> None:
    told = "".join(traceback.format_exception(end_of(ZeroDivisionError("a fault of ours"), WAYS["execute"])))
    assert told.count("_down") >= 6
    assert "what was met first" in told


def test_the_trigger_form_asks_for_nothing_but_what_a_person_may_choose_and_says_what_it_is() -> None:
    at = datetime(2026, 11, 28, 22, tzinfo=UTC)
    shown = window_params([OfferedOpening(at.isoformat(), "28 November, 22:00 UTC", at, at)]) | redeploy_param()

    assert list(shown) == ["window", "redeploy"]
    for param in shown.values():
        assert param.schema["title"]
        assert len(param.description or "") > 40
    assert list(window_params([]) | redeploy_param()) == ["redeploy"]
