"""Baseline: is production well before anything is touched? In the plan's own words, so only once they are approved."""

import asyncio
from collections.abc import Iterable

from deployplan.checks.reading import Answer
from deployplan.evidence.kinds.review import BaselineTaken, ReadBefore
from deployplan.plan.model.criterion import MachineCriterion
from deployplan.plan.model.criterion_shapes import MetricCriterion
from deployplan.plan.model.infrastructure import Node
from deployplan.remote.errors import RemoteError, at_node
from deployplan.remote.node_client import NodeClient
from deployplan.remote.node_facts import one_line
from deployplan.runbook.node.read_criterion import read_criterion
from deployplan.runbook.node.rollback_point import components_on, find_point, has_begun
from deployplan.runbook.review import missing_approvals
from deployplan.runbook.run.concurrently import run_all
from deployplan.runbook.run.connections import changed_connections
from deployplan.runbook.run.run import NotReady, Run, WindowMissed
from deployplan.runbook.timing.verdict import verdict_of


def reason_to_wait(run: Run) -> str | None:
    """Why nothing may be read now: everything is held. None when it may.

    Raises WindowMissed when the hold has outlasted the window, so that nothing needs to be read any more.
    """
    hold = run.hold()
    if hold is None:
        return None
    now = verdict_of(run)
    if now.missed:
        raise WindowMissed(now.reason)
    return str(hold)


async def take_baseline(run: Run) -> None:
    """Ask each component's `current`, and read every machine criterion; all is recorded.

    Both are texts of the plan: they are executed, and the addresses in them are read, only after its last approval.
    What passes now must pass again after a backout. Raises NotReady naming what is not as it should be.
    """
    if problems := await asyncio.to_thread(lambda: missing_approvals(run) or changed_connections(run)):
        raise NotReady(problems)
    if problems := await readings_now(run):
        raise NotReady(problems)
    await run.note(BaselineTaken(digest=run.snapshot.digest))
    run.say("production is well: the release may start in its window")


async def readings_now(run: Run) -> list[str]:
    """Ask and read it all, as a rehearsal does on nodes that are made for it; return what is not as it should be."""
    installed, begun = await _installed(run)
    return installed + await _readings(run, begun)


def missing_baseline(run: Run) -> list[str]:
    """Say that production was not read since this plan was frozen; empty when it was, and was well.

    A task marked green by hand leaves no evidence, and without it a backout would have nothing to prove itself by.
    """
    taken = run.read_state().review.baseline
    if taken is not None and taken.digest == run.snapshot.digest:
        return []
    return ["production was not read before the start; clear review.baseline with Downstream"]


async def _installed(run: Run) -> tuple[list[str], set[str]]:
    """Compare what is installed with what the plan starts from.

    Returns the problems, and the nodes on which this plan's own work has begun: what was before says nothing there.
    """
    plan = run.snapshot.plan
    known = await run.state()

    async def look(node: str, client: NodeClient) -> tuple[list[str], bool]:
        facts = await client.facts()
        problems, begun = [], any(place[0] == node for place in known.at_work)
        for component in components_on(run, node):
            begun = begun or has_begun(facts, run.snapshot.digest, plan.scope.release.product, component.name)
            point = await find_point(run, component, facts, client, known)
            if isinstance(point, str):
                problems.append(one_line(at_node(node, point)))
            elif point is not None:
                run.say(one_line(f"{node} | {component.name} is {point.version or 'not there'}, by {point.by}"))
        return problems, begun

    async def one(node: str) -> tuple[list[str], bool]:
        try:
            return await run.fleet.ask(node, lambda client: look(node, client))
        except RemoteError as error:
            return [one_line(str(error))], False

    nodes = [node.name for node in run.snapshot.target_nodes()]
    answers = await run_all(one(node) for node in nodes)
    problems = [problem for found, _ in answers for problem in found]
    return problems, {node for node, (_, begun) in zip(nodes, answers, strict=True) if begun}


async def _readings(run: Run, begun: set[str]) -> list[str]:
    """Read the criteria with the previous release's version in the place of the new one's."""
    wanted = list(baseline_criteria(run))
    readings = await run_all(read_criterion(run, criterion, node) for criterion, node, _ in wanted)
    problems = []
    for (criterion, node, must_hold), reading in zip(wanted, readings, strict=True):
        where = node.name if node else None
        answer, observed = str(reading.answer), reading.observed
        await run.note(ReadBefore(criterion=criterion.name, node=where, answer=answer, observed=observed))
        run.say(f"{where or 'check'} | before: {criterion.name}: {reading.answer} ({reading.observed})")
        # Read from here, a criterion that is no neighbour's may see any node, also one that has the new release.
        changed = where in begun if where is not None else bool(begun) and not criterion.neighbour
        if must_hold and not changed and reading.answer is not Answer.PASS:
            problems.append(
                f"production is not well before the start: {criterion.name} on {where or 'all'} "
                f"is {reading.answer} ({reading.observed})"
            )
    return problems


def baseline_criteria(run: Run) -> Iterable[tuple[MachineCriterion, Node | None, bool]]:
    """The machine criteria as they should read on the previous release, and whether a bad answer stops the release.

    It does for neighbours and, when the plan names a previous release, for what asks a service; a command may test what
    only the new release has, so it is read for the record. `baseline:` of a criterion overrides that. A metric that
    need not hold is not read: it looks back, and after a backout would still tell of the release that failed.
    """
    release = run.snapshot.plan.scope.release
    for criterion in run.snapshot.plan.machine_criteria():
        before = criterion.for_release(release.version, release.previous) if release.previous else criterion
        must_hold = criterion.neighbour or (criterion.held_before and release.previous is not None)
        if criterion.baseline is not None:
            must_hold = criterion.baseline
        must_hold = must_hold and not criterion.shadow
        if isinstance(criterion, MetricCriterion) and not must_hold:
            continue
        for node in run.snapshot.criteria_nodes(criterion):
            yield before, node, must_hold
