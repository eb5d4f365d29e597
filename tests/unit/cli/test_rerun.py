"""`deployplan rerun --preview`: what a clear would do, told before anyone clears."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from deployplan.evidence import Ledger, Records
from deployplan.evidence.hold import HoldSwitch
from deployplan.plan.load.loading import load
from deployplan.plan.snapshot import Snapshot
from deployplan.remote.job import JobFacts
from deployplan.runbook.run.generation import Generation
from remote_builders import NIGHT, a_job
from unit.cli.local_nodes import Nodes

Deployplan = Callable[..., Result]
TOKEN = Generation("shop-2", "run-1", 1).deploy
PLAN = """\
plan: shop-2
follows: shop
components:
  web: {nodes: [web-1, web-2], waves: [1]}
  db: {nodes: [db-1], after: [web], deploy: ./up.sh, undo: ./down.sh}
approval: {quorum: 1}
"""


@pytest.fixture
def records(nodes: Nodes, tmp_path: Path) -> Records:
    return Records(tmp_path / "airflow" / "records")


@pytest.fixture
def snapshot(nodes: Nodes) -> Snapshot:
    nodes.include.plan_path("shop-2").write_text(PLAN)
    return load(nodes.include.plan_path("shop-2"), nodes.include)


@pytest.fixture
def run(snapshot: Snapshot, records: Records) -> Ledger:
    """The evidence of run-1: approved and armed."""
    records.save_snapshot("shop-2", snapshot.digest, snapshot.to_json())
    ledger = records.run("shop-2", "run-1").ledger()
    ledger.record("plan_frozen", plan="shop-2", run="run-1", digest=snapshot.digest, triggered_by="tom")
    ledger.record("seat_asked", seat=1, people=["mia"], digest=snapshot.digest)
    ledger.record("approved", seat=1, person="mia", digest=snapshot.digest)
    ledger.record("arming", generation=1, clear=0)
    ledger.record("armed", generation=1, nodes=["web-1", "web-2", "db-1"], digest=snapshot.digest)
    return ledger


def deployed(nodes: Nodes, name: str, snapshot: Snapshot, *, script: str = "true", **job: Any) -> JobFacts:
    """Have run-1 carry out a job on the node; a good one is noted in its ledger."""
    nodes.lock(name, run=TOKEN, plan="shop-2")
    facts = nodes.ran(name, a_job(script, digest=snapshot.digest, run=TOKEN, generation=TOKEN, **job))
    if facts.exit == 0:
        event = "restored" if facts.step == "undo" else "installed"
        nodes.note(name, event=event, product="shop", component=facts.component, version="2", job=facts.job_id)
    return facts


def held(run: Ledger, component: str, wave: int, *, ok: bool = True) -> None:
    run.record("wave_ended", component=component, wave=wave, ok=ok, nodes={}, generation="run-1#1")


def preview(deployplan: Deployplan, *words: str) -> dict[str, Any]:
    result = deployplan("rerun", "shop-2", "run-1", "--preview", "--json", *words)
    assert result.exit_code in {0, 1}, result.stderr
    facts: dict[str, Any] = json.loads(result.stdout)
    return facts


def does(facts: dict[str, Any]) -> dict[str, str]:
    """What would be done, by step and node."""
    return {
        f"{step['step']} {step['component']} on {node['node']}": node["does"]
        for step in facts["steps"]
        for node in step["nodes"]
    }


def seen(nodes: Nodes, name: str, job: JobFacts, generation: str = TOKEN) -> None:
    (nodes.home(name) / ".deployplan" / "jobs" / job.job_id / "seen").write_text(f"{generation}\n")


def test_done_nodes_are_left_alone_and_the_others_worked_on_in_order(
    nodes: Nodes, snapshot: Snapshot, run: Ledger, deployplan: Deployplan
) -> None:
    deployed(nodes, "web-1", snapshot)
    held(run, "web", 1)
    failed = deployed(nodes, "web-2", snapshot, script="exit 1")
    seen(nodes, "web-2", failed)
    held(run, "web", 2, ok=False)

    result = deployplan("rerun", "shop-2", "run-1", "--preview")

    assert result.exit_code == 0, result.stdout
    assert result.stdout.splitlines()[1:] == [
        "deploy web wave 1 of 2: 0 of 1 nodes to work on; left alone: web-1 (done)",
        "deploy web wave 2 of 2: 1 of 1 nodes to work on; its criteria are read again",
        "  web-2  start: attempt 2",
        "deploy db wave 1 of 1: 1 of 1 nodes to work on; its criteria are read again",
        "  db-1  start: attempt 1",
    ]


def test_who_approved_by_a_number_is_known_by_the_roster(
    nodes: Nodes, snapshot: Snapshot, run: Ledger, deployplan: Deployplan
) -> None:
    people = nodes.include.root / "people.yaml"
    people.write_text('people: {erin: {}, tom: {ids: ["9"]}, mia: {ids: ["3"]}}\n')
    seat = {"seat": 1, "person": "mia", "digest": snapshot.digest}
    run.record("approved", **seat, user="3", login="mia")
    assert not any("mia" in each for each in preview(deployplan)["obstacles"])

    people.write_text("people: {erin: {}, tom: {}, mia: {}}\n")
    told = "deploy.arm would refuse: mia answered as user 3, who is nobody by include/people.yaml now: ask again"
    assert told in preview(deployplan)["obstacles"]


def test_it_names_the_tasks_that_airflow_would_clear(run: Ledger, deployplan: Deployplan) -> None:
    facts = preview(deployplan, "--task", "deploy.web.wave_2")

    assert facts["tasks"] == [
        "deploy.arm",
        "deploy.web.wave_2",
        "deploy.db.wave_1",
        "verify.smoke",
        "backout.decide",
        "backout.db",
        "backout.web",
        "backout.verify",
        "outcome",
    ]


def test_clearing_a_later_wave_brings_what_is_missing_first(run: Ledger, deployplan: Deployplan) -> None:
    assert list(does(preview(deployplan, "--task", "deploy.db.wave_1")).values()) == ["start", "start", "start"]


def test_a_wave_whose_criteria_never_held_reads_them_again_on_done_nodes(
    nodes: Nodes, snapshot: Snapshot, run: Ledger, deployplan: Deployplan
) -> None:
    deployed(nodes, "web-1", snapshot)
    held(run, "web", 1, ok=False)

    first = preview(deployplan)["steps"][0]

    assert (first["criteria"], first["nodes"][0]["does"]) == (True, "leave")


def test_what_was_undone_is_deployed_again(
    nodes: Nodes, snapshot: Snapshot, run: Ledger, deployplan: Deployplan
) -> None:
    deployed(nodes, "web-1", snapshot)
    held(run, "web", 1)
    deployed(nodes, "web-1", snapshot, step="undo")
    run.record("undo_ended", component="web", ok=True, nodes={}, generation="run-1#1")

    first = preview(deployplan)["steps"][0]

    assert first["criteria"]
    assert first["nodes"] == [{"node": "web-1", "does": "start", "why": "attempt 2", "job": None}]


def test_a_failure_that_nobody_was_told_of_is_reported_first(
    nodes: Nodes, snapshot: Snapshot, run: Ledger, deployplan: Deployplan
) -> None:
    failed = deployed(nodes, "web-1", snapshot, script="exit 4")

    (node,) = preview(deployplan)["steps"][0]["nodes"]

    assert (node["does"], node["job"]) == ("report", failed.job_id)
    assert node["why"] == "its script ended with exit code 4, and this is not reported yet"


def test_a_good_end_that_nobody_has_judged_is_judged_first(
    nodes: Nodes, snapshot: Snapshot, run: Ledger, deployplan: Deployplan
) -> None:
    nodes.lock("web-1", run=TOKEN, plan="shop-2")
    nodes.ran("web-1", a_job("true", digest=snapshot.digest, run=TOKEN, generation=TOKEN))

    (node,) = preview(deployplan)["steps"][0]["nodes"]

    assert (node["does"], node["why"]) == ("attach", "ended, but nobody has judged its output yet")


def test_a_job_that_runs_is_attached_to(nodes: Nodes, snapshot: Snapshot, run: Ledger, deployplan: Deployplan) -> None:
    nodes.lock("web-1", run=TOKEN, plan="shop-2")
    nodes.start("web-1", a_job("sleep 300", digest=snapshot.digest, run=TOKEN, generation=TOKEN))

    facts = preview(deployplan)

    assert facts["steps"][0]["nodes"][0]["does"] == "attach"
    assert not any("wait" in obstacle for obstacle in facts["obstacles"])  # deploy.arm takes the node over at once


def test_verification_runs_no_script(run: Ledger, deployplan: Deployplan) -> None:
    result = deployplan("rerun", "shop-2", "run-1", "--preview", "--task", "verify.smoke")

    assert "clears: deploy.arm, verify.smoke, " in result.stdout
    assert result.stdout.endswith("no script would run on any node\n")


def test_a_backout_is_undone_only_where_the_deploy_had_started_in_reverse_order(
    nodes: Nodes, snapshot: Snapshot, run: Ledger, deployplan: Deployplan
) -> None:
    deployed(nodes, "web-1", snapshot)
    failed = deployed(nodes, "web-1", snapshot, step="undo", script="exit 1")
    seen(nodes, "web-1", failed)

    facts = preview(deployplan, "--task", "backout.db")

    assert does(facts) == {"undo db on db-1": "leave", "undo web on web-1": "start", "undo web on web-2": "leave"}
    assert facts["tasks"] == ["backout.db", "backout.web", "backout.verify", "outcome"]
    assert list(does(preview(deployplan, "--task", "backout.web"))) == ["undo web on web-1", "undo web on web-2"]


def test_a_node_that_does_not_answer_is_unknown_and_the_exit_code_says_so(
    nodes: Nodes, run: Ledger, deployplan: Deployplan
) -> None:
    nodes.away = {"db-1"}

    result = deployplan("rerun", "shop-2", "run-1", "--preview")

    assert result.exit_code == 1
    assert "in the way: db-1 does not answer: deploy.arm would refuse\n" in result.stdout
    assert "  db-1  unknown: db-1: connection refused" in result.stdout
    assert "  web-1  start: attempt 1\n" in result.stdout


@pytest.mark.parametrize(
    ("holder", "obstacle"),
    [
        ({"plan": "desk-9", "run": "desk-9/r#1"}, "deploy.arm would wait for it"),
        ({"plan": "shop-2", "run": TOKEN}, None),
    ],
)
def test_locks_that_arming_would_wait_for_are_named(
    nodes: Nodes, run: Ledger, deployplan: Deployplan, holder: dict[str, str], obstacle: str | None
) -> None:
    nodes.lock("web-2", **holder)

    obstacles = preview(deployplan)["obstacles"]

    assert [each.rpartition(": ")[2] for each in obstacles] == ([obstacle] if obstacle else [])


def test_a_frozen_node_stops_the_rerun(nodes: Nodes, run: Ledger, deployplan: Deployplan) -> None:
    nodes.lock("web-2", plan="shop-2", run=TOKEN)
    nodes.freeze("web-2", "backout of web failed", plan="shop-2", run=TOKEN)

    (obstacle,) = preview(deployplan)["obstacles"]

    assert "frozen: backout of web failed" in obstacle
    assert obstacle.endswith("deploy.arm would refuse until it is unlocked")


def test_a_frozen_environment_stops_the_rerun_unless_it_comes_through_the_window(
    nodes: Nodes, run: Ledger, deployplan: Deployplan
) -> None:
    file = nodes.include.infrastructure / "production.yaml"
    file.write_text(file.read_text() + "freezes: [{name: for ever, from: 2000-01-01 00:00}]\n")

    (at_the_wave,) = preview(deployplan)["obstacles"]
    (at_the_window,) = preview(deployplan, "--task", "window")["obstacles"]

    assert at_the_wave.startswith("deploy.arm would refuse: ")
    assert at_the_window.startswith("window would wait: ")


def test_a_hold_is_named(records: Records, run: Ledger, deployplan: Deployplan) -> None:
    HoldSwitch(records.root).hold("network works", by="mia", at=NIGHT)

    (obstacle,) = preview(deployplan)["obstacles"]

    assert obstacle.startswith("deploy.arm would wait: held by mia")


def test_a_missing_approval_is_named_unless_it_is_asked_again(run: Ledger, deployplan: Deployplan) -> None:
    run.record("seat_asked", seat=1, people=["mia"], digest=next(iter(run.entries())).facts["digest"])

    assert preview(deployplan)["obstacles"] == ["deploy.arm would refuse: seat 1 has no recorded approval of this plan"]
    assert preview(deployplan, "--task", "review.controls")["obstacles"] == []


def test_an_edited_file_stops_the_rerun_of_a_finished_run_and_not_of_one_under_way(
    nodes: Nodes, snapshot: Snapshot, records: Records, run: Ledger, deployplan: Deployplan
) -> None:
    nodes.include.plan_path("shop-2").write_text(PLAN + "backout: {expected_duration: 9m}\n")

    (finished,) = preview(deployplan)["obstacles"]
    records.open_run("shop-2", "run-1", snapshot.digest)

    assert finished.startswith(f"the file of shop-2 has changed ({snapshot.digest[:12]} then, ")
    assert preview(deployplan)["obstacles"] == []


def test_another_run_of_the_plan_stops_the_rerun(
    snapshot: Snapshot, records: Records, run: Ledger, deployplan: Deployplan
) -> None:
    records.open_run("shop-2", "run-2", snapshot.digest)

    assert preview(deployplan)["obstacles"] == ["run run-2 of this plan is under way"]


def test_a_preview_changes_nothing(nodes: Nodes, run: Ledger, deployplan: Deployplan) -> None:
    before = run.entries()

    deployplan("rerun", "shop-2", "run-1", "--preview")

    assert run.entries() == before
    assert not (nodes.home("web-1") / ".deployplan").exists()


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["shop-2", "run-9", "--preview"], "error: no run 'shop-2/run-9'"),
        (["shop-2", "run-1", "--preview", "--task", "deploy.web.wave_9"], "hint: did you mean 'deploy.web.wave_"),
    ],
)
def test_wrong_usage_exits_with_2_and_says_what_there_is(
    run: Ledger, deployplan: Deployplan, words: list[str], error: str
) -> None:
    result = deployplan("rerun", *words)

    assert (result.exit_code, result.stdout) == (2, "")
    assert error in result.stderr


def test_a_card_that_waits_is_named_with_what_the_clear_would_do_to_it(
    nodes: Nodes, snapshot: Snapshot, run: Ledger, deployplan: Deployplan
) -> None:
    run.record("wave_started", component="web", wave=1, nodes=["web-1"], generation="run-1#1")
    failed = {"web-1": {"state": "failed", "why": "exit code 3", "job": None, "already": False}}
    run.record("wave_stopped", component="web", wave=1, why="exit code 3", nodes=failed, generation="run-1#1")
    until = "2026-11-28T22:15:00+00:00"
    run.record(
        "card_put", task="deploy.web.wave_1", people=["mia", "chen"], subject="web wave 1 stopped", clear=5, until=until
    )
    (asks,) = preview(deployplan)["asks"]
    assert asks.startswith(f"deploy.web.wave_1 asks mia, chen, until {until}: web wave 1 stopped; the clear withdraws")
    assert asks.endswith("web wave 1 is tried again in a new generation")
    (asks,) = preview(deployplan, "--task", "backout.web")["asks"]
    assert asks.endswith("it stays as it is")
    told = deployplan("rerun", "shop-2", "run-1", "--preview").stdout
    assert "asks now: deploy.web.wave_1 asks mia, chen" in told
    run.record("card_closed", task="deploy.web.wave_1", person="mia", option="Back out")
    assert preview(deployplan)["asks"] == []


def test_what_becomes_of_the_traffic_of_a_node_is_told_and_nodes_tells_which_ones_are_drained(
    nodes: Nodes, snapshot: Snapshot, records: Records, deployplan: Deployplan
) -> None:
    traffic = '{"on": db-1, drain: "true", put_back: "true"}'
    plan = PLAN.replace("waves: [1]}", f"waves: [1], traffic: {traffic}}}").replace("  db: {", "  other: {")
    nodes.include.plan_path("shop-2").write_text(plan.replace("nodes: [db-1], after: [web]", "nodes: [db-1]"))
    snapshot = load(nodes.include.plan_path("shop-2"), nodes.include)
    records.save_snapshot("shop-2", snapshot.digest, snapshot.to_json())
    run = records.run("shop-2", "run-1").ledger()
    run.record("plan_frozen", plan="shop-2", run="run-1", digest=snapshot.digest, triggered_by="tom")
    deployed(nodes, "web-1", snapshot)
    held(run, "web", 1)
    run.record("drain_begun", node="web-1", component="web", on="db-1")
    drained = deployed(nodes, "db-1", snapshot, component="_traffic-web-1", step="drain")

    found = {each["node"]: each for step in preview(deployplan)["steps"] for each in step["nodes"]}
    assert (found["web-1"]["does"], found["web-1"]["why"]) == ("start", "done; it is drained, and put back on db-1")
    assert found["web-2"]["why"] == "attempt 1; it is drained first on db-1, and put back when it is well"
    told = deployplan("nodes", "db-1").stdout
    assert f"  drained    web-1 (done as {drained.job_id})\n" in told

    deployed(nodes, "db-1", snapshot, component="_traffic-web-1", step="put_back")
    assert "drained" not in deployplan("nodes", "db-1").stdout
    assert does(preview(deployplan))["deploy web on web-1"] == "leave"
