"""Real nodes, and the runs of a plan that work on them as Airflow's tasks would, one step after another."""

import asyncio
import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from builders import a_plan, a_snapshot, an_include
from deployplan.clock import Clock, SystemClock
from deployplan.evidence.entry import Entry
from deployplan.evidence.ledger import Ledger
from deployplan.plan.snapshot import Snapshot
from deployplan.plan.waves import component_order
from deployplan.remote.node_client import NodeClient
from deployplan.remote.node_facts import NodeFacts
from deployplan.remote.ssh.transport import connect
from deployplan.runbook.arm import arm, next_number
from deployplan.runbook.backout import undo_component
from deployplan.runbook.deploy import deploy_wave
from deployplan.runbook.run.fleet import Fleet
from deployplan.runbook.run.generation import Generation
from deployplan.runbook.run.run import Run
from openssh import OpenSshNode

KEY = b"k" * 32
DEPLOY = 'echo "deploy $DEPLOYPLAN_ATTEMPT" >> steps; echo 2 > version'
UNDO = 'echo "undo to $DEPLOYPLAN_PREVIOUS" >> steps; echo "$DEPLOYPLAN_PREVIOUS" > version'
HANG = "echo begun >> steps; touch begun; sleep 300"
UNTIL_GO = (
    "echo begun >> steps; touch begun; until [ -e go ]; do sleep 0.05; done; echo 2 > version; echo ended >> steps"
)


def an_app(nodes: Iterable[str], **keys: Any) -> dict[str, Any]:
    """The YAML keys of a component that writes down what it does in the node's home folder."""
    return {"nodes": list(nodes), "deploy": DEPLOY, "undo": UNDO, "terminate_grace": "0s", **keys}


def a_version(nodes: Iterable[str], **keys: Any) -> dict[str, Any]:
    """A criterion that the new release is on the nodes."""
    known = {"command": "cat version", "expect": {"stdout": "2"}, "on": list(nodes), "fail_after": 2}
    return {**known, **keys}


class BriskClock(SystemClock):
    """The machine's clock, of one who looks again soon: every wait is cut short."""

    async def sleep(self, seconds: float) -> None:
        await super().sleep(min(seconds, 0.05))


class Production:
    """Nodes by name; `run()` makes a controller: one process that carries out one run, with connections of its own."""

    def __init__(self, folder: Path, nodes: Mapping[str, OpenSshNode]) -> None:
        self.folder = folder
        self.nodes = dict(nodes)
        self.include = an_include(folder / "include")
        self.said: list[str] = []
        self._looking = Fleet(self.client)
        self.fleets: list[Fleet] = [self._looking]
        for node in self.nodes.values():
            (node.home / "version").write_text("1\n")

    def snapshot(self, *, environment: Mapping[str, Any] | None = None, **plan: Any) -> Snapshot:
        """A plan that brings `app` to all nodes; `environment` are keys of the infrastructure, `plan` of the plan."""
        names = list(self.nodes)
        known = {"components": {"app": an_app(names)}, "success": {"version": a_version(names)}}
        scripts = plan.pop("scripts", None)
        infrastructure = {
            "nodes": {name: {"host": node.host, "port": node.port} for name, node in self.nodes.items()},
            "groups": {"all": names},
            "min_free_mb": 1,
            "reach": ["127.0.0.1"],
            **(environment or {}),
        }
        return a_snapshot(infrastructure=infrastructure, scripts=scripts, plan=a_plan(**{**known, **plan}))

    def run(
        self,
        snapshot: Snapshot | None = None,
        *,
        run_id: str = "run-1",
        clock: Clock | None = None,
        connecting: Callable[[str], Any] | None = None,
        secrets: Mapping[str, Mapping[str, str]] | None = None,
        **plan: Any,
    ) -> Run:
        """A controller of this run. Two of the same run write one ledger, as two processes would."""
        snapshot = snapshot or self.snapshot(**plan)
        fleet = Fleet(connecting or self.client)
        self.fleets.append(fleet)
        return Run(
            snapshot=snapshot,
            run_id=run_id,
            triggered_by="tom",
            ledger=Ledger(self.folder / "records" / snapshot.plan.name / run_id, key=KEY),
            include=self.include,
            fleet=fleet,
            clock=clock or BriskClock(),
            say=self.said.append,
            controller="control-1",
            secrets=secrets or {},
        )

    async def client(self, name: str) -> NodeClient:
        return NodeClient(await connect(self.nodes[name].address()))

    async def facts(self, name: str) -> NodeFacts:
        """What the node says, asked over a connection that no run uses."""
        return await self._looking.ask(name, lambda client: client.facts())

    def note_release(self, name: str, version: str, component: str = "app") -> None:
        """Have the node's ledger say that this release was installed before."""
        entry = {"event": "installed", "product": "shop", "component": component, "version": version, "run": "earlier"}
        ledger = self.nodes[name].base / "ledger.jsonl"
        ledger.parent.mkdir(exist_ok=True)
        with ledger.open("a") as file:
            file.write(json.dumps(entry) + "\n")

    def lines(self, name: str, file: str = "steps") -> list[str]:
        """The lines of a file in the node's home folder; none when it is not there."""
        path = self.nodes[name].home / file
        return path.read_text().splitlines() if path.exists() else []

    def version(self, name: str) -> str:
        return (self.nodes[name].home / "version").read_text().strip()

    def jobs(self, name: str) -> list[str]:
        """The jobs on the node, without the digest they begin with."""
        folder = self.nodes[name].base / "jobs"
        return sorted(job.name.partition("-")[2] for job in folder.iterdir()) if folder.exists() else []

    def touch(self, name: str, file: str) -> None:
        (self.nodes[name].home / file).touch()

    async def file(self, name: str, file: str) -> None:
        """Wait until the file is in the node's home folder."""
        await until(lambda: (self.nodes[name].home / file).exists(), f"{file} on {name}")

    def package(self, name: str, script: str, *, runs: str = "install.sh") -> dict[str, str]:
        """Put a package with one script into the include folder; returns the plan's entry for it."""
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w", format=tarfile.USTAR_FORMAT) as tar:
            member = tarfile.TarInfo(runs)
            member.mode, member.size = 0o755, len(script.encode())
            tar.addfile(member, io.BytesIO(script.encode()))
        (self.include.packages / name).write_bytes(archive.getvalue())
        return {"file": name, "sha256": hashlib.sha256(archive.getvalue()).hexdigest()}

    async def close(self) -> None:
        await asyncio.gather(*(fleet.close() for fleet in self.fleets))


def approve(run: Run) -> None:
    """The evidence of a review in which mia said yes to this plan, and production was well."""
    say_yes(run)
    run.ledger.record("baseline_taken", digest=run.snapshot.digest)


def say_yes(run: Run) -> None:
    """The evidence of a review in which mia said yes to this plan."""
    run.ledger.record("plan_frozen", plan=run.snapshot.plan.name, run=run.run_id, digest=run.snapshot.digest)
    run.ledger.record("seat_asked", seat=1, people=["mia"], digest=run.snapshot.digest)
    run.ledger.record("approved", seat=1, person="mia", digest=run.snapshot.digest)


async def armed(run: Run, *, clear: int = 0) -> Generation:
    """Approve the plan when nobody has yet, and arm the run; a higher `clear` is a person's clear."""
    if not of_kind(run, "approved"):
        approve(run)
    return await arm(run, next_number(run, clear=clear))


async def deploy(run: Run, generation: Generation) -> None:
    """Every wave in order; raises what the first bad one raises, as no task after it would run."""
    for wave in run.snapshot.waves:
        await deploy_wave(run, wave, generation)


async def deploy_first(run: Run, generation: Generation) -> None:
    await deploy_wave(run, run.snapshot.waves[0], generation)


async def back_out(run: Run, generation: Generation, attempt: str = "0") -> None:
    """Undo every component in reverse order."""
    for name in reversed(component_order(run.snapshot.plan.components)):
        await undo_component(run, name, generation, attempt)


def of_kind(run: Run, kind: str) -> list[Entry]:
    """The run's evidence of one kind."""
    return [entry for entry in run.ledger.entries() if entry.kind == kind]


async def until(true: Callable[[], bool], what: str, seconds: float = 20.0) -> None:
    """Wait until `true()`; AssertionError naming `what` when it does not come to pass."""
    try:
        async with asyncio.timeout(seconds):
            while not true():
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(f"did not come to pass within {seconds:g} s: {what}") from None
