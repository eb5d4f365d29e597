"""Where does each node start from, and what would a backout bring back? Read once the node is locked."""

from collections.abc import Iterable
from dataclasses import dataclass

from deployplan.evidence.kinds.window import RollbackPointKnown
from deployplan.plan.model.component import Component
from deployplan.plan.model.scope import Release
from deployplan.plan.model.version_order import is_older
from deployplan.remote.errors import RemoteError, at_node
from deployplan.remote.job import JobFacts, JobState
from deployplan.remote.node_client import NodeClient
from deployplan.remote.node_facts import NodeFacts, one_line
from deployplan.runbook.node.installed_release import brought_by, recorded_release, release_before
from deployplan.runbook.run.run import NotReady, Run
from deployplan.runbook.run.state import RunState

CURRENT_TIMEOUT = 30.0
"""Seconds that a component's `current` may take."""
LONGEST_RELEASE = 200
"""Characters that the name of a release may have."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a node says of one component: its own ledger, and the component's `current`; each None when it says nothing.

    `why_not` is set when `current` is stated and gave no answer that could be used.
    """

    recorded: str | None
    current: str | None = None
    why_not: str | None = None


@dataclass(frozen=True, slots=True)
class RollbackPoint:
    """The release that a backout brings back, and who says so; None when nothing is known to be there."""

    version: str | None
    by: str


async def record_rollback_points(run: Run) -> None:
    """Read what is on every node, and record per node and component the release to go back to.

    What this plan itself has begun on a node is no release to go back to: there the point that was recorded before is
    kept. Raises NotReady naming every node that is not as the plan says, and each that could not be asked.
    """
    components = {node.name: components_on(run, node.name) for node in run.snapshot.target_nodes()}
    known = await run.state()

    async def one(node: str, client: NodeClient) -> list[RollbackPoint | str | None]:
        facts = await client.facts()
        return [await find_point(run, component, facts, client, known) for component in components[node]]

    answers = await run.fleet.ask_all(components, one)
    problems: list[str] = []
    for node, found in answers.items():
        if isinstance(found, RemoteError):
            problems.append(str(found))
            continue
        for component, point in zip(components[node], found, strict=True):
            if isinstance(point, str):
                problems.append(one_line(f"{node}: {point}"))
            elif point is not None and known.points.get((node, component.name), _NEVER) != point.version:
                found_there = RollbackPointKnown(
                    node=node, component=component.name, version=point.version, known_by=point.by
                )
                await run.note(found_there)
    if problems:
        raise NotReady(problems)


_NEVER = object()


async def read_current(component: Component, client: NodeClient) -> tuple[str | None, str | None]:
    """Ask the component's `current` on the node: the release that it prints, or why there is no answer to be used."""
    result = await client.run(component.current or "", timeout=CURRENT_TIMEOUT)
    if result.exit != 0:
        return (
            None,
            f"`current` of {component.name} ended with exit code {result.exit}: the installed release is unknown",
        )
    found = result.stdout.decode("utf-8", "replace").strip()
    if "\n" in found or len(found) > LONGEST_RELEASE:
        return None, f"`current` of {component.name} printed {found[:80]!r}…; it is to print the release and no more"
    return found or None, None


async def not_restored(run: Run, component: Component, node: str, state: RunState) -> str | None:
    """Why an undone node has not the release that it came from, by `current`; None when it has, or nobody can ask."""
    if component.current is None:
        return None
    try:
        found, why_not = await run.fleet.ask(node, lambda client: read_current(component, client))
    except RemoteError as error:
        return at_node(node, str(error))
    wanted = state.points.get((node, component.name))
    return why_not or other_release(node, component, found, wanted)


def other_release(node: str, component: Component, found: str | None, wanted: str | None) -> str | None:
    """Say that another release is there than the one to go back to; None when it is that, or none is recorded."""
    if wanted is None or found == wanted:
        return None
    return one_line(f"{node}: {component.name} is {found!r} there; it came from {wanted!r}")


async def find_point(
    run: Run,
    component: Component,
    facts: NodeFacts,
    client: NodeClient,
    known: RunState,
) -> RollbackPoint | str | None:
    """The release to go back to on this node; a text when the component may not start there, and why.

    None where this plan has begun and a point was recorded before: that one is kept. Executes the plan's `current`.
    """
    release, digest = run.snapshot.plan.scope.release, run.snapshot.digest
    place = (client.name, component.name)
    if place in known.at_work or has_begun(facts, digest, release.product, component.name):
        if place in known.points:
            return None
        before = release_before(facts.ledger, digest, release.product, component.name)
        return judge_point(component, release, Found(before), begun=True)
    recorded = recorded_release(facts.ledger, release.product, component.name)
    if component.current is None:
        return judge_point(component, release, Found(recorded))
    current, why_not = await read_current(component, client)
    return judge_point(component, release, Found(recorded, current, why_not))


def has_begun(facts: NodeFacts, digest: str, product: str, component: str) -> bool:
    """Whether this plan has begun to change the component on the node and has not undone it since."""
    return brought_by(digest, facts.ledger, product, component) or _half_done(facts.jobs, digest, component)


def _half_done(jobs: Iterable[JobFacts], digest: str, component: str) -> bool:
    launched = [job for job in jobs if job.component == component and job.launched]
    latest = max(launched, key=lambda job: job.seq, default=None)
    if latest is None or not digest.startswith(latest.digest12):
        return False
    return latest.step == "deploy" or latest.state is not JobState.DONE


def judge_point(component: Component, release: Release, found: Found, *, begun: bool = False) -> RollbackPoint | str:
    """The release that a backout of the component would bring back; a text when it may not start, and why.

    `begun`: this plan has changed the node already, so that what is there now says nothing of where it starts from.
    """
    if not begun and (problem := _disagreement(component, release, found)) is not None:
        return problem
    if (there := found.current or found.recorded) is not None:
        by = "current" if found.current is not None else "the node's ledger"
        problem = None if begun else _other_start(component, release, there)
        return problem or RollbackPoint(there, by)
    if release.previous is not None:
        return RollbackPoint(release.previous, "the plan; the node does not know")
    if component.undo is None or not component.undo_needs_previous:
        return RollbackPoint(None, "nobody; its undo needs none")
    return (
        f"nobody knows which release of {component.name} is there, so that none could be brought back; state "
        "scope.release.previous, or undo_needs_previous: false when the undo removes what was installed"
    )


def _disagreement(component: Component, release: Release, found: Found) -> str | None:
    """Why what the node says cannot be believed."""
    name, current, recorded = component.name, found.current, found.recorded
    if found.why_not is not None or component.current is None:
        return found.why_not
    if current is None and recorded is not None:
        return f"`current` of {name} prints nothing, and the node's ledger says {recorded!r}"
    if current is None and release.previous is not None:
        return f"`current` of {name} prints nothing; the plan starts from {release.previous!r}"
    if recorded is not None and current != recorded and not component.current_wins:
        return (
            f"{name} is {current!r} by `current` and {recorded!r} by the node's ledger; "
            "mend the node, or state current_wins: true"
        )
    return None


def _other_start(component: Component, release: Release, there: str) -> str | None:
    """Why the release does not start from what is there."""
    if release.previous is not None and there != release.previous:
        return f"{component.name} is {there!r} there; the plan starts from {release.previous!r}"
    if not release.downgrade and is_older(release.version, there):
        return (
            f"{component.name} is {there!r} there; {release.version!r} is older: state downgrade: true if it is meant"
        )
    return None


def components_on(run: Run, node: str) -> tuple[Component, ...]:
    """The components that land on the node, in the plan's order."""
    components = run.snapshot.plan.components.values()
    return tuple(each for each in components if node in {one.name for one in run.snapshot.nodes_of(each.name)})
