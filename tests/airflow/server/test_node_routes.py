"""`GET /nodes` in the real API application: rights by plan, filters, CSV, 304, and records that cannot be believed."""

import csv
import io
import json
from pathlib import Path
from time import sleep
from typing import Any

import pytest

from deployplan.airflow_glue.server.api import rights
from deployplan.airflow_glue.server.api.node_forms import NodeAnswer, NodesAnswer
from deployplan.runbook.timing.past_runs import remember
from signed_in import as_user
from unit.runbook.other_plans import OtherPlans, a_night
from unit.runbook.runs import node_result, wave_ended

pytestmark = pytest.mark.airflow

NODES = "/deployplan/api/v1/nodes"
SAMPLES = Path(__file__).parents[3] / "ui" / "src" / "nodes"


@pytest.fixture
def plans(other_plans: OtherPlans) -> OtherPlans:
    """web-1 has the shop by the plan `own`, and is held by a run of `other`."""
    run = other_plans.armed("own", a_night("tonight"))
    wave_ended(run, nodes={"web-1": node_result()})
    run.ledger.record("outcome", outcome="success", because="")
    remember(other_plans.records, run.snapshot, run.run_id, run.ledger)
    other_plans.records.close_run("own", "run-1")
    other_plans.armed("other", a_night("late"))
    return other_plans


def ask(api: Any, query: str = "", who: dict[str, str] | None = None) -> Any:
    """What is answered once every run is read."""
    for _ in range(60):
        answer = api.get(f"{NODES}{query}", headers=who or as_user("vic", "VIEWER"))
        assert answer.status_code == 200, answer.text
        content = answer.json()
        if not content["unread"] and content["choices"]["environment"]:
            NodesAnswer.model_validate(content)
            return content
        sleep(1)
    pytest.fail(f"not read within a minute: {content}")


def nodes(api: Any, query: str = "") -> list[str]:
    return [row["node"] for row in ask(api, query)["rows"]]


def test_who_is_not_logged_in_is_told_nothing(airflow_api: Any, plans: OtherPlans) -> None:
    airflow_api.cookies.clear()
    for path in (NODES, f"{NODES}?format=csv", f"{NODES}/production/web-1"):
        assert airflow_api.get(path).status_code == 401, path


def test_each_node_says_what_is_on_it_who_holds_it_and_what_comes_next(airflow_api: Any, plans: OtherPlans) -> None:
    rows = {row["node"]: row for row in ask(airflow_api)["rows"]}
    assert list(rows) == ["db-1", "web-1", "web-2"]
    (installed,) = rows["web-1"]["installed"]
    assert (installed["version"], installed["verified_by"]) == ("2", "run-1")
    assert installed["sentence"] == (
        "shop web 2, installed by run run-1 of plan own at 2026-11-28 12:00:00 UTC, verified by run run-1"
    )
    assert rows["web-1"]["holder"]["sentence"] == "run run-1 of plan other since 2026-11-28 12:00:00 UTC"
    assert rows["db-1"]["state"] == "nothing recorded"


def test_a_filter_is_the_same_in_json_and_csv(airflow_api: Any, plans: OtherPlans) -> None:
    assert nodes(airflow_api, "?product=shop&verified=yes&holder=other&q=WEB&environment=production") == ["web-1"]
    assert nodes(airflow_api, "?holder=nobody&state=nothing%20recorded&limit=1") == ["db-1"]
    assert nodes(airflow_api, "?holder=nobody&after=production/db-1") == ["web-2"]
    answer = airflow_api.get(f"{NODES}?format=csv&product=shop&limit=1", headers=as_user("vic", "VIEWER"))
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="nodes.csv"'
    (line,) = csv.DictReader(io.StringIO(answer.text))
    assert (line["node"], line["version"], line["holder_plan"]) == ("web-1", "2", "other")
    for query in ("?limit=0", "?limit=1001", "?format=xml", "?verified=perhaps", f"?q={'x' * 251}"):
        assert airflow_api.get(f"{NODES}{query}", headers=as_user("mia")).status_code == 422, query


def test_one_node_tells_its_runs_and_of_no_node_that_is_not_there(airflow_api: Any, plans: OtherPlans) -> None:
    ask(airflow_api)
    answer = airflow_api.get(f"{NODES}/production/web-1", headers=as_user("mia"))
    NodeAnswer.model_validate(answer.json())
    assert [(run["plan"], run["standing"]) for run in answer.json()["runs"]] == [
        ("other", "not started"),
        ("own", "done"),
    ]
    for place in ("staging/web-1", "production/web-9", "production/%3Cb%3E"):
        told = airflow_api.get(f"{NODES}/{place}", headers=as_user("mia"))
        assert (told.status_code, "that you may see" in told.json()["detail"]) == (404, True)


def test_what_has_not_changed_is_304(airflow_api: Any, plans: OtherPlans) -> None:
    ask(airflow_api)
    for path in (NODES, f"{NODES}/production/web-1"):
        first = airflow_api.get(path, headers=as_user("mia"))
        again = airflow_api.get(path, headers=as_user("mia") | {"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b""), path


def test_what_is_of_plans_that_one_may_not_read_is_counted_and_not_shown(
    airflow_api: Any, plans: OtherPlans, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(airflow_api)
    monkeypatch.setattr(rights.Person, "may", lambda self, method, entity, plan=None: False)
    monkeypatch.setattr(rights.Person, "readable", lambda self: frozenset({"other"}))
    rows = {row["node"]: row for row in ask(airflow_api)["rows"]}
    assert (rows["web-1"]["installed"], rows["web-1"]["hidden"], rows["web-1"]["holder"]["plan"]) == ([], 2, "other")
    story = airflow_api.get(f"{NODES}/production/web-1", headers=as_user("vic", "VIEWER"))
    assert [run["plan"] for run in story.json()["runs"]] == ["other"]
    table = airflow_api.get(f"{NODES}?format=csv", headers=as_user("vic", "VIEWER")).text
    assert (",own," in table, ",other," in table) == (False, True)
    monkeypatch.setattr(rights.Person, "readable", lambda self: frozenset())
    answer = airflow_api.get(NODES, headers=as_user("vic", "VIEWER")).json()
    assert (answer["rows"], answer["total"], answer["choices"]["environment"]) == ([], 0, [])
    assert airflow_api.get(f"{NODES}/production/web-1", headers=as_user("vic", "VIEWER")).status_code == 404


def test_a_damaged_record_is_told_and_the_other_nodes_stand(airflow_api: Any, plans: OtherPlans) -> None:
    (Path(str(plans.records.run("other", "run-1").folder)) / "ledger-000002.jsonl").write_text("{}\n")
    rows = {row["node"]: row for row in ask(airflow_api)["rows"]}
    assert rows["web-1"]["state"] == "not known"
    assert "not intact" in rows["web-1"]["problems"][0]["sentence"]
    assert rows["web-1"]["installed"][0]["version"] == "2"
    assert rows["db-1"]["state"] == "nothing recorded"


def test_an_environment_whose_file_cannot_be_read_is_told_and_hides_no_other(
    airflow_api: Any, plans: OtherPlans
) -> None:
    (plans.include.infrastructure / "staging.yaml").write_text("nodes: [\n")
    for who in (as_user("admin", "ADMIN"), as_user("vic", "VIEWER")):
        found = ask(airflow_api, who=who)
        assert (list(found["broken"]), found["total"]) == (["staging"], 3)


def test_what_the_pages_are_tested_with_is_what_the_routes_answer() -> None:
    NodesAnswer.model_validate(json.loads((SAMPLES / "nodes.sample.json").read_text()))
    NodeAnswer.model_validate(json.loads((SAMPLES / "node.sample.json").read_text()))
