"""The same run simulated and on real sshd: the same decisions in the same order, the same targets, the same outcome."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from deployplan.airflow_glue.what_if import walk
from deployplan.airflow_glue.what_if.faults import EVERY, PEOPLE, Fault, Faults
from deployplan.airflow_glue.what_if.memory import MemoryLedger, MemoryRecords
from deployplan.airflow_glue.what_if.people import People
from deployplan.airflow_glue.what_if.simulate import simulate
from deployplan.airflow_glue.what_if.walk import Walk
from deployplan.airflow_glue.what_if.world import Scene, World
from deployplan.clock import SystemClock
from deployplan.evidence.entry import Entry
from deployplan.evidence.kinds import backout, deploy, end, review, verify
from deployplan.evidence.story import story
from deployplan.plan.snapshot import Snapshot
from deployplan.runbook.run.directory import Directory
from deployplan.runbook.run.run import Run
from openssh import SSHD, OpenSshNode
from ssh.runbook.production import Production

pytestmark = pytest.mark.skipif(SSHD is None, reason="no sshd on this machine")
NODES = ("n1", "n2", "n3")
DEPLOY = '. "$HOME/on-deploy"; echo 2 >"$HOME/version"; [ ! -e "$HOME/sickens" ] || touch "$HOME/sick"'
UNDO = '. "$HOME/on-undo"; echo "$DEPLOYPLAN_PREVIOUS" >"$HOME/version"; rm -f "$HOME/sick"'
SOON = timedelta(milliseconds=100)
DECISIONS = (
    *(review.SeatAsked, review.SeatApproved, review.SeatRejected, review.SeatExpired, review.BaselineTaken),
    *(deploy.WaveStarted, deploy.WaveStopped, deploy.WaveEnded, verify.CardPut, verify.ReleaseVerified),
    *(verify.ManualAnswer, verify.DecisionMade, backout.UndoStarted, backout.UndoEnded, backout.BackoutVerified),
    *(backout.NodesFrozen, end.OutcomeReached),
)
COMPARED = ("component", "wave", "task", "people", "ok", "decision", "by", "passed", "outcome", "excluded", "criteria")


@dataclass(frozen=True)
class Scenario:
    """What goes wrong, as faults, and the keys of the plan's component and of its backout."""

    faults: tuple[Fault, ...]
    component: dict[str, Any]
    within: str = "1h"

    def plan(self) -> dict[str, Any]:
        app = {"nodes": list(NODES), "deploy": DEPLOY, "undo": UNDO, "current": 'cat "$HOME/version"'}
        app |= {"waves": [1, "100%"], "timeout": "12s", "terminate_grace": "0s"}
        well = {"command": 'test ! -e "$HOME/sick"', "on": list(NODES), "fail_after": 2, "every": "1s"}
        return {
            "components": {"app": app | self.component},
            "success": {"well": well},
            "approval": {"authorities": {"mia": "deployment manager"}, "within": self.within},
            "backout": {"authority": ["mia"], "decide_within": "10s"},
        }


def scenario_of(seed: int) -> Scenario:
    """A scenario by chance, of one node that fails in its wave, or of people."""
    chance = Random(seed)
    node, kind = chance.choice(NODES), chance.choice(("none", "exit", "exit", "silent", "fails", "reject", "never"))
    faults = [Fault(EVERY, step, "takes", SOON) for step in ("deploy", "undo")]
    faults += [Fault(PEOPLE, step, "after", SOON) for step in ("approve", "answer")]
    component = {"on_failure": chance.choice(("automatic", "ask")), "max_failures": chance.choice((0, 0, 1))}
    if kind in ("exit", "silent"):
        faults.append(Fault(node, "deploy", kind, exit=3))
        faults.append(Fault(node, "deploy", "takes", timedelta(seconds=1)))
    elif kind == "fails":
        faults.append(Fault(node, "verify", kind))
    elif kind in ("reject", "never"):
        faults.append(Fault(PEOPLE, "approve", kind))
    if chance.random() < 0.3:
        faults.append(Fault(node, "undo", "exit", exit=4))
    faults.append(Fault(PEOPLE, "answer", chance.choice(("back-out", "leave-out", "never"))))
    return Scenario(tuple(faults), component, "2s" if kind == "never" else "1h")


class RealWorld(World):
    """The surroundings of a run on real nodes: only Airflow and people are made up, and its records are in memory."""

    def __init__(self, scene: Scene, faults: Faults, production: Production) -> None:
        self.scene, self.faults, self.production, self.run_id = scene, faults, production, "run-1"
        self.clock = SystemClock()  # type: ignore[assignment]  (nothing of it but what a clock has is asked for)
        self.ledger = MemoryLedger(self.clock, self.snapshot.plan.name, self.run_id)
        self.records = MemoryRecords(self.ledger, ())
        self.people = People(faults, scene.directory)
        self._real = production.run(self.snapshot, clock=self.clock)

    def run(self, say: Callable[[str], None]) -> Run:
        author = self.snapshot.plan.author
        return replace(self._real, ledger=self.ledger, records=self.records, triggered_by=author, say=say)


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "BETWEEN_TASKS", 0.0)


@pytest.fixture
def production(tmp_path: Path) -> Iterator[Production]:
    nodes = {name: OpenSshNode(name, tmp_path).start() for name in NODES}
    yield Production(tmp_path, nodes)
    for node in nodes.values():
        node.power_off()


@pytest.fixture
async def at_work(production: Production) -> AsyncIterator[Production]:
    yield production
    await production.close()


def behave(production: Production, faults: Faults) -> None:
    """Have each real node do what the faults say."""
    for name, node in production.nodes.items():
        for step in ("deploy", "undo"):
            length = faults.of(name, step, "takes")
            lines = [f"sleep {length.length.total_seconds() if length else 0}"]
            if (bad := faults.of(name, step, "exit")) is not None:
                lines.append(f"exit {bad.exit}")
            if faults.of(name, step, "silent") is not None:
                lines.append("sleep 300")
            (node.home / f"on-{step}").write_text("\n".join(lines) + "\n")
        if faults.of(name, "verify") is not None:
            (node.home / "sickens").touch()


def decisions(entries: tuple[Entry, ...]) -> list[tuple[Any, ...]]:
    """What was decided, in order: kind, and what of it is no matter of time or of words."""
    kinds = {kind.kind for kind in DECISIONS}
    return [(each.kind, *_compared(each)) for each in entries if each.kind in kinds]


def _compared(entry: Entry) -> Iterator[tuple[str, Any]]:
    for name, value in entry.facts.items():
        if name == "nodes":
            yield name, {node: each["state"] for node, each in value.items()} if isinstance(value, dict) else value
        elif name in COMPARED:
            yield name, value


def targets(entries: tuple[Entry, ...]) -> list[tuple[str, str, str]]:
    """On which nodes which scripts were started, and as what they ended; in no order within a wave."""
    begun = {e.facts["job"]: e.facts["step"] for e in entries if e.kind == deploy.JobStarted.kind}  # type: ignore[index]
    return sorted(
        (str(e.facts["node"]), str(begun.get(e.facts["job"])), str(e.facts["state"]))  # type: ignore[call-overload]
        for e in entries
        if e.kind in (deploy.JobEnded.kind, deploy.JobTerminated.kind)
    )


async def agree(production: Production, scenario: Scenario) -> str:
    """Carry the scenario out both ways, and return the outcome that both have."""
    snapshot: Snapshot = production.snapshot(**scenario.plan())
    faults = Faults(scenario.faults)
    scene = Scene(snapshot, production.include, SystemClock().now(), Directory())
    simulated = await asyncio.to_thread(simulate, scene, faults)
    behave(production, faults)
    world = RealWorld(scene, faults, production)
    real = Walk(world)
    await real.to_the_end()
    entries = world.ledger.entries()
    told = story(entries)
    assert decisions(simulated.entries) == decisions(entries), told
    assert targets(simulated.entries) == targets(entries)
    assert [(task, str(state)) for _, task, state in simulated.tasks] == [(t, str(s)) for _, t, s in real.tasks]
    return simulated.ended_as


@pytest.mark.parametrize("seed", range(6))
async def test_a_scenario_goes_the_same_way_simulated_and_on_real_nodes(at_work: Production, seed: int) -> None:
    await agree(at_work, scenario_of(seed))


SOAK = int(os.environ.get("SOAK", "0"))
"""So many scenarios besides; `make soak` says 300."""


@pytest.mark.chaos
@pytest.mark.parametrize("seed", range(1000, 1000 + SOAK))
async def test_hundreds_of_scenarios_go_the_same_way(at_work: Production, seed: int) -> None:
    await agree(at_work, scenario_of(seed))
