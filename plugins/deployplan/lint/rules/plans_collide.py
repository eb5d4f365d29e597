"""Two plans do not work on the same node in windows that overlap.

At run time the node's lock lets only one of them start; the other waits, and may miss its window.

PASS
    schedule:
      window: {opens: 2026-11-28 22:00, closes: 2026-11-29 02:00}
    # include/plans/other.yaml
    schedule:
      window: {opens: 2026-11-29 02:00, closes: 2026-11-29 06:00}

FAIL
    schedule:
      window: {opens: 2026-11-28 22:00, closes: 2026-11-29 02:00}
    # include/plans/other.yaml
    schedule:
      window: {opens: 2026-11-29 00:00, closes: 2026-11-29 06:00}
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from deployplan.lint.times import interval_of
from deployplan.plan.draft import Draft
from deployplan.plan.problem import Position, Problem
from deployplan.window.interval import Interval

ID: Final = "plans-collide"
SEVERITY: Final = "warning"


@dataclass(frozen=True, slots=True)
class _Claim:
    draft: Draft
    nodes: frozenset[str]
    times: tuple[Interval, ...]

    @property
    def place(self) -> Position:
        path, _ = next(self.draft.plan.schedule.places())
        return self.draft.tree.key_place("schedule", *path)


def check_all(drafts: Sequence[Draft]) -> Iterator[Problem]:
    claims = [_claim(draft) for draft in drafts if draft.plan.schedule.stated()]
    for one, other in combinations(claims, 2):
        shared = sorted(one.nodes & other.nodes)
        if shared and one.draft.plan.environment == other.draft.plan.environment and _overlap(one, other):
            for claim, rival in ((one, other), (other, one)):
                name, nodes = rival.draft.plan.name, ", ".join(shared)
                message = f"plan {name!r} works on {nodes} at the same time; see {rival.place}"
                yield Problem.at(claim.place, ID, message, "choose windows that do not overlap", SEVERITY)


def _claim(draft: Draft) -> _Claim:
    nodes = frozenset(node.name for name in draft.plan.components for node in draft.nodes_of(name))
    return _Claim(draft, nodes, tuple(interval_of(window) for window in draft.plan.schedule.stated()))


def _overlap(one: _Claim, other: _Claim) -> bool:
    return any(mine.intersects(theirs) for mine in one.times for theirs in other.times)
