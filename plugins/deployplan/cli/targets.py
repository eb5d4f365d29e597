"""Which nodes are meant: by a node's name, by a plan, or all."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from deployplan.cli.render import fail, render_problems
from deployplan.cli.show import plan_file
from deployplan.plan.include import SUFFIXES, Include, documents_in
from deployplan.plan.load.loading import load, load_infrastructure
from deployplan.plan.model.infrastructure import Infrastructure, Jump, Node
from deployplan.plan.snapshot import Snapshot
from deployplan.plan.text.keys import did_you_mean
from deployplan.plan.text.problem import PlanRejected
from deployplan.printable import some_of

Environment = Annotated[
    str | None,
    typer.Option("--environment", metavar="NAME", help="The environment, when several have a node of this name."),
]


@dataclass(frozen=True, slots=True)
class Target:
    """A node of an environment, and what reaching it takes."""

    environment: str
    node: Node
    connection: str
    base_dir: str
    jump: Jump | None = None

    @property
    def name(self) -> str:
        return self.node.name

    @property
    def connections(self) -> tuple[str, ...]:
        """The Airflow connections that it takes to reach it."""
        return (self.connection, *(self.jump.connections if self.jump else ()))


def target(environment: str, infrastructure: Infrastructure, node: Node) -> Target:
    """The node as its environment's file describes it."""
    connection, jump = infrastructure.connection_of(node), infrastructure.jump_of(node)
    return Target(environment, node, connection, infrastructure.base_dir, jump)


def targets_of(snapshot: Snapshot) -> tuple[Target, ...]:
    """The nodes that the plan's components land on."""
    return tuple(target(snapshot.plan.environment, snapshot.infrastructure, node) for node in snapshot.held_nodes())


def meant(text: str | None, environment: str | None, include: Include) -> tuple[Target, ...]:
    """The nodes of a plan, the node of that name, or all; ends the command with exit code 2 when there are none."""
    if text is None:
        return tuple(_all(include, environment))
    if is_plan(text, include):
        is_node = any(each.name == text for each in _all(include, environment, quietly=True))
        if environment is None and is_node:
            fail(f"{text!r} is a plan and a node", "name the plan's file, or the node with --environment")
        if not is_node:
            return _of_plan(text, environment, include)
    return (one(text, environment, include),)


def _of_plan(text: str, environment: str | None, include: Include) -> tuple[Target, ...]:
    snapshot = load_or_fail(text, include)
    theirs = snapshot.plan.environment
    if environment not in (None, theirs):
        fail(
            f"plan {snapshot.plan.name!r} is for environment {theirs!r}, not {environment!r}", "leave --environment out"
        )
    return targets_of(snapshot)


def one(name: str, environment: str | None, include: Include) -> Target:
    """The node of that name; ends the command with exit code 2 when there is none, or more than one."""
    known = tuple(_all(include, environment))
    found = [each for each in known if each.name == name]
    if len(found) > 1:
        places = ", ".join(each.environment for each in found)
        fail(
            f"node {name!r} is in {places}",
            f"add --environment {' or --environment '.join(each.environment for each in found)}",
        )
    if not found:
        names = sorted({each.name for each in known})
        where = f" in {environment}" if environment else ""
        fail(f"there is no node {name!r}{where}; there are {some_of(names) or 'none'}", did_you_mean(name, names))
    return found[0]


def load_or_fail(plan: str, include: Include) -> Snapshot:
    """The plan by name or file; ends the command when it has problems (exit code 1) or is not there (2)."""
    try:
        return load(plan_file(plan, include), include)
    except PlanRejected as rejected:
        typer.echo(render_problems(rejected.problems, "text"), err=True)
        raise typer.Exit(1) from rejected


def is_plan(text: str, include: Include) -> bool:
    """Whether it names a plan, or is the file of one."""
    return (text.endswith(SUFFIXES) and Path(text).is_file()) or include.plan_path(text).is_file()


def _all(include: Include, environment: str | None, *, quietly: bool = False) -> Iterator[Target]:
    """Every node of every environment, or of one; a file with problems is told and hurts no other."""
    names = documents_in(include.infrastructure)
    if environment is not None and environment not in names:
        fail(f"there is no environment {environment!r}; there are {some_of(names) or 'none'}")
    for name in names if environment is None else (environment,):
        try:
            infrastructure = load_infrastructure(name, include)
        except PlanRejected as rejected:
            if not quietly:
                typer.echo(render_problems(rejected.problems, "text"), err=True)
            continue
        yield from (target(name, infrastructure, node) for node in infrastructure.nodes.values())
