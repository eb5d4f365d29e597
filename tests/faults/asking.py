"""A task that may ask people, in a controller's process that can be killed at any entry of its evidence."""

import asyncio
import os
import signal
from collections.abc import Coroutine
from typing import Any, NoReturn

from deployplan.airflow_glue.tasks import backout_tasks, deploy_tasks
from deployplan.airflow_glue.tasks.host import Question, TaskHost, WaitFor
from deployplan.errors import DeployPlanError
from deployplan.evidence.entry import Entry
from deployplan.evidence.ledger import Ledger
from deployplan.plan.snapshot import Snapshot
from deployplan.runbook import task_names
from deployplan.runbook.run.run import Run
from deployplan.runbook.tasks import subject_of

WAVE = task_names.wave("app", 1)
MOST_PASSES = 9


class Parked(DeployPlanError):
    """A card is put up, and the process is left."""


class WorkerCalled(DeployPlanError):
    """What comes now is for a worker."""


class Skipped(DeployPlanError):
    """The task is skipped."""


class Anew(Exception):
    """The step begins once more."""


class MortalLedger(Ledger):
    """A ledger whose process is killed before or after its first entry of one kind."""

    death: tuple[str, str] = ("", "")

    def record(self, kind: str, **facts: Any) -> Entry:
        if self.death == ("before", kind):
            os.kill(os.getpid(), signal.SIGKILL)
        entry = super().record(kind, **facts)
        if self.death == ("after", kind):
            os.kill(os.getpid(), signal.SIGKILL)
        return entry


class Host(TaskHost):
    """A worker's or the triggerer's process, without Airflow around it."""

    def __init__(self, run: Run, task: str, *, clear: int, in_triggerer: bool) -> None:
        super().__init__(run.snapshot.plan.name, run.run_id, task, None)
        self._run, self._in_triggerer, self.clear = run, in_triggerer, clear
        self.subject = subject_of(run.snapshot, task)

    async def carry_out(self) -> None:
        """Do what the task does, begun anew as often as it wants, as in a worker."""
        body = backout_tasks.decide if self.task_id == task_names.DECIDE else deploy_tasks.deploy
        for _ in range(MOST_PASSES):
            try:
                await body(self)
                return
            except Anew:
                continue
        raise AssertionError("it begins anew for ever")

    async def open(self, *, nodes: bool = True, frozen: bool = True) -> Run:
        return self._run

    async def states(self, tasks: Any) -> dict[str, str | None]:
        return dict.fromkeys(tasks)

    async def snapshot(self) -> Snapshot:
        return self._run.snapshot

    async def carry(self, work: Coroutine[Any, Any, None]) -> None:
        await work

    async def keep(self, key: str, value: object) -> None:
        raise NotImplementedError

    def say(self, line: str) -> None:
        self._run.say(line)

    def need_worker(self, why: str) -> None:
        if self._in_triggerer:
            raise WorkerCalled(why)

    def need_triggerer(self, why: str) -> None:
        raise NotImplementedError

    def leave(self, wait: WaitFor, **facts: object) -> NoReturn:
        raise Parked(f"it waits: {wait}")

    def ask(self, question: Question) -> NoReturn:
        raise Parked(question.subject)

    def begin_anew(self, why: str) -> NoReturn:
        if self._in_triggerer:
            raise WorkerCalled(why)
        raise Anew(why)

    def skip(self, why: str) -> NoReturn:
        raise Skipped(why)


async def carry_task(run: Run, act: str, *, clear: int, death: tuple[str, str], in_triggerer: bool) -> None:
    """Carry out the wave, or the decision about it; `death` is before or after which entry the process is killed."""
    assert isinstance(run.ledger, MortalLedger)
    run.ledger.death = death
    task = WAVE if act == "wave" else task_names.DECIDE
    await asyncio.shield(Host(run, task, clear=clear, in_triggerer=in_triggerer).carry_out())
