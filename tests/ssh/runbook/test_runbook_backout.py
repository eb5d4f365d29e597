"""A backout undoes exactly what had started, in reverse order, to the release each node came from; and proves it."""

import asyncio

import pytest

from deployplan.runbook.arm import NotYet, arm, next_number
from deployplan.runbook.backout import undo_component
from deployplan.runbook.backout_proof import verify_backout
from deployplan.runbook.baseline import take_baseline
from deployplan.runbook.deploy import deploy_wave
from deployplan.runbook.node import node_ledger
from deployplan.runbook.outcome import Outcome, conclude
from deployplan.runbook.preflight import preflight
from deployplan.runbook.run.run import NotReady, Run, StepFailed
from ssh.runbook.conftest import MakeProduction
from ssh.runbook.production import HANG, UNTIL_GO, a_version, an_app, approve, armed, back_out, deploy, of_kind


def states(run: Run, kind: str = "undo_ended") -> list[dict[str, str]]:
    """How the step ended on each node, entry by entry."""
    found = [entry.facts["nodes"] for entry in of_kind(run, kind)]
    return [{node: result["state"] for node, result in nodes.items()} for nodes in found]  # type: ignore[attr-defined]


async def reviewed(run: Run) -> None:
    await preflight(run)
    approve(run)
    await take_baseline(run)


async def test_components_are_undone_in_reverse_order(production: MakeProduction) -> None:
    prod = production()
    data = an_app(prod.nodes, deploy="echo data >> steps", undo="echo undo data >> steps")
    app = an_app(prod.nodes, deploy="echo app >> steps", undo="echo undo app >> steps", after=["data"])
    run = prod.run(components={"app": app, "data": data}, success={"ok": {"command": "true", "on": "n1"}})
    generation = await armed(run)
    await deploy(run, generation)
    await back_out(run, generation)
    assert prod.lines("n1") == ["data", "app", "undo app", "undo data"]


async def test_only_nodes_where_the_deploy_had_started_are_undone(production: MakeProduction) -> None:
    prod = production(3)
    run = prod.run(components={"app": an_app(prod.nodes, waves=[1, 2, "100%"])})
    await reviewed(run)
    generation = await armed(run)
    await deploy_wave(run, run.snapshot.waves[0], generation)
    await back_out(run, generation)
    await verify_backout(run, generation)
    assert states(run) == [{"n1": "done", "n2": "not_started", "n3": "not_started"}]
    assert [prod.lines(node) for node in prod.nodes] == [["deploy 1", "undo to 1"], [], []]
    assert [prod.jobs(node) for node in ("n2", "n3")] == [[], []]

    conclusion = await conclude(run)
    assert conclusion.outcome is Outcome.BACKED_OUT
    assert conclusion.because == "undone on n1, 3 readings pass as before; which release is there was not asked"
    assert [(await prod.facts(node)).holder for node in prod.nodes] == [None, None, None]


async def test_a_deploy_that_died_before_it_touched_a_node_is_not_backed_out(production: MakeProduction) -> None:
    prod = production(2)
    run = prod.run()
    await reviewed(run)
    generation = await armed(run)
    await back_out(run, generation)
    await verify_backout(run, generation)
    assert states(run) == [{"n1": "not_started", "n2": "not_started"}]
    assert [prod.jobs(node) for node in prod.nodes] == [[], []]
    assert (await conclude(run)).outcome is Outcome.TERMINATED


async def test_a_half_installed_node_is_undone_too(production: MakeProduction) -> None:
    prod = production()
    run = prod.run(components={"app": an_app(prod.nodes, deploy="echo half >> steps; echo 2 > version; exit 7")})
    generation = await armed(run)
    with pytest.raises(StepFailed, match="exit code 7"):
        await deploy(run, generation)
    await back_out(run, generation)
    assert prod.lines("n1") == ["half", "undo to 1"]
    assert prod.version("n1") == "1"
    assert [entry["event"] for entry in (await prod.facts("n1")).ledger] == ["restored"]


async def test_a_mixed_fleet_returns_to_each_nodes_own_release(production: MakeProduction) -> None:
    prod = production(2)
    prod.note_release("n1", "1.5")
    prod.note_release("n2", "1.4")
    release = {"product": "shop", "version": "2"}  # no `previous`: the nodes differ
    run = prod.run(scope={"release": release, "summary": "The shop, second edition"})
    await reviewed(run)
    generation = await armed(run)
    await deploy(run, generation)
    await back_out(run, generation)
    assert [prod.version(node) for node in prod.nodes] == ["1.5", "1.4"]
    assert [(await prod.facts(node)).ledger[-1]["version"] for node in prod.nodes] == ["1.5", "1.4"]


async def test_a_rerun_never_takes_a_half_installed_release_for_the_one_to_go_back_to(
    production: MakeProduction,
) -> None:
    prod = production()
    prod.note_release("n1", "1.5")
    release = {"product": "shop", "version": "2"}
    run = prod.run(
        scope={"release": release, "summary": "s"}, success={"version": a_version(["n1"], expect={"stdout": "3"})}
    )
    with pytest.raises(StepFailed):
        await deploy(run, await armed(run))
    assert (await prod.facts("n1")).ledger[-1]["version"] == "2"  # installed, and its criterion does not hold
    generation = await armed(run, clear=1)
    await back_out(run, generation)
    assert prod.lines("n1") == ["deploy 1", "undo to 1.5"]


async def test_a_second_backout_does_nothing(production: MakeProduction) -> None:
    prod = production()
    run = prod.run()
    generation = await armed(run)
    await deploy(run, generation)
    for attempt in ("0", "0", "1"):
        await back_out(run, generation, attempt)
    await back_out(run, await armed(run, clear=1))
    assert prod.lines("n1") == ["deploy 1", "undo to 1"]
    assert [entry["event"] for entry in (await prod.facts("n1")).ledger] == ["installed", "restored"]


async def test_a_release_brought_out_again_after_its_backout_is_backed_out_again(production: MakeProduction) -> None:
    prod = production()
    run = prod.run()
    for clear in range(2):
        generation = await armed(run, clear=clear)
        await deploy(run, generation)
        await back_out(run, generation)
    assert prod.lines("n1") == ["deploy 1", "undo to 1", "deploy 2", "undo to 1"]
    assert prod.version("n1") == "1"


async def test_a_backout_killed_in_mid_undo_is_taken_up_and_the_undo_runs_once(production: MakeProduction) -> None:
    prod = production()
    snapshot = prod.snapshot(components={"app": an_app(prod.nodes, undo=UNTIL_GO.replace("echo 2", "echo 1"))})
    run = prod.run(snapshot)
    generation = await armed(run)
    await deploy(run, generation)
    working = asyncio.create_task(back_out(run, generation))
    await prod.file("n1", "begun")
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    prod.touch("n1", "go")
    await back_out(prod.run(snapshot), generation)
    assert prod.lines("n1") == ["deploy 1", "begun", "ended"]
    assert [entry["event"] for entry in (await prod.facts("n1")).ledger] == ["installed", "restored"]


async def test_a_backout_that_died_before_it_told_the_node_tells_it_the_next_time(
    production: MakeProduction, monkeypatch: pytest.MonkeyPatch
) -> None:
    prod = production()
    run = prod.run()
    generation = await armed(run)
    await deploy(run, generation)

    async def dies(*args: object, **rest: object) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as patch:
        patch.setattr(node_ledger, "_note_once", dies)
        with pytest.raises(asyncio.CancelledError):
            await back_out(run, generation)
    assert prod.lines("n1") == ["deploy 1", "undo to 1"]
    await back_out(run, generation)
    assert prod.lines("n1") == ["deploy 1", "undo to 1"]
    assert (await prod.facts("n1")).ledger[-1]["event"] == "restored"


async def test_an_irreversible_component_ends_in_a_failed_backout_that_says_why(production: MakeProduction) -> None:
    prod = production()
    data = an_app(prod.nodes, undo=None, irreversible="the old orders are gone")
    run = prod.run(components={"app": data})
    await reviewed(run)
    generation = await armed(run)
    await deploy(run, generation)
    with pytest.raises(StepFailed, match="irreversible: the old orders are gone; only fixing forward remains"):
        await back_out(run, generation)
    assert (await conclude(run)).outcome is Outcome.BACKOUT_FAILED
    assert prod.lines("n1") == ["deploy 1"]


async def test_an_irreversible_component_that_had_not_started_hinders_no_backout(production: MakeProduction) -> None:
    prod = production()
    first = an_app(prod.nodes, deploy="exit 1")
    later = an_app(prod.nodes, undo=None, irreversible="the old orders are gone", after=["first"])
    run = prod.run(components={"first": first, "later": later})
    generation = await armed(run)
    with pytest.raises(StepFailed):
        await deploy(run, generation)
    await back_out(run, generation)
    assert states(run) == [{"n1": "not_started"}, {"n1": "done"}]


async def test_after_an_undo_that_failed_the_node_is_frozen_and_every_other_run_is_refused_with_the_reason(
    production: MakeProduction,
) -> None:
    prod = production()
    app = an_app(prod.nodes, undo="echo undo >> steps; test -e repaired && echo 1 > version")
    run = prod.run(components={"app": app})
    await reviewed(run)
    generation = await armed(run)
    await deploy(run, generation)
    with pytest.raises(StepFailed, match="n1: undo script ended with exit code 1"):
        await back_out(run, generation)
    with pytest.raises(StepFailed):
        await back_out(run, generation)  # a retry only reports it again
    assert prod.lines("n1") == ["deploy 1", "undo"]
    assert (await conclude(run)).outcome is Outcome.BACKOUT_FAILED

    other = prod.run(run_id="run-9", plan="shop-3")
    with pytest.raises(NotReady, match="n1 is frozen by shop-2: backout of app failed"):
        await armed(other)
    same = prod.run(run.snapshot, run_id="run-2")
    with pytest.raises(NotReady, match="n1 is frozen by shop-2: backout of app failed"):
        await armed(same)
    looking = prod.run(run_id="run-3", plan="shop-4")
    with pytest.raises(NotReady, match="n1: frozen by shop-2: backout of app failed"):
        await preflight(looking)

    prod.touch("n1", "repaired")
    await back_out(run, generation, attempt="1")  # a person repaired the node and cleared the task
    await verify_backout(run, generation)
    assert (await conclude(run)).outcome is Outcome.BACKED_OUT
    assert prod.lines("n1") == ["deploy 1", "undo", "undo"]
    assert (await prod.facts("n1")).holder is None


async def test_a_backout_is_not_verified_when_a_reading_that_passed_before_does_not_pass_again(
    production: MakeProduction,
) -> None:
    prod = production()
    run = prod.run(components={"app": an_app(prod.nodes, undo="echo 0 > version")})
    await reviewed(run)
    assert [entry.facts["answer"] for entry in of_kind(run, "baseline")] == ["pass"]  # the previous release is 1
    generation = await armed(run)
    await deploy(run, generation)
    await back_out(run, generation)
    with pytest.raises(StepFailed, match="version on n1: fail"):
        await verify_backout(run, generation)
    assert (await conclude(run)).outcome is Outcome.BACKOUT_FAILED
    holder = (await prod.facts("n1")).holder
    assert holder is not None
    assert holder.frozen == "the previous release is not proven back"


async def test_what_did_not_pass_before_the_deploy_need_not_pass_after_the_backout(production: MakeProduction) -> None:
    prod = production()
    success = {"version": a_version(["n1"]), "schedule": {"command": "test -e scheduler", "on": "n1"}}
    run = prod.run(components={"app": an_app(prod.nodes, deploy="touch scheduler; echo 2 > version")}, success=success)
    await reviewed(run)
    generation = await armed(run)
    await deploy(run, generation)
    (prod.nodes["n1"].home / "scheduler").unlink()
    await back_out(run, generation)
    await verify_backout(run, generation)
    assert of_kind(run, "backout_verified")[-1].facts["readings"] == 1


async def test_an_undo_that_hangs_is_ended_and_the_node_is_frozen(production: MakeProduction) -> None:
    prod = production()
    run = prod.run(components={"app": an_app(prod.nodes, undo=HANG, timeout="1s")})
    generation = await armed(run)
    await deploy(run, generation)
    with pytest.raises(StepFailed, match="timeout"):
        await undo_component(run, "app", generation, "0")
    facts = await prod.facts("n1")
    assert facts.holder is not None
    assert facts.holder.frozen == "backout of app failed"
    (job,) = (job for job in facts.jobs if job.step == "undo")
    assert prod.nodes["n1"].processes(job.job_id) == []


async def test_a_backout_is_not_held_up_by_a_freeze_of_releases(production: MakeProduction) -> None:
    prod = production()
    run = prod.run()
    generation = await armed(run)
    await deploy(run, generation)
    (prod.include.infrastructure / "production.yaml").write_text("connection: [broken")
    with pytest.raises(NotYet, match="cannot be read"):
        await arm(run, next_number(run, clear=1))
    await back_out(run, generation)
    assert prod.version("n1") == "1"
