"""`deployplan evidence`: read and check what a run left behind, offline."""

import json
from pathlib import Path
from typing import Annotated

import typer

from deployplan.cli.record_store import KeyFile, Store, records_at, signing_key
from deployplan.cli.render import fail
from deployplan.evidence import RecordError, RunRecord, Verification, salvage
from deployplan.evidence.story import sentence, story

app = typer.Typer(
    help="Read and check the evidence of a run. Exit code 0: intact; 1: not intact; 2: no such run, or no such key.",
    no_args_is_help=True,
)

NOT_INTACT = 1

Run = Annotated[str, typer.Argument(help="Run id, PLAN/RUN ID, a plan with one run, or the folder of a record.")]
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
        if late := salvage(record.apart().folder):
            typer.echo(f"apart, when the run was over:\n{story(late)}", nl=False)
    verification = record.verify(key=key)
    for problem in verification.problems:
        typer.echo(f"not intact: {problem}", err=True)
    raise typer.Exit(0 if verification.ok else NOT_INTACT)


def _record(run: str, records: str | None, key_file: Path | None) -> tuple[RunRecord, bytes | None]:
    key = signing_key(key_file)
    try:
        return records_at(records, key).find(run), key
    except RecordError as error:
        fail(str(error), "another record store is named by --records or DEPLOYPLAN_RECORDS")


def _late(record: RunRecord) -> int:
    return len(salvage(record.apart().folder))


def _told(record: RunRecord, verification: Verification, *, has_key: bool) -> list[str]:
    unsealed = "no: the run is under way, or its end was cut off (compare with --head)"
    signatures = "checked" if verification.signed else "NOT GOOD" if has_key else "not checked, there is no key here"
    return [
        f"{record.plan}/{record.run_id}: {'intact' if verification.ok else 'NOT INTACT'}",
        f"entries     {verification.entries}",
        f"head        {verification.head}",
        f"sealed      {'yes' if verification.sealed else unsealed}",
        f"signatures  {signatures}",
        *([] if verification.bound else ["bound       no: the first format is not bound to a run"]),
        *([f"apart       {late} answers came when the run was over, see `show`"] if (late := _late(record)) else []),
        *(f"problem     {problem}" for problem in verification.problems),
    ]
