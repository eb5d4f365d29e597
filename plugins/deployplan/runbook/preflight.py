"""Preflight: is every node as the release needs it? Asked by our own fixed look and what operations wrote, no more."""

import asyncio
from datetime import timedelta
from functools import partial

from deployplan.checks.prometheus import NoMetrics, asking
from deployplan.checks.read import NoAnswer
from deployplan.evidence.kinds.review import NothingToDo, ReviewReady
from deployplan.plan.model.component import Component
from deployplan.plan.model.criterion_shapes import MetricCriterion
from deployplan.remote.errors import RemoteError, at_node, beside_name
from deployplan.remote.node_facts import one_line
from deployplan.runbook.node.installed_release import release_by_ledger, verification_time
from deployplan.runbook.node.interpreters import cannot_execute, missing_interpreters
from deployplan.runbook.node.metric_context import metrics_server
from deployplan.runbook.node.readiness import NodeReport, judge_facts, missing_prerequisites
from deployplan.runbook.node.staging import place_files
from deployplan.runbook.nothing_to_do import already_there, earlier_release
from deployplan.runbook.run.concurrently import run_all
from deployplan.runbook.run.connections import note_connections
from deployplan.runbook.run.run import NotReady, Run, WindowMissed
from deployplan.runbook.timing.verdict import verdict_of

METRICS_TIMEOUT = timedelta(seconds=10)
"""How long the server of metrics may take to say anything."""


async def preflight(run: Run) -> bool:
    """Ask every node and stage the packages and scripts early, as data; all is recorded.

    Returns whether there is anything to do: not when this very plan is on all nodes already, verified.

    Nothing that the plan or its procedure wrote is executed here, nor any address of theirs read: nobody has approved
    them yet. Raises NotReady naming every node that is not as it should be, WindowMissed when it is too late for a
    plan of which only the nodes could tell that something is to be done.
    """
    names = held_nodes(run)
    reports = await run_all(_one_node(run, name) for name in names)
    problems = []
    for report in reports:
        await run.note(report.event)
        state = "ready" if not report.problems else "NOT READY: " + "; ".join(report.problems)
        run.say(f"{report.node} | {_known(report)}{state}")
        problems += [one_line(at_node(report.node, problem)) for problem in report.problems]
    problems += await _missing_metrics(run)
    if problems:
        raise NotReady(problems)
    there = await asyncio.to_thread(already_there, run, _verified(run, reports))
    if there is not None:
        await run.note(NothingToDo(reason=there.told, released_by=there.run_id, since=there.since))
        run.say(f"nothing to do: {there.told}")
        return False
    await asyncio.to_thread(_refuse_if_too_late, run)
    await asyncio.to_thread(note_connections, run)
    await run.note(ReviewReady())
    run.say(f"{len(reports)} nodes are ready")
    return True


def _verified(run: Run, reports: list[NodeReport]) -> dict[str, str | None]:
    """When each node that the release lands on was verified with this plan."""
    targets = set(nodes_of_plan(run))
    return {report.node: report.verified for report in reports if report.node in targets}


async def _missing_metrics(run: Run) -> list[str]:
    """Ask the server of metrics whether it answers at all, where one of the plan's decides: with a sum of our own."""
    asked = [each for each in run.snapshot.plan.deciding_criteria() if isinstance(each, MetricCriterion)]
    if not asked:
        return []
    try:
        await (run.ask_metrics or _ask_metrics)(run)
    except (NoAnswer, NoMetrics) as error:
        return [one_line(f"metrics cannot be asked: {error}")]
    run.say("the server of metrics answers")
    return []


async def _ask_metrics(run: Run) -> None:
    async with asking(metrics_server(run), METRICS_TIMEOUT) as server:
        await server.at("vector(1)", run.clock.now())


def _refuse_if_too_late(run: Run) -> None:
    """A plan that was released once was let through although its window has passed: see review_controls."""
    if earlier_release(run) is not None and (now := verdict_of(run)).missed:
        raise WindowMissed(now.reason)


def _known(report: NodeReport) -> str:
    """What a node answered; nothing of one that did not."""
    if report.free_mb is None or report.skew is None:
        return ""
    return f"release {report.release}, {report.free_mb} MB free, clock {report.skew:.1f} s off: "


def nodes_of_plan(run: Run) -> tuple[str, ...]:
    """Every node that a component of the plan lands on, once each, in the plan's order."""
    return tuple(node.name for node in run.snapshot.target_nodes())


def held_nodes(run: Run) -> tuple[str, ...]:
    """Every node that is locked for the release: those it lands on, then those that direct their traffic."""
    return tuple(node.name for node in run.snapshot.held_nodes())


async def _one_node(run: Run, node: str) -> NodeReport:
    report = NodeReport(node)
    try:
        facts = await run.fleet.ask(node, lambda client: client.facts())
        judge_facts(report, facts, run.snapshot.infrastructure, run.clock.now())
        for component in run.snapshot.plan.components.values():
            if node in {each.name for each in run.snapshot.nodes_of(component.name)}:
                report.release, problem = release_by_ledger(run.snapshot, component, facts)
                report.problems += [problem] if problem else []
                report.staged = await _stage(run, component, node) or report.staged
                report.problems += cannot_execute(component, facts)
                report.problems += await run.fleet.ask(node, partial(missing_interpreters, run.snapshot, component))
        report.verified = verification_time(run, node, facts)
        report.problems += await run.fleet.ask(node, partial(missing_prerequisites, run.snapshot.infrastructure))
    except RemoteError as error:
        report.problems.append(beside_name(node, error))
    return report


async def _stage(run: Run, component: Component, node: str) -> str | None:
    package_dir, _ = await run.fleet.ask(node, lambda client: place_files(run, component, client))
    return package_dir
