"""Two plans do not want the same node in windows that overlap: to work on it, or to watch a neighbour there.

At run time the node's lock lets only one of them start; the other waits, and may miss its window. A plan with a window
that comes back is not compared: it may have the next opening. Nor is one that was released, as the record store tells,
or whose window has closed. `deployplan calendar` shows where each plan is due.

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

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from deployplan.lint.claims import Claim, claim_of, rivals
from deployplan.lint.known import Known
from deployplan.lint.times import openings_of
from deployplan.plan.draft import Draft
from deployplan.plan.model.schedule import OneOffWindow
from deployplan.plan.text.problem import Position, Problem

ID: Final = "plans-collide"
SEVERITY: Final = "warning"
_NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class _Scheduled:
    claim: Claim
    place: Position


def check_all(drafts: Sequence[Draft], known: Known) -> Iterator[Problem]:
    scheduled = [found for draft in drafts if (found := _scheduled(draft, known))]
    if not any(_rivals(scheduled)):
        return  # the record store may be slow, and need not be asked
    released = known.released()
    scheduled = [each for each in scheduled if each.claim.plan not in released]
    for one, others in zip(scheduled, _rivals(scheduled), strict=True):
        if others:
            message = _message(one, [scheduled[number] for number in sorted(others)])
            yield Problem.at(one.place, ID, message, "choose windows that do not overlap", SEVERITY)


def _rivals(scheduled: Sequence[_Scheduled]) -> Sequence[Collection[int]]:
    return rivals([each.claim for each in scheduled])


def _scheduled(draft: Draft, known: Known) -> _Scheduled | None:
    stated, snapshot = tuple(draft.plan.schedule.places()), draft.snapshot()
    if not stated or snapshot is None or any(not isinstance(window, OneOffWindow) for _, window in stated):
        return None
    openings = [opening for _, window in stated for opening in openings_of(window)]
    coming = [opening for opening in openings if known.now is None or opening.end > known.now]
    if not coming:
        return None
    claim = claim_of(snapshot, coming)
    path = ("environment",) if draft.has_environments_windows else ("schedule", *stated[0][0])
    return _Scheduled(claim, draft.tree.key_place(*path))


def _message(one: _Scheduled, others: Sequence[_Scheduled]) -> str:
    named = [_rival(one, other) for other in others[:_NAMED]]
    more = [f"{len(others) - _NAMED} more"] if len(others) > _NAMED else []
    if len(others) == 1:
        return f"plan {named[0]} wants the same nodes at the same time"
    return f"{len(others)} plans want the same nodes at the same time: {', '.join(named + more)}"


def _rival(one: _Scheduled, other: _Scheduled) -> str:
    return f"{other.claim.plan!r} ({', '.join(one.claim.shares_with(other.claim))}; {other.place})"
