"""Is a node as it should be: its disk, its clock, its lock, what must be installed? Asked by review and by `check`."""

from dataclasses import dataclass, field
from datetime import datetime

from deployplan.checks.command_check import judge_output
from deployplan.checks.reading import Answer
from deployplan.clock import Clock
from deployplan.evidence.kinds.review import NodeExamined
from deployplan.plan.model.infrastructure import Infrastructure
from deployplan.plan.snapshot import Snapshot
from deployplan.remote.command import quote
from deployplan.remote.node_client import NodeClient
from deployplan.remote.node_facts import NodeFacts
from deployplan.runbook.node.installed_release import release_by_ledger
from deployplan.runbook.node.interpreters import cannot_execute, missing_interpreters
from deployplan.runbook.node.node_story import installed_by

MEGABYTE = 1024 * 1024
PREREQUISITE_TIMEOUT = 30.0
"""Seconds that the look for a prerequisite may take."""


@dataclass
class NodeReport:
    """What was found on a node; `problems` is empty when the node is ready."""

    node: str
    release: str = "not recorded"
    free_mb: int | None = None
    skew: float | None = None
    staged: str | None = None
    verified: str | None = None
    problems: list[str] = field(default_factory=list)

    @property
    def event(self) -> NodeExamined:
        """The report as evidence."""
        skew = None if self.skew is None else round(self.skew, 1)
        return NodeExamined(
            node=self.node,
            release=self.release,
            free_mb=self.free_mb,
            skew=skew,
            staged=self.staged,
            verified=self.verified,
            problems=tuple(self.problems),
        )


async def look_at_node(
    client: NodeClient, infrastructure: Infrastructure, clock: Clock, snapshot: Snapshot | None = None
) -> NodeReport:
    """Look at a node and change nothing there; with a plan's snapshot also at what its scripts need.

    Our own fixed questions and operations' `requires` are all that runs. Raises RemoteError when it cannot be asked.
    """
    report = NodeReport(client.name)
    facts = await client.facts()
    judge_facts(report, facts, infrastructure, clock.now())
    if snapshot is None:
        found = [f"{each.product} {each.component} {each.version}" for each in installed_by(facts.ledger)]
        report.release = ", ".join(found) or report.release
    else:
        await _examine_components(report, client, facts, snapshot)
        report.problems += await missing_sockets(snapshot, client)
    report.problems += await missing_prerequisites(infrastructure, client)
    return report


async def _examine_components(report: NodeReport, client: NodeClient, facts: NodeFacts, snapshot: Snapshot) -> None:
    for component in snapshot.plan.components.values():
        if client.name in {each.name for each in snapshot.nodes_of(component.name)}:
            report.release, problem = release_by_ledger(snapshot, component, facts)
            report.problems += [problem] if problem else []
            report.problems += cannot_execute(component, facts)
            report.problems += await missing_interpreters(snapshot, component, client)


async def missing_sockets(snapshot: Snapshot, client: NodeClient) -> list[str]:
    """Say which sockets of HAProxy, by which the plan drains nodes, the node that has them lacks. None is spoken to."""
    wanted = {}
    for component in snapshot.plan.components.values():
        traffic = component.traffic
        if traffic is None or traffic.haproxy is None:
            continue
        places = [traffic.on] if traffic.on else [node.name for node in snapshot.nodes_of(component.name)]
        if client.name in places:
            wanted[traffic.haproxy.socket] = component.name
    if not wanted:
        return []
    look = f'for s in {" ".join(map(quote, wanted))}; do [ -S "$s" ] && [ -w "$s" ] || printf "%s\\n" "$s"; done'
    missing = (await client.run(look, timeout=PREREQUISITE_TIMEOUT)).text.splitlines()
    return [
        f"traffic of {component} is directed by {socket}, which is no socket that may be written there"
        for socket, component in wanted.items()
        if socket in missing
    ]


def judge_facts(report: NodeReport, facts: NodeFacts, infrastructure: Infrastructure, now: datetime) -> None:
    """Add to the report what of the node's facts is not as its environment asks; `now` is our own clock."""
    report.free_mb = facts.free_bytes // MEGABYTE
    report.skew = (facts.now - now).total_seconds()
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


async def missing_prerequisites(infrastructure: Infrastructure, client: NodeClient) -> list[str]:
    """Say which of operations' `requires` the node lacks."""
    problems = []
    for requirement in infrastructure.requires:
        command = requirement.command or f"command -v {quote(requirement.program or '')}"
        seen = judge_output(requirement.expect, await client.run(command, timeout=PREREQUISITE_TIMEOUT))
        if seen.answer is not Answer.PASS:
            problems.append(f"prerequisite {requirement.label!r} is missing: {seen.observed}")
    return problems
