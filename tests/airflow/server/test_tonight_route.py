"""`GET /tonight` in the real API application: who sees which rows, what they may do, and 304 while nothing changes."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import sleep
from typing import Any
from uuid import uuid4

import pytest

from deployplan.airflow_glue.server.api import rights
from deployplan.airflow_glue.server.api.tonight_forms import TonightAnswer
from deployplan.airflow_glue.server.api.tonight_keeper import FRESH, keeper
from deployplan.airflow_glue.settings import settings
from signed_in import as_user
from unit.runbook.other_plans import OtherPlans, a_night

pytestmark = pytest.mark.airflow

TONIGHT = "/deployplan/api/v1/tonight"


@pytest.fixture
def plans(other_plans: OtherPlans) -> OtherPlans:
    """Two plans, of which one has a run that asks mia."""
    run = other_plans.run("own", a_night("tonight"))
    run.ledger.record("seat_asked", seat=1, people=["mia"], digest=run.snapshot.digest)
    run.ledger.record("card_put", task="review.approve_1", people=["mia"], subject="Approve own? Seat 1 of 1")
    other_plans.run("other", a_night("tonight"))
    return other_plans


def rows(api: Any, headers: dict[str, str]) -> dict[str, Any]:
    """The rows by plan, once every one is read."""
    for _ in range(60):
        answer = api.get(TONIGHT, headers=headers)
        assert answer.status_code == 200, answer.text
        content = answer.json()
        TonightAnswer.model_validate(content)
        if not content["unread"]:
            return {row["plan"]: row for row in content["rows"]}
        sleep(1)
    pytest.fail(f"not read within a minute: {content}")


def test_who_is_asked_is_shown_what_they_may_answer_and_others_see_it_wait(airflow_api: Any, plans: OtherPlans) -> None:
    mia, vic = rows(airflow_api, as_user("mia")), rows(airflow_api, as_user("vic", "VIEWER"))
    assert (mia["own"]["lane"], mia["own"]["may"]) == ("needs you", {"answer": True})
    assert (vic["own"]["lane"], vic["own"]["may"]) == ("waiting", {"answer": False})
    assert mia["own"]["sentence"] == vic["own"]["sentence"] == "Approve own? Seat 1 of 1"
    assert airflow_api.get(TONIGHT, headers=as_user("vic", "VIEWER")).json()["may"] == {"hold": False}
    assert airflow_api.get(TONIGHT, headers=as_user("mia")).json()["may"] == {"hold": True}


def test_what_the_page_is_tested_with_is_what_the_route_answers() -> None:
    sample = Path(__file__).parents[3] / "ui" / "src" / "sample.json"
    TonightAnswer.model_validate(json.loads(sample.read_text()))


def test_an_answer_that_has_not_changed_is_304(airflow_api: Any, plans: OtherPlans) -> None:
    rows(airflow_api, as_user("mia"))
    first = airflow_api.get(TONIGHT, headers=as_user("mia"))
    again = airflow_api.get(TONIGHT, headers=as_user("mia") | {"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert first.headers["cache-control"] == "private, no-cache"
    plans.records.run("own", "run-1").ledger().record("card_answered", task="review.approve_1", person="mia")
    sleep(FRESH)
    changed = airflow_api.get(TONIGHT, headers=as_user("mia") | {"If-None-Match": first.headers["etag"]})
    assert changed.status_code == 200


def test_who_may_not_read_every_plan_sees_those_that_the_auth_manager_names(
    airflow_api: Any, plans: OtherPlans, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows(airflow_api, as_user("mia"))
    monkeypatch.setattr(rights.Person, "may", lambda self, method, entity, plan=None: False)
    monkeypatch.setattr(rights.Person, "readable", lambda self: frozenset({"other"}))
    assert set(rows(airflow_api, as_user("mia"))) == {"other"}


def test_where_rights_cannot_be_asked_no_plan_is_shown(
    airflow_api: Any, plans: OtherPlans, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.api_fastapi.app import get_auth_manager

    def broken(**_: Any) -> Any:
        raise RuntimeError("the identity provider does not answer")

    rows(airflow_api, as_user("mia"))
    monkeypatch.setattr(get_auth_manager(), "is_authorized_dag", broken)
    monkeypatch.setattr(get_auth_manager(), "get_authorized_dag_ids", broken)
    assert rows(airflow_api, as_user("mia")) == {}


def test_records_that_cannot_be_read_are_told_and_not_shown_as_nothing(airflow_api: Any, plans: OtherPlans) -> None:
    run = plans.records.run("own", "run-1")
    rows(airflow_api, as_user("mia"))
    (Path(str(run.folder)) / "ledger-000002.jsonl").write_text("{}\n")
    settings.cache_clear()
    keeper.cache_clear()
    found = rows(airflow_api, as_user("vic", "VIEWER"))
    assert (found["own"]["damaged"], found["own"]["lane"]) == (True, "needs you")
    assert found["other"]["damaged"] is False


def test_the_script_of_the_page_is_served_to_everybody_and_nothing_beside_it(airflow_api: Any) -> None:
    answer = airflow_api.get("/deployplan/static/releases.js")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")
    assert answer.headers["content-type"].startswith("text/javascript")
    tag = {"If-None-Match": answer.headers["etag"]}
    assert airflow_api.get("/deployplan/static/releases.js", headers=tag).status_code == 304
    for path in ("", "/", "/../tonight.py", "/%2e%2e/tonight.py", "/..%2ftonight.py"):
        assert airflow_api.get(f"/deployplan/static{path}").status_code in (401, 404), path


def test_what_asks_somebody_stands_on_a_page_of_its_own(airflow_api: Any, plans: OtherPlans) -> None:
    rows(airflow_api, as_user("mia"))
    listed = airflow_api.get("/deployplan/m", headers=as_user("mia"))
    assert (listed.status_code, "Approve own? Seat 1 of 1" in listed.text) == (200, True)
    assert "default-src 'none'" in listed.headers["content-security-policy"]
    assert "Nothing asks you now." in airflow_api.get("/deployplan/m", headers=as_user("vic", "VIEWER")).text
    card = airflow_api.get("/deployplan/m/own/run-1", headers=as_user("mia"))
    assert "Airflow says no (404)" in card.text  # in this test, Airflow has no such run
    assert airflow_api.get("/deployplan/m/other/run-1", headers=as_user("mia")).status_code == 404
    sent = airflow_api.post("/deployplan/m/own/run-1", headers=as_user("mia"), data={"choice": "Approve"})
    assert sent.status_code == 409


def test_who_opens_a_page_without_a_session_is_led_to_the_login_and_back(airflow_api: Any, plans: OtherPlans) -> None:
    airflow_api.cookies.clear()
    page = {"Sec-Fetch-Mode": "navigate"}
    answer = airflow_api.get("/deployplan/m/own/run-1", headers=page, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/api/v2/auth/login?next=%2Fdeployplan%2Fm%2Fown%2Frun-1"
    assert airflow_api.get("/deployplan/m/own/run-1").status_code == 401
    assert airflow_api.post("/deployplan/m/own/run-1", headers=page).status_code == 401


@pytest.fixture
def card_in_airflow(airflow_api: Any, plans: OtherPlans) -> Iterator[Any]:
    """The same card in Airflow's own tables, as its task leaves it; returns what Airflow holds of it."""
    from airflow.models.dag import DagModel
    from airflow.models.dagrun import DagRun
    from airflow.models.hitl import HITLDetail
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.session import create_session

    of, ti, now = {"dag_id": "own", "run_id": "run-1"}, uuid4(), datetime.now(UTC)
    task = {"task_id": "review.approve_1", "operator": "ApprovalSeat", "state": "awaiting_input", "map_index": -1}
    tries = {"try_number": 1, "max_tries": 0, "pool": "default_pool", "pool_slots": 1}
    run = {"run_type": "manual", "state": "running", "clear_number": 0, "run_after": now, "creating_job_id": None}
    dag = {"is_paused": False, "is_stale": False, "max_active_tasks": 1, "max_consecutive_failed_dag_runs": 0}
    dag |= {"has_task_concurrency_limits": False}
    people = [{"id": "mia", "name": "mia"}]
    note = {"note": {"value": "", "description": "", "schema": {"type": ["null", "string"]}}}
    card = {"options": ["Approve", "Reject"], "subject": "?", "body": "**plan** <b>own</b>", "assignees": people}
    tables = (HITLDetail, TaskInstance, DagRun, DagModel)
    with create_session() as session:
        session.connection().exec_driver_sql("PRAGMA foreign_keys=OFF")
        session.execute(DagModel.__table__.insert().values(dag_id="own", bundle_name="dags-folder", **dag))
        session.execute(DagRun.__table__.insert().values(**of, **run))
        session.execute(TaskInstance.__table__.insert().values(id=ti, **of, **task, **tries))
        session.execute(
            HITLDetail.__table__.insert().values(ti_id=ti, **card, params=note, params_input={}, created_at=now)
        )

    def held() -> Any:
        with create_session() as session:
            found = session.get(HITLDetail, ti)
            return found.responded_by, found.chosen_options, found.params_input

    yield held
    with create_session() as session:
        for table in tables:
            session.execute(table.__table__.delete())


def test_who_is_asked_answers_on_the_page_in_their_own_name(
    airflow_api: Any, plans: OtherPlans, card_in_airflow: Any
) -> None:
    page, mia = "/deployplan/m/own/run-1", as_user("mia") | {"Accept-Encoding": "gzip"}
    rows(airflow_api, mia)
    card = airflow_api.get(page, headers=mia).text
    assert "<strong>plan</strong> &lt;b&gt;own&lt;/b&gt;" in card
    assert [f'value="{each}"' in card for each in ("Approve", "Reject")] == [True, True]
    looked = airflow_api.get(page, headers=as_user("vic", "VIEWER")).text
    assert "You may not answer this." in looked
    for who, choice in (("vic", "Approve"), ("olga", "Approve"), ("mia", "Approve all"), ("mia", "")):
        sent = airflow_api.post(page, headers=as_user(who), data={"choice": choice})
        assert sent.status_code == 422, (who, choice)
    assert card_in_airflow() == (None, None, {})
    told = {"choice": "Approve", "note": "looks well"}
    answered = airflow_api.post(page, headers=mia, data=told, follow_redirects=False)
    assert (answered.status_code, answered.headers.get("location")) == (303, "../../m?answered=yes"), answered.text
    assert card_in_airflow() == ({"id": "mia", "name": "mia"}, ["Approve"], {"note": "looks well"})
    assert airflow_api.get(page, headers=mia).status_code == 404
    assert "Your answer was taken." in airflow_api.get("/deployplan/m?answered=yes", headers=mia).text
    assert airflow_api.post(page, headers=mia, data=told).status_code == 404
