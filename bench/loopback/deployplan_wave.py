"""deployplan's own wave, as the Airflow task carries it out (stage, start, follow, note, gate), and what comes before.

The first argument is `arm` (approve, lock the nodes, record where they come from), `stage` (bring the package early) or
`deploy`.
"""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from deployplan.clock import SystemClock
from deployplan.evidence.ledger import Ledger
from deployplan.plan.include import Include
from deployplan.plan.model.controls import Controls
from deployplan.plan.model.infrastructure import Infrastructure
from deployplan.plan.model.plan import Plan
from deployplan.plan.snapshot import Snapshot
from deployplan.plan.text.strict import freeze_lists
from deployplan.remote.node_client import NodeClient
from deployplan.remote.ssh import transport
from deployplan.remote.transport import Address
from deployplan.runbook.arm import arm, next_number
from deployplan.runbook.deploy import deploy_wave
from deployplan.runbook.node.staging import place_files
from deployplan.runbook.run.fleet import Fleet, close_fleet_at_end
from deployplan.runbook.run.generation import current
from deployplan.runbook.run.run import Run
from loopback.own import reporting
from loopback.release import CHECK, SCRIPT, Release


def snapshot_of(release: Release) -> Snapshot:
    """The plan: one component in one wave, its package, and one criterion on each node."""
    names = list(release.nodes)
    plan = {
        "plan": "fleet",
        "environment": "production",
        "author": "erin",
        "scope": {"release": {"product": "shop", "version": "2", "previous": "1"}, "summary": "The shop"},
        "package": {"app": {"file": Path(release.package).name, "sha256": release.sha256}},
        "components": {"app": {"nodes": names, "package": "app", "deploy": SCRIPT, "undo": "true", "timeout": "10m"}},
        "approval": {"authorities": {"mia": "deployment manager"}},
        "success": {"version": {"command": CHECK, "expect": {"stdout": "2"}, "on": names}},
        "backout": {"authority": ["mia"]},
    }
    nodes = {name: {"host": host, "port": release.port} for name, host in release.nodes.items()}
    infrastructure = {"connection": "ssh", "timezone": "UTC", "nodes": nodes, "groups": {}}
    return Snapshot(
        plan=Plan.model_validate(freeze_lists(plan)),
        infrastructure=Infrastructure.model_validate(freeze_lists(infrastructure)),
        controls=Controls.model_validate(freeze_lists({})),
        scripts=(),
    )


def run_of(release: Release) -> Run:
    """The run as a task of it opens it: evidence in a local folder, signed."""
    folder = Path(release.folder)

    async def connect(name: str) -> NodeClient:
        address = Address(
            name,
            release.nodes[name],
            release.port,
            username=release.user,
            host_key=release.host_key,
            key_files=(release.key,),
        )
        return NodeClient(await transport.connect(address))

    include = Include(folder / "include")
    include.packages.mkdir(parents=True, exist_ok=True)
    include.infrastructure.mkdir(parents=True, exist_ok=True)
    nodes = ", ".join(f"{name}: {host}" for name, host in release.nodes.items())
    (include.infrastructure / "production.yaml").write_text(f"connection: ssh\ntimezone: UTC\nnodes: {{{nodes}}}\n")
    package = include.packages / Path(release.package).name
    if not package.exists():
        package.hardlink_to(release.package)  # nothing in the include folder is read through a link
    return Run(
        snapshot=snapshot_of(release),
        run_id="run-1",
        triggered_by="tom",
        ledger=Ledger(folder / "records" / "run-1", key=b"k" * 32),
        include=include,
        fleet=Fleet(connect),
        clock=SystemClock(),
        say=print,
        controller="control-1",
    )


async def _arm(run: Run) -> None:
    digest = run.snapshot.digest
    run.ledger.record("plan_frozen", plan=run.snapshot.plan.name, run=run.run_id, digest=digest)
    run.ledger.record("seat_asked", seat=1, people=["mia"], digest=digest)
    run.ledger.record("approved", seat=1, person="mia", digest=digest)
    run.ledger.record("baseline_taken", digest=digest)
    await arm(run, next_number(run, clear=0))


async def _stage(run: Run) -> None:
    component = run.snapshot.plan.components["app"]
    await run.fleet.ask_all(run.snapshot.infrastructure.nodes, lambda _, client: place_files(run, component, client))


async def _deploy(run: Run) -> None:
    await deploy_wave(run, run.snapshot.waves[0], current(run))


STEPS: dict[str, Callable[[Run], Any]] = {"arm": _arm, "stage": _stage, "deploy": _deploy}


def main() -> None:
    """Carry out one step in this process."""

    async def whole() -> None:
        run = run_of(Release.read(sys.argv[2]))
        async with close_fleet_at_end(run.fleet):
            await STEPS[sys.argv[1]](run)

    reporting(lambda: asyncio.run(whole()))


if __name__ == "__main__":
    main()
