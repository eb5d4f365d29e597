"""`deployplan evidence`: read and check what a run left behind, offline."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from deployplan.cli.record_store import KeyFile, Store, records_at, signing_key
from deployplan.cli.render import fail
from deployplan.cli.sign_in import Url, User, may_act
from deployplan.clock import SystemClock
from deployplan.evidence import RecordError, Records, RunRecord, salvage
from deployplan.evidence import verify as verify_ledger
from deployplan.evidence.archive import Tombstone, copy_out, take_out
from deployplan.evidence.audit import verify_all, verify_in_store
from deployplan.evidence.story import sentence, story
from deployplan.evidence.tidy import tidy
from deployplan.runbook.take_back import wanted_until
from deployplan.ui.evidence_words import verification_lines

app = typer.Typer(
    help="Read and check the evidence of a run. Exit code 0: intact; 1: not intact; 2: no such run, or no such key.",
    no_args_is_help=True,
)

NOT_INTACT = 1

Run = Annotated[
    str,
    typer.Argument(
        help="Run id, PLAN/RUN ID, a plan with one run, the folder of a record; or people/PLAN: what people did to a "
        "plan while none of its runs was under way."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Head = Annotated[
    str | None, typer.Option(help="A head that was printed elsewhere earlier; the ledger must still contain it.")
]


@app.command()
def verify(
    run: Annotated[str | None, typer.Argument(help="As above; or none, with --all.")] = None,
    head: Head = None,
    every: Annotated[
        bool, typer.Option("--all", help="Check every run of the store, and that none is missing.")
    ] = False,
    records: Store = None,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Check that nobody changed, removed, reordered or rewrote an entry, and that nothing was cut off since the end.

    Exit code 0: intact; 1: not intact, or removed; 2: no such run, or no such key.

    Examples: deployplan evidence verify storefront-4.3.0 --head 2d58efe0a19c71b4…; deployplan evidence verify --all
    """
    if every == (run is not None):
        fail("name one run, or --all", "deployplan evidence verify --all")
    if run is None:
        _verify_all(records, key_file, as_json=as_json)
    record, key = _record(str(run), records, key_file)
    verification = verify_in_store(records_at(records, key), record, key, expected_head=head)
    if as_json:
        typer.echo(json.dumps({"plan": record.plan, "run": record.run_id, **verification.as_json()}, indent=2))
    else:
        typer.echo("\n".join(verification_lines(record, verification, has_key=key is not None)))
    raise typer.Exit(0 if verification.ok else NOT_INTACT)


def _verify_all(records: str | None, key_file: Path | None, *, as_json: bool) -> NoReturn:
    key = signing_key(key_file)
    found = list(verify_all(records_at(records, key), key))
    if as_json:
        typer.echo(json.dumps([asdict(each) for each in found], indent=2))
    for each in () if as_json else found:
        typer.echo(f"{each.name}: {each.told}")
        for problem in each.problems:
            typer.echo(f"  problem     {problem}")
    if not as_json and key is None:
        typer.echo("signatures were not checked, there is no key here", err=True)
    raise typer.Exit(0 if all(each.ok for each in found) else NOT_INTACT)


@app.command()
def archive(
    run: Run,
    to: Annotated[Path, typer.Option("--to", help="The folder to copy it to; it must not exist yet.")],
    by: Annotated[str | None, typer.Option("--by", help="Who archives it, where nobody logs in to Airflow.")] = None,
    records: Store = None,
    key_file: KeyFile = None,
    url: Url = None,
    user: User = None,
) -> None:
    """Copy an ended run's record out, check the copy, and leave a signed tombstone in its place.

    A run whose release may still be backed out (`backout.until`) is not archived.

    With a login (--user, DEPLOYPLAN_USER or DEPLOYPLAN_TOKEN) the tombstone has that person's name, who must have the
    right to change the plan's runs; without one it is `os user NAME (no login)`.

    Exit code 0: archived; 1: not intact, under way, or the copy is not good; 2: no such run, or no such key.

    Example: deployplan evidence archive storefront-4.3.0/manual__1 --to /mnt/archive/storefront-4.3.0
    """
    record, key = _record(run, records, key_file)
    if key is None:
        fail("an archived run leaves a signed tombstone, and there is no key here", "name one with --key-file")
    who = may_act(by, url, user, record.plan, to="archive the record of a run")
    store = records_at(records, key)
    verification = verify_in_store(store, record, key)
    active = store.active(record.plan)
    if not verification.ok or not verification.sealed or (active is not None and active[0] == record.run_id):
        why = "; ".join(verification.problems) or "it is under way, or its last entry is no seal"
        fail(f"{record.name} is not archived: {why}", "only a run that is intact and over is", NOT_INTACT)
    if (until := wanted_until(store, record.plan, record.run_id, now=SystemClock().now())) is not None:
        why = f"its release may be backed out until {until:%F %R %Z}"
        fail(f"{record.name} is not archived: {why}", "archive it after that", NOT_INTACT)
    try:
        copy_out(record.folder, to)
        copied = verify_ledger(to, key, expected_head=verification.head)
        if not copied.ok or copied.entries != verification.entries:
            fail(f"the copy in {to} is not good: {'; '.join(copied.problems)}", "nothing was removed", NOT_INTACT)
        stone = Tombstone(
            record.plan, record.run_id, copied.head, copied.entries, SystemClock().now(), who, str(to.resolve())
        )
        store.tombstones.put(stone, key)
        take_out(record.folder, copied)
    except (OSError, RecordError) as error:
        fail(str(error), "look what is in both places before you try again", NOT_INTACT)
    typer.echo(str(stone))


@app.command("tidy")
def tidy_store(records: Store = None, key_file: KeyFile = None) -> None:
    """Put the entries of each run that is over into one file, and the ends of ten runs into one; remove nothing early.

    Who ends a run does the same for some that ended before: this does it for all of them, as after an update. What is
    put together now is removed by a later call, an hour later at the earliest. Nothing is done for fewer than ten runs.
    Nothing in the evidence changes.

    Exit code 0: done; 1: the store fails, or a run is not intact and was left as it is; 2: no such key.

    Example: deployplan evidence tidy --records s3://bucket/records
    """
    key = signing_key(key_file)
    try:
        done = tidy(records_at(records, key), key, now=SystemClock().now(), most=None)
    except (OSError, RecordError) as error:
        fail(str(error), "nothing is lost; try again", NOT_INTACT)
    typer.echo(f"{done.runs} runs are in one file each")
    if done.left:
        fail(f"{done.left} runs are not intact, or gone", "deployplan evidence verify --all says which", NOT_INTACT)


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
    verification = verify_in_store(records_at(records, key), record, key)
    for problem in verification.problems:
        typer.echo(f"not intact: {problem}", err=True)
    raise typer.Exit(0 if verification.ok else NOT_INTACT)


def _record(run: str, records: str | None, key_file: Path | None) -> tuple[RunRecord, bytes | None]:
    key = signing_key(key_file)
    try:
        return records_at(records, key).find(run), key
    except RecordError as error:
        _say_what_became_of(run, records_at(records, key), key)
        fail(str(error), "another record store is named by --records or DEPLOYPLAN_RECORDS")


def _say_what_became_of(run: str, store: Records, key: bytes | None) -> None:
    """End the command when the store knows a run of this name that it does not hold any more."""
    for end in reversed(store.ends.all()):
        if run in (end.run_id, f"{end.plan}/{end.run_id}", end.plan):
            name, stone = f"{end.plan}/{end.run_id}", store.tombstones.of(end.plan, end.run_id, key)
            if stone is not None and stone.head == end.head:
                typer.echo(f"{name}: {stone}")
                raise typer.Exit(0)
            fail(f"{name} ended on {end.at:%F %R %Z} and was removed", f"its last entry was {end.head}", NOT_INTACT)
