"""Of which runs may there be something to tell? Those under way, and those that ended lately."""

from __future__ import annotations

from datetime import datetime

from deployplan.evidence.record import Records, RunRecord
from deployplan.runbook.telling.occasions import LASTING


def runs_to_tell_of(records: Records, now: datetime) -> tuple[RunRecord, ...]:
    """Return their records: two listings, and small reads of what was not read before."""
    names = [(plan, run_id) for plan, (run_id, _) in records.active_plans().items()]
    names += [(end.plan, end.run_id) for end in records.ends.since(now - LASTING)]
    return tuple(records.run(*name) for name in dict.fromkeys(names))
