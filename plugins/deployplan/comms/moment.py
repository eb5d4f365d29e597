"""When are people told?"""

from __future__ import annotations

from enum import StrEnum


class Moment(StrEnum):
    """The eight moments at which a plan may have something to say."""

    ANNOUNCED = "announced"
    STARTED = "started"
    ON_HOLD = "on_hold"
    SUCCESS = "success"
    BACKED_OUT = "backed_out"
    FAILED = "failed"
    WINDOW_MISSED = "window_missed"
    NOTHING_TO_DO = "nothing_to_do"


_OF_OUTCOME = {
    "success": Moment.SUCCESS,
    "success_with_issues": Moment.SUCCESS,
    "backed_out": Moment.BACKED_OUT,
    "window_missed": Moment.WINDOW_MISSED,
    "nothing_to_do": Moment.NOTHING_TO_DO,
}


def moment_of(outcome: str) -> Moment:
    """Return what to tell when a run ends with this outcome: whatever else it is, the release did not go live."""
    return _OF_OUTCOME.get(outcome, Moment.FAILED)
