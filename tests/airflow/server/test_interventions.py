"""What people do to a run past its cards is evidence: through the real API application of Airflow, with its users."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deployplan.airflow_glue.context import ledger_of
from deployplan.airflow_glue.server import interventions
from deployplan.airflow_glue.server.people_requests import Intervention, interventions_in
from deployplan.airflow_glue.settings import settings
from deployplan.evidence.audit import verify_all
from deployplan.evidence.entry import Entry
from signed_in import as_user

pytestmark = pytest.mark.airflow

PLAN, RUN, TASK = "shop-2", "manual__2026-11-28T21:00:00+00:00", "deploy.web.wave_1"


@pytest.fixture
def api(airflow_api: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The client, beside a record store in which the run has begun, as its review leaves it."""
    key = tmp_path / "signing.key"
    key.write_bytes(b"k" * 32)
    monkeypatch.setenv("DEPLOYPLAN_RECORDS", str(tmp_path / "records"))
    monkeypatch.setenv("DEPLOYPLAN_SIGNING_KEY_FILE", str(key))
    settings.cache_clear()
    ledger_of(PLAN, RUN).record("plan_frozen", plan=PLAN, run=RUN, digest="d" * 64)
    settings().record_store().open_run(PLAN, RUN, "d" * 64)
    airflow_api.cookies.clear()
    yield airflow_api
    settings.cache_clear()


def as_admin(name: str) -> dict[str, str]:
    return as_user(name, "ADMIN")


def intervened() -> list[Entry]:
    return [entry for entry in ledger_of(PLAN, RUN).entries() if entry.kind == "intervened"]


def told() -> list[tuple[object, object, object]]:
    return [(entry.facts["who"], entry.facts["did"], entry.facts["status"]) for entry in intervened()]


def test_who_marks_clears_and_deletes_is_kept_also_when_airflow_refuses(api: Any) -> None:
    run = f"/api/v2/dags/{PLAN}/dagRuns/{RUN}"
    requests = [
        ("PATCH", f"{run}/taskInstances/{TASK}", {"new_state": "failed", "note": "it hangs"}),
        ("PATCH", run, {"state": "failed"}),
        ("POST", f"/api/v2/dags/{PLAN}/clearTaskInstances", {"dry_run": False, "task_ids": [TASK], "dag_run_id": RUN}),
        ("DELETE", run, None),
    ]
    statuses = [api.request(verb, url, json=body, headers=as_admin("mia")).status_code for verb, url, body in requests]
    assert all(status >= 400 for status in statuses)  # this Airflow has no such run
    assert told() == [
        ("mia", f"marked {TASK} failed", statuses[0]),
        ("mia", "marked the run failed", statuses[1]),
        ("mia", f"cleared {TASK} where they failed", statuses[2]),
        ("mia", "deleted the run", statuses[3]),
    ]
    assert [entry.facts["accepted"] for entry in intervened()] == [False] * 4
    assert intervened()[0].facts["note"] == "it hangs"


def test_a_viewer_without_the_right_is_named_with_the_refusal(api: Any) -> None:
    url = f"/api/v2/dags/{PLAN}/dagRuns/{RUN}"
    answer = api.patch(url, json={"state": "success"}, headers=as_user("vera", "VIEWER"))
    assert answer.status_code == 403
    assert told() == [("vera", "marked the run success", 403)]


def test_the_name_is_the_authenticated_one_whatever_the_body_and_other_headers_say(api: Any) -> None:
    headers = as_admin("mia") | {"X-Forwarded-User": "erin", "Cookie": "_token=erin"}
    body = {"state": "failed", "who": "erin", "triggering_user_name": "erin"}
    api.patch(f"/api/v2/dags/{PLAN}/dagRuns/{RUN}", json=body, headers=headers)
    assert [entry.facts["who"] for entry in intervened()] == ["mia"]


@pytest.mark.parametrize("beside", ["", 'prefs={"a":1}; ', "odd; "])
def test_the_session_of_the_browser_names_its_user_whatever_other_cookies_there_are(api: Any, beside: str) -> None:
    token = as_admin("mia")["Authorization"].partition(" ")[2]
    api.patch(f"/api/v2/dags/{PLAN}", json={"is_paused": True}, headers={"Cookie": f"{beside}_token={token}"})
    assert [entry.facts["who"] for entry in intervened()] == ["mia"]


def test_of_two_tokens_the_one_counts_by_which_airflow_acts(api: Any) -> None:
    headers = [("Authorization", as_admin("mia")["Authorization"]), ("Authorization", "Bearer nonsense")]
    assert PLAN in api.patch(f"/api/v2/dags/{PLAN}", json={"is_paused": True}, headers=headers).text
    assert [entry.facts["who"] for entry in intervened()] == ["mia"]


@pytest.mark.parametrize("path", ["%64ags", "dags%2F"])
def test_a_request_is_told_by_the_path_that_airflow_reads_however_it_is_spelt(api: Any, path: str) -> None:
    spelt = f"/api/v2/{path}{PLAN}" if path.endswith("%2F") else f"/api/v2/{path}/{PLAN}"
    assert PLAN in api.patch(spelt, json={"is_paused": True}, headers=as_admin("mia")).text  # Airflow found its route
    assert [entry.facts["who"] for entry in intervened()] == ["mia"]


@pytest.mark.parametrize("token", [None, "Bearer nonsense", "Basic bWlhOm1pYQ=="])
def test_whom_airflow_does_not_know_cannot_fill_the_evidence(api: Any, token: str | None) -> None:
    headers = {} if token is None else {"Authorization": token}
    answer = api.patch(f"/api/v2/dags/{PLAN}/dagRuns/{RUN}", json={"state": "failed"}, headers=headers)
    assert answer.status_code in {401, 403}
    assert intervened() == []


def test_refused_requests_fill_a_runs_evidence_up_to_a_bound(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interventions, "MOST_REFUSED", 2)
    for _ in range(4):
        api.patch(f"/api/v2/dags/{PLAN}/dagRuns/{RUN}", json={"state": "failed"}, headers=as_user("vera", "VIEWER"))
    assert len(intervened()) == 2


def test_a_looking_request_and_one_about_another_dag_leave_nothing(api: Any) -> None:
    headers = as_admin("mia")
    api.get(f"/api/v2/dags/{PLAN}/dagRuns/{RUN}", headers=headers)
    api.post(f"/api/v2/dags/{PLAN}/clearTaskInstances", json={"dag_run_id": RUN}, headers=headers)  # a dry run
    api.patch("/api/v2/dags/other/dagRuns/run-1", json={"state": "failed"}, headers=headers)
    assert intervened() == []
    assert ledger_of("other", "run-1").entries() == ()
    assert {record.plan for record in settings().record_store().runs()} == {PLAN}


def test_what_is_done_after_the_end_is_kept_apart_and_no_seal_is_broken(api: Any) -> None:
    ledger_of(PLAN, RUN).seal()
    api.patch(f"/api/v2/dags/{PLAN}/dagRuns/{RUN}", json={"note": "looked at"}, headers=as_admin("mia"))
    assert [entry.kind for entry in ledger_of(PLAN, RUN).entries()] == ["plan_frozen", "sealed"]
    (late,) = settings().record_store().run(PLAN, RUN).apart(key=b"k" * 32).entries()
    assert (late.facts["who"], late.facts["did"]) == ("mia", "wrote a note on the run")


def a_run_in_airflow() -> None:
    """The plan's DAG and run as Airflow has them, with one task."""
    from airflow.models.dag import DagModel
    from airflow.models.dagbundle import DagBundleModel
    from airflow.models.serialized_dag import SerializedDagModel
    from airflow.providers.standard.operators.empty import EmptyOperator
    from airflow.sdk import DAG
    from airflow.serialization.serialized_objects import LazyDeserializedDAG
    from airflow.utils.session import create_session

    with DAG(PLAN, schedule=None) as dag:
        EmptyOperator(task_id=TASK)
    with create_session() as session:
        if session.get(DagBundleModel, "tests") is None:
            session.add(DagBundleModel(name="tests"))
            session.flush()
        there = {"is_paused": False, "is_stale": False, "fileloc": "x", "relative_fileloc": "x"}
        session.merge(DagModel(dag_id=PLAN, bundle_name="tests", **there))
        session.flush()
        SerializedDagModel.write_dag(LazyDeserializedDAG.from_dag(dag), bundle_name="tests", session=session)
        session.flush()


def test_what_airflow_carries_out_is_kept_as_accepted(api: Any) -> None:
    a_run_in_airflow()
    headers = as_admin("mia")
    run = f"/api/v2/dags/{PLAN}/dagRuns/{RUN}"
    made = api.post(
        f"/api/v2/dags/{PLAN}/dagRuns",
        json={"dag_run_id": RUN, "logical_date": None, "note": "the second try"},
        headers=headers,
    )
    assert made.status_code == 200, made.text
    many = {"actions": [{"action": "update", "entities": [{"task_id": TASK, "new_state": "failed", "note": "n"}]}]}
    clear = {"dry_run": False, "task_ids": [TASK], "dag_run_id": RUN, "only_failed": False, "include_downstream": True}
    for verb, url, body in (
        ("PATCH", f"{run}/taskInstances/{TASK}", {"new_state": "success"}),
        ("PATCH", f"{run}/taskInstances", many),
        ("POST", f"/api/v2/dags/{PLAN}/clearTaskInstances", clear),
        ("PATCH", f"/api/v2/dags?dag_id_pattern={PLAN}", {"is_paused": True}),
        ("POST", f"{run}/taskInstances/{TASK}/xcomEntries", {"key": "outcome", "value": "success"}),
        ("PATCH", run, {"state": "failed", "note": "enough"}),
        ("DELETE", run, None),
    ):
        answer = api.request(verb, url, json=body, headers=headers)
        assert answer.status_code < 300, f"{verb} {url}: {answer.text}"
    assert all(entry.facts["accepted"] for entry in intervened())
    assert [entry.facts["did"] for entry in intervened()] == [
        f"triggered {RUN}",
        f"marked {TASK} success",
        f"marked {TASK} failed",
        f"cleared {TASK} with downstream",
        "paused the plan's DAG, with others",
        f"set the XCom outcome of {TASK}",
        "marked the run failed",
        "deleted the run",
    ]
    assert [entry.facts["note"] for entry in intervened()] == [
        "the second try",
        None,
        "n",
        None,
        None,
        None,
        "enough",
        None,
    ]


def by_people() -> list[tuple[object, object, object]]:
    """What is kept of a plan while none of its runs is under way."""
    found = settings().record_store().people(PLAN).entries()
    return [(entry.facts["who"], entry.facts["did"], entry.facts["accepted"]) for entry in found]


def test_a_trigger_and_a_backfill_of_a_plan_without_a_run_under_way_are_kept_with_the_plan(api: Any) -> None:
    a_run_in_airflow()
    settings().record_store().close_run(PLAN, RUN)
    trigger = {"dag_run_id": "run-2", "logical_date": None}
    assert api.post(f"/api/v2/dags/{PLAN}/dagRuns", json=trigger, headers=as_admin("mia")).status_code == 200
    backfill = {"dag_id": PLAN, "from_date": "2026-11-01T00:00:00Z", "to_date": "2026-11-02T00:00:00Z"}
    refused = api.post("/api/v2/backfills", json=backfill, headers=as_user("vera", "VIEWER"))
    assert refused.status_code == 403
    api.patch(f"/api/v2/dags/{PLAN}/dagRuns/run-2", json={"note": "mine"}, headers=as_admin("mia"))
    assert by_people() == [
        ("mia", "triggered run-2", True),
        ("vera", "started a backfill", False),
        ("mia", "wrote a note on the run", True),  # it has no evidence yet
    ]
    assert intervened() == []
    (finding,) = [each for each in verify_all(settings().record_store(), b"k" * 32) if each.name == f"people/{PLAN}"]
    assert (finding.ok, finding.told) == (True, "intact, 3 entries, not sealed")


@pytest.mark.parametrize("verb", ["pause", "unpause", "cancel"])
def test_who_changes_a_backfill_is_kept_by_the_plan_that_airflow_names(api: Any, verb: str) -> None:
    answer = {"id": 7, "dag_id": PLAN}
    (found,) = interventions_in("PUT", f"/api/v2/backfills/7/{verb}", None, answer)
    settings().record_store().close_run(PLAN, RUN)
    asyncio.run(interventions.keep_interventions((found,), ("mia", "mia"), 200, answer))
    assert by_people() == [("mia", f"asked to {verb} backfill 7", True)]


def test_a_backfill_that_airflow_does_not_know_names_no_plan_and_leaves_nothing(api: Any) -> None:
    answer = api.put("/api/v2/backfills/4711/pause", headers=as_admin("mia"))
    assert answer.status_code == 404
    assert by_people() == []
    assert intervened() == []


@pytest.mark.parametrize(
    ("request_", "wanted"),
    [
        (
            ("PATCH", "/api/v2/dags/~/dagRuns/~/taskInstances", {"actions": [
                {"action": "update", "entities": [
                    {"dag_id": "a", "dag_run_id": "r", "task_id": "t", "new_state": "failed"},
                    {"dag_id": "a", "dag_run_id": "r", "task_id": "u", "new_state": "failed"},
                    {"dag_id": "b", "dag_run_id": "s", "task_id": "t", "note": "why"}]},
                {"action": "delete", "entities": [{"dag_id": "a", "dag_run_id": "r", "task_id": "v"}]}]}),
            [("a", "r", "marked t, u failed"), ("b", "s", "wrote a note on t"), ("a", "r", "deleted v")],
        ),
        (
            ("PATCH", "/api/v2/dags/~/dagRuns", {"actions": [
                {"action": "update", "entities": [{"dag_id": "a", "dag_run_id": "r", "state": "failed"}]},
                {"action": "delete", "entities": ["r2"]}]}),
            [("a", "r", "marked the run failed"), ("~", "r2", "deleted the run")],
        ),
        (("POST", "/api/v2/dags/a/dagRuns/r/clear", {"dry_run": False}), [("a", "r", "cleared the run")]),
        (("POST", "/api/v2/dags/a/dagRuns/r/clear", {}), []),
        (
            ("POST", "/api/v2/dags/~/clearDagRuns",
             {"dry_run": False, "dag_runs": [{"dag_id": "a", "dag_run_id": "r"}]}),
            [("a", "r", "cleared the run")],
        ),
        (
            ("PATCH", "/api/v2/dags/a/dagRuns/r/taskGroupInstances/deploy", {"new_state": "success"}),
            [("a", "r", "marked deploy.* success")],
        ),
        (
            ("PATCH", "/api/v2/dags/a/dagRuns/r/taskInstances/t/3", {"new_state": "failed"}),
            [("a", "r", "marked t failed")],
        ),
        (("DELETE", "/api/v2/dags/a", None), [("a", None, "deleted the plan's DAG, with all its runs")]),
        (("POST", "/api/v2/backfills", {"dag_id": "a"}), [("a", None, "started a backfill")]),
        (("PATCH", "/api/v2/dags/a/dagRuns/r%2F1/taskInstances/t/dry_run", {"new_state": "failed"}), []),
        (("DELETE", "/api/v2/dags/a/dagRuns/r%2F1", None), [("a", "r/1", "deleted the run")]),
        (
            ("PATCH", "/api/v2/dags/a/dagRuns/r/taskInstances/t/xcomEntries/x/y", {"value": 1}),
            [("a", "r", "changed the XCom x/y of t")],
        ),
    ],
)  # fmt: skip
def test_each_kind_of_request_is_told_with_its_plan_and_run(
    request_: tuple[str, str, Any], wanted: list[tuple[str, str | None, str]]
) -> None:
    found = interventions_in(*request_, answer=None)
    assert [(each.plan, each.run_id, each.did) for each in found] == wanted


def test_a_request_too_long_to_be_read_is_told_by_its_path() -> None:
    path = "/api/v2/dags/a/dagRuns/r/taskInstances/t"
    (found,) = interventions_in("PATCH", path, None, None, whole=False)
    assert found == Intervention("a", "r", "unread", f"sent PATCH {path} with more than can be read")
