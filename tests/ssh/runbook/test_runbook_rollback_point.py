"""A backout brings back what was there: read on each node when it is locked, and asked again when it was undone."""

from typing import Any

import pytest

from deployplan.runbook.arm import arm, next_number
from deployplan.runbook.backout_proof import verify_backout
from deployplan.runbook.deploy import deploy_wave
from deployplan.runbook.outcome import Outcome, conclude
from deployplan.runbook.run.run import NotReady, StepFailed
from ssh.runbook.conftest import MakeProduction
from ssh.runbook.production import Production, an_app, approve, armed, back_out, deploy, of_kind

UNSTATED = {"release": {"product": "shop", "version": "2"}, "summary": "The shop, second edition"}


def app_with_current(prod: Production, **keys: Any) -> dict[str, Any]:
    return {"app": an_app(prod.nodes, current="cat version", **keys)}


async def test_a_node_that_was_patched_by_hand_since_is_refused_with_both_releases_named(
    production: MakeProduction,
) -> None:
    prod = production(2)
    prod.note_release("n1", "1.5")
    prod.note_release("n2", "1.4")
    for node, version in (("n1", "1.6"), ("n2", "1.4")):
        (prod.nodes[node].home / "version").write_text(f"{version}\n")
    run = prod.run(scope=UNSTATED, components=app_with_current(prod))
    with pytest.raises(NotReady) as refused:
        await armed(run)
    assert refused.value.problems == (
        "n1: app is '1.6' by `current` and '1.5' by the node's ledger; mend the node, or state current_wins: true",
    )
    assert (await conclude(run)).outcome is not Outcome.SUCCESS
    assert [(await prod.facts(node)).holder for node in prod.nodes] == [None, None]


async def test_where_current_wins_the_backout_brings_back_what_was_really_there(production: MakeProduction) -> None:
    prod = production()
    prod.note_release("n1", "1.5")
    (prod.nodes["n1"].home / "version").write_text("1.6\n")
    run = prod.run(scope=UNSTATED, components=app_with_current(prod, current_wins=True))
    generation = await armed(run)
    await deploy(run, generation)
    await back_out(run, generation)
    assert prod.lines("n1") == ["deploy 1", "undo to 1.6"]
    assert [entry.facts["known_by"] for entry in of_kind(run, "rollback_point")] == ["current"]


async def test_a_fleet_that_was_never_released_by_us_goes_back_to_what_current_found(
    production: MakeProduction,
) -> None:
    prod = production(2)
    (prod.nodes["n2"].home / "version").write_text("1.1\n")
    run = prod.run(scope=UNSTATED, components=app_with_current(prod))
    generation = await armed(run)
    await deploy(run, generation)
    await back_out(run, generation)
    assert [prod.version(node) for node in prod.nodes] == ["1", "1.1"]


async def test_where_nobody_knows_what_is_there_nothing_starts(production: MakeProduction) -> None:
    prod = production()
    with pytest.raises(NotReady, match=r"nobody knows which release of app is there.*undo_needs_previous: false"):
        await armed(prod.run(scope=UNSTATED))


async def test_an_undo_that_needs_no_earlier_release_may_start_on_an_empty_node(production: MakeProduction) -> None:
    prod = production()
    app = an_app(prod.nodes, undo="rm version", undo_needs_previous=False)
    run = prod.run(scope=UNSTATED, components={"app": app})
    generation = await armed(run)
    await deploy(run, generation)
    await back_out(run, generation)
    assert not (prod.nodes["n1"].home / "version").exists()
    (point,) = of_kind(run, "rollback_point")
    assert (point.facts["version"], point.facts["known_by"]) == (None, "nobody; its undo needs none")


@pytest.mark.parametrize(
    ("current", "problem"),
    [
        ("cat nowhere", "n1: `current` of app ended with exit code 1: the installed release is unknown"),
        ("true", "n1: `current` of app prints nothing; the plan starts from '1'"),
        ("printf 'shop\\n1\\n'", r"n1: `current` of app printed 'shop\n1'…; it is to print the release and no more"),
    ],
)
async def test_a_current_that_gives_no_answer_starts_nothing(
    production: MakeProduction, current: str, problem: str
) -> None:
    prod = production()
    run = prod.run(components={"app": an_app(prod.nodes, current=current)})
    with pytest.raises(NotReady) as refused:
        await armed(run)
    assert refused.value.problems == (problem,)


@pytest.mark.parametrize("current", [None, "cat version"])
async def test_of_two_approved_plans_from_one_release_the_second_is_refused_when_the_first_is_done(
    production: MakeProduction, current: str | None
) -> None:
    prod = production()
    components = {"app": an_app(prod.nodes, current=current)}
    first, second = (prod.run(plan=name, components=components) for name in ("shop-a", "shop-b"))
    for run in (first, second):
        approve(run)
    await deploy(first, await armed(first))
    first.ledger.record("verified", ok=True)
    assert (await conclude(first)).outcome is Outcome.SUCCESS
    with pytest.raises(NotReady, match="n1: app is '2' there; the plan starts from '1'"):
        await armed(second)
    assert prod.lines("n1") == ["deploy 1"]


async def test_an_older_version_than_the_one_found_is_refused_unless_it_is_meant(production: MakeProduction) -> None:
    prod = production()
    prod.note_release("n1", "2.10")
    with pytest.raises(NotReady, match=r"app is '2\.10' there; '2\.9' is older: state downgrade: true"):
        await armed(prod.run(scope={"release": {"product": "shop", "version": "2.9"}, "summary": "s"}))
    meant = {"release": {"product": "shop", "version": "2.9", "downgrade": True}, "summary": "s"}
    assert (await armed(prod.run(scope=meant, run_id="run-2"))).number == 1


async def test_the_release_that_was_found_after_the_backout_is_told(production: MakeProduction) -> None:
    prod = production(2)
    run = prod.run(components=app_with_current(prod, waves=[1, "100%"]))
    generation = await armed(run)
    await deploy_wave(run, run.snapshot.waves[0], generation)
    await back_out(run, generation)
    await verify_backout(run, generation)
    conclusion = await conclude(run)
    assert conclusion.outcome is Outcome.BACKED_OUT
    assert conclusion.because == "the previous release is back: app is '1' on n1"
    assert conclusion.found == ("app is '1' on n1",)


async def test_that_the_previous_release_is_back_is_not_said_where_nobody_looked(production: MakeProduction) -> None:
    prod = production()
    run = prod.run()
    generation = await armed(run)
    await deploy(run, generation)
    await back_out(run, generation)
    await verify_backout(run, generation)
    conclusion = await conclude(run)
    assert conclusion.because == "undone on n1, no readings pass as before; which release is there was not asked"


async def test_an_undo_that_leaves_another_release_is_no_backout_and_both_are_named(production: MakeProduction) -> None:
    prod = production()
    run = prod.run(components=app_with_current(prod, undo="echo 1.1 > version"))
    generation = await armed(run)
    await deploy(run, generation)
    await back_out(run, generation)
    with pytest.raises(StepFailed, match=r"n1: app is '1\.1' there; it came from '1'"):
        await verify_backout(run, generation)
    conclusion = await conclude(run)
    assert conclusion.outcome is Outcome.BACKOUT_FAILED
    assert "app is '1.1' there; it came from '1'" in conclusion.because
    assert (await prod.facts("n1")).holder is not None


async def test_a_rerun_over_a_half_installed_node_asks_it_nothing_and_keeps_the_first_point(
    production: MakeProduction,
) -> None:
    prod = production()
    prod.note_release("n1", "1")
    half = "echo half > version; test -e repaired && echo 2 > version"
    run = prod.run(scope=UNSTATED, components=app_with_current(prod, deploy=half))
    with pytest.raises(StepFailed):
        await deploy(run, await armed(run))
    prod.touch("n1", "repaired")
    generation = await armed(run, clear=1)
    await deploy(run, generation)
    await back_out(run, generation)
    assert prod.version("n1") == "1"


async def test_another_run_of_a_plan_that_is_on_the_node_goes_back_to_what_was_there_before_the_plan(
    production: MakeProduction,
) -> None:
    prod = production()
    prod.note_release("n1", "1.5")
    snapshot = prod.snapshot(scope=UNSTATED)
    first = prod.run(snapshot)
    await deploy(first, await armed(first))
    first.ledger.record("verified", ok=True)
    await conclude(first)
    second = prod.run(snapshot, run_id="run-2")
    await armed(second)
    assert [entry.facts["version"] for entry in of_kind(second, "rollback_point")] == ["1.5"]


async def test_a_rerun_that_is_refused_leaves_the_nodes_locked_that_an_earlier_try_left_half_done(
    production: MakeProduction,
) -> None:
    prod = production(2)
    run = prod.run(components={"app": an_app(prod.nodes, waves=[1, "100%"])})
    await deploy_wave(run, run.snapshot.waves[0], await armed(run))
    run.ledger.record("seat_asked", seat=1, people=["mia"], digest=run.snapshot.digest)  # asked again, and not answered
    with pytest.raises(NotReady) as refused:
        await arm(run, next_number(run, clear=1))
    run.ledger.record("not_ready", phase="deploy.arm", problems=list(refused.value.problems))
    conclusion = await conclude(run)
    assert conclusion.outcome is Outcome.UNKNOWN
    assert "app was begun and neither released nor undone by an earlier try" in conclusion.because
    assert all([(await prod.facts(node)).holder is not None for node in prod.nodes])


async def test_a_rerun_that_is_refused_after_a_proven_backout_gives_the_nodes_free(production: MakeProduction) -> None:
    prod = production()
    run = prod.run()
    generation = await armed(run)
    await deploy(run, generation)
    await back_out(run, generation)
    await verify_backout(run, generation)
    assert (await conclude(run)).outcome is Outcome.BACKED_OUT
    number = next_number(run, clear=1)
    run.ledger.record("seat_asked", seat=1, people=["mia"], digest=run.snapshot.digest)  # asked again, and not answered
    with pytest.raises(NotReady) as refused:
        await arm(run, number)
    run.ledger.record("not_ready", phase="deploy.arm", problems=list(refused.value.problems))
    assert (await conclude(run)).outcome is Outcome.NOT_READY
    assert (await prod.facts("n1")).holder is None
