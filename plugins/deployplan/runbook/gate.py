"""The gate at the end of a wave, and the smoke test at the end of all: machine criteria held over time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from deployplan.checks.figures import SeenFigures, draw, figures_of
from deployplan.checks.reading import Answer, Reading
from deployplan.checks.soak import SoakResult, soak_criterion
from deployplan.evidence.kinds.verify import CriterionRead, Figures
from deployplan.plan.model.criterion import MachineCriterion
from deployplan.plan.model.infrastructure import Node
from deployplan.plan.waves import Wave
from deployplan.runbook.node.metric_context import has_others
from deployplan.runbook.node.read_criterion import read_criterion
from deployplan.runbook.run.concurrently import run_all
from deployplan.runbook.run.run import Run


@dataclass(frozen=True)
class GateResult:
    """Whether every criterion held; `why_not` names those that did not, with what was observed.

    `no_answer` are those of `failed_criteria` of which nobody can tell whether they hold, and which decide nothing.
    """

    why_not: str | None
    failed_criteria: tuple[str, ...] = ()
    no_answer: tuple[str, ...] = ()


async def judge_gate(run: Run, wave: Wave, nodes: Iterable[str]) -> GateResult:
    """Read the machine criteria of the wave's nodes until they have held for the component's `bake`.

    A criterion speaks of the whole release, so it applies to a node once the node's last component is there.
    Neighbours, and what is read on no node, wait for the smoke test. What compares with nodes that do not have the
    release is read here only, while the plan leaves any.
    """
    last = _last_components(run)
    complete = {node for node in nodes if last[node] == wave.component}
    state = await run.state()
    pairs = [
        (criterion, node)
        for criterion in run.snapshot.plan.machine_criteria()
        if not criterion.neighbour and has_others(run, criterion, state)
        for node in run.snapshot.criteria_nodes(criterion)
        if node is not None and node.name in complete
    ]
    bake = run.snapshot.plan.components[wave.component].bake
    return await _soak_all(run, [(criterion, node, bake) for criterion, node in pairs])


async def judge_smoke(run: Run) -> GateResult:
    """Read every machine criterion, neighbours too, until each has held for its own `for`.

    But for those that compare with nodes without the release: there are none any more.
    """
    state = await run.state()
    excluded = state.excluded
    return await _soak_all(
        run,
        [
            (criterion, node, criterion.for_)
            for criterion in run.snapshot.plan.machine_criteria()
            if has_others(run, criterion, state)
            for node in run.snapshot.criteria_nodes(criterion)
            if node is None or node.name not in excluded
        ],
    )


async def _soak_all(run: Run, wanted: list[tuple[MachineCriterion, Node | None, timedelta]]) -> GateResult:
    found = await run_all(judge_criterion(run, *each) for each in wanted)
    bad = [(held, criterion) for held, (criterion, _, _) in zip(found, wanted, strict=True) if held.why_not is not None]
    failed = {each.name for held, each in bad if each.decides_unknown or held.answer is not Answer.UNKNOWN}
    names = tuple(dict.fromkeys(criterion.name for _, criterion in bad))
    why = "; ".join(held.why_not for held, _ in bad if held.why_not) or None
    return GateResult(why, names, tuple(name for name in names if name not in failed))


@dataclass(frozen=True)
class Held:
    """How a criterion was found over its time; `why_not` says why it does not hold, None when it does."""

    answer: Answer
    why_not: str | None


async def judge_criterion(run: Run, criterion: MachineCriterion, node: Node | None, for_: timedelta) -> Held:
    """Read the criterion for so long, and leave that as evidence. A shadow holds, whatever it says, and no longer."""

    def shown(reading: Reading) -> None:
        run.say(f"{reading.node or 'check'} | {reading.criterion}: {reading.answer} ({reading.observed})")

    found = await soak_criterion(
        criterion,
        node,
        for_=for_,
        clock=run.clock,
        read=lambda: read_criterion(run, criterion, node),
        on_reading=shown,
        longest=for_ if criterion.shadow else None,
    )
    read = _read(criterion, node, found, for_)
    await run.note(read)
    drawn, shadow = f" {read.drawn}" if read.drawn else "", " (shadow)" if criterion.shadow else ""
    run.say(f"{node.name if node else 'check'} | {criterion.name} held: {found.answer}: {found.why}{drawn}{shadow}")
    if found.answer is Answer.PASS or criterion.shadow:
        return Held(found.answer, None)
    why = f"{criterion.name} on {node.name if node else 'all'}: {found.answer} ({found.why or 'no reading'})"
    return Held(found.answer, why)


def _read(criterion: MachineCriterion, node: Node | None, found: SoakResult, for_: timedelta) -> CriterionRead:
    figures = figures_of(found.readings)
    return CriterionRead(
        criterion=criterion.name,
        node=node.name if node else None,
        answer=str(found.answer),
        readings=len(found.readings),
        observed=found.readings[-1].observed if found.readings else "no reading",
        why=found.why,
        held_for=for_.total_seconds(),
        drawn=None if figures is None else draw(figures.values, figures.least, figures.most),
        figures=None if figures is None else _facts(figures),
        shadow=criterion.shadow,
    )


def _facts(figures: SeenFigures) -> Figures:
    began = figures.at[0]
    return Figures(
        began=began.isoformat(),
        seconds=tuple(round((at - began).total_seconds(), 1) for at in figures.at),
        values=figures.values,
        least=figures.least,
        most=figures.most,
    )


def _last_components(run: Run) -> dict[str, str]:
    """The last component of each node."""
    return {node: wave.component for wave in run.snapshot.waves for node in wave.nodes}
