"""`deployplan rerun --preview`: what would a clear do, before anyone clears?"""

import json
from typing import Annotated

import typer

from deployplan.cli.options import DEFAULT_INCLUDE, AsJson, IncludeFolder, include_at
from deployplan.cli.record_store import KeyFile, Store, records_at, signing_key
from deployplan.cli.render import fail
from deployplan.cli.targets import targets_of
from deployplan.evidence import RecordError, Records
from deployplan.plan.include import Include
from deployplan.plan.snapshot import Snapshot
from deployplan.plan.snapshot_error import SnapshotDamaged
from deployplan.plan.text.keys import did_you_mean
from deployplan.printable import some_of
from deployplan.remote.node_client import NodeClient
from deployplan.remote.node_facts import NodeFacts
from deployplan.runbook.rerun.preview import (
    Answers,
)
from deployplan.runbook.run.directory import directory_at
from deployplan.runbook.run.run import Run
from deployplan.runbook.tasks import TaskRow, task_table
from deployplan.ui.rerun_preview import first_wave, preview_rerun, run_to_look_at, told_of_rerun

app = typer.Typer()
IN_THE_WAY = 1


@app.command()
def rerun(
    plan: Annotated[str, typer.Argument(help="Name of the plan.")],
    run: Annotated[str, typer.Argument(help="Run id, as Airflow shows it.")],
    preview: Annotated[bool, typer.Option("--preview", help="Says what it does in any case.")] = True,
    task: Annotated[
        str | None, typer.Option("--task", help="The task that would be cleared. Default: the first wave.")
    ] = None,
    include: IncludeFolder = DEFAULT_INCLUDE,
    records: Store = None,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Name the steps and nodes that a clear of this run would work on, by what the nodes say now. Changes nothing.

    Clearing itself is Airflow's: clear the task there, with Downstream and without Only Failed. A card that waits for
    people is named, with what the clear would do to it.

    Exit code 0: printed, and nothing is in the way; 1: something would stop it, or a node did not answer; 2: no such
    plan, run or task.

    Examples: deployplan rerun storefront-4.4.0 demo; deployplan rerun storefront-4.4.0 demo --task backout.web --json
    """
    store = records_at(records, signing_key(key_file))
    opened = _opened(store, plan, run, include_at(include))
    answers = _answers(opened.snapshot)
    found = preview_rerun(opened, _row(opened.snapshot, task or first_wave(opened.snapshot)), store, answers)
    told = json.dumps(found.as_json(), indent=2, ensure_ascii=False) if as_json else "\n".join(told_of_rerun(found))
    typer.echo(told)
    raise typer.Exit(0 if found.is_clear else IN_THE_WAY)


def _opened(store: Records, plan: str, run_id: str, include: Include) -> Run:
    try:
        record = store.find(f"{plan}/{run_id}")
        found = run_to_look_at(store, record, include, lambda: directory_at(include, ids_are_logins=True))
    except SnapshotDamaged as error:
        fail(str(error), "nothing of it may run; `deployplan evidence verify` tells whether the ledger is intact")
    except RecordError as error:
        fail(str(error), "another record store is named by --records or DEPLOYPLAN_RECORDS")
    if found is None:
        fail(f"{plan}/{run_id} froze no plan yet", "review.controls does so first")
    return found


def _row(snapshot: Snapshot, task: str) -> TaskRow:
    table = {row.task: row for row in task_table(snapshot)}
    if task not in table:
        fail(f"the plan has no task {task!r}; there are {some_of(table)}", did_you_mean(task, table))
    return table[task]


def _answers(snapshot: Snapshot) -> Answers:
    from deployplan.cli.reach import ask_each

    return {target.name: answer for target, answer in ask_each(targets_of(snapshot), _facts)}


async def _facts(client: NodeClient) -> NodeFacts:
    return await client.facts()
