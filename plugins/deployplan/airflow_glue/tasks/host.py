"""What a step sees of the process that carries it out: a worker (worker.py), or the triggerer (step_trigger.py)."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NoReturn

from asgiref.sync import sync_to_async

from deployplan.airflow_glue.connections import Credentials, read_credentials
from deployplan.airflow_glue.context import make_run, require_frozen
from deployplan.airflow_glue.empty_backout import take_back
from deployplan.airflow_glue.settings import settings
from deployplan.airflow_glue.task_states import ENDED_BY_A_PERSON, states_of
from deployplan.plan.model.moment import Moment
from deployplan.plan.snapshot import Snapshot
from deployplan.printable import printable
from deployplan.remote.masking import NOTHING
from deployplan.runbook.announce import announce
from deployplan.runbook.run.run import Run
from deployplan.runbook.tasks import subject_of

if TYPE_CHECKING:
    from deployplan.evidence.record import Records


class WaitFor(StrEnum):
    """What a task waits for without a worker, by the name of its trigger: Airflow keeps that, also over an update."""

    HOLD = "HoldTrigger"
    NOT_YET = "NotYetTrigger"
    LOCKS = "LocksTrigger"
    WINDOW = "WindowTrigger"
    PEOPLE = "PeopleTrigger"
    WORK = "StepTrigger"


@dataclass(frozen=True)
class Question:
    """A card: who may answer, what they read, what they may choose, and for how long; None waits for ever.

    `rights` says by option who may choose it, where that is not everybody who is asked; `note`: whether they may write
    something with the answer.
    """

    people: tuple[str, ...]
    subject: str
    body: str
    options: tuple[str, ...]
    within: timedelta | None
    rights: Mapping[str, tuple[str, ...]] | None = None
    until: datetime | None = None
    note: bool = False


@dataclass(frozen=True)
class CardAnswer:
    """What was chosen and by whom, all None when nobody answered in time, and what was written with it.

    `user` and `login` are what Airflow calls who answered; `person` is who that is, None as long as nobody has looked.
    """

    option: str | None
    person: str | None = None
    note: str | None = None
    user: str | None = None
    login: str | None = None


class TaskHost(ABC):
    """The process that carries a step out, and its way to Airflow. No decision of a step stands here.

    `clear` is Airflow's `max_tries`, which a person's clear raises, and -1 where that is not known; `conf` is what the
    run was triggered with; `answer` what somebody has answered to the task's card. `subject` is the seat, wave,
    criterion or component that the task is about, once the run is open.
    """

    subject: Any = None
    clear: int = -1
    triggered_by: str | None = None
    answer: CardAnswer | None = None
    conf: Mapping[str, Any] = {}

    def __init__(self, plan: str, run_id: str, task_id: str, log: Any) -> None:
        self.plan, self.run_id, self.task_id, self.log = plan, run_id, task_id, log
        self.masks = NOTHING
        self._runs: list[Run] = []
        self._end_work: Callable[[str], Awaitable[None]] | None = None

    @abstractmethod
    async def snapshot(self) -> Snapshot:
        """The plan that the task was built from. Raises Refused when it is not what was approved."""

    @abstractmethod
    async def carry(self, work: Coroutine[Any, Any, None]) -> None:
        """Do this work here for as long as this process may be kept, and leave the rest of it to the triggerer."""

    @abstractmethod
    async def keep(self, key: str, value: object) -> None:
        """Keep a value with the task, for Airflow and the tasks after it."""

    @abstractmethod
    def need_worker(self, why: str) -> None:
        """Say that what comes now is for a worker: the triggerer stops here, and a worker begins the whole step."""

    @abstractmethod
    def need_triggerer(self, why: str) -> None:
        """Say that what comes now is for the triggerer: a worker stops here, and the step begins anew over there."""

    @abstractmethod
    def leave(self, wait: WaitFor, **facts: object) -> NoReturn:
        """Leave the worker until this wait is over; the step then begins anew."""

    @abstractmethod
    def ask(self, question: Question) -> NoReturn:
        """Put up a card and leave; the step begins anew with the answer."""

    @abstractmethod
    def begin_anew(self, why: str) -> NoReturn:
        """Begin the step anew, at once and in the same try, without the answer that has just been dealt with."""

    @abstractmethod
    def skip(self, why: str) -> NoReturn:
        """End the task as skipped."""

    async def open(self, *, nodes: bool = True, frozen: bool = True) -> Run:
        """The run that this task works on, with the way to its `nodes` if that is needed, until the step is over.

        Raises Refused when, with `frozen`, it is not the very plan that the run froze.
        """
        snapshot = await self.snapshot()
        credentials = await sync_to_async(read_credentials)(snapshot) if nodes else Credentials({})
        run = make_run(snapshot, self.run_id, triggered_by=self.triggered_by, credentials=credentials, say=self.say)
        if nodes:
            self._runs.append(run)
        self.masks, self.subject = run.masks, subject_of(snapshot, self.task_id)
        if frozen:
            await asyncio.to_thread(require_frozen, run)
        return run

    @asynccontextmanager
    async def closing(self) -> AsyncIterator[None]:
        """Close at the end every connection of the runs that were opened."""
        try:
            yield
        finally:
            for run in self._runs:
                await run.fleet.close()

    async def states(self, tasks: Iterable[str]) -> dict[str, str | None]:
        """The states of these tasks in this run; None for one that has not begun. Raises TimeoutError."""
        return await states_of(self.plan, self.run_id, tasks)

    async def take_skips_back(self, snapshot: Snapshot) -> None:
        """Let nothing be skipped any more (see empty_backout.py). Raises what Airflow's API raises."""
        await sync_to_async(take_back)(snapshot, self.run_id)

    def records(self) -> Records:
        """The store of what runs leave behind."""
        return settings().record_store()

    def signing_key(self) -> bytes:
        """The key that signs it. Raises NotConfigured when it cannot be read."""
        return settings().signing_key()

    async def tell(
        self, run: Run, moment: Moment, *, occasion: str, reason: str | None = None, next_open: str | None = None
    ) -> None:
        """Have people told of this moment by the outbox. Whatever goes wrong is shown and changes nothing else."""
        try:
            await announce(run, moment, occasion=occasion, reason=reason, next_open=next_open)
        except Exception:
            self.log.exception("nobody can be told of %s", moment)

    def say(self, line: str) -> None:
        """One line in the task's log."""
        self.log.info("%s", printable(self.masks(line)))

    def if_ended(self, end_work: Callable[[str], Awaitable[None]]) -> None:
        """Say how the work on the nodes is ended, and why, should a person end this task meanwhile."""
        self._end_work = end_work

    async def end_work(self) -> None:
        """End the work on the nodes if a person did end the task; after a clear the next try attaches to it.

        Airflow stops a step for other reasons, too: the task's state tells.
        """
        if self._end_work is None:
            return
        state = (await self.states([self.task_id]))[self.task_id]
        if state in ENDED_BY_A_PERSON:
            await self._end_work(f"the task was marked {state}")
        else:
            self.say(f"this was asked to stop, but the task is {state}: its jobs are left alone")


Body = Callable[[TaskHost], Awaitable[object]]
"""What a task does, the same in a worker and in the triggerer."""
