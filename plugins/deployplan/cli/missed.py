"""`deployplan missed`: which plans were not released although their windows have passed?"""

import json
from typing import Annotated

import typer

from deployplan.cli.columns import columns
from deployplan.cli.moments import instant_of
from deployplan.cli.options import DEFAULT_INCLUDE, AsJson, IncludeFolder, include_at
from deployplan.cli.record_store import Store, records_at
from deployplan.cli.render import render_problems
from deployplan.clock import SystemClock
from deployplan.plan.load.loading import load_all
from deployplan.runbook.calendar.missed import find_missed as missed_plans

app = typer.Typer()
_HEAD = ("plan", "owner", "what became of it", "why")


@app.command()
def missed(
    environment: Annotated[
        str | None, typer.Option("--environment", metavar="NAME", help="Only plans for this environment.")
    ] = None,
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="TIME", help="An ISO instant, or a wall time in UTC. Default: now."),
    ] = None,
    include: IncludeFolder = DEFAULT_INCLUDE,
    records: Store = None,
    as_json: AsJson = False,
) -> None:
    """Print the plans that can start in no window any more and were not released, each with its owner.

    After an outage these are the releases to plan anew: nothing is started late. Plans that were backed out, rejected
    or stopped by a person are not listed. Plans with problems are told on stderr.

    Exit code 0, also when there are some; 2: wrong usage.

    Examples: deployplan missed; deployplan missed --environment production --json | jq -r '.[].owner'
    """
    folder = include_at(include)
    asked = SystemClock().now() if at is None else instant_of(at, "--at", "UTC")
    result = load_all(folder)
    if result.problems:
        typer.echo(render_problems(result.problems, "text"), err=True)
    wanted = [each for each in result.snapshots.values() if environment in (None, each.plan.environment)]
    found = missed_plans(wanted, folder, records_at(records, None), at=asked)
    if as_json:
        typer.echo(json.dumps([each.as_json() for each in found], indent=2, ensure_ascii=False))
    elif found:
        typer.echo(columns([_HEAD, *((each.plan, each.owner, each.what_became_of_it, each.reason) for each in found)]))
    else:
        typer.echo("no plan has missed its windows", err=True)
