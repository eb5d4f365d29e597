"""The host of a step in a simulated run: it has no process, and leaves for nobody."""

from __future__ import annotations

import logging
from collections.abc import Coroutine, Iterable, Mapping
from typing import Any, NoReturn

from deployplan.airflow_glue.tasks.host import CardAnswer, Question, TaskHost, WaitFor
from deployplan.airflow_glue.tasks.retries import RETRIES
from deployplan.airflow_glue.what_if.memory import MemoryRecords
from deployplan.airflow_glue.what_if.world import World
from deployplan.plan.model.moment import Moment
from deployplan.plan.snapshot import Snapshot
from deployplan.runbook.run.run import Run
from deployplan.runbook.tasks import subject_of

_LOG = logging.getLogger(__name__)


class Skipped(Exception):
    """The task is skipped."""


class Anew(Exception):
    """The step begins once more."""


class Asked(Exception):
    """A card was put up."""

    def __init__(self, question: Question) -> None:
        super().__init__(question.subject)
        self.question = question


class Left(Exception):
    """The step waits for something."""

    def __init__(self, wait: WaitFor, facts: Mapping[str, object]) -> None:
        super().__init__(str(wait))
        self.wait, self.known = wait, facts


class SimulatedHost(TaskHost):
    """Carries the very step out; what Airflow would be asked, it asks the walk (`states`, `kept`)."""

    clear = RETRIES

    def __init__(
        self, world: World, task: str, answer: CardAnswer | None, states: Mapping[str, str], kept: dict[str, Any]
    ) -> None:
        super().__init__(world.snapshot.plan.name, world.run_id, task, _LOG)
        self._world, self._states, self._kept = world, states, kept
        self.answer = answer
        self.triggered_by = world.snapshot.plan.author

    async def snapshot(self) -> Snapshot:
        return self._world.snapshot

    async def open(self, *, nodes: bool = True, frozen: bool = True) -> Run:
        run = self._world.run(self.say)
        self._runs.append(run)
        self.subject = subject_of(run.snapshot, self.task_id)
        return run

    async def carry(self, work: Coroutine[Any, Any, None]) -> None:
        await work

    async def keep(self, key: str, value: object) -> None:
        self._kept[key] = value

    def need_worker(self, why: str) -> None:
        """Nothing: here is all there is."""

    def need_triggerer(self, why: str) -> None:
        """Nothing: here is all there is."""

    def leave(self, wait: WaitFor, **facts: object) -> NoReturn:
        raise Left(wait, facts)

    def ask(self, question: Question) -> NoReturn:
        raise Asked(question)

    def begin_anew(self, why: str) -> NoReturn:
        raise Anew(why)

    def skip(self, why: str) -> NoReturn:
        raise Skipped(why)

    async def states(self, tasks: Iterable[str]) -> dict[str, str | None]:
        return {task: "running" if task == self.task_id else self._states.get(task) for task in tasks}

    async def take_skips_back(self, snapshot: Snapshot) -> None:
        """Nothing was skipped before."""

    def records(self) -> MemoryRecords:
        return self._world.records

    def signing_key(self) -> bytes:
        return bytes(32)

    async def tell(
        self, run: Run, moment: Moment, *, occasion: str, reason: str | None = None, next_open: str | None = None
    ) -> None:
        """Nobody is told: it did not happen."""

    def say(self, line: str) -> None:
        """Nothing: the evidence tells what matters."""
