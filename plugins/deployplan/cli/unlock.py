"""`deployplan unlock`: a person takes a node's lock away, and the reason stays."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from deployplan.cli.node_table import clean, job_line
from deployplan.cli.options import DEFAULT_INCLUDE, AsJson, IncludeFolder, include_at
from deployplan.cli.record_store import KeyFile, Store, records_at, signing_key
from deployplan.cli.render import fail
from deployplan.cli.sign_in import Url, User, may_act
from deployplan.cli.targets import Environment, Target, one
from deployplan.clock import SystemClock
from deployplan.errors import DeployPlanError
from deployplan.evidence import RunRecord, salvage
from deployplan.evidence.kinds.people import NodeUnlocked
from deployplan.remote.errors import Fenced, LockHeld
from deployplan.remote.node_client import NodeClient
from deployplan.remote.node_facts import Holder, NodeFacts
from deployplan.runbook.node.node_story import holder_json, node_story, run_of
from deployplan.runbook.node.node_words import holder_words
from deployplan.runbook.node.unlocking import Unlocking, require_unlockable, unlock_node
from deployplan.runbook.run.run import Refused

app = typer.Typer()
REFUSED = 1
LONGEST_REASON = 2000


def _worded(reason: str) -> str:
    why = " ".join(reason.split())
    if not why or len(why) > LONGEST_REASON:
        fail(f"--reason has {len(why)} characters; it takes 1 to {LONGEST_REASON}", "say why, and name the ticket")
    return why


Reason = Annotated[
    str, typer.Option("--reason", callback=_worded, help="Why; kept on the node and in the run's evidence.")
]
EvenIfRunning = Annotated[bool, typer.Option("--even-if-running", help="Unlock although a job runs there; it runs on.")]
NoRecord = Annotated[
    bool, typer.Option("--no-record", help="Leave the reason on the node alone, not in the run's evidence.")
]


@app.command()
def unlock(
    node: Annotated[str, typer.Argument(metavar="NODE", help="Name of the node.")],
    reason: Reason,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; for scripts.")] = False,
    even_if_running: EvenIfRunning = False,
    by: Annotated[str | None, typer.Option("--by", help="Who unlocks, where nobody logs in to Airflow.")] = None,
    no_record: NoRecord = False,
    environment: Environment = None,
    include: IncludeFolder = DEFAULT_INCLUDE,
    records: Store = None,
    key_file: KeyFile = None,
    url: Url = None,
    user: User = None,
    as_json: AsJson = False,
) -> None:
    """Show who holds a node, ask, and take the lock away from exactly that holder.

    A run whose node was taken can do nothing more there. The reason goes to the node's ledger and, when the record
    store has the holder's run, to its evidence as `unlocked`. The run itself stays as it is: one that Airflow has
    forgotten is ended by `deployplan close`, or by the next run of its plan.

    With a login (--user, DEPLOYPLAN_USER or DEPLOYPLAN_TOKEN) it is done as that person, who must have the right to
    change the plan's runs. Without one, by whoever reaches the node: as `os user NAME (no login)`.

    Exit code 0: unlocked, or nobody held it; 1: refused, not confirmed, or the node did not answer; 2: wrong usage.

    Example: deployplan unlock web-1 --reason "restored by hand after the failed backout, INC0815"
    """
    target = one(node, environment, include_at(include))
    facts = _facts(target)
    holder = facts.holder
    if holder is None:
        typer.echo(json.dumps(_json(target, None, None)) if as_json else f"{target.name}: nobody holds it")
        return
    record = None if no_record else _record(holder, records, key_file)
    _show(target, facts, holder, record)
    _refuse_if(target, facts, holder, even_if_running=even_if_running)
    who = may_act(by, url, user, holder.plan, to=f"unlock {target.name}")
    if not yes:
        _confirm(target)
    wanted = Unlocking(holder, who, reason, SystemClock().now(), even_if_running)
    _carry_out(target, wanted)
    if record is not None:
        _leave_evidence(record, target, wanted, facts)
    typer.echo(json.dumps(_json(target, wanted, record), indent=2) if as_json else f"{target.name}: unlocked")


def _facts(target: Target) -> NodeFacts:
    from deployplan.cli.reach import ask_one

    async def facts(client: NodeClient) -> NodeFacts:
        return await client.facts()

    return ask_one(target, facts)


def _record(holder: Holder, store: str | None, key_file: Path | None) -> RunRecord | None:
    """The record of the holder's run, ready to be added to; None when the store has none.

    Looked at before anything is done: an entry that could not be signed would spoil the evidence.
    """
    key = signing_key(key_file)
    known = records_at(store, key)
    hint = "see --records and --key-file; --no-record leaves the reason on the node alone"
    try:
        record = next((each for each in known.runs(holder.plan) if each.run_id == run_of(holder.run)), None)
        if record is None:
            return None
        record.ledger().entries()
    except (DeployPlanError, OSError) as error:
        fail(f"the record of {holder.plan}/{run_of(holder.run)} cannot be added to: {error}", hint)
    if key is None and any(entry.mac for entry in salvage(record.folder)):
        fail(f"the evidence of {record.plan}/{record.run_id} is signed, and there is no signing key here", hint)
    return record


def _show(target: Target, facts: NodeFacts, holder: Holder, record: RunRecord | None) -> None:
    typer.echo(f"{target.name} ({target.environment}) is locked by {clean(holder_words(holder))}", err=True)
    for job in node_story(facts).running:
        typer.echo(f"runs: {job_line(job)}", err=True)
    kept = f"the evidence of {record.plan}/{record.run_id}" if record else "no run's evidence: it has none in the store"
    typer.echo(clean(f"the reason goes to the node's ledger and to {kept}"), err=True)


def _refuse_if(target: Target, facts: NodeFacts, holder: Holder, *, even_if_running: bool) -> None:
    try:
        require_unlockable(target.name, facts, holder, even_if_running=even_if_running)
    except Refused as refused:
        fail(str(refused), "wait for it, or end it by marking its task failed; else --even-if-running", REFUSED)


def _confirm(target: Target) -> None:
    typer.echo(f"unlock {target.name}? [y/N] ", err=True, nl=False)
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        fail("not confirmed; nothing was done", "a script confirms with --yes", REFUSED)


def _carry_out(target: Target, wanted: Unlocking) -> None:
    from deployplan.cli.reach import ask_one

    async def unlocked(client: NodeClient) -> str | None:
        try:
            await unlock_node(client, wanted)
        except (Refused, Fenced, LockHeld) as error:
            return str(error)
        return None

    problem = ask_one(target, unlocked)
    if problem is not None:
        fail(problem, f"deployplan nodes {target.name} shows it as it is now", REFUSED)


def _leave_evidence(record: RunRecord, target: Target, wanted: Unlocking, facts: NodeFacts) -> None:
    ledger = record.ledger()
    running = tuple(job.job_id for job in node_story(facts).running)
    try:
        was_sealed = ledger.entries()[-1].kind == "sealed"
        unlocked = NodeUnlocked(
            node=target.name, by=wanted.by, why=wanted.reason, frozen=wanted.holder.frozen, running=running
        )
        ledger.keep(unlocked)
        if was_sealed:
            ledger.seal()
    except (DeployPlanError, OSError) as error:
        fail(f"{target.name} is unlocked, but the run's evidence could not be added to: {error}", None, REFUSED)


def _json(target: Target, wanted: Unlocking | None, record: RunRecord | None) -> dict[str, object]:
    return {
        "node": target.name,
        "environment": target.environment,
        "unlocked": wanted is not None,
        "holder": holder_json(wanted.holder) if wanted else None,
        "by": wanted.by if wanted else None,
        "reason": wanted.reason if wanted else None,
        "record": f"{record.plan}/{record.run_id}" if record else None,
    }
