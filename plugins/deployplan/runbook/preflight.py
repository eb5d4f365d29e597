"""Preflight: is every node as the release needs it, and is production well before anything is touched?"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from deployplan.checks.command_check import judge_output
from deployplan.checks.reading import Answer
from deployplan.plan.infrastructure import Node
from deployplan.plan.success import Criterion
from deployplan.plan.work import Component
from deployplan.remote.command import quote
from deployplan.remote.errors import RemoteError, at_node
from deployplan.remote.node_client import NodeClient
from deployplan.remote.node_facts import NodeFacts, shown
from deployplan.runbook.concurrently import together
from deployplan.runbook.installed import installed_release
from deployplan.runbook.probe import read_criterion
from deployplan.runbook.run import NotReady, Run
from deployplan.runbook.staging import place_files

MEGABYTE = 1024 * 1024
PREREQUISITE_TIMEOUT = 30.0
"""Seconds that the look for a prerequisite may take."""


@dataclass
class NodeReport:
    """What preflight found on a node; `problems` is empty when the node is ready."""

    node: str
    release: str = "not recorded"
    free_mb: int | None = None
    skew: float | None = None
    staged: str | None = None
    problems: list[str] = field(default_factory=list)


async def preflight(run: Run) -> None:
    """Ask every node, stage the packages early, and take the baseline readings; all is recorded.

    Raises NotReady naming every node and criterion that is not as it should be.
    """
    names = nodes_of_plan(run)
    reports = await together(_one_node(run, name) for name in names)
    problems = []
    for report in reports:
        facts = vars(report) | {"skew": None if report.skew is None else round(report.skew, 1)}
        run.record("preflight", **facts)
        state = "ready" if not report.problems else "NOT READY: " + "; ".join(report.problems)
        run.say(
            f"{report.node} | release {report.release}, {report.free_mb} MB free, clock {facts['skew']} s off: {state}"
        )
        problems += [shown(at_node(report.node, problem)) for problem in report.problems]
    if not problems:
        version = run.snapshot.plan.scope.release.version
        problems += await _baseline(run, begun={report.node for report in reports if report.release == version})
    if problems:
        raise NotReady(problems)
    run.record("ready")
    run.say(f"{len(reports)} nodes are ready")


def nodes_of_plan(run: Run) -> tuple[str, ...]:
    """Every node that a component of the plan lands on, once each, in the plan's order."""
    return tuple(node.name for node in run.snapshot.target_nodes())


async def _one_node(run: Run, node: str) -> NodeReport:
    report = NodeReport(node)
    try:
        facts = await run.fleet.ask(node, lambda client: client.facts())
        _judge_facts(run, report, facts)
        for component in run.snapshot.plan.components.values():
            if node in {each.name for each in run.snapshot.nodes_of(component.name)}:
                report.release, problem = await installed_release(run, component, node, facts)
                report.problems += [problem] if problem else []
                report.staged = await _stage(run, component, node) or report.staged
        report.problems += await run.fleet.ask(node, lambda client: _missing_prerequisites(run, client))
    except RemoteError as error:
        report.problems.append(str(error))
    return report


async def _stage(run: Run, component: Component, node: str) -> str | None:
    package_dir, _ = await run.fleet.ask(node, lambda client: place_files(run, component, client))
    return package_dir


def _judge_facts(run: Run, report: NodeReport, facts: NodeFacts) -> None:
    infrastructure = run.snapshot.infrastructure
    report.free_mb = facts.free_bytes // MEGABYTE
    report.skew = (facts.now - run.clock.now()).total_seconds()
    if report.free_mb < infrastructure.min_free_mb:
        report.problems.append(f"{report.free_mb} MB free; {infrastructure.min_free_mb} MB are needed")
    if abs(report.skew) > infrastructure.max_clock_skew.total_seconds():
        report.problems.append(
            f"its clock is {report.skew:.0f} s off; "
            f"at most {infrastructure.max_clock_skew.total_seconds():.0f} s is allowed"
        )
    if not facts.writable:
        report.problems.append(f"cannot write in {facts.base}")
    if facts.detach == "-":
        report.problems.append("can start no detached job; one of setsid, perl and python3 is needed")
    holder = facts.holder
    if holder is not None and holder.frozen:
        report.problems.append(f"frozen by {holder.plan}: {holder.frozen}; `deployplan unlock` after the repair")


async def _missing_prerequisites(run: Run, client: NodeClient) -> list[str]:
    problems = []
    for requirement in run.snapshot.infrastructure.requires:
        command = requirement.command or f"command -v {quote(requirement.program or '')}"
        seen = judge_output(requirement.expect, await client.run(command, timeout=PREREQUISITE_TIMEOUT))
        if seen.answer is not Answer.PASS:
            problems.append(f"prerequisite {requirement.label!r} is missing: {seen.observed}")
    return problems


async def _baseline(run: Run, begun: set[str]) -> list[str]:
    """Read the criteria before anything is touched; what passes now must pass again after a backout.

    The criteria of the new release are read with the previous release's version in its place. That says nothing on the
    nodes in `begun`, which this plan has brought to the new release already.
    """
    wanted = list(baseline_criteria(run))
    readings = await together(read_criterion(run, criterion, node) for criterion, node, _ in wanted)
    problems = []
    for (criterion, node, must_hold), reading in zip(wanted, readings, strict=True):
        where = node.name if node else None
        run.record(
            "baseline", criterion=criterion.name, node=where, answer=str(reading.answer), observed=reading.observed
        )
        run.say(f"{where or 'check'} | before: {criterion.name}: {reading.answer} ({reading.observed})")
        if must_hold and where not in begun and reading.answer is not Answer.PASS:
            problems.append(
                f"production is not well before the start: {criterion.name} on {where or 'all'} "
                f"is {reading.answer} ({reading.observed})"
            )
    return problems


def baseline_criteria(run: Run) -> Iterable[tuple[Criterion, Node | None, bool]]:
    """The machine criteria as they should read on the previous release, and whether a bad answer stops the release.

    It does for neighbours and, when the plan names a previous release, for http criteria; a command may test what only
    the new release has, so it is read for the record. `baseline:` of a criterion overrides that.
    """
    release = run.snapshot.plan.scope.release
    for criterion in run.snapshot.plan.success.values():
        if not criterion.is_machine:
            continue
        before = criterion.for_release(release.version, release.previous) if release.previous else criterion
        must_hold = criterion.neighbour or (criterion.http is not None and release.previous is not None)
        if criterion.baseline is not None:
            must_hold = criterion.baseline
        for node in run.snapshot.criteria_nodes(criterion):
            yield before, node, must_hold
