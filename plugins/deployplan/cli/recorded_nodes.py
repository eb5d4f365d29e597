"""Nodes by the record store, for when they are not to be asked: the rows of the page, in the words of the command."""

import json
from collections.abc import Collection, Iterator
from pathlib import Path

import typer

from deployplan.cli.node_table import clean
from deployplan.cli.render import fail
from deployplan.cli.status import tonight_in
from deployplan.evidence.record import Records
from deployplan.plan.include import Include, documents_in
from deployplan.plan.load.loading import load_all, load_infrastructure
from deployplan.plan.text.problem import PlanRejected
from deployplan.runbook.node.node_words import holder_words, installed_words, moment
from deployplan.ui.node_csv import nodes_as_csv
from deployplan.ui.node_filter import NodeFilter
from deployplan.ui.node_json import nodes_as_json
from deployplan.ui.node_list import Environments, NodeList, NodeOverview, list_nodes
from deployplan.ui.node_reader import NodeReader

Place = tuple[str, str]
"""An environment and a node."""


def print_recorded(store: Records, include: Path, places: Collection[Place], form: str) -> None:
    """Print these nodes as the page has them: `text`, `json` or `csv`. Ends the command when the store is not there."""
    try:
        found = _read(store, Include(include))
    except OSError as error:
        fail(f"the record store cannot be read: {error}", "it is named by --records or DEPLOYPLAN_RECORDS")
    rows = tuple(row for row in found.rows if (row.environment, row.node) in places)
    if form == "csv":
        typer.echo(nodes_as_csv(rows), nl=False)
    elif form == "json":
        shown = NodeList(rows, found.runs)
        typer.echo(json.dumps(nodes_as_json(shown, NodeFilter(), limit=len(rows) or 1)["rows"], indent=2))
    else:
        typer.echo("\n\n".join("\n".join(_block(row)) for row in rows))


def _read(store: Records, include: Include) -> NodeList:
    known, plans = {}, load_all(include).snapshots
    for name in documents_in(include.infrastructure):
        try:
            known[name] = load_infrastructure(name, include)
        except PlanRejected:  # told when the nodes that are meant were looked for
            continue
    targets = {name: tuple(node.name for node in each.target_nodes()) for name, each in plans.items()}
    return list_nodes(Environments(known, {}), NodeReader(store).read(), tonight_in(store, include.root), targets)


def _block(row: NodeOverview) -> Iterator[str]:
    yield f"{row.node} ({row.environment}), by the record store"
    for each in row.installed:
        yield clean(f"  installed  {installed_words(each)}")
    if not row.installed:
        yield "  installed  nothing recorded"
    yield f"  locked     {'by ' + clean(holder_words(row.holder)) if row.holder else 'no'}"
    if row.drained is not None:
        yield clean(f"  drained    {row.drained.words}")
    for job in row.jobs:
        yield clean(f"  runs       {job.component} {job.step} as {job.job} since {moment(job.since)}")
    if row.last is not None:
        why = f": {row.why}" if row.why else ""
        yield clean(f"  stands     {row.state}, in run {row.last.run_id} of plan {row.last.plan}{why}")
    for problem in row.problems:
        yield clean(f"  not known  the record of {problem.plan}/{problem.run_id}: {problem.problem}")
    if row.next is not None:
        yield clean(f"  next       plan {row.next.plan} ({row.next.release}), opens {moment(row.next.opens)}")
