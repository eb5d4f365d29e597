"""The gate at the end of a wave, and the smoke test at the end of all: machine criteria held over time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from deployplan.checks.reading import Answer, Reading
from deployplan.checks.soak import Held, hold_over_time
from deployplan.evidence.kinds.verify import CriterionRead
from deployplan.plan.model.criterion import MachineCriterion
from deployplan.plan.model.infrastructure import Node
from deployplan.plan.waves import Wave
from deployplan.runbook.node.read_criterion import read_criterion
from deployplan.runbook.run.concurrently import run_all
from deployplan.runbook.run.run import Run


@dataclass(frozen=True)
class Verified:
    """Whether every criterion held; `why_not` names those that did not, with what was observed."""

    why_not: str | None
    failed_criteria: tuple[str, ...]


async def hold_gate(run: Run, wave: Wave, nodes: Iterable[str]) -> Verified:
    """Read the machine criteria of the wave's nodes until they have held for the component's `bake`.

    A criterion speaks of the whole release, so it applies to a node once the node's last component is there.
    Neighbours, and what is read on no node, wait for the smoke test.
    """
    last = _last_components(run)
    complete = {node for node in nodes if last[node] == wave.component}
    pairs = [
        (criterion, node)
        for criterion in run.snapshot.plan.machine_criteria()
        if not criterion.neighbour
        for node in run.snapshot.criteria_nodes(criterion)
        if node is not None and node.name in complete
    ]
    bake = run.snapshot.plan.components[wave.component].bake
    return await _hold_all(run, [(criterion, node, bake) for criterion, node in pairs])


async def hold_smoke(run: Run) -> Verified:
    """Read every machine criterion, neighbours too, until each has held for its own `for`."""
    excluded = (await run.state()).excluded
    return await _hold_all(
        run,
        [
            (criterion, node, criterion.for_)
            for criterion in run.snapshot.plan.machine_criteria()
            for node in run.snapshot.criteria_nodes(criterion)
            if node is None or node.name not in excluded
        ],
    )


async def _hold_all(run: Run, wanted: list[tuple[MachineCriterion, Node | None, timedelta]]) -> Verified:
    def shown(reading: Reading) -> None:
        run.say(f"{reading.node or 'check'} | {reading.criterion}: {reading.answer} ({reading.observed})")

    async def one(
        criterion: MachineCriterion, node: Node | None, for_: timedelta
    ) -> tuple[MachineCriterion, Node | None, Held]:
        held = await hold_over_time(
            criterion,
            node,
            for_=for_,
            clock=run.clock,
            read=lambda: read_criterion(run, criterion, node),
            on_reading=shown,
        )
        await run.note(reading_event(criterion, node, held, for_))
        run.say(f"{node.name if node else 'check'} | {criterion.name} held: {held.answer}: {held.why}")
        return criterion, node, held

    results = await run_all(one(*each) for each in wanted)
    bad = [(criterion, node, held) for criterion, node, held in results if held.answer is not Answer.PASS]
    if not bad:
        return Verified(None, ())
    why = "; ".join(
        f"{criterion.name} on {node.name if node else 'all'}: {held.answer} ({held.why or 'no reading'})"
        for criterion, node, held in bad
    )
    return Verified(why, tuple(dict.fromkeys(criterion.name for criterion, _, _ in bad)))


def reading_event(criterion: MachineCriterion, node: Node | None, held: Held, for_: timedelta) -> CriterionRead:
    """How a criterion was held, as evidence."""
    return CriterionRead(
        criterion=criterion.name,
        node=node.name if node else None,
        answer=str(held.answer),
        readings=len(held.readings),
        observed=held.readings[-1].observed if held.readings else "no reading",
        why=held.why,
        held_for=for_.total_seconds(),
    )


def _last_components(run: Run) -> dict[str, str]:
    """The last component of each node."""
    return {node: wave.component for wave in run.snapshot.waves for node in wave.nodes}
