"""A node is taken out of service before it is worked on, and put back when its criteria hold: each once."""

import asyncio
from typing import Any

import pytest

from deployplan.runbook.arm import LOCK_PATIENCE, NodeHeld, arm, next_number
from deployplan.runbook.backout_proof import verify_backout
from deployplan.runbook.deploy import deploy_wave
from deployplan.runbook.outcome import Outcome, conclude
from deployplan.runbook.preflight import preflight
from deployplan.runbook.run.run import Run, StepFailed
from ssh.runbook.conftest import MakeProduction
from ssh.runbook.production import Production, a_version, an_app, approve, armed, back_out, deploy, of_kind

DRAIN = 'echo "drain $DEPLOYPLAN_NODE" >> steps; echo 0 > "sessions-$DEPLOYPLAN_NODE"'
PUT_BACK = 'echo "put back $DEPLOYPLAN_NODE" >> steps'
TRAFFIC = {"drain": DRAIN, "put_back": PUT_BACK}
ON_BALANCER = {
    **TRAFFIC,
    "on": "n3",
    "drained_when": {"command": 'cat "sessions-$DEPLOYPLAN_NODE"', "expect": {"stdout_max": 0}, "within": "20s"},
}


def a_release(prod: Production, traffic: dict[str, Any], controls: dict[str, Any] | None = None, **keys: Any) -> Run:
    """A run that brings `app` with this traffic to every node but the one that directs it."""
    nodes = [name for name in prod.nodes if name != traffic.get("on")]
    plan = {
        "components": {"app": {**an_app(nodes, traffic=traffic), **keys}},
        "success": {"version": a_version(keys.get("nodes", nodes))},
    }
    snapshot = prod.snapshot(**plan)
    if controls:
        snapshot = snapshot.model_copy(update={"controls": type(snapshot.controls).model_validate(controls)})
    return prod.run(snapshot)


def told(run: Run) -> list[str]:
    """What the evidence says of the nodes' traffic, in its order."""
    kinds = {"drain_begun", "node_drained", "drain_failed", "drain_passed_over", "node_put_back", "put_back_failed"}
    kinds.add("node_left_out")
    return [f"{entry.kind} {entry.facts['node']}" for entry in run.ledger.entries() if entry.kind in kinds]


async def fails(run: Run, match: str) -> Any:
    generation = await armed(run)
    with pytest.raises(StepFailed, match=match):
        await deploy(run, generation)
    return generation


async def test_a_node_is_out_of_service_while_its_deploy_runs_and_only_then(production: MakeProduction) -> None:
    prod = production()
    run = a_release(prod, TRAFFIC)
    generation = await armed(run)
    await deploy(run, generation)
    assert prod.lines("n1") == ["drain n1", "deploy 1", "put back n1"]
    assert told(run) == ["drain_begun n1", "node_drained n1", "node_put_back n1"]

    again = await armed(run, clear=1)
    await deploy(run, again)
    assert prod.lines("n1") == ["drain n1", "deploy 1", "put back n1"], "what is done is not taken out of service"


async def test_a_balancer_is_told_of_each_node_by_name_and_no_other_plan_has_it_meanwhile(
    production: MakeProduction, monkeypatch: pytest.MonkeyPatch
) -> None:
    prod = production(4)
    run = a_release(prod, ON_BALANCER, nodes=["n1", "n2"], waves=[1, "100%"])
    await preflight(run)
    generation = await armed(run)
    other = prod.run(
        plan="other-1",
        run_id="run-2",
        components={"app": an_app(["n4"], traffic=ON_BALANCER)},
        success={"version": a_version(["n4"])},
    )
    monkeypatch.setattr("deployplan.runbook.arm.LOCK_PATIENCE", LOCK_PATIENCE * 0)
    approve(other)
    with pytest.raises(NodeHeld):
        await arm(other, next_number(other, clear=0))
    await deploy(run, generation)
    assert prod.lines("n3") == ["drain n1", "put back n1", "drain n2", "put back n2"]
    assert [prod.lines(name) for name in ("n1", "n2")] == [["deploy 1"], ["deploy 1"]]
    assert [entry.facts["seen"] for entry in of_kind(run, "node_drained")] == ["printed 0", "printed 0"]
    await conclude(run)
    assert (await prod.facts("n3")).holder is None
    await arm(other, next_number(other, clear=0))


async def test_a_node_that_still_serves_is_not_touched_and_is_put_back(production: MakeProduction) -> None:
    prod = production()
    waits = {"command": "echo 7", "expect": {"stdout_max": 0}, "within": "1s"}
    run = a_release(prod, {**TRAFFIC, "drained_when": waits})
    generation = await fails(run, "not drained within 1s .*printed 7, expected at most 0")
    await back_out(run, generation)
    await verify_backout(run, generation)
    conclusion = await conclude(run)
    assert prod.lines("n1") == ["drain n1", "put back n1"]
    assert conclusion.outcome is Outcome.TERMINATED
    assert (await run.state()).out == {}


async def test_a_backout_undoes_a_drained_node_and_takes_those_in_service_out_first(production: MakeProduction) -> None:
    prod = production(2)
    fails_on_n2 = 'echo "deploy" >> steps; echo 2 > version; [ "$DEPLOYPLAN_NODE" = n1 ]'
    run = a_release(
        prod, TRAFFIC, {"min_in_service": "50%"}, waves=[1, "100%"], deploy=fails_on_n2, current="cat version"
    )
    generation = await fails(run, "exit code 1")
    assert (await run.state()).out.keys() == {"n2"}
    await back_out(run, generation)
    await verify_backout(run, generation)
    assert (await conclude(run)).outcome is Outcome.BACKED_OUT
    assert prod.lines("n2") == ["drain n2", "deploy", "undo to 1", "put back n2"]
    assert prod.lines("n1") == ["drain n1", "deploy", "put back n1", "drain n1", "undo to 1", "put back n1"]
    assert told(run)[-4:] == ["node_put_back n2", "drain_begun n1", "node_drained n1", "node_put_back n1"]


async def test_a_wave_that_would_leave_too_few_in_service_touches_nothing(production: MakeProduction) -> None:
    prod = production(3)
    # n1 fails within the budget and stays out, as nobody knows what is there; with n2 two of three would be out.
    fails_on_n1 = 'echo "deploy" >> steps; echo 2 > version; [ "$DEPLOYPLAN_NODE" != n1 ]'
    run = a_release(prod, TRAFFIC, {"min_in_service": 2}, waves=[1, 2, "100%"], max_failures=1, deploy=fails_on_n1)
    await fails(run, r"2 of 3 nodes of app would be out of service \(n1 already\); 1 may be: the controls ask for 2")
    assert prod.lines("n2") == []


async def test_a_node_that_failed_within_the_budget_stays_out_and_is_named(production: MakeProduction) -> None:
    prod = production(2)
    fails_on_n1 = 'echo "deploy" >> steps; echo 2 > version; [ "$DEPLOYPLAN_NODE" != n1 ]'
    run = a_release(prod, TRAFFIC, waves=[1, "100%"], max_failures=1, deploy=fails_on_n1)
    await deploy(run, await armed(run))
    run.ledger.record("verified", ok=True, generation="run-1#1")
    conclusion = await conclude(run)
    assert conclusion.outcome is Outcome.SUCCESS_WITH_ISSUES
    assert "out of service: n1 (its deploy of app did not end well, and it was not undone)" in conclusion.because
    assert told(run)[-1] == "node_left_out n1"


async def test_a_node_that_cannot_be_put_back_is_an_outcome_of_its_own_and_clearing_it_puts_it_back(
    production: MakeProduction,
) -> None:
    prod = production()
    sick = "[ -e mended ] && echo put back >> steps"
    run = a_release(prod, {**TRAFFIC, "put_back": sick})
    generation = await fails(run, "n1 could not be put back into service")
    await back_out(run, generation)
    await verify_backout(run, generation)
    first = await conclude(run)
    assert first.outcome is Outcome.LEFT_DRAINED
    assert "out of service: n1" in first.because
    assert (await conclude(run)).outcome is Outcome.LEFT_DRAINED, "a task that is begun again tries nothing again"
    jobs = prod.jobs("n1")

    prod.touch("n1", "mended")
    assert (await conclude(run)).outcome is Outcome.LEFT_DRAINED
    assert prod.jobs("n1") == jobs
    assert (await conclude(run, attempt="1")).outcome is Outcome.BACKED_OUT
    assert prod.lines("n1")[-1] == "put back"


async def test_a_node_that_another_plan_has_taken_meanwhile_is_not_put_back_by_a_run_that_has_ended(
    production: MakeProduction,
) -> None:
    prod = production(3)
    sick = "[ -e mended ] && echo put back >> steps"
    run = a_release(prod, {**ON_BALANCER, "put_back": sick}, nodes=["n1"])
    generation = await fails(run, "n1 could not be put back into service")
    await back_out(run, generation)
    await verify_backout(run, generation)
    assert (await conclude(run)).outcome is Outcome.LEFT_DRAINED
    other = prod.run(
        plan="other-1", run_id="run-2", components={"app": an_app(["n1"])}, success={"version": a_version(["n1"])}
    )
    approve(other)
    await arm(other, next_number(other, clear=0))

    prod.touch("n3", "mended")
    conclusion = await conclude(run, attempt="1")
    assert "out of service: n1 (somebody else works there, and puts it back: run other-1/run-2" in conclusion.because
    assert "put back" not in prod.lines("n3")


async def test_a_run_that_is_ended_with_a_node_drained_and_untouched_puts_it_back(production: MakeProduction) -> None:
    prod = production(2)
    traffic = {**ON_BALANCER, "on": "n2", "drained_when": {"command": "touch looked; false", "within": "1h"}}
    run = a_release(prod, traffic)
    generation = await armed(run)
    wave = asyncio.create_task(deploy_wave(run, run.snapshot.waves[0], generation))
    await prod.file("n2", "looked")
    wave.cancel()
    await asyncio.gather(wave, return_exceptions=True)
    other = prod.run(run.snapshot)
    assert (await other.state()).out.keys() == {"n1"}
    await conclude(other)
    assert prod.lines("n2") == ["drain n1", "put back n1"]
    assert (await other.state()).out == {}
