"""Rehearsing a plan: its real scripts, deploy and then backout, on practice nodes of the same names, timed."""

import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from ipaddress import ip_network
from pathlib import Path
from time import monotonic
from urllib.parse import urlsplit

from deployplan.clock import Clock, SystemClock
from deployplan.errors import DeployPlanError
from deployplan.evidence.kinds.backout import PlanRehearsed
from deployplan.evidence.kinds.review import PlanFrozen
from deployplan.evidence.kinds.window import ArmingBegun, RunArmed
from deployplan.evidence.ledger import Ledger
from deployplan.local.node_processes import kill_node_processes
from deployplan.local.practice_include import ENVIRONMENT, write_practice_include
from deployplan.local.practice_layout import HOST, USER, PracticeLayout, PracticeNode, practice_layout
from deployplan.local.practice_nodes import practising
from deployplan.local.practice_release import FIRST_RELEASE, install_first_release, prepare_nodes
from deployplan.local.settings import LocalError, LocalSettings
from deployplan.plan.include import Include
from deployplan.plan.load.loading import load_infrastructure
from deployplan.plan.model.infrastructure import Infrastructure
from deployplan.plan.model.reach import parse_allowed
from deployplan.plan.snapshot import Snapshot
from deployplan.plan.waves import component_order
from deployplan.private_files import make_folder
from deployplan.remote.node_client import NodeClient
from deployplan.remote.ssh.transport import connect
from deployplan.remote.transport import Address
from deployplan.runbook.arm import lock_nodes
from deployplan.runbook.backout import undo_component
from deployplan.runbook.backout_proof import verify_backout
from deployplan.runbook.baseline import readings_now
from deployplan.runbook.deploy import deploy_wave
from deployplan.runbook.node.rollback_point import record_rollback_points
from deployplan.runbook.preflight import nodes_of_plan
from deployplan.runbook.run.fleet import Fleet, close_fleet_at_end
from deployplan.runbook.run.generation import Generation, generation_of
from deployplan.runbook.run.run import NotReady, Run
from deployplan.runbook.verify import verify_smoke

MOST_NODES = 8
"""Practice nodes that have ports of their own beside each other."""


@dataclass
class _Part:
    """How one half of the rehearsal went."""

    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)


async def rehearse_on(
    snapshot: Snapshot,
    settings: LocalSettings,
    ledger: Ledger,
    *,
    by: str,
    prepare: Path | None,
    say: Callable[[str], None],
) -> PlanRehearsed:
    """Make the nodes, carry the plan out on them and back, note how it went, and remove the nodes.

    `prepare` is a script that puts on each node what the plan starts from; without it the storefront of the shipped
    example gets its first release, and other nodes are empty. SSH reaches nodes of this machine only.
    Raises LocalError when the plan cannot be rehearsed, NotReady when the nodes are not what it starts from.
    """
    practice = settings.include / "infrastructure" / f"{ENVIRONMENT}.yaml"
    if not practice.is_file():
        raise LocalError(
            f"there is no {practice}, which says what the practice nodes are like: "
            "write one with the names of your nodes and groups, each node at 127.0.0.1"
        )
    layout = _layout_for(snapshot, settings)
    clock = SystemClock()
    with practising(layout):
        shutil.rmtree(layout.folder / "nodes", ignore_errors=True)
        for node in layout.nodes:
            make_folder(node.home)
        try:
            here = write_practice_include(layout, settings.include, clock.now())
            retargeted = _retarget(snapshot, load_infrastructure(ENVIRONMENT, Include(here)))
            if prepare is not None:
                prepare_nodes(layout, prepare, retargeted)
            elif (here / "packages" / f"storefront-web-{FIRST_RELEASE}.tar.gz").is_file():
                install_first_release(layout, here)
            return await _carry(snapshot, retargeted, layout, ledger, Include(settings.include), by, clock, say)
        finally:
            kill_node_processes(layout.folder / "nodes")


async def _carry(
    written: Snapshot,
    snapshot: Snapshot,
    layout: PracticeLayout,
    ledger: Ledger,
    include: Include,
    by: str,
    clock: Clock,
    say: Callable[[str], None],
) -> PlanRehearsed:
    run_id = Path(str(ledger.folder)).name
    async with close_fleet_at_end(Fleet(_connecting(layout, snapshot.infrastructure.base_dir))) as fleet:
        run = Run(snapshot, run_id, by, ledger, include, fleet, clock, say)
        await run.note(PlanFrozen(plan=snapshot.plan.name, run=run_id, digest=snapshot.digest, triggered_by=by))
        generation = generation_of(run, 1)
        await _begin(run, generation)
        deploy, backout = _Part(), _Part()
        await _timed(deploy, lambda: _deploy(run, generation))
        for name in reversed(component_order(snapshot.plan.components)):
            await _timed(backout, lambda each=name: undo_component(run, each, generation, "0"))  # type: ignore[misc]
        await _timed(backout, lambda: verify_backout(run, generation))
        found = PlanRehearsed(
            content=written.content_digest,
            environment=ENVIRONMENT,
            by=by,
            deploy_ok=not deploy.problems,
            deploy_seconds=round(deploy.seconds, 1),
            backout_ok=not backout.problems,
            backout_seconds=round(backout.seconds, 1),
            problems=(*deploy.problems, *backout.problems),
        )
        await run.note(found)
        return found


async def _begin(run: Run, generation: Generation) -> None:
    """Lock the nodes, read what is there, and note the releases to go back to, as a release does after its yes."""
    await run.note(ArmingBegun(generation=1))
    await lock_nodes(run, generation)
    if problems := await readings_now(run):
        raise NotReady(problems)
    await record_rollback_points(run)
    await run.note(RunArmed(generation=1, nodes=nodes_of_plan(run), digest=run.snapshot.digest))


async def _deploy(run: Run, generation: Generation) -> None:
    for wave in run.snapshot.waves:
        await deploy_wave(run, wave, generation)
    await verify_smoke(run)


async def _timed(part: _Part, work: Callable[[], Awaitable[None]]) -> None:
    """Do the work and add its time to the part; what it fails with is a result, and the rest is tried all the same."""
    began = monotonic()
    try:
        await work()
    except DeployPlanError as error:
        part.problems.append(str(error))
    part.seconds += monotonic() - began


def _retarget(snapshot: Snapshot, infrastructure: Infrastructure) -> Snapshot:
    """The plan on the practice nodes, at any time: no window and no freeze holds a rehearsal."""
    _refuse_elsewhere(infrastructure)
    schedule = snapshot.plan.schedule.model_copy(update={"window": None, "alternatives": ()})
    plan = snapshot.plan.model_copy(update={"schedule": schedule, "environment": ENVIRONMENT})
    there = infrastructure.model_copy(update={"windows": (), "freezes": ()})
    found = Snapshot(plan=plan, infrastructure=there, controls=snapshot.controls, scripts=snapshot.scripts)
    try:
        wanted = {node.name for node in snapshot.held_nodes()}
        missing = sorted(wanted - {node.name for node in found.nodes()})
    except KeyError as unknown:
        missing = [str(unknown.args[0])]
    if missing:
        raise LocalError(
            f"infrastructure/{ENVIRONMENT}.yaml has no {', '.join(missing)}, which the plan names: add them"
        )
    return found


def _refuse_elsewhere(infrastructure: Infrastructure) -> None:
    """Nobody has approved the plan: its criteria are to read nothing beyond this machine.

    Raises LocalError with the address of the practice environment that is elsewhere.
    """
    metrics = infrastructure.metrics
    named = {
        **{f"nodes.{node.name}": node.host for node in infrastructure.nodes.values()},
        **{f"reach: {entry}": _host_of(entry) for entry in infrastructure.reach},
        **({} if metrics is None else {"metrics.url": urlsplit(metrics.url).hostname or ""}),
    }
    for place, host in named.items():
        if not _is_here(host):
            raise LocalError(
                f"infrastructure/{ENVIRONMENT}.yaml, {place}: {host!r} is not this machine, and nobody has approved "
                "what would be asked there; write 127.0.0.1"
            )


def _host_of(entry: str) -> str:
    allowed = parse_allowed(entry)
    return allowed.name or str(allowed.network)


def _is_here(host: str) -> bool:
    try:
        return ip_network(host).is_loopback
    except ValueError:
        return host == "localhost"


def _layout_for(snapshot: Snapshot, settings: LocalSettings) -> PracticeLayout:
    known = practice_layout(settings)
    names = [node.name for node in snapshot.nodes()]
    strange = sorted(set(names) - {node.name for node in known.nodes})
    folder = settings.practice / "rehearsal"
    if len(strange) + len(known.nodes) > MOST_NODES:
        raise LocalError(f"the plan has {len(names)} nodes; at most {MOST_NODES} are rehearsed on one machine")
    every = [*(node.name for node in known.nodes), *strange]
    ports = settings.ports
    nodes = tuple(
        PracticeNode(
            name, ports.node_ssh(n), ports.node_http(n), folder / "nodes" / name, folder / "keys" / f"{name}_host_key"
        )
        for n, name in enumerate(every)
    )
    return replace(known, folder=folder, nodes=nodes, neighbour_port=ports.node_http(len(every)))


def _connecting(layout: PracticeLayout, base_dir: str) -> Callable[[str], Awaitable[NodeClient]]:
    """Reach practice nodes by name, whatever address a document has for them, and nothing else."""

    async def to(name: str) -> NodeClient:
        node = layout.node(name)
        address = Address(
            name,
            HOST,
            node.ssh_port,
            USER,
            known_hosts=str(layout.known_hosts),
            key_files=(str(layout.client_key),),
        )
        return NodeClient(await connect(address), base_dir)

    return to
