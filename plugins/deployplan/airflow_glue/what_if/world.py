"""All that a simulated run is surrounded by: its clock, nodes, people, production and records."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from random import Random

from deployplan.airflow_glue.what_if.durations import Durations
from deployplan.airflow_glue.what_if.faults import Faults
from deployplan.airflow_glue.what_if.made_up_client import MadeUpClient
from deployplan.airflow_glue.what_if.made_up_node import MadeUpNode
from deployplan.airflow_glue.what_if.memory import MemoryLedger, MemoryRecords
from deployplan.airflow_glue.what_if.people import People
from deployplan.airflow_glue.what_if.readings import Readings
from deployplan.airflow_glue.what_if.virtual_time import VirtualClock
from deployplan.evidence.end import End
from deployplan.evidence.ledger import Ledger
from deployplan.plan.include import Include
from deployplan.plan.model.infrastructure import Infrastructure
from deployplan.plan.snapshot import Snapshot
from deployplan.remote.errors import RemoteError
from deployplan.remote.node_client import NodeClient
from deployplan.remote.transport import Result
from deployplan.runbook.run.directory import Directory
from deployplan.runbook.run.fleet import Fleet
from deployplan.runbook.run.run import Run
from deployplan.runbook.timing.past_runs import PastRun

RUN_ID = "simulated"


@dataclass(frozen=True)
class Scene:
    """What is the same in every simulated run of a plan: the plan, who is who, and what earlier runs say."""

    snapshot: Snapshot
    include: Include
    begins: datetime
    directory: Directory
    past: Sequence[PastRun] = ()
    ends: Sequence[End] = ()
    today: Infrastructure | None = None
    rehearsed: Sequence[Ledger] = ()


@dataclass
class World:
    """One simulated run's surroundings, on the running event loop."""

    scene: Scene
    faults: Faults
    chance: Random | None = None
    run_id: str = RUN_ID
    nodes: dict[str, MadeUpNode] = field(init=False)

    def __post_init__(self) -> None:
        self.clock = VirtualClock(self.scene.begins, asyncio.get_running_loop())
        self.ledger = MemoryLedger(self.clock, self.snapshot.plan.name, self.run_id)
        self.records = MemoryRecords(self.ledger, self.scene.ends, self.scene.rehearsed)
        self.people = People(self.faults, self.scene.directory, self.chance)
        self._durations = Durations(self.snapshot, self.scene.past, self.faults, self.chance)
        self.nodes = {node.name: self._node(node.name) for node in self.snapshot.target_nodes()}
        self._readings = Readings(self.faults, self.nodes, self.clock)
        self._fleet = Fleet(self._connect)
        self._answers = _answers(self.snapshot)

    @property
    def snapshot(self) -> Snapshot:
        return self.scene.snapshot

    def run(self, say: Callable[[str], None]) -> Run:
        """The run, as every step of it sees it."""
        components = self.snapshot.plan.components
        return Run(
            snapshot=self.snapshot,
            run_id=self.run_id,
            triggered_by=self.snapshot.plan.author,
            ledger=self.ledger,
            include=self.scene.include,
            fleet=self._fleet,
            clock=self.clock,
            say=say,
            controller="simulation",
            directory=lambda: self.scene.directory,
            secrets={name: dict.fromkeys(each.secrets, "made-up") for name, each in components.items()},
            records=self.records,
            reads=self._readings.read,
            ask_metrics=_metrics_answer,
            today=self._today,
        )

    @property
    def elapsed(self) -> float:
        """Seconds since the run began."""
        return asyncio.get_running_loop().time()

    def instant(self, time: float) -> datetime:
        """The instant of a time of the loop."""
        return self.clock.begins + timedelta(seconds=time)

    def _today(self) -> Infrastructure:
        return self.scene.today or self.snapshot.infrastructure

    def _node(self, name: str) -> MadeUpNode:
        release, found = self.snapshot.plan.scope.release, dict[str, str | None]()
        for component in self.snapshot.plan.components.values():
            if name in {node.name for node in self.snapshot.nodes_of(component.name)}:
                found[component.name] = release.previous
        node = MadeUpNode(name, self.faults, self.clock, found)
        if (away := self.faults.of(name, "preflight", "unreachable")) is not None:
            node.go_away(0.0, away.length, reset=True)
        return node

    async def _connect(self, name: str) -> NodeClient:
        if name not in self.nodes:
            raise RemoteError(f"{name}: no component of the plan lands there; nothing of it is made up")
        self.nodes[name].reach()
        return MadeUpClient(self.nodes[name], partial(self._durations.takes, name), partial(self._answer, name))

    def _answer(self, name: str, command: str) -> Result:
        """What a command of operations or of the plan prints: what is installed, and whatever is expected of it."""
        for component in self.snapshot.plan.components.values():
            if component.current == command and component.name in self.nodes[name].versions:
                return Result(0, (self.nodes[name].versions[component.name] or "").encode())
        return self._answers.get(command, Result(0))


async def _metrics_answer(run: Run) -> None:
    """The server of metrics is there."""


def _answers(snapshot: Snapshot) -> dict[str, Result]:
    """What each prerequisite of operations is expected to say."""
    found = {}
    for requirement in snapshot.infrastructure.requires:
        expect = requirement.expect
        bounds = (expect.stdout, expect.stdout_min, expect.stdout_max)
        said = next((str(bound) for bound in bounds if bound is not None), "")
        if requirement.command is not None:
            found[requirement.command] = Result(expect.exit, said.encode())
    return found
