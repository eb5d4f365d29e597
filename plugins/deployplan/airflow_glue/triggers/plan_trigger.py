"""Waits that cost no worker: everything is held, or somebody else holds a node."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

from airflow.triggers.base import BaseTrigger, TriggerEvent

from deployplan.airflow_glue.connections import Credentials
from deployplan.airflow_glue.context import make_run, refuse_changed_plan
from deployplan.airflow_glue.settings import settings
from deployplan.errors import DeployPlanError
from deployplan.plan.snapshot import Snapshot
from deployplan.printable import printable
from deployplan.runbook.arm import not_yet
from deployplan.runbook.baseline import reason_to_wait
from deployplan.runbook.run.frozen_plan import frozen_plan
from deployplan.runbook.run.run import Run, WindowMissed

BETWEEN_LOOKS = 5.0
"""Seconds between two looks at the hold switch."""


class PlanTrigger(BaseTrigger):
    """A trigger of a plan: it finds the frozen plan by its digest, so it needs no DAG file."""

    def __init__(self, plan: str, digest: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.plan = plan
        self.digest = digest

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return f"{__package__}.{type(self).__name__}", {"plan": self.plan, "digest": self.digest}

    def frozen(self) -> Snapshot:
        """The plan that the run froze. Raises RecordError when its record is gone, Refused when it was changed."""
        with refuse_changed_plan(self.plan, self.run_id, self.waiting_task):
            return frozen_plan(settings().record_store(), self.plan, self.digest)

    def say(self, line: str) -> None:
        """One line in the task's log."""
        self.log.info("%s", printable(line))

    @property
    def run_id(self) -> str:
        """The run that the waiting task belongs to."""
        assert self.task_instance is not None
        return str(self.task_instance.run_id)

    @property
    def waiting_task(self) -> str:
        """The id of the waiting task."""
        assert self.task_instance is not None
        return str(self.task_instance.task_id)


class HoldTrigger(PlanTrigger):
    """Waits until nothing is held any more, or the window can no longer be met; the task then goes on or says so."""

    async def run(self) -> AsyncIterator[TriggerEvent]:
        told = None
        while (why := await asyncio.to_thread(self._held)) is not None:
            if why != told:
                self.say(why)
            told = why
            await asyncio.sleep(BETWEEN_LOOKS)
        yield TriggerEvent({})  # type: ignore[no-untyped-call]

    def why(self, run: Run) -> str | None:
        """What is waited for; None when it is over."""
        return reason_to_wait(run)

    def _held(self) -> str | None:
        """Why nothing may be read now; what cannot be read holds."""
        try:
            run = make_run(self.frozen(), self.run_id, triggered_by=None, credentials=Credentials({}), say=self.say)
            return self.why(run)
        except WindowMissed:
            return None
        except (OSError, ValueError, DeployPlanError) as error:
            return f"held: {error}"


class NotYetTrigger(HoldTrigger):
    """Waits until nothing is held or frozen any more, or it will not pass within the window; arm then looks again."""

    def why(self, run: Run) -> str | None:
        return not_yet(run)


class PeopleTrigger(HoldTrigger):
    """Waits until one of these people can be asked: until the people's file can be read, and somebody is in it.

    Not beyond `until`, an instant: then the question's silence is an answer.
    """

    def __init__(self, plan: str, digest: str, people: Sequence[str] = (), until: str | None = None) -> None:
        super().__init__(plan, digest)
        self.people, self.until = tuple(people), until

    def serialize(self) -> tuple[str, dict[str, Any]]:
        name, facts = super().serialize()
        return name, {**facts, "people": list(self.people), "until": self.until}

    def why(self, run: Run) -> str | None:
        if self.until is not None and run.clock.now() >= datetime.fromisoformat(self.until):
            return None
        found = run.directory()
        return found.reason(self.people) if self.people else found.trouble
