"""`GET /releases/{plan}/{run}` in the real API application: who sees what, 304 while nothing changes, damage told."""

from collections.abc import Iterator
from pathlib import Path
from time import sleep
from typing import Any

import pytest

from deployplan.airflow_glue.server.api import rights
from deployplan.airflow_glue.server.api.release_forms import ReleaseAnswer
from deployplan.airflow_glue.settings import settings
from unit.runbook.other_plans import OtherPlans, a_night
from unit.runbook.runs import node_result, wave_ended

pytestmark = pytest.mark.airflow

OWN = "/deployplan/api/v1/releases/own/run-1"
HOSTILE = "<img src=x onerror=alert(1)> **[x](javascript:alert(1))** \u202etxt " + "long " * 2000


@pytest.fixture
def plans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OtherPlans]:
    """A run that has failed on its node, and asks mia."""
    found = OtherPlans(tmp_path)
    (tmp_path / "signing.key").write_bytes(b"k" * 32)
    monkeypatch.setenv("DEPLOYPLAN_RECORDS", str(tmp_path / "records"))
    monkeypatch.setenv("DEPLOYPLAN_INCLUDE", str(found.include.root))
    monkeypatch.setenv("DEPLOYPLAN_SIGNING_KEY_FILE", str(tmp_path / "signing.key"))
    settings.cache_clear()
    run = found.armed("own", a_night("tonight"))
    run.ledger.record("wave_started", component="web", wave=1, nodes=["web-1"], generation="run-1#1")
    run.ledger.record("job_started", node="web-1", job="j", step="deploy", component="web")
    wave_ended(run, ok=False, why=HOSTILE, nodes={"web-1": node_result("failed", HOSTILE)})
    run.ledger.record("card_put", task="backout.decide", people=["mia"], subject=HOSTILE)
    yield found
    settings.cache_clear()


def as_user(name: str, role: str = "USER") -> dict[str, str]:
    from airflow.api_fastapi.app import get_auth_manager
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser

    token = get_auth_manager().generate_jwt(SimpleAuthManagerUser(username=name, role=role))
    return {"Authorization": f"Bearer {token}"}


def seen(api: Any, who: dict[str, str]) -> ReleaseAnswer:
    answer = api.get(OWN, headers=who)
    assert answer.status_code == 200, answer.text
    return ReleaseAnswer.model_validate(answer.json())


def test_a_release_says_where_it_stands_and_who_may_act(airflow_api: Any, plans: OtherPlans) -> None:
    mia, vic = seen(airflow_api, as_user("mia")), seen(airflow_api, as_user("vic", "VIEWER"))
    assert (mia.may["answer"], vic.may["answer"]) == (True, False)
    assert [(each.name, each.state) for each in mia.phases][2:5] == [
        ("deploy", "over"),
        ("verify", "not reached"),
        ("backout", "now"),
    ]
    (cell,) = mia.matrix[0].cells
    assert (mia.matrix[0].node, cell.standing, cell.job) == ("web-1", "failed", "j")


def test_what_others_wrote_is_one_bounded_line_that_cannot_steer(airflow_api: Any, plans: OtherPlans) -> None:
    found = seen(airflow_api, as_user("mia"))
    shown = [found.sentence, found.matrix[0].cells[0].words]
    for text in shown:
        assert text is not None
        assert text.startswith("<img src=x onerror=alert(1)> **[x](javascript:alert(1))** \\u202etxt")
        assert len(text) <= 1001


def test_an_answer_that_has_not_changed_is_304_until_the_evidence_grows(airflow_api: Any, plans: OtherPlans) -> None:
    first = airflow_api.get(OWN, headers=as_user("mia"))
    for _ in range(60):  # tonight's row is read beside, and may come a little later
        again = airflow_api.get(OWN, headers=as_user("mia") | {"If-None-Match": first.headers["etag"]})
        if again.status_code == 304:
            break
        first = again
        sleep(1)
    assert (again.status_code, again.content) == (304, b"")
    plans.records.run("own", "run-1").ledger().record("card_answered", task="backout.decide", person="mia")
    changed = airflow_api.get(OWN, headers=as_user("mia") | {"If-None-Match": first.headers["etag"]})
    assert (changed.status_code, changed.json()["question"]) == (200, None)


def test_who_may_not_read_the_plan_is_refused_whether_or_not_the_run_exists(
    airflow_api: Any, plans: OtherPlans, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rights.Person, "may", lambda self, method, entity, plan=None: False)
    for path in (OWN, "/deployplan/api/v1/releases/none/run-1"):
        assert airflow_api.get(path, headers=as_user("mia")).status_code == 403
    airflow_api.cookies.clear()
    assert airflow_api.get(OWN).status_code == 401


def test_a_run_that_left_no_record_is_404_and_damage_is_told_in_its_place(airflow_api: Any, plans: OtherPlans) -> None:
    assert airflow_api.get(OWN.replace("run-1", "run-9"), headers=as_user("mia")).status_code == 404
    (Path(str(plans.records.run("own", "run-1").folder)) / "ledger-000002.jsonl").write_text("{}\n")
    settings.cache_clear()
    from deployplan.airflow_glue.server.api import release_keeper

    release_keeper._keeper.cache_clear()
    found = seen(airflow_api, as_user("mia"))
    assert (found.damaged, found.digest, found.matrix) == (True, None, [])
    assert "is not intact" in found.sentence
