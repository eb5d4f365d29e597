"""How many nodes may fail, and what counts as failed: one rule over the whole component."""

import asyncio

import pytest

from deployplan.runbook.outcome import Outcome, conclude
from deployplan.runbook.run.run import StepFailed
from deployplan.runbook.verify import verify_smoke
from ssh.runbook.conftest import MakeProduction
from ssh.runbook.production import (
    UNTIL_GO,
    Production,
    a_version,
    an_app,
    armed,
    back_out,
    deploy,
    deploy_first,
    of_kind,
)

MAY_BREAK = 'test ! -e broken || exit 1; echo "deploy $DEPLOYPLAN_ATTEMPT" >> steps; echo 2 > version'


def touched(prod: Production) -> list[str]:
    return [node for node in prod.nodes if prod.jobs(node)]


async def test_failures_up_to_the_budget_over_several_waves_leave_the_nodes_out(production: MakeProduction) -> None:
    prod = production(5)
    for node in ("n1", "n3"):
        prod.touch(node, "broken")
    app = an_app(prod.nodes, deploy=MAY_BREAK, waves=[1, 3, "100%"], max_failures=2)
    run = prod.run(components={"app": app})
    await deploy(run, await armed(run))
    await verify_smoke(run)

    conclusion = await conclude(run)
    assert conclusion.outcome is Outcome.SUCCESS_WITH_ISSUES
    assert conclusion.because == "failed within the budget and left out: n1, n3"
    assert [prod.version(node) for node in prod.nodes] == ["1", "2", "1", "2", "2"]
    assert (await prod.facts("n1")).ledger == ()  # it is not said to have the new release, verified or not


async def test_a_node_on_which_a_component_failed_gets_none_that_comes_after(production: MakeProduction) -> None:
    prod = production(3)
    prod.touch("n1", "broken")
    db = an_app(prod.nodes, deploy=MAY_BREAK, max_failures=1)
    web = an_app(prod.nodes, deploy="echo web >> steps", after=["db"], waves=[1, "100%"], max_failures=1)
    run = prod.run(components={"db": db, "web": web})
    await deploy(run, await armed(run))
    await verify_smoke(run)

    conclusion = await conclude(run)
    assert conclusion.outcome is Outcome.SUCCESS_WITH_ISSUES
    assert conclusion.because == "failed within the budget and left out: n1"
    assert prod.jobs("n1") == ["db-deploy-1"]
    assert [prod.lines(node, "steps") for node in prod.nodes] == [[], ["deploy 1", "web"], ["deploy 1", "web"]]
    assert (await prod.facts("n1")).ledger == ()
    (left_out,) = of_kind(run, "node_excluded")
    assert left_out.facts == {"node": "n1", "component": "web", "why": "left out, for db failed there"}


async def test_a_component_that_may_not_do_without_a_node_stops_before_its_first_script(
    production: MakeProduction,
) -> None:
    prod = production(2)
    prod.touch("n2", "broken")
    db = an_app(prod.nodes, deploy=MAY_BREAK, max_failures=1)
    web = an_app(prod.nodes, deploy="echo web >> steps", after=["db"], waves=[1, "100%"])
    run = prod.run(components={"db": db, "web": web})
    with pytest.raises(StepFailed, match=r"web wave 1: 1 nodes failed, 0 may \(n2: left out, for db failed there\)"):
        await deploy(run, await armed(run))
    assert [prod.lines(node, "steps") for node in prod.nodes] == [["deploy 1"], []]


async def test_one_failure_more_than_the_budget_stops_the_component_in_that_wave(production: MakeProduction) -> None:
    prod = production(5)
    for node in ("n1", "n2", "n3"):
        prod.touch(node, "broken")
    app = an_app(prod.nodes, deploy=MAY_BREAK, waves=[1, 3, "100%"], max_failures=2)
    run = prod.run(components={"app": app})
    with pytest.raises(StepFailed, match="app wave 2: 3 nodes failed, 2 may"):
        await deploy(run, await armed(run))
    assert touched(prod) == ["n1", "n2", "n3"]


async def test_an_unreachable_node_counts_as_a_failed_one(production: MakeProduction) -> None:
    prod = production(3)
    app = an_app(prod.nodes, waves=[1, "100%"], max_failures=1)
    run = prod.run(components={"app": app})
    generation = await armed(run)
    prod.nodes["n2"].stop()
    await run.fleet.drop("n2")
    await deploy(run, generation)
    (failed,) = of_kind(run, "node_failed")
    assert (failed.facts["node"], failed.facts["state"]) == ("n2", "failed")
    assert "unreachable" in str(failed.facts["why"])


async def test_an_unreachable_node_beyond_the_budget_stops_the_component(production: MakeProduction) -> None:
    prod = production(3)
    run = prod.run(components={"app": an_app(prod.nodes, waves=[2, "100%"])})
    generation = await armed(run)
    prod.nodes["n2"].stop()
    await run.fleet.drop("n2")
    with pytest.raises(StepFailed, match=r"1 nodes failed, 0 may \(n2: unreachable"):
        await deploy(run, generation)
    assert touched(prod) == ["n1"]


async def test_a_node_that_is_lost_in_mid_job_is_unknown_and_its_backout_is_not_claimed(
    production: MakeProduction,
) -> None:
    prod = production(2)
    run = prod.run(components={"app": an_app(prod.nodes, deploy=UNTIL_GO, max_failures=0)})
    generation = await armed(run)
    working = asyncio.create_task(deploy_first(run, generation))
    for node in prod.nodes:
        await prod.file(node, "begun")
    prod.touch("n1", "go")
    prod.nodes["n2"].stop()
    with pytest.raises(StepFailed, match="n2: unreachable"):
        await working
    (ended,) = of_kind(run, "wave_ended")
    assert {node: result["state"] for node, result in ended.facts["nodes"].items()} == {  # type: ignore[attr-defined]
        "n1": "done",
        "n2": "unknown",
    }

    with pytest.raises(StepFailed, match="n2"):
        await back_out(run, generation)
    assert prod.lines("n1")[-1] == "undo to 1"
    (frozen,) = of_kind(run, "nodes_frozen")
    assert frozen.facts["nodes"] == []  # n2 could not be asked: it is not said to be frozen
    assert (await conclude(run)).outcome is Outcome.BACKOUT_FAILED

    prod.nodes["n2"].start()
    facts = await prod.facts("n2")
    assert facts.holder is not None  # nobody else may work there
    assert facts.holder.run == "shop-2/run-1#1"


async def test_a_node_that_comes_back_in_mid_job_is_watched_again_and_nothing_is_started_twice(
    production: MakeProduction,
) -> None:
    prod = production()
    run = prod.run(components={"app": an_app(prod.nodes, deploy=UNTIL_GO)})
    working = asyncio.create_task(deploy_first(run, await armed(run)))
    await prod.file("n1", "begun")
    prod.nodes["n1"].restart()
    prod.touch("n1", "go")
    await working
    assert prod.lines("n1") == ["begun", "ended"]


async def test_percentage_waves_never_take_more_than_stated_and_at_least_one_node(production: MakeProduction) -> None:
    prod = production(3)
    run = prod.run(components={"app": an_app(prod.nodes, waves=["1%", "99%"])})
    await deploy(run, await armed(run))
    assert [entry.facts["nodes"] for entry in of_kind(run, "wave_started")] == [["n1"], ["n2"], ["n3"]]


async def test_a_canary_that_does_not_pass_its_criterion_stops_the_component(production: MakeProduction) -> None:
    prod = production(2)
    app = an_app(prod.nodes, deploy="echo 3 > version", waves=[1, "100%"])
    run = prod.run(components={"app": app})
    with pytest.raises(StepFailed, match=r"version on n1: fail .*printed '3', expected '2'"):
        await deploy(run, await armed(run))
    assert touched(prod) == ["n1"]
    (ended,) = of_kind(run, "wave_ended")
    assert ended.facts["criteria"] == ["version"]


async def test_a_check_that_never_ran_is_not_success(production: MakeProduction) -> None:
    prod = production()
    run = prod.run(success={"version": a_version(["n1"], command="./not-there.sh", expect={"exit": 0})})
    with pytest.raises(StepFailed, match="version on n1: unknown"):
        await deploy(run, await armed(run))


async def test_a_check_reads_on_over_a_new_connection_when_the_old_one_was_lost(production: MakeProduction) -> None:
    prod = production()
    run = prod.run()
    await deploy(run, await armed(run))
    prod.nodes["n1"].restart()
    await verify_smoke(run)
    assert [entry.facts["readings"] for entry in of_kind(run, "reading")][-1] == 1


async def test_a_neighbour_that_breaks_fails_the_release_whose_own_criteria_hold(production: MakeProduction) -> None:
    prod = production()
    neighbour = {"command": "test ! -e outage", "on": "n1", "neighbour": True, "fail_after": 2}
    run = prod.run(success={"version": a_version(["n1"]), "billing": neighbour})
    await deploy(run, await armed(run))
    prod.touch("n1", "outage")
    with pytest.raises(StepFailed, match="billing on n1: fail"):
        await verify_smoke(run)
    (verified,) = of_kind(run, "verified")
    assert (verified.facts["ok"], verified.facts["criteria"]) == (False, ["billing"])
