"""Hold and resume everything, as a person's act that leaves evidence in every run that it is about."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from deployplan.evidence.error import RecordError
from deployplan.evidence.event import Event
from deployplan.evidence.hold import Hold, HoldSwitch
from deployplan.evidence.kinds.people import AllHeld, AllResumed
from deployplan.evidence.record import Records

ALL_PLANS = "~"
"""Where evidence of what is about every plan is kept, whatever runs: no plan has this name."""


def hold_all(records: Records, reason: str, *, by: str, at: datetime) -> tuple[Hold, bool]:
    """Hold everything, and then leave evidence; returns who holds, and whether that began now.

    The switch comes first: it stops what must not go on, also where the evidence cannot be written. OSError and
    RecordError when it cannot.
    """
    switch = HoldSwitch(records.root)
    if (before := switch.state()) is not None:
        return before, False
    held = switch.hold(reason, by=by, at=at)
    _note(records, AllHeld(by=by, reason=reason))
    return held, True


def resume_all(records: Records, reason: str, *, by: str) -> Hold | None:
    """Leave evidence, and then let everything go on; returns what was held, if anything.

    The evidence comes first: nothing goes on that nobody can be asked for.
    """
    switch = HoldSwitch(records.root)
    held = switch.state()
    if held is not None:
        _note(records, AllResumed(by=by, reason=reason, was=str(held)))
        switch.resume()
    return held


def _note(records: Records, event: Event) -> None:
    records.people(ALL_PLANS).keep(event)
    for plan, (run_id, _) in records.active_plans().items():
        record = records.run(plan, run_id)
        with suppress(RecordError):  # a damaged record of one run must not keep all the others from going on
            if record.ledger().entries():  # evidence of a run begins with the freezing of its plan
                record.note(event)
