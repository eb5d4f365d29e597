"""`deployplan rerun --preview`: what would a clear do, before anyone clears?"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import typer

from deployplan.cli.node_table import clean
from deployplan.cli.options import DEFAULT_INCLUDE, AsJson, IncludeFolder, include_at
from deployplan.cli.record_store import KeyFile, Store, records_at, signing_key
from deployplan.cli.render import fail
from deployplan.cli.targets import targets_of
from deployplan.clock import SystemClock
from deployplan.evidence import RecordError, Records
from deployplan.evidence.hold import HoldSwitch
from deployplan.plan.include import Include
from deployplan.plan.snapshot import Snapshot
from deployplan.plan.snapshot_error import SnapshotDamaged
from deployplan.plan.text.keys import did_you_mean
from deployplan.remote.node_client import NodeClient
from deployplan.remote.node_facts import NodeFacts
from deployplan.runbook import task_names
from deployplan.runbook.rerun.obstacles import arm_obstacles, open_cards
from deployplan.runbook.rerun.preview import (
    Answers,
    Does,
    StepForecast,
    deploy_forecast,
    fresh_generation,
    undo_forecast,
)
from deployplan.runbook.run.directory import directory_at
from deployplan.runbook.run.fleet import Fleet
from deployplan.runbook.run.fold import fold_all
from deployplan.runbook.run.frozen_plan import frozen_plan
from deployplan.runbook.run.generation import Generation
from deployplan.runbook.run.run import Run
from deployplan.runbook.tasks import TaskRow, task_table
from deployplan.ui.approved_plan import file_says_otherwise

app = typer.Typer()
IN_THE_WAY = 1


@dataclass(frozen=True)
class Preview:
    """What clearing `task` with Downstream would do. `obstacles`: what would stop or hold it, as things stand.

    `asks` are the cards that wait for people now, and what would become of each.
    """

    plan: str
    run: str
    digest: str
    task: str
    tasks: tuple[str, ...]
    obstacles: tuple[str, ...]
    steps: tuple[StepForecast, ...]
    asks: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        known = {"plan": self.plan, "run": self.run, "digest": self.digest, "task": self.task}
        return {
            **known,
            "tasks": list(self.tasks),
            "obstacles": list(self.obstacles),
            "asks": list(self.asks),
            "steps": [step.as_json() for step in self.steps],
        }


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
    found = _preview(opened, _row(opened.snapshot, task or _first_wave(opened.snapshot)), store)
    typer.echo(json.dumps(found.as_json(), indent=2, ensure_ascii=False) if as_json else "\n".join(_told(found)))
    silent = any(node.does is Does.UNKNOWN for step in found.steps for node in step.nodes)
    raise typer.Exit(IN_THE_WAY if found.obstacles or silent else 0)


def _opened(store: Records, plan: str, run_id: str, include: Include) -> Run:
    """The run with the plan that it froze, to be looked at: it reaches no node and records nothing."""
    try:
        record = store.find(f"{plan}/{run_id}")
        ledger = record.ledger()
        frozen = fold_all(ledger.entries()).frozen
        if frozen is None:
            fail(f"{plan}/{run_id} froze no plan yet", "review.controls does so first")
        return Run(
            snapshot=frozen_plan(store, record.plan, frozen.digest),
            run_id=record.run_id,
            triggered_by=frozen.login or frozen.triggered_by,
            ledger=ledger,
            include=include,
            fleet=Fleet(_reaches_none),
            clock=SystemClock(),
            say=lambda line: None,
            hold=HoldSwitch(store.root).state,
            directory=lambda: directory_at(include, ids_are_logins=True),
            records=store,
        )
    except SnapshotDamaged as error:
        fail(str(error), "nothing of it may run; `deployplan evidence verify` tells whether the ledger is intact")
    except RecordError as error:
        fail(str(error), "another record store is named by --records or DEPLOYPLAN_RECORDS")


async def _reaches_none(node: str) -> NodeClient:
    raise AssertionError(f"a preview acts on no node, and so not on {node}")


def _row(snapshot: Snapshot, task: str) -> TaskRow:
    table = {row.task: row for row in task_table(snapshot)}
    if task not in table:
        fail(f"the plan has no task {task!r}; there are {', '.join(table)}", did_you_mean(task, table))
    return table[task]


def _first_wave(snapshot: Snapshot) -> str:
    return next(
        row.task for row in task_table(snapshot) if row.task.startswith("deploy.") and row.task != task_names.ARM
    )


def _preview(run: Run, cleared: TaskRow, store: Records) -> Preview:
    from deployplan.cli.reach import ask_each

    tasks = tuple(_downstream(run.snapshot, cleared.task))
    answers: Answers = {target.name: answer for target, answer in ask_each(targets_of(run.snapshot), _facts)}
    generation = fresh_generation(run)
    obstacles = list(_refusals(run, store))
    if task_names.ARM in tasks:
        obstacles += arm_obstacles(
            run,
            answers,
            generation,
            waits_for_window=task_names.WINDOW in tasks,
            asks_again=task_names.seat(1) in tasks,
        )
    steps = _steps(run, cleared, tasks, answers, generation)
    asks = tuple(open_cards(run.read_state(), tasks))
    plan = run.snapshot.plan.name
    return Preview(plan, run.run_id, run.snapshot.digest, cleared.task, tasks, tuple(obstacles), steps, asks)


def _steps(
    run: Run, cleared: TaskRow, tasks: tuple[str, ...], answers: Answers, generation: Generation
) -> tuple[StepForecast, ...]:
    table = task_table(run.snapshot)
    deploys = {task_names.wave(wave.component, wave.number) for wave in run.snapshot.waves}
    if deploys & set(tasks):
        return deploy_forecast(run.snapshot, answers, run.read_state(), generation)
    if cleared.task.startswith("backout."):
        undone = [row.subject for row in table if row.task in tasks and row.task == task_names.undo(str(row.subject))]
        return undo_forecast(run.snapshot, answers, undone, generation)
    return ()


async def _facts(client: NodeClient) -> NodeFacts:
    return await client.facts()


def _downstream(snapshot: Snapshot, task: str) -> Iterator[str]:
    """The tasks that Airflow clears with Downstream, in order: those behind it, and the setup of any of them."""
    table = task_table(snapshot)
    behind = {task}
    for row in table:
        if behind & set(row.after):
            behind.add(row.task)
    if any(row.task.startswith(("deploy.", "verify.")) for row in table if row.task in behind):
        behind.add(task_names.ARM)
    yield from (row.task for row in table if row.task in behind)


def _refusals(run: Run, store: Records) -> Iterator[str]:
    """Why every task of the rerun would refuse, whatever the nodes say."""
    active = store.active(run.snapshot.plan.name)
    if active is not None and active[0] == run.run_id:
        return  # then Airflow builds the plan from what the run froze
    if active is not None:
        yield f"run {active[0]} of this plan is under way"
    yield from _changed(run.snapshot, run.include)


def _changed(snapshot: Snapshot, include: Include) -> list[str]:
    """Whether the plan's file is no longer what the run froze: its tasks then refuse."""
    told = file_says_otherwise(snapshot, include)
    return [] if told is None else [f"{told}; restore it, or trigger a new run"]


def _told(found: Preview) -> Iterator[str]:
    yield f"clearing {found.task} of {found.plan}/{found.run} with Downstream clears: {', '.join(found.tasks)}"
    yield from (clean(f"asks now: {card}") for card in found.asks)
    for obstacle in found.obstacles:
        yield clean(f"in the way: {obstacle}")
    if not found.steps:
        yield "no script would run on any node"
    for step in found.steps:
        yield f"{step.title}: {_summary(step)}"
        yield from (clean(f"  {node.node}  {node.does}: {node.why}") for node in step.nodes if node.does.work)


def _summary(step: StepForecast) -> str:
    working = sum(node.does.work for node in step.nodes)
    parts = [f"{working} of {len(step.nodes)} nodes to work on"]
    left = [f"{node.node} ({node.why})" for node in step.nodes if not node.does.work]
    parts += [f"left alone: {', '.join(left)}"] if left else []
    parts += ["its criteria are read again"] if step.criteria else []
    return "; ".join(parts)
