"""Airflow's REST API as the demo and the tests use it; the whole of it against the real thing is in tests/e2e."""

import json
from typing import Any

import httpx
import pytest

from deployplan.local.airflow_api import AirflowApi
from deployplan.local.rest_session import AirflowRefused


class Airflow:
    """Answers as Airflow does, from a table of `METHOD path`, and keeps what it was asked."""

    def __init__(self, **answers: Any) -> None:
        self.answers: dict[str, list[httpx.Response]] = {}
        self.asked: list[tuple[str, Any]] = []

    def on(self, call: str, status: int, body: Any = None) -> "Airflow":
        self.answers.setdefault(call, []).append(httpx.Response(status, json=body))
        return self

    def api(self) -> AirflowApi:
        return AirflowApi(
            "http://airflow", "amir", "secret", patience=0.01, transport=httpx.MockTransport(self._answer)
        )

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/auth/token":
            return httpx.Response(201, json={"access_token": "token"})
        call = f"{request.method} {request.url.raw_path.decode()}"
        self.asked.append((call, json.loads(request.content) if request.content else None))
        return self.answers[call].pop(0)


RUN = "/api/v2/dags/shop/dagRuns/r1"


def test_a_trigger_whose_first_try_did_its_work_unheard_finds_that_run() -> None:
    airflow = (
        Airflow()
        .on("POST /api/v2/dags/shop/dagRuns", 409, {"detail": "exists"})
        .on(f"GET {RUN}", 200, {"state": "queued"})
    )
    assert airflow.api().trigger("shop", "r1", note="why") == {"state": "queued"}
    assert airflow.asked[0][1] == {"dag_run_id": "r1", "logical_date": None, "conf": {}, "note": "why"}


def test_a_run_that_cannot_be_triggered_says_so() -> None:
    airflow = Airflow().on("POST /api/v2/dags/shop/dagRuns", 404, {"detail": "no such dag"})
    with pytest.raises(AirflowRefused, match="no such dag"):
        airflow.api().trigger("shop", "r1")


@pytest.mark.parametrize(
    ("answered", "chosen", "fine"), [("amir", "Approve", True), ("amir", "Reject", False), ("mia", "Approve", False)]
)
def test_a_card_answered_already_is_fine_only_when_the_answer_is_ours(answered: str, chosen: str, fine: bool) -> None:
    path = f"{RUN}/taskInstances/review.approve_1/-1/hitlDetails"
    airflow = Airflow().on(f"PATCH {path}", 409, {"detail": "already answered"})
    airflow.on(f"GET {path}", 200, {"responded_by_user": {"id": answered}, "chosen_options": [chosen]})
    if fine:
        airflow.api().answer("shop", "r1", "review.approve_1", "Approve")
    else:
        with pytest.raises(AirflowRefused, match="already answered"):
            airflow.api().answer("shop", "r1", "review.approve_1", "Approve")


def test_a_card_whose_task_was_marked_by_hand_is_no_open_card() -> None:
    cards = [{"task_instance": {"state": state, "task_id": state}} for state in ("awaiting_input", "success")]
    airflow = Airflow().on(
        f"GET {RUN}/hitlDetails?response_received=false&limit=100&offset=0",
        200,
        {"hitl_details": cards, "total_entries": 2},
    )
    assert [card["task_instance"]["task_id"] for card in airflow.api().cards("shop", "r1")] == ["awaiting_input"]


def test_a_listing_is_read_to_its_end() -> None:
    airflow = Airflow()
    for offset, count in ((0, 100), (100, 20)):
        page = [{"dag_id": str(offset + number)} for number in range(count)]
        airflow.on(f"GET /api/v2/dags?limit=100&offset={offset}", 200, {"dags": page, "total_entries": 120})
    assert len(airflow.api().dags()) == 120


def test_names_are_quoted_in_paths() -> None:
    airflow = Airflow().on("GET /api/v2/dags/shop/dagRuns/r%2F1%3Fx%23y", 200, {"state": "success"})
    assert airflow.api().run_state("shop", "r/1?x#y") == "success"


def test_a_value_that_no_task_left_is_none() -> None:
    path = f"{RUN}/taskInstances/outcome/xcomEntries/outcome"
    assert Airflow().on(f"GET {path}", 404, {"detail": "none"}).api().xcom("shop", "r1", "outcome", "outcome") is None
    assert (
        Airflow().on(f"GET {path}", 200, {"value": "success"}).api().xcom("shop", "r1", "outcome", "outcome")
        == "success"
    )


def test_clearing_says_what_was_cleared() -> None:
    airflow = Airflow().on(
        "POST /api/v2/dags/shop/clearTaskInstances",
        200,
        {"task_instances": [{"task_id": "deploy.arm"}], "total_entries": 1},
    )
    assert airflow.api().clear("shop", "r1", ["deploy.web.wave_1"], downstream=True) == ("deploy.arm",)
    assert airflow.asked[0][1] == {
        "dry_run": False,
        "dag_run_id": "r1",
        "include_downstream": True,
        "only_failed": False,
        "reset_dag_runs": True,
        "task_ids": ["deploy.web.wave_1"],
    }


def test_a_log_is_one_line_an_event() -> None:
    events = [{"event": "one", "level": "info"}, "two"]
    airflow = Airflow().on(f"GET {RUN}/taskInstances/a.b/logs/2?full_content=true", 200, {"content": events})
    assert airflow.api().log("shop", "r1", "a.b", 2) == "one\ntwo"
