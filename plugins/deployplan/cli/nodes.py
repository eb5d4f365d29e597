"""`deployplan nodes`: what is on the nodes, who holds them, and which jobs do they know?"""

import json
import sys
from typing import Annotated

import typer

from deployplan.cli.node_table import Told, as_table, in_lines, jobs_table
from deployplan.cli.options import DEFAULT_INCLUDE, AsJson, IncludeFolder, include_at
from deployplan.cli.record_store import KeyFile, Store, records_at, signing_key
from deployplan.cli.recorded_nodes import print_recorded
from deployplan.cli.render import fail
from deployplan.cli.targets import Environment, meant
from deployplan.errors import DeployPlanError
from deployplan.remote.node_client import NodeClient
from deployplan.runbook.node.node_story import NodeStory, node_story

app = typer.Typer()
NO_ANSWER = 1


@app.command()
def nodes(
    which: Annotated[
        str | None, typer.Argument(metavar="PLAN|NODE", help="A plan's nodes, or one node. Default: all nodes.")
    ] = None,
    environment: Environment = None,
    include: IncludeFolder = DEFAULT_INCLUDE,
    recorded: Annotated[
        bool, typer.Option("--recorded", help="Ask no node: what the record store says, as the page *Nodes* has it.")
    ] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV, a line a component; with --recorded.")] = False,
    records: Store = None,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Ask nodes for their own story: what is installed, by which run, verified or not; who holds them; their jobs.

    Exit code 0: every node answered; 1: a node did not, or the plan has problems; 2: no such plan, node or environment.

    Examples: deployplan nodes storefront-4.3.0; deployplan nodes web-1 --environment production;
    deployplan nodes --recorded --csv > nodes.csv;
    deployplan nodes --json | jq '.[] | select(.holder.frozen)'
    """
    from deployplan.cli.reach import ask_each, hint_for

    if as_csv and not recorded:
        fail("--csv is of what is recorded", "add --recorded; what the nodes themselves tell is printed by --json")
    wanted = meant(which, environment, include_at(include))
    if recorded:
        places = {(each.environment, each.name) for each in wanted}
        form = "csv" if as_csv else "json" if as_json else "text"
        print_recorded(records_at(records, signing_key(key_file)), include, places, form)
        return
    told = [Told(target, story) for target, story in ask_each(wanted, _story)]
    if as_json:
        typer.echo(json.dumps([each.as_json() for each in told], indent=2, ensure_ascii=False))
    else:
        _print(told, jobs=which is not None and len(told) == 1)
    silent = [each.story for each in told if isinstance(each.story, DeployPlanError)]
    for hint in dict.fromkeys(filter(None, map(hint_for, silent))):
        typer.echo(f"hint: {hint}", err=True)
    raise typer.Exit(NO_ANSWER if silent else 0)


async def _story(client: NodeClient) -> NodeStory:
    return node_story(await client.facts())


def _print(told: list[Told], *, jobs: bool) -> None:
    if not sys.stdout.isatty():
        typer.echo(in_lines(told, jobs=jobs))
        return
    from rich.console import Console

    console = Console(highlight=False)
    console.print(as_table(told))
    for each in told:
        if jobs and isinstance(each.story, NodeStory) and each.story.jobs:
            console.print(jobs_table(each.story.jobs))
