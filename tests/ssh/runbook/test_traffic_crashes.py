"""A wave with traffic, killed before and after everything it writes or asks: no node is out of service and unreported.

The nodes are folders on this machine, driven with the real shell text.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from deployplan.evidence.entry import Entry
from deployplan.evidence.event import Event
from deployplan.remote.node_client import NodeClient
from deployplan.runbook.backout import undo_component
from deployplan.runbook.deploy import deploy_wave
from deployplan.runbook.node.traffic_job import is_out
from deployplan.runbook.outcome import conclude
from deployplan.runbook.run.fleet import Fleet
from deployplan.runbook.run.generation import Generation
from deployplan.runbook.run.run import Run
from deployplan.testing import LocalTransport
from remote_builders import end_all
from ssh.runbook.production import Production, a_version, an_app, armed

TRAFFIC = {
    "on": "n2",
    "drain": 'echo "drain $DEPLOYPLAN_NODE" >> steps',
    "drained_when": {"command": "true"},
    "put_back": 'echo "put back $DEPLOYPLAN_NODE" >> steps',
}


class Died(Exception):
    """The process is not there any more."""


@dataclass
class LocalNode:
    """A node that is a folder."""

    home: Path
    host: str = "127.0.0.1"
    port: int = 22

    @property
    def base(self) -> Path:
        return self.home / ".deployplan"


class LocalProduction(Production):
    """n1, which gets the release, and n2, which directs its traffic."""

    def __init__(self, folder: Path) -> None:
        nodes = {name: LocalNode(folder / name) for name in ("n1", "n2")}
        for node in nodes.values():
            node.home.mkdir(parents=True)
        super().__init__(folder, nodes)  # type: ignore[arg-type]

    async def client(self, name: str) -> NodeClient:
        return NodeClient(LocalTransport(name, self.nodes[name].home))

    def traffic_run(self) -> Run:
        app = an_app(["n1"], traffic=TRAFFIC, current="cat version")
        return self.run(components={"app": app}, success={"version": a_version(["n1"])})

    async def is_out(self) -> bool:
        return is_out((await self.facts("n2")).jobs, "n1")


@dataclass
class Mortal:
    """Dies at step `at`, before it or after it."""

    at: int
    after: bool
    steps: int = field(default=0)

    async def step(self, work: Callable[[], Awaitable[Any]]) -> Any:
        self.steps += 1
        is_last = self.steps == self.at
        if (is_last and not self.after) or self.steps > self.at:
            raise Died
        found = await work()
        if is_last:
            raise Died
        return found


def mortal_run(run: Run, mortal: Mortal) -> Run:
    """The run, whose process dies as `mortal` says at one of its entries or questions to a node."""
    note, ask, client = run.note, run.fleet.ask, run.fleet.client

    async def dying_note(event: Event) -> Entry:
        return await mortal.step(lambda: note(event))  # type: ignore[no-any-return]

    async def dying_ask(node: str, question: Callable[[NodeClient], Awaitable[Any]], *, tries: int = 3) -> Any:
        return await mortal.step(lambda: ask(node, question, tries=tries))

    async def dying_client(node: str) -> NodeClient:
        return await mortal.step(lambda: client(node))  # type: ignore[no-any-return]

    object.__setattr__(run, "note", dying_note)
    fleet: Any = run.fleet
    fleet.ask, fleet.client = dying_ask, dying_client
    return run


@asynccontextmanager
async def struck(
    folder: Path, at: int, *, after: bool, undoing: bool
) -> AsyncIterator[tuple[LocalProduction, Any, int]]:
    """A wave, or its undo, whose process died at that step: production, the generation, how many steps it made."""
    prod = LocalProduction(folder)
    first = prod.traffic_run()
    generation = await armed(first)
    mortal = Mortal(at, after)
    run = mortal_run(prod.run(first.snapshot), mortal)
    if undoing:
        await deploy_wave(first, first.snapshot.waves[0], generation)
    with suppress(Died):
        await work_on(run, generation, undoing=undoing)
    await Fleet.close(first.fleet)
    for client in list(run.fleet._clients.values()):
        await client.transport.close()
    try:
        yield prod, generation, mortal.steps
    finally:
        await prod.close()
        for node in prod.nodes.values():
            end_all(node.home)


async def work_on(run: Run, generation: Generation, *, undoing: bool) -> None:
    if undoing:
        await undo_component(run, "app", generation, "0")
    else:
        await deploy_wave(run, run.snapshot.waves[0], generation)


async def goes_on(folder: Path, at: int, *, after: bool, undoing: bool) -> None:
    """Whoever comes next brings the wave to its end, and every script has run once."""
    async with struck(folder, at, after=after, undoing=undoing) as (prod, generation, _):
        run = prod.traffic_run()
        assert not await prod.is_out() or "n1" in (await run.state()).out
        await work_on(run, generation, undoing=undoing)
        assert prod.lines("n2") == ["drain n1", "put back n1"] * (1 + undoing)
        assert prod.lines("n1") == (["deploy 1", "undo to 1"] if undoing else ["deploy 1"])
        assert (await run.state()).out == {}


async def ends(folder: Path, at: int, *, after: bool, undoing: bool) -> None:
    """Where nobody goes on, the outcome puts the node back, or says that it is out and why."""
    async with struck(folder, at, after=after, undoing=undoing) as (prod, _, _):
        run = prod.traffic_run()
        concluded = await conclude(run)
        left = (await run.state()).out
        assert await prod.is_out() == ("n1" in left)
        assert ("out of service: n1" in concluded.because) == ("n1" in left)


async def all_of(tmp_path: Path, stride: int, *, begin: int = 1, undoing: bool) -> None:
    async with struck(tmp_path / "uncut", 10**6, after=False, undoing=undoing) as (prod, _, steps):
        assert prod.lines("n2") == ["drain n1", "put back n1"] * (1 + undoing)
    assert steps > 20
    for at in range(begin, steps + 1, stride):
        for after in (False, True):
            await asyncio.gather(
                goes_on(tmp_path / f"{at}-{after}-on", at, after=after, undoing=undoing),
                ends(tmp_path / f"{at}-{after}", at, after=after, undoing=undoing),
            )


@pytest.mark.parametrize("undoing", [False, True], ids=["wave", "undo"])
async def test_work_killed_at_some_of_its_steps_leaves_no_node_out_and_unreported(
    tmp_path: Path, undoing: bool
) -> None:
    await all_of(tmp_path, stride=13, begin=6, undoing=undoing)


@pytest.mark.chaos
@pytest.mark.parametrize("undoing", [False, True], ids=["wave", "undo"])
async def test_work_killed_at_any_step_leaves_no_node_out_and_unreported(tmp_path: Path, undoing: bool) -> None:
    await all_of(tmp_path, stride=1, undoing=undoing)
