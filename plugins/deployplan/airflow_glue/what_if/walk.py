"""A whole run by the table of tasks: the bodies of Airflow's tasks, under the rules by which it starts them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from deployplan.airflow_glue.empty_backout import KEY
from deployplan.airflow_glue.endings import evidence_of
from deployplan.airflow_glue.tasks.host import Body, CardAnswer, Question, WaitFor
from deployplan.airflow_glue.tasks.operators import kind_of
from deployplan.airflow_glue.tasks.window_task import safe_look
from deployplan.airflow_glue.what_if.host import Anew, Asked, Left, SimulatedHost, Skipped
from deployplan.airflow_glue.what_if.virtual_time import Stuck
from deployplan.airflow_glue.what_if.world import World
from deployplan.remote.masking import NOTHING
from deployplan.runbook import task_names
from deployplan.runbook.arm import not_yet, until_unheld
from deployplan.runbook.baseline import reason_to_wait
from deployplan.runbook.calendar.waiting_runs import Beside
from deployplan.runbook.run.run import Refused, Run, StepFailed, WindowMissed
from deployplan.runbook.tasks import StartRule, TaskRow, task_table

BETWEEN_TASKS = 5.0
"""Seconds that Airflow takes from one task to the next."""
MOST_PASSES = 200
"""How often a step may begin in one run: people may let it wait and try it again."""
BETWEEN_LOOKS = 5.0
AT_MOST = 300.0


class TaskState(StrEnum):
    """How a task ended, in Airflow's words."""

    SUCCESS = "success"
    FAILED = "failed"
    SKIPPED = "skipped"
    UPSTREAM_FAILED = "upstream_failed"


@dataclass(frozen=True, slots=True)
class Card:
    """A question that would be put: to whom, until when, and what is said to it, by whom and when; None: nothing."""

    task: str
    subject: str
    people: tuple[str, ...]
    options: tuple[str, ...]
    asked: datetime
    until: datetime | None
    answered: datetime | None = None
    option: str | None = None


@dataclass
class Walk:
    """One simulated run, from its first task to its last word."""

    world: World
    states: dict[str, str] = field(default_factory=dict)
    cards: list[Card] = field(default_factory=list)
    tasks: list[tuple[datetime, str, TaskState]] = field(default_factory=list)

    async def to_the_end(self) -> None:
        """Carry out every task whose rule lets it start. Raises Stuck when it waits for what never comes."""
        skipped: set[str] = set()
        for row in task_table(self.world.snapshot):
            state = TaskState.SKIPPED if row.task in skipped else self._without_start(row)
            if state is None:
                kept: dict[str, Any] = {}
                await asyncio.sleep(BETWEEN_TASKS)
                state = await self._carry_out(row.task, kept)
                if state is TaskState.SUCCESS:
                    skipped.update(kept.get(KEY, {}).get("skipped", ()))
            self.states[row.task] = state
            self.tasks.append((self.world.clock.now(), row.task, state))

    def _without_start(self, row: TaskRow) -> TaskState | None:
        """How the task ends without starting, by its rule; None when it starts."""
        if row.rule is StartRule.TEARDOWN_OF_RUN:
            return None
        before = {self.states[task] for task in row.after}
        if row.rule is StartRule.TEARDOWN_OF_ARM:
            before = {self.states[task_names.ARM]}
        if before & {TaskState.FAILED, TaskState.UPSTREAM_FAILED}:
            return TaskState.UPSTREAM_FAILED
        return TaskState.SKIPPED if TaskState.SKIPPED in before else None

    async def _carry_out(self, task: str, kept: dict[str, Any]) -> TaskState:
        body, answer = kind_of(task).body(), None
        for _ in range(MOST_PASSES):
            host = SimulatedHost(self.world, task, answer, self.states, kept)
            answer = None
            try:
                await _pass(body, host)
                return TaskState.SUCCESS
            except Skipped:
                return TaskState.SKIPPED
            except Anew:
                continue
            except Asked as card:
                answer = await self._ask(task, card.question)
            except Left as left:
                if (failed := await self._wait(host, left)) is not None:
                    return self._failed(task, failed)
            except (Refused, StepFailed) as error:
                return self._failed(task, error)
        raise Stuck(f"{task} has begun {MOST_PASSES} times: people let it wait, or try it again, for ever")

    def _failed(self, task: str, error: Refused | StepFailed) -> TaskState:
        event = evidence_of(error, task, NOTHING)
        if event is not None:
            self.world.ledger.keep(event)
        return TaskState.FAILED

    async def _ask(self, task: str, question: Question) -> CardAnswer:
        """Put the card up, and wait for the answer, or for the end of its time."""
        asked, (delay, answer) = self.world.clock.now(), self.world.people.answer(question)
        until = None if question.within is None else asked + question.within
        card = Card(task, question.subject, question.people, question.options, asked, until)
        if delay is None or (question.within is not None and delay >= question.within):
            self.cards.append(card)
            if question.within is None:
                raise Stuck(f"nobody answers {question.subject!r}, and the card waits for ever")
            await asyncio.sleep(question.within.total_seconds())
            return CardAnswer(None)
        await asyncio.sleep(delay.total_seconds())
        now = self.world.clock.now()
        self.cards.append(replace(card, answered=now, option=answer.option))
        return answer

    async def _wait(self, host: SimulatedHost, left: Left) -> Refused | StepFailed | None:
        """Wait as the trigger of this name does; the verdict with which the task ends, if it does."""
        run = self.world.run(host.say)
        match left.wait:
            case WaitFor.WINDOW:
                return await self._wait_for_window(run, str(left.known.get("said", "")))
            case WaitFor.HOLD:
                await self._while(run, reason_to_wait)
            case WaitFor.NOT_YET:
                await self._while(run, not_yet)
            case WaitFor.LOCKS:
                await until_unheld(run)
            case WaitFor.PEOPLE:
                raise Stuck(f"{host.task_id}: nobody of {left.known.get('people')} can be asked")
        return None

    async def _while(self, run: Run, why: Callable[[Run], str | None]) -> None:
        try:
            while why(run) is not None:
                await self.world.clock.sleep(BETWEEN_LOOKS)
        except WindowMissed:
            return

    async def _wait_for_window(self, run: Run, reason: str) -> StepFailed | None:
        """Look as the trigger of the window does, at each edge."""
        beside = Beside(self.world.records, self.world.clock)
        while True:
            found = safe_look(run, beside, before=reason, today=run.today)
            reason = found.reason
            if found.may_start:
                return None
            if found.missed:
                return StepFailed(found.reason)
            pause = AT_MOST
            if found.queued:
                pause = 1.0
            elif found.again_at is not None:
                pause = max(1.0, (found.again_at - self.world.clock.now()).total_seconds())
            elif found.held is None and self.world.clock.now() > self.world.clock.begins + timedelta(days=366):
                raise Stuck(f"the window is waited for in vain: {reason}")
            await asyncio.sleep(pause)


async def _pass(body: Body, host: SimulatedHost) -> None:
    async with host.closing():
        await body(host)
