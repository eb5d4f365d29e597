"""What production says of a criterion in a simulated run: it is well, unless something else is made up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from deployplan.airflow_glue.what_if.faults import Faults
from deployplan.airflow_glue.what_if.made_up_node import MadeUpNode
from deployplan.checks.reading import Answer, Reading
from deployplan.clock import Clock
from deployplan.plan.model.criterion import Criterion
from deployplan.plan.model.infrastructure import Node
from deployplan.remote.errors import Unreachable


class Readings:
    """Reads criteria as `read_once` does, of made-up nodes.

    One that is made up to fail does so from its time on after the node's deploy was done, and as long as that is not
    undone; read on no node, after the first deploy was done anywhere.
    """

    def __init__(self, faults: Faults, nodes: Mapping[str, MadeUpNode], clock: Clock) -> None:
        self._faults, self._nodes, self._clock = faults, nodes, clock

    async def read(self, criterion: Criterion, node: Node | None, **_: Any) -> Reading:
        """One reading. What it is asked with is of production, and is not used here."""
        name = None if node is None else node.name
        answer, observed = self._seen(criterion.name, name)
        return Reading(criterion.name, name, answer, observed, self._clock.now(), 0.0)

    def _seen(self, criterion: str, node: str | None) -> tuple[Answer, str]:
        place = None if node is None else self._nodes.get(node)
        if place is not None:
            try:
                place.reach()
            except Unreachable as error:
                return Answer.UNKNOWN, str(error)
        fault = self._faults.of_any((criterion,) if node is None else (criterion, node), "verify")
        if fault is None:
            return Answer.PASS, "well"
        places = [place] if place is not None else list(self._nodes.values())
        since = min((done for each in places if (done := each.deployed_since()) is not None), default=None)
        if since is None or places[0].now < since + fault.after.total_seconds():
            return Answer.PASS, "well"
        answer = Answer.FAIL if fault.kind == "fails" else Answer.UNKNOWN
        return answer, f"made up: {fault}"
