"""Which plans were not released although their windows have passed, whose are they, and what became of their runs?"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from deployplan.evidence.record import Records
from deployplan.evidence.segment import salvage
from deployplan.plan.include import Include
from deployplan.plan.snapshot import Snapshot
from deployplan.runbook.run.fold import fold_all
from deployplan.runbook.run.outcome_kinds import UNDECIDED
from deployplan.runbook.timing.chosen_window import chosen_in
from deployplan.runbook.timing.past_runs import PastRun, history_of
from deployplan.runbook.timing.verdict import verdict
from deployplan.window.release_window import ReleaseWindow


@dataclass(frozen=True, slots=True)
class Missed:
    """A plan whose windows can take it no more; `run` and `outcome` are those of its last run, if it had one."""

    plan: str
    environment: str
    owner: str
    reason: str
    run: str | None
    outcome: str | None

    @property
    def what_became_of_it(self) -> str:
        """In words: `no run`, `release-2026-11-27-210000 is in review`, `… ended in expired`."""
        if self.run is None:
            return "no run"
        return f"{self.run} is in review" if self.outcome is None else f"{self.run} ended in {self.outcome}"

    def as_json(self) -> dict[str, str | None]:
        """The fields as JSON values."""
        return {
            "plan": self.plan,
            "environment": self.environment,
            "owner": self.owner,
            "reason": self.reason,
            "run": self.run,
            "outcome": self.outcome,
        }


def find_missed(
    snapshots: Iterable[Snapshot], include: Include, records: Records, *, at: datetime
) -> tuple[Missed, ...]:
    """Return the plans that missed their windows, by name; none that was released, backed out, rejected or stopped.

    A run that still waits for approval is told too: it ends as window_missed, whatever is answered.
    """
    histories: dict[tuple[str, str], tuple[PastRun, ...]] = {}  # one listing a product, and not one a plan

    def past(snapshot: Snapshot) -> tuple[PastRun, ...]:
        key = (snapshot.plan.environment, snapshot.plan.scope.release.product)
        if key not in histories:
            histories[key] = history_of(records, *key)
        return histories[key]

    active = {plan: records.active(plan) for plan in records.active_plans()}
    found = (
        each
        for snapshot in snapshots
        for each in _missed(snapshot, past(snapshot), include, records, active.get(snapshot.plan.name), at)
    )
    return tuple(sorted(found, key=lambda each: each.plan))


def _missed(
    snapshot: Snapshot,
    past: Sequence[PastRun],
    include: Include,
    records: Records,
    active: tuple[str, str] | None,
    at: datetime,
) -> Iterator[Missed]:
    plan = snapshot.plan
    mine = [run for run in past if run.plan == plan.name]
    run, outcome = (mine[-1].run_id, mine[-1].outcome) if mine else (None, None)
    windows: tuple[ReleaseWindow, ...] | None = None
    if active is not None:
        known = fold_all(salvage(records.run(plan.name, active[0]).folder))
        if known.review.armed is not None:
            return  # it is being released
        chosen = chosen_in(known)
        run, outcome, windows = active[0], None, (chosen.release_window(),) if chosen else None
    elif any(each.released for each in mine) or (outcome is not None and outcome not in UNDECIDED):
        return
    found = verdict(snapshot, include, at=at, past=past, windows=windows)
    if found.missed:
        yield Missed(plan.name, plan.environment, plan.author, found.reason, run, outcome)
