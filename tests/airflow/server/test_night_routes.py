"""`/plans/{plan}/backout` and `/stop` in the real API application: who may, what is refused in words, what is evidence.

Airflow's own part knows no run of these plans, unless a test puts one in its place; the whole way is a scenario of its
own (tests/e2e).
"""

from datetime import timedelta
from typing import Any

import pytest

from deployplan.airflow_glue.server.api import rights
from deployplan.clock import SystemClock
from deployplan.runbook.run.fold import fold_all
from deployplan.runbook.run.run import Run
from signed_in import as_user
from unit.runbook.other_plans import OtherPlans
from unit.runbook.test_take_back import PLAN, asked, released

pytestmark = pytest.mark.airflow

BACKOUT, STOP = "/deployplan/api/v1/plans/shop-2/backout", "/deployplan/api/v1/plans/shop-2/stop"
WHY = {"reason": "orders are lost"}
RUNS = "/api/v2/dags/shop-2/dagRuns"


@pytest.fixture
def plans(other_plans: OtherPlans) -> OtherPlans:
    return other_plans


@pytest.fixture
def release(plans: OtherPlans) -> Run:
    """A release that came to production a minute ago."""
    return released(plans, "shop-2", at=SystemClock().now() - timedelta(minutes=1))


class StandIn:
    """Stands where Airflow's own API would be asked, and says what its tables would say."""

    def __init__(self, **answers: Any) -> None:
        self.asked: list[tuple[str, str]] = []
        self.bodies: list[Any] = []
        self._answers = answers

    async def __call__(self, app: Any, scope: Any, method: str, path: str, body: Any = None, query: str = "") -> Any:
        self.asked.append((method, path))
        self.bodies.append(body)
        if path.endswith("/clearTaskInstances"):
            return self._answers.get("clear", (200, {"task_instances": []}))
        if path == RUNS:
            return 200, {"dag_runs": self._answers.get("runs", {}).get(query.partition("&")[0], [])}
        if path.startswith(RUNS):
            return self._answers.get("run", (200, {"dag_run_id": "run-1", "state": "success"}))
        return 200, {"dag_id": "shop-2", "is_paused": self._answers.get("paused", False), "is_stale": False}


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Any:
    def put(**answers: Any) -> StandIn:
        found = StandIn(**answers)
        monkeypatch.setattr(rights, "ask_within", found)
        return found

    return put


def kinds(run: Run) -> list[str]:
    return [entry.kind for entry in run.ledger.entries()]


def test_a_viewer_sees_what_a_backout_would_do_and_may_not_ask_for_it(
    airflow_api: Any, release: Run, stand_in: Any
) -> None:
    stand_in()
    vic = as_user("vic", "VIEWER")
    seen = airflow_api.get(BACKOUT, headers=vic).json()
    assert (seen["run"], seen["decided_by"], seen["begins_at_once"]) == ("run-1", ["mia"], False)
    assert [each["component"] for each in seen["undoes"]] == ["web"]
    before = kinds(release)
    for path in (BACKOUT, "/deployplan/api/v1/plans/shop-2/runs/run-1/backout", STOP):
        assert airflow_api.post(path, json=WHY, headers=vic).status_code == 403
    assert kinds(release) == before


def test_who_asks_is_evidence_before_anything_is_cleared_and_asking_twice_changes_nothing(
    airflow_api: Any, release: Run, stand_in: Any
) -> None:
    airflow = stand_in()
    answer = airflow_api.post(BACKOUT, json=WHY, headers=as_user("erin")).json()
    assert (answer["asked"], answer["sentence"]) == (True, "asked of mia: a card waits for the answer")
    told = release.ledger.entries()[-1]
    assert (told.kind, told.facts["by"], told.facts["reason"]) == ("backout_asked", "erin", "orders are lost")
    body = next(body for (_, path), body in zip(airflow.asked, airflow.bodies, strict=True) if "clear" in path)
    assert body["task_ids"] == ["backout.decide", "backout.web", "backout.verify", "outcome"]
    assert release.records is not None
    assert release.records.active("shop-2") == ("run-1", release.snapshot.digest)
    stand_in(run=(200, {"state": "running"}))
    again = airflow_api.post(BACKOUT, json={"reason": "again"}, headers=as_user("mia")).json()
    assert again["sentence"] == "it was asked for before, and goes on: erin: orders are lost"
    assert kinds(release).count("backout_asked") == 1


def test_one_of_the_backout_authority_begins_it_at_once(airflow_api: Any, release: Run, stand_in: Any) -> None:
    stand_in()
    answer = airflow_api.post(BACKOUT, json=WHY, headers=as_user("mia")).json()
    assert (answer["begins_at_once"], answer["sentence"]) == (True, "the backout begins")


def test_who_may_change_other_plans_alone_neither_takes_this_one_back_nor_stops_it(
    airflow_api: Any, release: Run, stand_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.api_fastapi.app import get_auth_manager

    def theirs(*, details: Any = None, **_: Any) -> bool:
        return details is not None and details.id == "desk-2"

    airflow = stand_in()
    monkeypatch.setattr(get_auth_manager(), "is_authorized_dag", theirs)
    before = kinds(release)
    for path in (BACKOUT, "/deployplan/api/v1/plans/shop-2/runs/run-1/backout", STOP):
        refused = airflow_api.post(path, json=WHY, headers=as_user("mia"))
        assert (refused.status_code, refused.json()["detail"].startswith("mia may not")) == (403, True)
        assert airflow_api.get(path.replace("runs/run-1/", ""), headers=as_user("mia")).status_code == 403
    assert (kinds(release), airflow.asked) == (before, [])


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ({"run": (404, {})}, "Airflow has forgotten run run-1 of shop-2"),
        ({"paused": True}, "the DAG of shop-2 is paused"),
        ({"runs": {"state=queued": [{"dag_run_id": "run-2", "state": "queued"}]}}, "run run-2 of shop-2 is queued"),
    ],
)
def test_what_airflow_could_not_carry_out_is_refused_before_anything_is_recorded(
    airflow_api: Any, release: Run, stand_in: Any, found: dict[str, Any], told: str
) -> None:
    stand_in(**found)
    before = kinds(release)
    refused = airflow_api.post(BACKOUT, json=WHY, headers=as_user("mia"))
    assert refused.status_code == 409
    assert refused.json()["detail"].startswith(told)
    assert kinds(release) == before


def test_where_airflow_refuses_to_clear_the_release_stays_and_the_evidence_says_so(
    airflow_api: Any, release: Run, stand_in: Any
) -> None:
    stand_in(clear=(403, {"detail": "Forbidden"}))
    refused = airflow_api.post(BACKOUT, json=WHY, headers=as_user("mia"))
    assert refused.status_code == 403
    assert kinds(release)[-4:] == ["backout_asked", "backout_declined", "outcome", "sealed"]
    state = fold_all(release.ledger.entries())
    assert (state.is_over, state.outcome and state.outcome.event.outcome) == (True, "success")
    assert release.records is not None
    assert release.records.active("shop-2") is None


def test_a_plan_whose_file_has_changed_since_waits_until_airflow_has_taken_it_up_again(
    airflow_api: Any, release: Run, stand_in: Any, plans: OtherPlans
) -> None:
    airflow = stand_in()
    plans.plan("shop-2", "backout: {until: 13h}\n")
    answer = airflow_api.post(BACKOUT, json=WHY, headers=as_user("mia")).json()
    assert answer["waits"]
    assert not [path for _, path in airflow.asked if "clear" in path]
    assert kinds(release)[-1] == "backout_asked"


def test_the_real_airflow_that_knows_no_such_run_is_asked_as_the_person(airflow_api: Any, plans: OtherPlans) -> None:
    released(plans, "unheard-of", at=SystemClock().now() - timedelta(minutes=1))
    place = "/deployplan/api/v1/plans/unheard-of"
    refused = airflow_api.post(f"{place}/backout", json=WHY, headers=as_user("mia"))
    assert refused.status_code == 409
    assert refused.json()["detail"].startswith("Airflow has forgotten run run-1 of unheard-of")
    stopped = airflow_api.post(f"{place}/stop", json=WHY, headers=as_user("mia"))
    assert stopped.status_code == 409
    assert stopped.json()["detail"].startswith("no run of unheard-of is under way")


def test_a_plan_or_run_of_which_nothing_is_known_is_not_found(airflow_api: Any, plans: OtherPlans) -> None:
    for path in (BACKOUT, "/deployplan/api/v1/plans/unheard-of/runs/run-9/backout"):
        assert airflow_api.post(path, json=WHY, headers=as_user("mia")).status_code == 404


def test_a_release_whose_frozen_plan_is_gone_is_refused_in_words(
    airflow_api: Any, release: Run, plans: OtherPlans
) -> None:
    (plans.folder / "records" / "snapshots" / "shop-2" / f"{release.snapshot.digest}.json").unlink()
    refused = airflow_api.post(BACKOUT, json=WHY, headers=as_user("mia"))
    assert refused.status_code == 409
    assert "froze cannot be read" in refused.json()["detail"]


def test_after_the_time_that_the_plan_allows_it_is_refused_with_the_date(
    airflow_api: Any, plans: OtherPlans, stand_in: Any
) -> None:
    stand_in()
    run = released(plans, "shop-2", PLAN, at=SystemClock().now() - timedelta(hours=13))
    refused = airflow_api.post(BACKOUT, json=WHY, headers=as_user("mia"))
    assert refused.status_code == 409
    assert "(backout.until)" in refused.json()["detail"]
    assert "backout_asked" not in kinds(run)


def test_a_stop_says_what_it_does_and_goes_through_airflow_with_the_reason(
    airflow_api: Any, plans: OtherPlans, stand_in: Any
) -> None:
    run = plans.armed("shop-2", PLAN)
    run.ledger.record("wave_started", component="web", wave=1, generation="run-1#1")
    airflow = stand_in(runs={"state=running": [{"dag_run_id": "run-1", "state": "running"}]})
    would = airflow_api.get(STOP, headers=as_user("vic", "VIEWER")).json()
    assert would["sentence"].startswith("what runs on its nodes is terminated; web is undone where its deploy had")
    assert not [each for each in airflow.asked if each[0] != "GET"]
    done = airflow_api.post(STOP, json=WHY, headers=as_user("erin")).json()
    assert (done["run"], done["stopped"]) == ("run-1", True)
    assert airflow.asked[-1] == ("PATCH", f"{RUNS}/run-1")
    assert airflow.bodies[-1] == {"state": "failed", "note": "stopped by erin: orders are lost"}


def test_a_backout_that_was_asked_for_and_not_begun_is_stopped_without_harm(
    airflow_api: Any, release: Run, stand_in: Any
) -> None:
    asked(release)
    stand_in(runs={"state=running": [{"dag_run_id": "run-1", "state": "running"}]})
    would = airflow_api.get(STOP, headers=as_user("erin")).json()["sentence"]
    assert would == "its release stays: the backout that was asked for is not begun"


@pytest.mark.parametrize(
    "entry",
    [
        {"kind": "decision", "decision": "back_out", "by": "mia", "why": []},
        {"kind": "undo_started", "component": "web", "nodes": ["web-1"], "generation": "run-1#1"},
        {"kind": "failure_answered", "component": "web", "wave": 1, "answer": "back_out", "person": "mia"},
    ],
)
def test_what_is_being_backed_out_is_not_stopped_in_the_middle_of_it(
    airflow_api: Any, plans: OtherPlans, stand_in: Any, entry: dict[str, Any]
) -> None:
    run = plans.armed("shop-2", PLAN)
    run.ledger.record("wave_started", component="web", wave=1, generation="run-1#1")
    run.ledger.record("wave_stopped", component="web", wave=1, why="exit", nodes={}, generation="run-1#1")
    run.ledger.record(entry["kind"], **{name: fact for name, fact in entry.items() if name != "kind"})
    airflow = stand_in(runs={"state=running": [{"dag_run_id": "run-1", "state": "running"}]})
    refused = airflow_api.post(STOP, json=WHY, headers=as_user("erin"))
    assert (refused.status_code, [each for each in airflow.asked if each[0] != "GET"]) == (409, [])
    assert "it is being backed out already" in refused.json()["detail"]
    shown = airflow_api.get("/deployplan/api/v1/releases/shop-2/run-1", headers=as_user("erin")).json()
    assert shown["may"]["stop"] is False


def test_what_was_asked_for_and_not_begun_is_asked_in_the_name_of_who_asks_now(
    airflow_api: Any, release: Run, stand_in: Any, plans: OtherPlans
) -> None:
    stand_in()
    plans.plan("shop-2", "backout: {until: 13h}\n")
    for who in ("mia", "mia", "erin"):
        assert airflow_api.post(BACKOUT, json=WHY, headers=as_user(who)).json()["waits"]
    by = [entry.facts["by"] for entry in release.ledger.entries() if entry.kind == "backout_asked"]
    assert by == ["mia", "erin"]


def test_what_was_asked_for_and_not_begun_is_withdrawn_when_a_later_release_has_come(
    airflow_api: Any, release: Run, stand_in: Any, plans: OtherPlans
) -> None:
    airflow = stand_in()
    plans.plan("shop-2", "backout: {until: 13h}\n")
    assert airflow_api.post(BACKOUT, json=WHY, headers=as_user("mia")).json()["waits"]
    released(plans, "shop-3", at=SystemClock().now())
    refused = airflow_api.post(BACKOUT, json=WHY, headers=as_user("erin"))
    assert refused.status_code == 409
    assert "shop-3" in refused.json()["detail"]
    assert kinds(release)[-3:] == ["backout_declined", "outcome", "sealed"]
    assert not [path for _, path in airflow.asked if "clear" in path]


PAGE = "/deployplan/m/shop-2/run-1"


def test_the_page_of_a_good_release_offers_its_backout_to_the_authority_and_does_it(
    airflow_api: Any, release: Run, stand_in: Any
) -> None:
    stand_in()
    seen = airflow_api.get(PAGE, headers=as_user("mia"))
    assert seen.status_code == 200
    assert "form-action 'self'" in seen.headers["content-security-policy"]
    assert '<form method="post" action="run-1/backout">' in seen.text
    assert "You are one of them: it begins at once" in seen.text
    assert "They are asked on a card" in airflow_api.get(PAGE, headers=as_user("erin")).text
    assert "<form" not in airflow_api.get(PAGE, headers=as_user("vic", "VIEWER")).text
    before = kinds(release)
    for reason in ("", " ", "x" * 501):
        refused = airflow_api.post(f"{PAGE}/backout", data={"reason": reason}, headers=as_user("mia"))
        assert (refused.status_code, "say why" in refused.text) == (422, True)
    refused = airflow_api.post(f"{PAGE}/backout", data=WHY, headers=as_user("vic", "VIEWER"))
    assert (refused.status_code, "vic may not ask for the backout" in refused.text) == (403, True)
    assert kinds(release) == before
    answer = airflow_api.post(f"{PAGE}/backout", data=WHY, headers=as_user("mia"))
    assert (answer.status_code, "the backout begins" in answer.text) == (200, True)
    told = release.ledger.entries()[-1]
    assert (told.kind, told.facts["by"], told.facts["reason"]) == ("backout_asked", "mia", "orders are lost")


def test_the_page_of_a_release_that_is_not_to_be_taken_back_any_more_says_why(
    airflow_api: Any, plans: OtherPlans, stand_in: Any
) -> None:
    stand_in()
    released(plans, "shop-2", at=SystemClock().now() - timedelta(days=9))
    for answer in (
        airflow_api.get(PAGE, headers=as_user("mia")),
        airflow_api.post(f"{PAGE}/backout", data=WHY, headers=as_user("mia")),
    ):
        assert answer.status_code == 409
        assert "may be backed out until" in answer.text
    assert airflow_api.get("/deployplan/m/shop-2/run-9", headers=as_user("mia")).status_code == 404
