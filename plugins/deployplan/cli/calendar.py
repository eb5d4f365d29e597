"""`deployplan calendar`: what happens when, who is in whose way, and what is still free?"""

import json
import sys
from datetime import date, datetime, timedelta
from typing import Annotated, NamedTuple

import typer

from deployplan.cli.columns import columns
from deployplan.cli.moments import instant_of
from deployplan.cli.options import DEFAULT_INCLUDE, AsJson, IncludeFolder, include_at
from deployplan.cli.record_store import Store, records_at, tell_hold
from deployplan.cli.render import fail, render_problems
from deployplan.clock import SystemClock
from deployplan.evidence import Records
from deployplan.plan.include import Include, documents_in
from deployplan.plan.load.loading import load_all, load_infrastructure
from deployplan.plan.text.problem import PlanRejected, Problem, in_order
from deployplan.printable import some_of
from deployplan.runbook.calendar.calendar import Calendar, calendar_of
from deployplan.runbook.calendar.next_slot import find_next_slot
from deployplan.ui.calendar_rows import CalendarRow, as_json, calendar_rows
from deployplan.window.interval import Interval
from deployplan.window.wall_time import find_zone

app = typer.Typer()
PROBLEMS = 1
DEFAULT_LENGTH = timedelta(days=30)
_STYLES = {"plan": "bold", "freeze": "red", "free": "green", "window": ""}
_DAY = "A day, or an ISO time; wall times are those of each environment."


@app.command()
def calendar(
    start: Annotated[str | None, typer.Option("--from", metavar="DAY", help=f"{_DAY} Default: today.")] = None,
    end: Annotated[
        str | None, typer.Option("--to", metavar="DAY", help="Up to and without it. Default: 30 days after --from.")
    ] = None,
    environment: Annotated[
        str | None, typer.Option("--environment", metavar="NAME", help="This environment alone. Default: all.")
    ] = None,
    at: Annotated[
        str | None, typer.Option("--at", metavar="TIME", help="What is known then: a day or ISO time. Default: now.")
    ] = None,
    include: IncludeFolder = DEFAULT_INCLUDE,
    records: Store = None,
    fits: Annotated[
        str | None,
        typer.Option("--fits", metavar="PLAN", help="Only when this plan fits beside the others, or why not."),
    ] = None,
    as_json_: AsJson = False,
    as_ics_: Annotated[bool, typer.Option("--ics", help="Print an iCalendar file, for an office calendar.")] = False,
) -> None:
    """Print windows, freezes and plans of each environment in order of time, conflicts between plans, and free slots.

    A plan that is still to come stands at the first opening in which its work fits; one whose run is over, by the
    record store, where its run was; one that missed its windows in the last of them, with its owner. Two plans conflict
    when one works on a node on which the other works, or watches a neighbour, in an opening that overlaps; plans that
    are over conflict with none. A free slot is time in a window of the environment in which nothing is planned and
    nothing is frozen for everybody.

    With --fits it prints the next opening in which the work of a plan fits and no other plan wants its nodes, or why
    there is none in the next 90 days.

    Exit code 0: printed; 1: printed, without the plans and environments whose problems went to stderr, or with --fits
    there is no slot; 2: wrong usage.

    Examples: deployplan calendar; deployplan calendar --from 2026-12-01 --to 2027-01-15 --environment production;
    deployplan calendar --to 2027-12-31 --ics > releases.ics; deployplan calendar --json | jq '.[].plans';
    deployplan calendar --fits storefront-4.3.0
    """
    if as_json_ and as_ics_:
        fail("--json and --ics exclude each other")
    asked = _Asked(start, end, at)
    tell_hold(records)
    if fits is not None:
        _print_next_slot(fits, include_at(include), records_at(records, None), asked)
        return
    calendars, problems = _calendars(include_at(include), environment, records_at(records, None), asked)
    if problems:
        typer.echo(render_problems(problems, "text"), err=True)
    if as_json_:
        typer.echo(json.dumps([as_json(each) for each in calendars], indent=2, ensure_ascii=False))
    elif as_ics_:
        from deployplan.ui.calendar_ics import as_ics

        typer.echo(as_ics(calendars, SystemClock().now()), nl=False)
    else:
        _print(calendars)
    if problems:
        raise typer.Exit(PROBLEMS)


def _print_next_slot(plan: str, include: Include, records: Records, asked: "_Asked") -> None:
    plans = load_all(include)
    if (snapshot := plans.snapshots.get(plan)) is None:
        fail(f"there is no plan {plan!r} that can be used", "`deployplan lint` prints what is wrong with the others")
    found = find_next_slot(snapshot, plans.snapshots, include, records, at=asked.now(snapshot.timezone))
    typer.echo(found.told())
    if found.first is None:
        raise typer.Exit(PROBLEMS)


class _Asked(NamedTuple):
    """The times that were asked about, as written: each environment reads them in its own zone."""

    start: str | None
    end: str | None
    at: str | None

    def now(self, zone: str) -> datetime:
        return SystemClock().now() if self.at is None else instant_of(self.at, "--at", zone)


def _calendars(
    include: Include, environment: str | None, records: Records, asked: _Asked
) -> tuple[list[Calendar], tuple[Problem, ...]]:
    names = documents_in(include.infrastructure)
    if environment is not None and environment not in names:
        fail(f"there is no environment {environment!r}; there are {some_of(names) or 'none'}")
    result = load_all(include)
    problems, calendars = list(result.problems), []
    for name in names if environment is None else (environment,):
        try:
            today = load_infrastructure(name, include)
        except PlanRejected as rejected:
            problems += rejected.problems
            continue
        zone = today.timezone or "UTC"
        span, now = _span(asked, zone), asked.now(zone)
        calendars.append(calendar_of(name, today, result.snapshots, span, at=now, records=records))
    return calendars, in_order(problems)


def _span(asked: _Asked, zone: str) -> Interval:
    first = instant_of(asked.start, "--from", zone) if asked.start else _midnight(asked.now(zone), zone)
    last = instant_of(asked.end, "--to", zone) if asked.end else first + DEFAULT_LENGTH
    if first >= last:
        fail(f"--to {last:%Y-%m-%d %H:%M} is not after --from {first:%Y-%m-%d %H:%M}")
    return Interval(first, last)


def _midnight(instant: datetime, zone: str) -> datetime:
    today: date = instant.astimezone(find_zone(zone)).date()
    return instant_of(today.isoformat(), "--from", zone)


def _print(calendars: list[Calendar]) -> None:
    for number, each in enumerate(calendars):
        typer.echo(("\n" if number else "") + f"{each.environment}, times in {each.timezone}")
        _print_rows(calendar_rows(each))
        for what, names in (("no opening that fits", each.without_opening), ("at any time", each.any_time)):
            if names:
                typer.echo(f"  {what}: {', '.join(names)}")


def _print_rows(found: list[CalendarRow]) -> None:
    if not found:
        typer.echo("  nothing")
    elif not sys.stdout.isatty():
        typer.echo(columns(found, indent="  "))
    else:
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, show_header=False, padding=(0, 1))
        for name in CalendarRow._fields:
            table.add_column(name, no_wrap=name != "what")
        for row in found:
            table.add_row(*(Text(cell, style=_STYLES[row.kind]) for cell in row))
        Console(highlight=False).print(table)
