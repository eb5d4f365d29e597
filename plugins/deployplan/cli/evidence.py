"""`deployplan evidence`: read and check what a run left behind, offline."""

import json
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from deployplan.evidence import RecordError, Records, RunRecord, Verification, salvage
from deployplan.evidence.story import sentence, story
from deployplan.local.settings import LocalError, settings_from

app = typer.Typer(
    help="Read and check the evidence of a run. Exit code 0: intact; 1: not intact; 2: no such run, or no such key.",
    no_args_is_help=True,
)

NOT_INTACT = 1
USAGE = 2

Run = Annotated[str, typer.Argument(help="Run id, PLAN/RUN ID, a plan with one run, or the folder of a record.")]
Store = Annotated[
    str | None, typer.Option("--records", help="The record store, a folder or URL. Default: DEPLOYPLAN_RECORDS.")
]
KeyFile = Annotated[
    Path | None, typer.Option(help="The key that signed the entries. Default: DEPLOYPLAN_SIGNING_KEY_FILE.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Head = Annotated[
    str | None, typer.Option(help="A head that was printed elsewhere earlier; the ledger must still contain it.")
]


@app.command()
def verify(
    run: Run, head: Head = None, records: Store = None, key_file: KeyFile = None, as_json: AsJson = False
) -> None:
    """Check that nobody changed, removed, reordered or rewrote an entry.

    Exit code 0: intact; 1: not intact; 2: no such run, or no such key.

    Example: deployplan evidence verify storefront-4.3.0 --head 2d58efe0a19c71b4…
    """
    record, key = _record(run, records, key_file)
    verification = record.verify(key=key, expected_head=head)
    if as_json:
        typer.echo(json.dumps({"plan": record.plan, "run": record.run_id, **verification.as_json()}, indent=2))
    else:
        typer.echo("\n".join(_told(record, verification, has_key=key is not None)))
    raise typer.Exit(0 if verification.ok else NOT_INTACT)


@app.command()
def show(run: Run, records: Store = None, key_file: KeyFile = None, as_json: AsJson = False) -> None:
    """Tell the run's story, one line an entry; of damaged evidence as much as can be read.

    Exit code 0: intact; 1: not intact; 2: no such run, or no such key.

    Example: deployplan evidence show storefront-4.3.0 --json | jq '.[] | select(.kind == "approved")'
    """
    record, key = _record(run, records, key_file)
    entries = salvage(record.folder)
    if as_json:
        told = [entry.as_json() | {"told": sentence(entry)} for entry in entries]
        typer.echo(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        typer.echo(story(entries), nl=False)
    verification = record.verify(key=key)
    for problem in verification.problems:
        typer.echo(f"not intact: {problem}", err=True)
    raise typer.Exit(0 if verification.ok else NOT_INTACT)


def _record(run: str, records: str | None, key_file: Path | None) -> tuple[RunRecord, bytes | None]:
    try:
        settings = settings_from()
        store = records or str(settings.records)
        key = _key(settings.signing_key) if key_file is None else _read_key(key_file)
        return Records(store).find(run), key
    except RecordError as error:
        _refuse(str(error), "another record store is named by --records or DEPLOYPLAN_RECORDS")
    except LocalError as error:
        _refuse(str(error), "see docs/reference/settings.md")


def _key(place: Path) -> bytes | None:
    """The key of this installation, if there is one; an auditor's machine has none."""
    return _read_key(place) if place.exists() else None


def _read_key(place: Path) -> bytes:
    try:
        return place.read_bytes().strip()
    except OSError as error:
        _refuse(f"signing key {place} cannot be read: {error.strerror}", "name a key file that you may read")


def _refuse(message: str, hint: str) -> NoReturn:
    typer.echo(f"error: {message}\nhint: {hint}", err=True)
    raise typer.Exit(USAGE)


def _told(record: RunRecord, verification: Verification, *, has_key: bool) -> list[str]:
    unsealed = "no: the run is under way, or its end was cut off (compare with --head)"
    signatures = "checked" if verification.signed else "NOT GOOD" if has_key else "not checked, there is no key here"
    return [
        f"{record.plan}/{record.run_id}: {'intact' if verification.ok else 'NOT INTACT'}",
        f"entries     {verification.entries}",
        f"head        {verification.head}",
        f"sealed      {'yes' if verification.sealed else unsealed}",
        f"signatures  {signatures}",
        *(f"problem     {problem}" for problem in verification.problems),
    ]
