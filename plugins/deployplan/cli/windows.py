"""`deployplan windows`: when may this plan start next, and when after that?"""

import json
from typing import Annotated

import typer

from deployplan.cli.columns import columns
from deployplan.cli.moments import instant_of
from deployplan.cli.options import DEFAULT_INCLUDE, AsJson, IncludeFolder, include_at
from deployplan.cli.record_store import Store, records_at, tell_hold
from deployplan.cli.targets import load_or_fail
from deployplan.clock import SystemClock
from deployplan.runbook.timing.past_runs import history_of
from deployplan.runbook.timing.upcoming import Upcoming, upcoming
from deployplan.runbook.timing.verdict import verdict
from deployplan.window.wall_time import on_the_clock

app = typer.Typer()
NONE_KNOWN = 1
_HEAD = ("opens", "closes", "last safe start", "window")


@app.command()
def windows(
    plan: Annotated[str, typer.Argument(help="Name of a plan, or its file.")],
    count: Annotated[int, typer.Option("--next", metavar="COUNT", min=1, max=1000, help="How many openings.")] = 5,
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="TIME", help="Look from here on: an ISO instant, or a wall time. Default: now."),
    ] = None,
    include: IncludeFolder = DEFAULT_INCLUDE,
    records: Store = None,
    as_json: AsJson = False,
) -> None:
    """Print the next openings in which the plan's work and its reserve fit, each in the local time of its window.

    Freezes are taken out: an opening ends where a freeze begins. One that is open already begins at the time asked
    about; a close that is not known is left empty.

    Exit code 0: printed; 1: no opening is known, or the plan has problems; 2: wrong usage.

    Examples: deployplan windows storefront-4.3.0; deployplan windows storefront-4.3.0 --next 20 --at 2026-12-01;
    deployplan windows storefront-4.3.0 --json | jq -r '.[0].last_safe_start'
    """
    folder = include_at(include)
    snapshot = load_or_fail(plan, folder)
    asked = SystemClock().now() if at is None else instant_of(at, "--at", snapshot.timezone)
    past = history_of(records_at(records, None), snapshot.plan.environment, snapshot.plan.scope.release.product)
    tell_hold(records)
    found = upcoming(snapshot, snapshot.infrastructure, at=asked, count=count, past=past)
    if as_json:
        typer.echo(json.dumps([each.as_json() for each in found], indent=2, ensure_ascii=False))
    elif found:
        typer.echo(columns([_HEAD, *map(_row, found)]))
    if not found:
        typer.echo(verdict(snapshot, folder, at=asked, past=past).reason, err=True)
        raise typer.Exit(NONE_KNOWN)


def _row(each: Upcoming) -> tuple[str, str, str, str]:
    times = (each.opens, each.closes, each.last_safe_start)
    opens, closes, last = map(on_the_clock, times)
    return opens, closes, last, each.window or "any time"
