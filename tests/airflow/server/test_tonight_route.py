"""`GET /tonight` in the real API application: who sees which rows, what they may do, and 304 while nothing changes."""

from collections.abc import Iterator
from pathlib import Path
from time import sleep
from typing import Any

import pytest

from deployplan.airflow_glue.server.api import rights
from deployplan.airflow_glue.server.api.tonight_forms import TonightAnswer
from deployplan.airflow_glue.server.api.tonight_keeper import FRESH, keeper
from deployplan.airflow_glue.settings import settings
from unit.runbook.other_plans import OtherPlans, a_night

pytestmark = pytest.mark.airflow

TONIGHT = "/deployplan/api/v1/tonight"


@pytest.fixture
def plans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Two plans, of which one has a run that asks mia."""
    found = OtherPlans(tmp_path)
    key = tmp_path / "signing.key"
    key.write_bytes(b"k" * 32)
    monkeypatch.setenv("DEPLOYPLAN_RECORDS", str(tmp_path / "records"))
    monkeypatch.setenv("DEPLOYPLAN_INCLUDE", str(found.include.root))
    monkeypatch.setenv("DEPLOYPLAN_SIGNING_KEY_FILE", str(key))
    settings.cache_clear()
    run = found.run("own", a_night("tonight"))
    run.ledger.record("seat_asked", seat=1, people=["mia"], digest=run.snapshot.digest)
    run.ledger.record("card_put", task="review.approve_1", people=["mia"], subject="Approve own? Seat 1 of 1")
    found.run("other", a_night("tonight"))
    yield found
    settings.cache_clear()


@pytest.fixture(scope="module")
def airflow_api() -> Iterator[Any]:
    """A client of the whole API application; it begins once, as it does in a server."""
    from airflow.api_fastapi.app import create_app
    from airflow.utils.db import initdb
    from fastapi.testclient import TestClient

    initdb()
    with TestClient(create_app(apps="core"), base_url="http://localhost") as client:
        yield client


def as_user(name: str, role: str = "USER") -> dict[str, str]:
    from airflow.api_fastapi.app import get_auth_manager
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser

    token = get_auth_manager().generate_jwt(SimpleAuthManagerUser(username=name, role=role))
    return {"Authorization": f"Bearer {token}"}


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
