"""`deployplan messages`: who will be told what and when, and what has become of it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from deployplan.cli.columns import columns
from deployplan.cli.options import DEFAULT_INCLUDE, AsJson, IncludeFolder, include_at
from deployplan.cli.record_store import KeyFile, Store, records_at, signing_key
from deployplan.cli.render import fail
from deployplan.cli.sign_in import Url, User, logged_in
from deployplan.cli.targets import load_or_fail
from deployplan.clock import SystemClock
from deployplan.evidence import RecordError, RunRecord
from deployplan.plan.load.roster_file import load_roster
from deployplan.plan.model.address_book import AddressBook
from deployplan.plan.text.problem import PlanRejected
from deployplan.printable import printable
from deployplan.runbook.run.traces import ATTEMPT_GONE_AFTER, MessageTrace
from deployplan.runbook.telling.ahead import PlannedMessage, messages_ahead
from deployplan.runbook.telling.in_hand import last_said, messages_told
from deployplan.runbook.timing.chosen_window import choices
from deployplan.window.wall_time import local

app = typer.Typer()
NOT_TOLD = 1


@app.command()
def messages(
    plan: Annotated[str, typer.Argument(help="Name of a plan, or its file; with --run its name.")],
    run: Annotated[
        str | None, typer.Option("--run", help="Print what became of the messages of this run instead.")
    ] = None,
    resend: Annotated[
        str | None, typer.Option("--resend", metavar="KEY", help="Have the run's message with this key sent again.")
    ] = None,
    include: IncludeFolder = DEFAULT_INCLUDE,
    records: Store = None,
    key_file: KeyFile = None,
    url: Url = None,
    user: User = None,
    as_json: AsJson = False,
) -> None:
    """Print every message that carrying the plan out will send: when, of what, to whom, and by which channel.

    With --run: what became of those of a run. `uncertain` may have arrived, and is sent again only by --resend: as
    yourself, in Airflow, whose outbox sends it.

    Exit code 0: printed, and with --run all were sent; 1: some of the run's were not, the plan has problems, or Airflow
    refuses; 2: wrong usage, no login, or no such run.

    Examples: deployplan messages storefront-4.3.0; deployplan messages storefront-4.3.0 --run manual__1 --resend 4f1a0c
    --user olga
    """
    if run is None:
        if resend is not None:
            fail("--resend is about a run", "name it with --run")
        _print_ahead(plan, include, as_json=as_json)
        return
    if resend is not None:
        _resend(plan, run, resend, url, user, as_json=as_json)
        return
    record = records_at(records, signing_key(key_file)).run(plan, run)
    try:
        _print_told(record, as_json=as_json)
    except RecordError as error:
        fail(str(error), "another record store is named by --records or DEPLOYPLAN_RECORDS")


def _print_ahead(plan: str, include: Path, *, as_json: bool) -> None:
    folder = include_at(include)
    snapshot, now = load_or_fail(plan, folder), SystemClock().now()
    try:
        roster = load_roster(folder)
    except PlanRejected as rejected:
        fail(f"people.yaml cannot be used: {rejected.problems[0]}", "deployplan lint names every problem")
    opening = next(iter(choices(snapshot, (), at=now, count=1)), None)
    found = messages_ahead(snapshot, roster, opening, now=now)
    if as_json:
        typer.echo(json.dumps([{**asdict(each), "at": each.at and each.at.isoformat()} for each in found], indent=2))
        return
    if opening is not None:
        has_passed = opening.closes <= now
        typer.echo(f"{'its only window has passed:' if has_passed else 'for the opening'} {opening.label}", err=True)
    rows = [(_when(each, snapshot.timezone), str(each.moment), each.group, each.via, each.to) for each in found]
    typer.echo(columns([("when", "moment", "whom", "by", "to"), *rows]))
    for missing in AddressBook(snapshot.plan, roster).unreached():
        typer.echo(printable(f"nobody is told: {missing.told}"), err=True)


def _when(each: PlannedMessage, zone: str) -> str:
    return each.when if each.at is None else f"{local(each.at, zone)}"


def _print_told(record: RunRecord, *, as_json: bool) -> None:
    found, now = messages_told(record), SystemClock().now()
    said, rows = last_said(record), []
    for name, trace in found.items():
        gone = trace.begun is not None and abs(now - trace.begun.at) >= ATTEMPT_GONE_AFTER
        about = said.get(name)
        whom, moment = ("?", "?") if about is None else (about.to, about.moment)
        rows.append((name[0], _became(trace, gone=gone), moment, whom, name[1], printable(trace.told or "")))
    if as_json:
        keys = ("key", "became", "moment", "whom", "via", "told")
        typer.echo(json.dumps([dict(zip(keys, row, strict=True)) for row in rows], indent=2, ensure_ascii=False))
    else:
        typer.echo(columns([("key", "", "moment", "whom", "by", "what was said of it"), *rows]))
    raise typer.Exit(0 if all(row[1] == "sent" for row in rows) else NOT_TOLD)


def _became(trace: MessageTrace, *, gone: bool) -> str:
    if trace.sent:
        return "sent"
    if trace.uncertain or gone:
        return "uncertain"
    return "being sent" if trace.begun is not None else "failed" if trace.failures else "to be sent again"


def _resend(plan: str, run: str, key: str, url: str | None, user: str | None, *, as_json: bool) -> None:
    with logged_in(url, user) as api:
        answer = api.send_again(plan, run, key)
    typer.echo(json.dumps(answer, indent=2) if as_json else printable(answer["sentence"]))
