"""What is on each node and why: one row a node, by the evidence of the runs, as the node's own ledger would say it."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from deployplan.plan.model.infrastructure import Infrastructure
from deployplan.remote.node_facts import Holder
from deployplan.runbook.node.node_story import Installed, installed_by
from deployplan.ui.node_bar import NodeStanding
from deployplan.ui.node_reader import NodeRuns
from deployplan.ui.run_nodes import RunOnNodes
from deployplan.ui.tonight import Tonight

Reads = Callable[[str], bool]
"""Whether who asks may read the runs of a plan."""
NOTHING, NOT_KNOWN = "nothing recorded", "not known"
"""States of a node besides how it stands in its last run."""
STATES = (*(str(each) for each in NodeStanding if each is not NodeStanding.NOT_STARTED), NOTHING, NOT_KNOWN)


@dataclass(frozen=True, slots=True)
class NodeJob:
    """A script that runs on a node, or of whose end there is no evidence."""

    job: str
    component: str
    step: str
    since: datetime
    plan: str


@dataclass(frozen=True, slots=True)
class NextPlan:
    """The plan that comes to a node next, and when its window opens."""

    plan: str
    release: str | None
    opens: datetime


@dataclass(frozen=True, slots=True)
class Drained:
    """That a node is out of service, in words, and which plan has left it so."""

    words: str
    plan: str


@dataclass(frozen=True, slots=True)
class NodeOverview:
    """A node. `state` is how it stands in the last run that touched it, `why` what went wrong there.

    `problems` are the runs whose records cannot be believed and that may have changed it since. `declared`: it stands
    in the environment's file. `hidden` is how many facts stand there that this person may not read.
    """

    environment: str
    node: str
    timezone: str = "UTC"
    state: str = NOTHING
    why: str | None = None
    last: RunOnNodes | None = None
    installed: tuple[Installed, ...] = ()
    holder: Holder | None = None
    jobs: tuple[NodeJob, ...] = ()
    next: NextPlan | None = None
    problems: tuple[RunOnNodes, ...] = ()
    declared: bool = True
    hidden: int = 0
    drained: Drained | None = None


@dataclass(frozen=True, slots=True)
class NodeList:
    """All nodes, by environment and name. `unread` runs were not read yet, `older` ones never are.

    `environments` are those whose file can be read, `broken` says why others cannot; `plans_of` are the plans known of
    each environment.
    """

    rows: tuple[NodeOverview, ...]
    runs: NodeRuns
    environments: tuple[str, ...] = ()
    broken: Mapping[str, str] | None = None
    plans_of: Mapping[str, frozenset[str]] | None = None


@dataclass(frozen=True, slots=True)
class Environments:
    """The environments as their files are, and why others cannot be read."""

    known: Mapping[str, Infrastructure]
    broken: Mapping[str, str]


def list_nodes(
    environments: Environments, runs: NodeRuns, tonight: Tonight, targets: Mapping[str, Collection[str]]
) -> NodeList:
    """Return a row for every node that stands in a file, or that a run has touched.

    `targets` are, by plan, the nodes that it works on.
    """
    places: dict[tuple[str, str], list[RunOnNodes]] = {
        (name, node): [] for name, each in environments.known.items() for node in each.nodes
    }
    for run in runs.runs:
        for node in run.nodes:
            places.setdefault((run.environment, node), []).append(run)
    coming = _coming(tonight, targets)
    rows = [_row(place, touched, environments, coming) for place, touched in sorted(places.items())]
    plans: dict[str, set[str]] = {name: set() for name in environments.known}
    for run in runs.runs:
        plans.setdefault(run.environment, set()).add(run.plan)
    for row in tonight.rows:
        if row.environment is not None:
            plans.setdefault(row.environment, set()).add(row.plan)
    frozen = {name: frozenset(each) for name, each in plans.items()}
    return NodeList(tuple(rows), runs, tuple(sorted(environments.known)), environments.broken, frozen)


def _row(
    place: tuple[str, str],
    touched: Sequence[RunOnNodes],
    environments: Environments,
    coming: Mapping[tuple[str, str], NextPlan],
) -> NodeOverview:
    environment, node = place
    declared = environments.known.get(environment)
    row = NodeOverview(
        environment,
        node,
        timezone="UTC" if declared is None else declared.timezone or "UTC",
        installed=installed_by(_ledger(touched, node)),
        holder=_holder(touched, node),
        jobs=tuple(_jobs(touched, node)),
        next=coming.get(place),
        declared=declared is not None and node in declared.nodes,
        drained=_drained(touched, node),
    )
    began = [run for run in touched if run.problem is None and run.nodes[node] is not NodeStanding.NOT_STARTED]
    last = began[-1] if began else None
    doubts = tuple(run for run in touched if run.problem is not None and (last is None or run.at >= last.at))
    if doubts:
        return replace(row, state=NOT_KNOWN, problems=doubts, last=last)
    if last is None:
        return row
    why = next((each.why for each in last.results_on(node) if each.why), None)
    return replace(row, state=str(last.nodes[node]), last=last, why=why)


def _ledger(touched: Iterable[RunOnNodes], node: str) -> list[Mapping[str, object]]:
    """The entries that the node's own ledger has, by the evidence, in order of time."""
    found = [entry for run in touched for entry in run.left.get(node, ())]
    return sorted(found, key=lambda entry: (str(entry["at"]), entry["event"] == "verified"))


def _holder(touched: Iterable[RunOnNodes], node: str) -> Holder | None:
    holder = None
    for run in touched:
        if node in run.holders:
            holder = run.holders[node]
        elif run.armed and run.nodes.get(node) is not None:  # it took the node, and gave it back
            holder = None
    return holder


def _drained(touched: Iterable[RunOnNodes], node: str) -> Drained | None:
    drained = None
    for run in touched:
        if node in run.out:
            drained = Drained(run.out[node], run.plan)
        elif node in run.put_back:
            drained = None
    return drained


def _jobs(touched: Iterable[RunOnNodes], node: str) -> Iterable[NodeJob]:
    for run in touched:
        if node in run.holders:
            for each in run.results_on(node):
                if each.job is not None and each.job.ended is None:
                    yield NodeJob(each.job.job, each.component, each.job.step or "deploy", each.job.began, run.plan)


def _coming(tonight: Tonight, targets: Mapping[str, Collection[str]]) -> dict[tuple[str, str], NextPlan]:
    """By environment and node, the plan that opens first of those that have not begun."""
    found: dict[tuple[str, str], NextPlan] = {}
    for row in tonight.rows:
        if row.environment is None or row.opens is None or row.ended is not None:
            continue
        mine = NextPlan(row.plan, row.version, row.opens)
        for node in targets.get(row.plan, ()):
            place = row.environment, node
            if place not in found or mine.opens < found[place].opens:
                found[place] = mine
    return found


def seen_nodes(found: NodeList, reads: Reads, *, reads_all: bool) -> NodeList:
    """Return what a person sees: the nodes of environments of which they may read a plan, and facts of such plans.

    Of an environment that no plan is known for only who `reads_all` sees the nodes. The runs stay as they are.
    """
    known = found.plans_of or {}
    shown = {name for name, of in known.items() if any(map(reads, of)) or (not of and reads_all)}
    broken = {name: why for name, why in (found.broken or {}).items() if name in shown or reads_all}
    return replace(
        found,
        rows=tuple(_seen(row, reads) for row in found.rows if row.environment in shown),
        environments=tuple(name for name in found.environments if name in shown),
        broken=broken,
        plans_of={name: of for name, of in known.items() if name in shown},
    )


def _seen(row: NodeOverview, reads: Reads) -> NodeOverview:
    """The row without what is of plans that this person may not read."""
    installed = tuple(_by_whom_one_may_know(each, reads) for each in row.installed if reads(each.plan))
    jobs = tuple(each for each in row.jobs if reads(each.plan))
    holder = row.holder if row.holder is None or reads(row.holder.plan) else None
    coming = row.next if row.next is None or reads(row.next.plan) else None
    problems = tuple(each for each in row.problems if reads(each.plan))
    last = row.last if row.last is None or reads(row.last.plan) else None
    lost = len(row.installed) - len(installed) + len(row.jobs) - len(jobs) + len(row.problems) - len(problems)
    drained = row.drained if row.drained is None or reads(row.drained.plan) else None
    lost += (
        (drained is not row.drained) + (holder is not row.holder) + (coming is not row.next) + (last is not row.last)
    )
    if not lost:
        return replace(row, installed=installed)
    is_whole = last is row.last and problems == row.problems
    return replace(
        row,
        state=row.state if is_whole else NOT_KNOWN,
        why=row.why if is_whole else None,
        last=last,
        installed=installed,
        holder=holder,
        jobs=jobs,
        next=coming,
        problems=problems,
        hidden=lost,
        drained=drained,
    )


def _by_whom_one_may_know(each: Installed, reads: Reads) -> Installed:
    """What is installed; the run that verified it is named only to who may read its plan."""
    return each if not each.verified_plan or reads(each.verified_plan) else replace(each, verified_by=None)
