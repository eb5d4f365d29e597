"""`deployplan close`: a person ends the record of a run that can no longer end by itself."""

import json
import sys
from typing import Annotated

import typer

from deployplan.cli.options import AsJson
from deployplan.cli.record_store import KeyFile, Store, records_at, signing_key
from deployplan.cli.render import fail
from deployplan.cli.sign_in import Url, User, may_act
from deployplan.cli.unlock import REFUSED, Reason
from deployplan.clock import SystemClock
from deployplan.errors import DeployPlanError
from deployplan.evidence import salvage
from deployplan.evidence.story import describe_entry
from deployplan.runbook.closure.close_record import close_record

app = typer.Typer()


@app.command()
def close(
    plan: Annotated[str, typer.Argument(metavar="PLAN", help="Name of the plan.")],
    reason: Reason,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; for scripts.")] = False,
    by: Annotated[str | None, typer.Option("--by", help="Who closes it, where nobody logs in to Airflow.")] = None,
    records: Store = None,
    key_file: KeyFile = None,
    url: Url = None,
    user: User = None,
    as_json: AsJson = False,
) -> None:
    """End the record of the plan's run under way as `unknown`, when the run cannot end by itself any more.

    That is so when Airflow has forgotten the run, or when the plan that the run froze was changed in the record store,
    so that each of its tasks refuses. The reason and your name become the outcome in its evidence, which is sealed, and
    another run of the plan may begin. No node is asked: those that the run had locked are named, stay locked, and are
    given free one by one with `deployplan unlock`, which shows what still runs there.

    With a login (--user, DEPLOYPLAN_USER or DEPLOYPLAN_TOKEN) your name is that person's, who must have the right to
    change the plan's runs; without one it is `os user NAME (no login)`.

    Exit code 0: closed; 1: no run is under way, or not confirmed; 2: wrong usage.

    Example: deployplan close storefront-4.3.0 --reason "its frozen plan was changed, INC0816"
    """
    key = signing_key(key_file)
    store = records_at(records, key)
    active = store.active(plan)
    if active is None:
        fail(f"no run of {plan} is under way", "deployplan evidence show PLAN tells of those that are over", REFUSED)
    entries = salvage(store.run(plan, active[0]).folder)
    typer.echo(f"run {active[0]} of {plan}; its evidence ends with:", err=True)
    for entry in entries[-3:]:
        typer.echo(describe_entry(entry), err=True)
    if key is None and any(entry.mac for entry in entries):
        fail("its evidence is signed, and there is no signing key here", "see --key-file", 2)
    who = may_act(by, url, user, plan, to="close the record of a run")
    if not yes:
        _confirm(active[0])
    try:
        done = close_record(store, plan, by=who, why=reason, key=key, clock=SystemClock())
    except (DeployPlanError, LookupError, OSError) as error:
        fail(f"{plan} could not be closed: {error}", "run the command again: closing may be repeated", REFUSED)
    if as_json:
        facts = {"plan": plan, "run": done.run_id, "head": done.head, "nodes": list(done.nodes)}
        typer.echo(json.dumps(facts, indent=2))
        return
    typer.echo(f"{plan}: run {done.run_id} closed as unknown" + (f", evidence head {done.head}" if done.head else ""))
    if done.nodes:
        typer.echo(f"hint: it had locked {', '.join(done.nodes)}: `deployplan unlock NODE --reason …` each", err=True)


def _confirm(run_id: str) -> None:
    typer.echo(f"close {run_id}, although it may still go on in Airflow? [y/N] ", err=True, nl=False)
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        fail("not confirmed; nothing was done", "a script confirms with --yes", REFUSED)
