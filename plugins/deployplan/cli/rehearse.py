"""`deployplan rehearse`: a plan's real scripts, deploy and backout, on practice nodes of this machine."""

import asyncio
import getpass
import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from deployplan.cli.local import tell_errors
from deployplan.cli.options import DEFAULT_INCLUDE, AsJson, IncludeFolder, include_at
from deployplan.cli.record_store import KeyFile, Store, records_at, signing_key
from deployplan.cli.render import fail
from deployplan.cli.targets import load_or_fail
from deployplan.clock import SystemClock
from deployplan.local.settings import settings_from
from deployplan.runbook.run.run import Refused

app = typer.Typer()
NOT_WELL = 3
PRACTICE = "practice"


@app.command()
def rehearse(
    plan: Annotated[str, typer.Argument(help="Name of a plan, or its file.")],
    environment: Annotated[
        str, typer.Option("--environment", metavar="NAME", help="Whose nodes stand in: only `practice`.")
    ] = PRACTICE,
    prepare: Annotated[
        Path | None,
        typer.Option("--prepare", help="Script that puts on each node, in its home folder, what the plan starts from."),
    ] = None,
    include: IncludeFolder = DEFAULT_INCLUDE,
    records: Store = None,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Carry the plan out on practice nodes of the same names, take it back, and record how both went and how long.

    The scripts really run, as you, each node in a home folder of its own on this machine; no other node is reached by
    SSH. Criteria read this machine only; what a script reaches by itself, it reaches. The record proves scripts, not
    production: it stands for `backout.tested`, and the approver's card shows it, as long as not one byte of
    scripts, commands or packages changes.

    Exit code 0: deploy and backout went well; 1: the plan has problems, or cannot be rehearsed; 2: no such plan or
    wrong usage; 3: deploy or backout failed.

    Examples: deployplan rehearse storefront-4.3.0; deployplan rehearse shop-2.1 --prepare ./install-2.0.sh
    """
    from deployplan.local.rehearsal import rehearse_on

    if environment != PRACTICE:
        fail(
            f"nothing is rehearsed in {environment!r}: its nodes are not made for it",
            "nobody has approved what would run: only practice nodes of this machine stand in",
        )
    if prepare is not None and not prepare.is_file():
        fail(f"there is no script {prepare}")
    folder = include_at(include)
    snapshot, by = load_or_fail(plan, folder), f"os user {getpass.getuser()} (no login)"
    name = f"{SystemClock().now():%Y-%m-%dT%H-%M-%S}"
    ledger = records_at(records, signing_key(key_file)).rehearsal(snapshot.plan.name, name)

    def say(line: str) -> None:
        typer.echo(line, err=True)

    with tell_errors():
        settings = replace(settings_from(), include=folder.root)
        try:
            found = asyncio.run(rehearse_on(snapshot, settings, ledger, by=by, prepare=prepare, say=say))
        except Refused as refused:
            fail(str(refused), "--prepare SCRIPT puts on each node what the plan starts from", code=1)
    if as_json:
        typer.echo(json.dumps(found.facts(), indent=2, ensure_ascii=False, default=str))
    else:
        typer.echo(f"deploy {'went well' if found.deploy_ok else 'FAILED'} in {found.deploy_seconds:g} s")
        typer.echo(f"backout {'proven' if found.backout_ok else 'FAILED'} in {found.backout_seconds:g} s")
        for problem in found.problems:
            typer.echo(f"- {problem}")
    raise typer.Exit(0 if found.deploy_ok and found.backout_ok else NOT_WELL)
