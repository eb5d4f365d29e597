"""`deployplan window`: may this plan start, and if not, why and when?"""

import json
from typing import Annotated

import typer

from deployplan.cli.moments import instant_of
from deployplan.cli.options import DEFAULT_INCLUDE, AsJson, IncludeFolder, include_at
from deployplan.cli.record_store import Store, hold_at, records_at, tell_hold
from deployplan.cli.render import render_problems
from deployplan.cli.show import plan_file
from deployplan.clock import SystemClock
from deployplan.plan.load.loading import load
from deployplan.plan.text.problem import PlanRejected
from deployplan.runbook.timing.estimate import estimate
from deployplan.runbook.timing.past_runs import history_of
from deployplan.runbook.timing.verdict import verdict

app = typer.Typer()
OPEN, CLOSED = 0, 1


@app.command()
def window(
    plan: Annotated[str, typer.Argument(help="Name of a plan, or its file.")],
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="TIME", help="An ISO instant, or a wall time in the window's zone. Default: now."),
    ] = None,
    include: IncludeFolder = DEFAULT_INCLUDE,
    records: Store = None,
    as_json: AsJson = False,
) -> None:
    """Say whether the plan may start: the same verdict that the waiting task in Airflow gives.

    The second line says how long the work may take, and what that rests on: the p90 of earlier runs of the product
    that the record store knows, or the timeouts that the plan declares. While everything is held, nothing is open; of
    another time than now nobody knows whether it will be.

    Exit code 0: open, and the work fits; 1: closed or held, or the plan has problems; 2: wrong usage.

    Examples: deployplan window storefront-4.3.0; deployplan window storefront-4.3.0 --at "2026-11-28 22:30" --json
    """
    folder = include_at(include)
    try:
        snapshot = load(plan_file(plan, folder), folder)
    except PlanRejected as rejected:
        typer.echo(render_problems(rejected.problems, "text"), err=True)
        raise typer.Exit(CLOSED) from rejected
    asked = SystemClock().now() if at is None else instant_of(at, "--at", snapshot.timezone)
    past = history_of(records_at(records, None), snapshot.plan.environment, snapshot.plan.scope.release.product)
    hold = hold_at(records) if at is None else None
    if at is not None:
        tell_hold(records)
    found = verdict(snapshot, folder, at=asked, past=past, hold=hold)
    work = estimate(snapshot, snapshot.waves, past)
    if as_json:
        typer.echo(json.dumps(found.as_json() | {"work": work.as_json()}, indent=2))
    else:
        typer.echo(f"{found.reason}\n{work.told}")
    raise typer.Exit(OPEN if found.open else CLOSED)
