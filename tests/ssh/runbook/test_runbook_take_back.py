"""A release that ended well is taken back on real nodes: in a turn of its own, where nothing is on top of it."""

from pathlib import Path

import pytest

from deployplan.evidence.kinds.verify import ReleaseVerified
from deployplan.evidence.record import Records
from deployplan.runbook.arm import arm, next_number
from deployplan.runbook.backout_proof import verify_backout
from deployplan.runbook.decide import Decision, record_decision
from deployplan.runbook.outcome import Outcome, conclude
from deployplan.runbook.run.generation import latest
from deployplan.runbook.run.run import Run
from deployplan.runbook.take_back import ask_to_take_back, decline, end_kept, take_nodes
from ssh.runbook.conftest import MakeProduction
from ssh.runbook.production import Production, armed, back_out, deploy, of_kind


async def released(run: Run) -> None:
    await deploy(run, await armed(run))
    run.record(ReleaseVerified(ok=True))
    assert (await conclude(run)).outcome is Outcome.SUCCESS


def ask(run: Run) -> None:
    run.record(ask_to_take_back(run.snapshot.plan, run.read_state(), by="mia", reason="orders are lost"))


async def holders(prod: Production) -> list[str | None]:
    found = [(await prod.facts(node)).holder for node in prod.nodes]
    return [None if each is None else each.run for each in found]


async def test_exactly_what_was_deployed_is_undone_in_a_turn_of_its_own(production: MakeProduction) -> None:
    prod = production(2)
    run = prod.run()
    await released(run)
    assert await holders(prod) == [None, None]
    ask(run)
    assert await take_nodes(run, latest(run)) is None
    assert await holders(prod) == ["shop-2/run-1#2/backout"] * 2
    record_decision(run, Decision.BACK_OUT, by="mia", why=["orders are lost"])
    await back_out(run, latest(run), attempt="1")
    await verify_backout(run, latest(run))
    conclusion = await conclude(run)
    assert (conclusion.outcome, conclusion.because.split(";")[0]) == (Outcome.BACKED_OUT, "orders are lost")
    assert [prod.lines(node) for node in prod.nodes] == [["deploy 1", "undo to 1"]] * 2
    assert await holders(prod) == [None, None]

    await arm(run, next_number(run, clear=1))  # a rerun comes after it, and gets the nodes
    assert await holders(prod) == ["shop-2/run-1#3"] * 2


async def test_a_later_release_on_a_node_keeps_it_and_no_node_stays_locked(production: MakeProduction) -> None:
    prod = production(2)
    run = prod.run()
    await released(run)
    prod.note_release("n2", "3")
    ask(run)
    declined = await take_nodes(run, latest(run))
    assert declined is not None
    assert declined.why.startswith("n2: app 3 (plan ")
    assert "n1" not in declined.why
    await decline(run, declined)
    assert await holders(prod) == [None, None]
    assert [prod.lines(node) for node in prod.nodes] == [["deploy 1"]] * 2


async def test_a_node_that_another_run_holds_is_left_to_it_and_the_others_are_given_back(
    production: MakeProduction,
) -> None:
    prod = production(2)
    run = prod.run()
    await released(run)
    plan = {"plan": "other-1", "components": {"app": {"nodes": ["n2"], "deploy": "true", "undo": "true"}}}
    other = prod.run(prod.snapshot(**plan), run_id="r")
    await other.fleet.ask("n2", lambda client: client.lock(other.holder("other-1/r#1")))
    ask(run)
    declined = await take_nodes(run, latest(run))
    assert declined is not None
    assert declined.why.startswith("n2: ")
    assert "other-1" in declined.why
    assert declined.why.endswith("ask again when that is over")
    assert await holders(prod) == [None, "other-1/r#1"]


async def test_a_node_that_does_not_answer_stops_no_backout_of_the_others(production: MakeProduction) -> None:
    prod = production(2)
    run = prod.run()
    await released(run)
    prod.nodes["n2"].stop()
    later = prod.run()
    ask(later)
    assert await take_nodes(later, latest(later)) is None
    assert any("n2 | does not answer" in line for line in prod.said)


@pytest.mark.parametrize("reachable", [True, False])
async def test_a_backout_that_is_ended_by_hand_when_it_has_taken_the_nodes_gives_them_back(
    production: MakeProduction, tmp_path: Path, reachable: bool
) -> None:
    prod = production(2)
    run = prod.run()
    await released(run)
    ask(run)
    assert await take_nodes(run, latest(run)) is None
    if not reachable:
        prod.nodes["n2"].stop()
        await run.fleet.drop("n2")
    kept = await end_kept(run, Records(tmp_path / "store"))
    assert kept.outcome == Outcome.SUCCESS
    left = [str(entry.facts["problem"]) for entry in of_kind(run, "unlock_failed")]
    if not reachable:
        assert [each.split(" ")[0] for each in left] == ["n2"]
        prod.nodes["n2"].start()
        assert await holders(prod) == [None, "shop-2/run-1#2/backout"]
        return
    assert left == []
    assert await holders(prod) == [None, None]
    assert [prod.lines(node) for node in prod.nodes] == [["deploy 1"]] * 2
