"""`deployplan status`: what runs, what waits for whom, until when; from the records alone, in one screen."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from deployplan.cli.options import DEFAULT_INCLUDE, AsJson, IncludeFolder
from deployplan.cli.record_store import KeyFile, Store, hold_at, records_at, signing_key
from deployplan.cli.render import fail
from deployplan.clock import SystemClock
from deployplan.evidence.hold import Hold
from deployplan.evidence.record import Records
from deployplan.plan.include import Include
from deployplan.plan.load.loading import load_all, load_infrastructure
from deployplan.printable import printable
from deployplan.ui.run_reader import RunReader
from deployplan.ui.tonight import Lane, Sources, Tonight, TonightRow, read_tonight
from deployplan.ui.tonight_json import tonight_as_json

app = typer.Typer()
NOTHING_KNOWN = 1


@app.command()
def status(
    plan: Annotated[str | None, typer.Argument(metavar="[PLAN]", help="Only this plan. Default: all.")] = None,
    include: IncludeFolder = DEFAULT_INCLUDE,
    records: Store = None,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Print what runs, what it waits for, who must act and until when; what opens within 7 days; what has just ended.

    It is read from the record store and the plans' files, so that it works when Airflow does not. The sentences are
    those of Airflow's cards and of its API. Instants are in each plan's own time zone.

    Exit code 0: printed; 1: nothing is known of the plan; 2: wrong usage, or the record store cannot be read.

    Examples: deployplan status; deployplan status storefront-4.3.0; deployplan status --json | jq '.rows[].sentence'
    """
    try:
        store, hold = records_at(records, signing_key(key_file)), hold_at(records)
        found = tonight_in(store, include, hold)
    except OSError as error:
        fail(f"the record store cannot be read: {error}", "it is named by --records or DEPLOYPLAN_RECORDS")
    rows = tuple(row for row in found.rows if plan in (None, row.plan))
    if plan is not None and not rows:
        hint = f"`deployplan evidence show {plan}` tells of earlier runs, `deployplan window {plan}` when it may start"
        fail(f"nothing of {plan} runs, opens within 7 days or has ended in the last 24 hours", hint, NOTHING_KNOWN)
    shown = replace(found, rows=rows)
    if as_json:
        typer.echo(json.dumps(tonight_as_json(shown), indent=2, ensure_ascii=False))
    else:
        typer.echo("\n".join(_told(shown)))


def tonight_in(store: Records, include: Path, hold: Hold | None = None) -> Tonight:
    """Return where every plan and run of this store and include folder stands now."""
    documents = Include(include)
    plans = load_all(documents) if include.is_dir() else None
    sources = Sources(
        include=documents,
        records=store,
        reader=RunReader(store),
        snapshots={} if plans is None else plans.snapshots,
        today=lambda environment: load_infrastructure(environment, documents),
        hold=hold,
        rejected=0 if plans is None else len({problem.path for problem in plans.problems}),
    )
    return read_tonight(sources, SystemClock().now())


def _told(found: Tonight) -> Iterator[str]:
    if found.hold is not None:
        yield printable(f"all is {found.hold}")
    if not found.rows:
        yield "nothing runs, and nothing opens within 7 days"
    for lane in Lane:
        rows = [row for row in found.rows if row.lane is lane]
        if rows:
            yield str(lane).capitalize()
            for row in rows:
                yield from _row(row)
    if found.rejected:
        yield f"{found.rejected} plan files have problems: `deployplan lint` prints them"


def _row(row: TonightRow) -> Iterator[str]:
    release = f" ({row.product} {row.version}, {row.environment})" if row.product else ""
    run = f"  run {row.run}" if row.run else ""
    yield printable(f"  {row.plan}{release}{run}")
    yield printable(f"      {row.outcome + ': ' if row.outcome and row.outcome != row.sentence else ''}{row.sentence}")
    for line in _facts(row):
        yield printable(f"      {line}")


def _facts(row: TonightRow) -> Iterator[str]:
    """Who must act, where it stands, and until when."""
    if row.problem:
        yield "its record cannot be believed: `deployplan evidence verify` tells what is wrong"
        return
    zone = ZoneInfo(row.timezone)
    progress = row.progress
    if progress is not None and progress.question is not None:
        asked = progress.question
        until = f", until {_local(asked.until, zone)}" if asked.until else ""
        yield f"waits for {' or '.join(asked.people)} ({asked.task}){until}"
    if row.run is not None and progress is not None and row.ended is None:
        nodes = ", ".join(f"{count} {standing}" for standing, count in progress.nodes.items() if count)
        phase = "" if progress.phase is None else f"phase {int(progress.phase)} of 6, {progress.phase.name.lower()}; "
        left = "" if progress.budget is None or progress.began is None else f"; budget {progress.budget}"
        yield f"{phase}{nodes}{left}"
    words = ("opens", "last safe start", "closes", "ended")
    times = zip(words, (row.opens, row.last_safe_start, row.closes, row.ended), strict=True)
    told = "; ".join(f"{word} {_local(instant, zone)}" for word, instant in times if instant is not None)
    if told:
        yield told


def _local(instant: datetime, zone: ZoneInfo) -> str:
    return f"{instant.astimezone(zone):%F %R %Z}"
