"""The plan that a DAG was built from: name and digest at once, the whole of it when a task asks."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deployplan.plan.snapshot import Snapshot


class PlanSource:
    """What a DAG's tasks share. It stays in the process that parsed the DAG."""

    def __init__(self, name: str, digest: str, load: Callable[[], Snapshot]) -> None:
        """Stand for the plan `name` with this digest; `load` is called when its content is first needed."""
        self.name = name
        self.digest = digest
        self._load = load

    @cached_property
    def snapshot(self) -> Snapshot:
        """The whole plan. Raises Refused when what is loaded now is not what the DAG was built from."""
        from deployplan.runbook.run.run import Refused

        found = self._load()
        if (found.plan.name, found.digest) != (self.name, self.digest):
            raise Refused(
                f"plan {self.name} has changed since its DAG was built "
                f"({self.digest[:12]} then, {found.digest[:12]} now); try again when Airflow shows the new one"
            )
        return found
