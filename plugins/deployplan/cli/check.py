"""`deployplan check` and `deployplan connect`: are the nodes ready, and where does the way to one end?"""

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

import typer

from deployplan.cli.columns import columns
from deployplan.cli.node_table import clean
from deployplan.cli.options import DEFAULT_INCLUDE, AsJson, IncludeFolder, include_at
from deployplan.cli.render import fail, render_problems
from deployplan.cli.targets import Environment, Target, is_plan, load_or_fail, one, target
from deployplan.clock import SystemClock
from deployplan.errors import DeployPlanError
from deployplan.plan.include import Include, documents_in
from deployplan.plan.load.loading import load_infrastructure
from deployplan.plan.model.infrastructure import Infrastructure
from deployplan.plan.snapshot import Snapshot
from deployplan.plan.text.keys import did_you_mean
from deployplan.plan.text.problem import PlanRejected
from deployplan.printable import some_of
from deployplan.remote.errors import beside_name
from deployplan.remote.node_client import NodeClient
from deployplan.runbook.node.readiness import NodeReport, look_at_node

app = typer.Typer()
REJECTED, NOT_READY = 1, 3
AT_ONCE = 32

Within = Annotated[float, typer.Option("--within", min=1.0, metavar="SECONDS", help="Patience with each node.")]


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found on a node, or why it could not be asked."""

    target: Target
    found: NodeReport | DeployPlanError

    @property
    def problems(self) -> tuple[str, ...]:
        told = (
            self.found.problems if isinstance(self.found, NodeReport) else [beside_name(self.target.name, self.found)]
        )
        return tuple(map(clean, told))

    def as_json(self) -> dict[str, object]:
        report = self.found if isinstance(self.found, NodeReport) else NodeReport(self.target.name)
        return {
            "node": self.target.name,
            "environment": self.target.environment,
            "answered": isinstance(self.found, NodeReport),
            "ready": not self.problems,
            "release": clean(report.release) if isinstance(self.found, NodeReport) else None,
            "free_mb": report.free_mb,
            "clock_skew_seconds": None if report.skew is None else round(report.skew, 1),
            "problems": list(self.problems),
        }

    def cells(self) -> tuple[str, ...]:
        known = self.as_json()
        shown = (known[key] for key in ("release", "free_mb", "clock_skew_seconds"))
        told = "; ".join(self.problems)
        release, free, skew = ("-" if each is None else str(each) for each in shown)
        return (self.target.name, "NOT READY" if told else "ready", release, free, skew, told)


@app.command()
def check(
    which: Annotated[str, typer.Argument(metavar="ENVIRONMENT|PLAN", help="All nodes of one, or those of a plan.")],
    include: IncludeFolder = DEFAULT_INCLUDE,
    within: Within = 60.0,
    at_once: Annotated[int, typer.Option("--at-once", min=1, max=200, help="Nodes asked side by side.")] = AT_ONCE,
    as_json: AsJson = False,
) -> None:
    """Ask every node whether it is ready, as review would: reached, host key, shell, disk, clock, what must be there.

    No Airflow is needed, and nothing is changed on a node. What runs there are deployplan's own questions and the
    `requires` that operations wrote; nothing of a plan or procedure. Exit code 0: all are ready; 1: the plan or the
    environment has problems; 2: there is none of this name; 3: a node is not ready, or did not answer.

    Examples: deployplan check production; deployplan check storefront-4.3.0;
    deployplan check production --json | jq -r '.nodes[] | select(.ready | not) | .node'
    """
    from deployplan.cli.reach import ask_bounded, hint_for

    folder = include_at(include)
    infrastructure, targets, snapshot = _meant(which, folder)

    async def question(_: Target, client: NodeClient) -> NodeReport:
        return await look_at_node(client, infrastructure, SystemClock(), snapshot)

    looked = [Looked(*each) for each in ask_bounded(targets, question, within=within, at_once=at_once)]
    ready = sum(not each.problems for each in looked)
    if as_json:
        told: dict[str, object] = {"ready": ready == len(looked), "nodes": [each.as_json() for each in looked]}
        typer.echo(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        _print(looked)
        typer.echo(f"{ready} of {len(looked)} nodes are ready")
    silent = [each.found for each in looked if isinstance(each.found, DeployPlanError)]
    for hint in dict.fromkeys(filter(None, map(hint_for, silent))):
        typer.echo(f"hint: {hint}; `deployplan connect NODE` goes there step by step", err=True)
    raise typer.Exit(0 if ready == len(looked) else NOT_READY)


def _print(looked: Iterable[Looked]) -> None:
    rows = [each.cells() for each in looked]
    typer.echo(columns([("node", "", "release", "MB free", "clock off", ""), *rows]))


def _meant(which: str, include: Include) -> tuple[Infrastructure, tuple[Target, ...], Snapshot | None]:
    """The nodes of an environment or a plan, and the plan; ends the command when there is none, or it has problems."""
    environments = documents_in(include.infrastructure)
    if is_plan(which, include):
        if which in environments:
            fail(f"{which!r} is a plan and an environment", "name the plan's file, or rename one of them")
        snapshot = load_or_fail(which, include)
        environment = snapshot.plan.environment
        held = tuple(target(environment, snapshot.infrastructure, node) for node in snapshot.held_nodes())
        return snapshot.infrastructure, held, snapshot
    if which not in environments:
        known = [*environments, *documents_in(include.plans)]
        fail(
            f"there is no environment and no plan {which!r}; there are {some_of(known) or 'none'}",
            did_you_mean(which, known),
        )
    try:
        infrastructure = load_infrastructure(which, include)
    except PlanRejected as rejected:
        typer.echo(render_problems(rejected.problems, "text"), err=True)
        raise typer.Exit(REJECTED) from rejected
    return infrastructure, tuple(target(which, infrastructure, node) for node in infrastructure.nodes.values()), None


@app.command("connect")
def connect_to(
    node: Annotated[str, typer.Argument(help="Name of a node.")],
    environment: Environment = None,
    include: IncludeFolder = DEFAULT_INCLUDE,
    within: Within = 30.0,
    as_json: AsJson = False,
) -> None:
    """Go to one node step by step, each with its time: name, port, host key, authentication, shell, protocol.

    The first step that fails is the last, with what is wrong and what to do. Nothing is changed on the node.

    Exit code 0: got there; 2: no such node; 3: a step failed.

    Examples: deployplan connect web-1; deployplan connect web-1 --environment production --json
    """
    from deployplan.cli.reach import NoConnection, address_to, hint_for
    from deployplan.runbook.node.way_there import walk

    wanted = one(node, environment, include_at(include))
    try:
        address = address_to(wanted)
    except NoConnection as missing:
        rows: list[dict[str, object]]
        rows = [{"step": "connection", "ok": False, "seconds": None, "said": str(missing), "cure": missing.hint}]
    else:
        rows = [{"step": "connection", "ok": True, "seconds": None, "said": f"{wanted.connection}", "cure": None}]
        for step in asyncio.run(walk(address, wanted.base_dir, SystemClock(), within=within)):
            seconds = None if step.seconds is None else round(step.seconds, 3)
            cure = None if step.error is None else hint_for(step.error)
            said = clean(beside_name(node, step.said))
            rows.append({"step": step.name, "ok": step.error is None, "seconds": seconds, "said": said, "cure": cure})
    good = all(row["ok"] for row in rows)
    if as_json:
        told: dict[str, object] = {"node": node, "environment": wanted.environment, "reached": good, "steps": rows}
        typer.echo(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        typer.echo(columns(map(_connect_cells, rows)))
        if rows[-1]["cure"]:
            typer.echo(f"hint: {rows[-1]['cure']}", err=True)
    raise typer.Exit(0 if good else NOT_READY)


def _connect_cells(row: dict[str, object]) -> tuple[str, ...]:
    seconds = "-" if row["seconds"] is None else f"{row['seconds']:.3f} s"
    return (str(row["step"]), "ok" if row["ok"] else "FAILED", seconds, str(row["said"]))
