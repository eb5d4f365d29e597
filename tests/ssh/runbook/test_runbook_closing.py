"""The window closes in mid-wave: the wave finishes, stands still or is undone, as the plan says; never a hang."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from deployplan.evidence.ledger import Ledger
from deployplan.remote.node_client import NodeClient
from deployplan.runbook.decide import find_trouble
from deployplan.runbook.deploy import deploy_wave
from deployplan.runbook.outcome import Outcome, conclude
from deployplan.runbook.run.fleet import Fleet
from deployplan.runbook.run.run import Run, StepFailed
from ssh.runbook.conftest import MakeProduction
from ssh.runbook.production import KEY, UNTIL_GO, BriskClock, Production, an_app, armed, back_out, deploy_first, of_kind

LATER = timedelta(hours=2)
TOMORROW = timedelta(hours=24)


class MovedClock(BriskClock):
    """The machine's clock, but later by what a test has set."""

    ahead = timedelta()

    def now(self) -> datetime:
        return super().now() + self.ahead


def two_nights(on_close: str) -> dict[str, Any]:
    """A window that is open now and closes in an hour, and one at the same time tomorrow."""
    now = datetime.now(UTC).replace(microsecond=0)
    windows = [
        {
            "name": name,
            "opens": (now + day - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "closes": (now + day + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        for name, day in (("tonight", timedelta()), ("tomorrow", TOMORROW))
    ]
    return {"windows": windows, "on_close": on_close, "backout_reserve": "20m"}


def a_release(prod: Production, on_close: str, **app: Any) -> tuple[Run, MovedClock]:
    clock = MovedClock()
    components = {"app": an_app(prod.nodes, **{"deploy": UNTIL_GO, **app})}
    run = prod.run(components=components, schedule=two_nights(on_close), clock=clock)
    return replace(run, ledger=Ledger(run.ledger.folder, key=KEY, clock=clock)), clock


async def test_finish_wave_lets_the_wave_under_way_finish_and_starts_no_other(production: MakeProduction) -> None:
    prod = production(2)
    run, clock = a_release(prod, "finish_wave", waves=[1, "100%"])
    generation = await armed(run)
    working = asyncio.create_task(deploy_first(run, generation))
    await prod.file("n1", "begun")
    clock.ahead = LATER
    prod.touch("n1", "go")
    await working
    with pytest.raises(StepFailed, match="app wave 2 did not start: closed: window 'tomorrow' opens"):
        await deploy_wave(run, run.snapshot.waves[1], generation)

    assert [prod.lines(node) for node in prod.nodes] == [["begun", "ended"], []]
    assert [entry.facts["ok"] for entry in of_kind(run, "wave_ended")] == [True]


async def test_the_rest_is_done_in_the_next_window_on_the_nodes_that_are_not_done(production: MakeProduction) -> None:
    prod = production(2)
    run, clock = a_release(prod, "finish_wave", waves=[1, "100%"], deploy="echo deploy >> steps; echo 2 > version")
    generation = await armed(run)
    await deploy_first(run, generation)
    clock.ahead = LATER
    with pytest.raises(StepFailed):
        await deploy_wave(run, run.snapshot.waves[1], generation)

    clock.ahead = TOMORROW
    approve_again(run)
    generation = await armed(run, clear=1)
    for wave in run.snapshot.waves:
        await deploy_wave(run, wave, generation)
    assert [prod.lines(node) for node in prod.nodes] == [["deploy"], ["deploy"]]


async def test_hold_ends_no_script_and_begins_no_further_node(production: MakeProduction) -> None:
    prod = production(2)
    run, clock = a_release(prod, "hold")
    generation = await armed(run)
    connecting, slow = slowly(prod, "n2")
    working = asyncio.create_task(deploy_first(replace(run, fleet=Fleet(connecting)), generation))
    await prod.file("n1", "begun")
    clock.ahead = LATER
    await asyncio.sleep(0.2)  # the close is noticed within the clock's shortest sleep, 0.05 s
    slow.set()
    prod.touch("n1", "go")
    with pytest.raises(StepFailed, match="app wave 1: the window closed"):
        await working

    assert [prod.lines(node) for node in prod.nodes] == [["begun", "ended"], []]
    (ended,) = of_kind(run, "wave_ended")
    assert ended.facts["closed"]
    trouble = find_trouble(run, {"deploy.app.wave_1": "failed", "verify.smoke": "upstream_failed"})
    assert trouble is not None
    assert (trouble.ask, trouble.held) == (True, True)


async def test_what_hold_left_is_done_in_the_next_window_and_done_scripts_do_not_run_again(
    production: MakeProduction,
) -> None:
    prod = production(2)
    run, clock = a_release(prod, "hold")
    generation = await armed(run)
    connecting, slow = slowly(prod, "n2")
    working = asyncio.create_task(deploy_first(replace(run, fleet=Fleet(connecting)), generation))
    await prod.file("n1", "begun")
    clock.ahead = LATER
    await asyncio.sleep(0.2)
    slow.set()
    prod.touch("n1", "go")
    with pytest.raises(StepFailed):
        await working

    clock.ahead = TOMORROW
    approve_again(run)
    prod.touch("n2", "go")
    await deploy_first(run, await armed(run, clear=1))
    assert [prod.lines(node) for node in prod.nodes] == [["begun", "ended"], ["begun", "ended"]]


async def test_back_out_ends_the_scripts_while_the_reserve_is_left_and_the_undo_is_never_blocked(
    production: MakeProduction,
) -> None:
    prod = production(2)
    run, clock = a_release(prod, "back_out", deploy="echo begun >> steps; touch begun; sleep 300")
    generation = await armed(run)
    working = asyncio.create_task(deploy_first(run, generation))
    for node in prod.nodes:
        await prod.file(node, "begun")
    clock.ahead = timedelta(minutes=41)
    with pytest.raises(StepFailed, match=r"app wave 1: the window closes .* and 20m are kept for the backout"):
        await working
    trouble = find_trouble(run, {"deploy.app.wave_1": "failed", "verify.smoke": "upstream_failed"})
    assert trouble is not None
    assert not trouble.ask

    clock.ahead = LATER  # long after the close
    await back_out(run, generation)
    assert [prod.version(node) for node in prod.nodes] == ["1", "1"]
    assert not any(job for node in prod.nodes.values() for job in node.processes() if is_job(job))


async def test_a_wave_with_all_nodes_done_in_time_is_good_whatever_on_close_says(production: MakeProduction) -> None:
    prod = production(2)
    run, _ = a_release(prod, "back_out", deploy="echo 2 > version")
    await deploy_first(run, await armed(run))
    assert [entry.facts["closed"] for entry in of_kind(run, "wave_ended")] == [False]


async def test_a_run_marked_failed_while_it_is_held_by_the_close_is_ended_and_undone(
    production: MakeProduction,
) -> None:
    prod = production(2)
    run, clock = a_release(prod, "finish_wave", waves=[1, "100%"], deploy="echo 2 > version")
    generation = await armed(run)
    await deploy_first(run, generation)
    clock.ahead = LATER
    with pytest.raises(StepFailed):
        await deploy_wave(run, run.snapshot.waves[1], generation)
    await back_out(run, generation)
    run.ledger.record("backout_verified", ok=True, problems=[], readings=0)
    assert (await conclude(run)).outcome is Outcome.BACKED_OUT
    assert prod.version("n1") == "1"


def slowly(prod: Production, name: str) -> tuple[Callable[[str], Any], asyncio.Event]:
    """Connections of which that to one node is there only when the event is set."""
    go = asyncio.Event()

    async def connect(node: str) -> NodeClient:
        if node == name:
            await go.wait()
        return await prod.client(node)

    return connect, go


def approve_again(run: Run) -> None:
    """A new approval within the same review, as after a clear of the first seat."""
    run.ledger.record("seat_asked", seat=1, people=["mia"], digest=run.snapshot.digest)
    run.ledger.record("approved", seat=1, person="mia", digest=run.snapshot.digest)


def is_job(pid: int) -> bool:
    try:
        return b"DEPLOYPLAN_JOB=" in Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return False
