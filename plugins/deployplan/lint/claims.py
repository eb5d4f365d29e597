"""Which plans would work on the same nodes at the same time?"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import heappop, heappush

from deployplan.plan.model.criterion import MachineCriterion
from deployplan.plan.model.endpoint import NoEndpoint
from deployplan.plan.model.infrastructure import Infrastructure
from deployplan.plan.snapshot import Snapshot
from deployplan.window.interval import Interval


@dataclass(frozen=True, slots=True)
class Claim:
    """What a plan needs for itself: nodes it works on, nodes of neighbours that must not be disturbed, and when."""

    plan: str
    environment: str
    works_on: frozenset[str]
    watches: frozenset[str]
    times: tuple[Interval, ...]

    def shares_with(self, other: "Claim") -> tuple[str, ...]:
        """Return the nodes for which the two are in each other's way, in order of name."""
        if self.environment != other.environment:
            return ()
        return tuple(sorted(self.works_on & (other.works_on | other.watches) | self.watches & other.works_on))


def claim_of(snapshot: Snapshot, times: Sequence[Interval]) -> Claim:
    """Return what a plan needs in `times`."""
    works_on = frozenset(node.name for node in snapshot.target_nodes())
    return Claim(snapshot.plan.name, snapshot.plan.environment, works_on, _watched(snapshot) - works_on, tuple(times))


def rivals(claims: Sequence[Claim]) -> tuple[frozenset[int], ...]:
    """Return for each claim the places of those in whose way it is: they want one of its nodes at the same time.

    Two that only watch the same neighbour are not in each other's way.
    """
    wanted: dict[tuple[str, str], list[tuple[Interval, int]]] = defaultdict(list)
    for number, claim in enumerate(claims):
        for node in claim.works_on | claim.watches:
            wanted[claim.environment, node] += [(time, number) for time in claim.times]
    found: tuple[set[int], ...] = tuple(set() for _ in claims)
    for (_, node), times in wanted.items():
        _sweep(sorted(times), {number for _, number in times if node in claims[number].works_on}, found)
    return tuple(frozenset(others - {number}) for number, others in enumerate(found))


def _sweep(times: Sequence[tuple[Interval, int]], workers: set[int], found: Sequence[set[int]]) -> None:
    """Go through the times at which one node is wanted, and note who is there when another comes."""
    present: dict[int, int] = {}
    leaving: list[tuple[datetime, int]] = []
    for time, number in times:
        while leaving and leaving[0][0] <= time.start:
            _, gone = heappop(leaving)
            present[gone] -= 1
            if not present[gone]:
                del present[gone]
        others = present.keys() if number in workers else present.keys() & workers
        found[number].update(others)
        for other in others:
            found[other].add(number)
        present[number] = present.get(number, 0) + 1
        heappush(leaving, (time.end, number))


def _watched(snapshot: Snapshot) -> frozenset[str]:
    """The nodes on which something runs that the release must not disturb."""
    names: set[str] = set()
    for criterion in snapshot.plan.machine_criteria():
        if criterion.neighbour:
            names |= {node.name for node in snapshot.criteria_nodes(criterion) if node}
            names |= _addressed(criterion, snapshot.infrastructure)
    return frozenset(names)


def _addressed(criterion: MachineCriterion, infrastructure: Infrastructure) -> set[str]:
    """The nodes that its address names by their name or address."""
    try:
        found = criterion.endpoint(criterion.question)
    except NoEndpoint:  # it has placeholders where an address would stand
        return set()
    if found is None:
        return set()
    return {node.name for node in infrastructure.nodes.values() if found.host in (node.name.lower(), node.host.lower())}
