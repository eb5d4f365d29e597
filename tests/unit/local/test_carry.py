"""A plan carried through Airflow as its people would do it."""

from pathlib import Path
from typing import Any

import pytest

from deployplan.evidence.record import RunRecord
from deployplan.local.airflow_api import AirflowApi
from deployplan.local.carry import Carrier
from deployplan.local.rest_session import AirflowRefused
from deployplan.local.run_view import RunView


class Airflow(AirflowApi):
    """An Airflow whose run goes on one step a look, and whose cards go away when they are answered."""

    def __init__(self, cards: list[dict[str, Any]], *, looks: int = 100, outcome: str | None = "success") -> None:
        self.open = cards
        self.left = looks
        self.outcome = outcome
        self.answers: list[tuple[str, str, str]] = []
        self.triggered: list[str] = []

    def as_person(self, name: str) -> "Person":
        return Person(self, name)

    def trigger(self, dag_id: str, run_id: str, **_: Any) -> dict[str, Any]:
        self.triggered.append(f"{dag_id}/{run_id}")
        return {}

    def run_state(self, dag_id: str, run_id: str) -> str:
        self.left -= 1
        return "running" if self.open or self.left > 0 else "success"

    def cards(self, dag_id: str = "~", run_id: str = "~") -> tuple[dict[str, Any], ...]:
        return tuple(self.open)

    def tasks(self, dag_id: str, run_id: str) -> dict[str, dict[str, Any]]:
        return {}

    def xcom(self, dag_id: str, run_id: str, task_id: str, key: str = "return_value") -> Any:
        return self.outcome


class Person(AirflowApi):
    def __init__(self, airflow: Airflow, name: str) -> None:
        self.airflow = airflow
        self.name = name

    def answer(self, dag_id: str, run_id: str, task_id: str, option: str, params: Any = None) -> dict[str, Any]:
        self.airflow.answers.append((self.name, task_id, option))
        card = self.airflow.open.pop(0)
        if card.get("refuses"):
            raise AirflowRefused("PATCH", "/x", 409, "answered already")
        return {}


class Lines:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        self.lines.append(line)

    def show(self, view: RunView) -> None:
        pass


def a_card(task_id: str, *people: str, options: tuple[str, ...] = ("Approve", "Reject"), **more: Any) -> dict[str, Any]:
    task = {"id": task_id, "task_id": task_id, "dag_id": "shop", "dag_run_id": "r1"}
    return {
        "task_instance": task,
        "assigned_users": [{"id": it, "name": it} for it in people],
        "options": options,
        **more,
    }


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    monkeypatch.setattr("deployplan.local.carry.time.monotonic", lambda: now[0])
    monkeypatch.setattr("deployplan.local.carry.time.sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    return now


def a_carrier(airflow: Airflow, tmp_path: Path, **more: Any) -> Carrier:
    return Carrier(airflow, {name: airflow.as_person(name) for name in ("amir", "mia")}, str(tmp_path), **more)


def test_each_card_is_approved_by_somebody_who_may(tmp_path: Path) -> None:
    airflow = Airflow([a_card("review.approve_1", "amir", "mia"), a_card("review.approve_2", "mia")], looks=1)
    assert a_carrier(airflow, tmp_path).carry("shop", "r1", Lines()) == "success"
    assert airflow.triggered == ["shop/r1"]
    assert airflow.answers == [("amir", "review.approve_1", "Approve"), ("mia", "review.approve_2", "Approve")]


def test_a_card_is_left_alone_while_its_task_may_still_be_parking(tmp_path: Path, clock: list[float]) -> None:
    airflow = Airflow([a_card("review.approve_1", "amir")], looks=1)
    a_carrier(airflow, tmp_path, answer_after=30.0).carry("shop", "r1", Lines())
    assert 30 <= clock[0] < 33


def test_only_approvals_are_answered_and_only_by_our_own_people(tmp_path: Path) -> None:
    airflow = Airflow(
        [
            a_card("review.approve_1", "dana"),
            a_card("backout.decide", "amir", options=("Back out", "Accept with issues")),
        ]
    )
    lines = Lines()
    assert a_carrier(airflow, tmp_path, within=60.0).carry("shop", "r1", lines) == "unknown"
    assert airflow.answers == []
    assert lines.lines == ["shop is not over after 60 s"]


def test_an_answer_that_is_refused_is_told_and_stops_nothing(tmp_path: Path) -> None:
    airflow = Airflow([a_card("review.approve_1", "amir", refuses=True)], looks=1)
    lines = Lines()
    assert a_carrier(airflow, tmp_path).carry("shop", "r1", lines) == "success"
    assert "amir could not approve: airflow answered 409 to PATCH /x: answered already" in lines.lines


def test_a_run_without_an_outcome_is_unknown_and_not_success(tmp_path: Path) -> None:
    assert a_carrier(Airflow([], looks=1, outcome=None), tmp_path).carry("shop", "r1", Lines()) == "unknown"


def test_what_the_ledger_gains_is_told_once_without_the_gates_that_hold(tmp_path: Path) -> None:
    ledger = RunRecord(str(tmp_path), "shop", "r1").ledger()
    ledger.record("gate", name="backout.undo", ok=True, detail="fine")
    ledger.record("gate", name="backout.tested", ok=False, detail="too old")
    ledger.record("ready")
    lines = Lines()
    a_carrier(Airflow([], looks=5), tmp_path).carry("shop", "r1", lines)
    assert lines.lines == ["shop | gate backout.tested: DOES NOT HOLD (too old)", "shop | review says ready"]
