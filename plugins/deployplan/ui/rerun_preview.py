"""What would clearing a task do, before anyone clears? One preview, in the same words at a terminal and on a page."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from deployplan.clock import SystemClock
from deployplan.evidence.hold import HoldSwitch
from deployplan.evidence.record import Records, RunRecord
from deployplan.plan.include import Include
from deployplan.plan.snapshot import Snapshot
from deployplan.printable import printable
from deployplan.remote.node_client import NodeClient
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
from deployplan.runbook.run.directory import Directory
from deployplan.runbook.run.fleet import Fleet
from deployplan.runbook.run.fold import fold_all
from deployplan.runbook.run.frozen_plan import frozen_plan
from deployplan.runbook.run.generation import Generation
from deployplan.runbook.run.run import Run
from deployplan.runbook.tasks import TaskRow, task_table
from deployplan.ui.approved_plan import file_says_otherwise


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

    @property
    def is_clear(self) -> bool:
        """Whether nothing is in the way, and every node has answered."""
        return not self.obstacles and not any(node.does is Does.UNKNOWN for step in self.steps for node in step.nodes)


def run_to_look_at(
    store: Records, record: RunRecord, include: Include, directory: Callable[[], Directory]
) -> Run | None:
    """The run with the plan that it froze, to be looked at: it reaches no node and records nothing.

    None when it froze no plan yet. Raises RecordError, and SnapshotDamaged when the plan is not what was frozen.
    """
    ledger = record.ledger()
    frozen = fold_all(ledger.entries()).frozen
    if frozen is None:
        return None
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
        directory=directory,
        records=store,
    )


async def _reaches_none(node: str) -> NodeClient:
    raise AssertionError(f"a preview acts on no node, and so not on {node}")


def first_wave(snapshot: Snapshot) -> str:
    """The task of the first wave: clearing it brings what is missing, and leaves what is done."""
    return next(
        row.task for row in task_table(snapshot) if row.task.startswith("deploy.") and row.task != task_names.ARM
    )


def preview_rerun(run: Run, cleared: TaskRow, store: Records, answers: Answers) -> Preview:
    """Return what clearing this task would do; `answers` is what each node of the plan says of itself now."""
    tasks = tuple(_downstream(run.snapshot, cleared.task))
    generation = fresh_generation(run)
    obstacles = list(refusals(run, store))
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


def refusals(run: Run, store: Records) -> Iterator[str]:
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


def told_of_rerun(found: Preview) -> Iterator[str]:
    """Say it, line by line, as `deployplan rerun` prints it."""
    yield f"clearing {found.task} of {found.plan}/{found.run} with Downstream clears: {', '.join(found.tasks)}"
    yield from (printable(f"asks now: {card}") for card in found.asks)
    for obstacle in found.obstacles:
        yield printable(f"in the way: {obstacle}")
    if not found.steps:
        yield "no script would run on any node"
    for step in found.steps:
        yield f"{step.title}: {_summary(step)}"
        yield from (printable(f"  {node.node}  {node.does}: {node.why}") for node in step.nodes if node.does.work)


def _summary(step: StepForecast) -> str:
    working = sum(node.does.work for node in step.nodes)
    parts = [f"{working} of {len(step.nodes)} nodes to work on"]
    left = [f"{node.node} ({node.why})" for node in step.nodes if not node.does.work]
    parts += [f"left alone: {', '.join(left)}"] if left else []
    parts += ["its criteria are read again"] if step.criteria else []
    return "; ".join(parts)
