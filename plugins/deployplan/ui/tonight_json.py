"""The rows of tonight as JSON, for one person: what may be seen, what may be done, and an ETag of it."""

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from deployplan.canonical_json import canonical
from deployplan.evidence.hold import Hold
from deployplan.ui.json_values import instant_text, shown_text
from deployplan.ui.progress import BudgetLeft, OpenQuestion, Phase, RunProgress, SeatsTaken, WavePlace
from deployplan.ui.tonight import Lane, Tonight, TonightRow, by_time_to_act

VERSION = 1

May = Callable[[str], dict[str, bool]]
"""What this person may do with a plan, by the word of the action."""


def seen_by(found: Tonight, person: str | None, plans: Collection[str] | None = None) -> Tonight:
    """Return what a person sees: the plans that they may read, and `needs you` only for those who were asked.

    Without a person every open question stays in that lane; a record that cannot be believed is for everybody to see.
    """
    rows = [row for row in found.rows if plans is None or row.plan in plans]
    if person is not None:
        rows = by_time_to_act(_for(row, person) for row in rows)
    return replace(found, rows=tuple(rows))


def _for(row: TonightRow, person: str) -> TonightRow:
    progress = row.progress
    if row.lane is not Lane.NEEDS_YOU or progress is None or progress.question is None:
        return row
    if person in progress.question.people:
        return row
    return replace(row, lane=Lane.WAITING if progress.began is None else Lane.RUNNING)


def tonight_as_json(
    found: Tonight, may: May = lambda plan: {}, may_all: Mapping[str, bool] | None = None
) -> dict[str, object]:
    """Return JSON values: instants in ISO 8601, every text as one line that can be shown.

    `may` says what may be done with a plan, `may_all` with all of them.
    """
    return {
        "version": VERSION,
        "hold": None if found.hold is None else _hold(found.hold),
        "unread": found.unread,
        "rejected": found.rejected,
        "lanes": [str(lane) for lane in Lane],
        "rows": [row_as_json(row) | {"may": may(row.plan)} for row in found.rows],
        "may": dict(may_all or {}),
    }


def etag_of(content: dict[str, object]) -> str:
    """Return the ETag of these JSON values: a hash of what they say."""
    return f'"{hashlib.sha256(canonical(content)).hexdigest()[:32]}"'


def row_as_json(row: TonightRow) -> dict[str, object]:
    """Return one row as JSON values."""
    return {
        "plan": shown_text(row.plan),
        "run": shown_text(row.run),
        "lane": str(row.lane),
        "sentence": shown_text(row.sentence),
        "environment": shown_text(row.environment),
        "product": shown_text(row.product),
        "release": shown_text(row.version),
        "owner": shown_text(row.owner),
        "timezone": shown_text(row.timezone),
        "opens": instant_text(row.opens),
        "closes": instant_text(row.closes),
        "last_safe_start": instant_text(row.last_safe_start),
        "ended": instant_text(row.ended),
        "outcome": shown_text(row.outcome),
        "damaged": row.problem,
        **(_progress(row.progress) if row.progress else NO_PROGRESS),
    }


NO_PROGRESS: dict[str, object] = {
    **dict.fromkeys(("phase", "wave", "question", "seats", "budget", "began")),
    "nodes": {},
    "troubled": [],
}


def _progress(progress: RunProgress) -> dict[str, object]:
    return {
        "phase": _phase(progress.phase),
        "wave": _wave(progress.wave),
        "nodes": {str(standing): count for standing, count in progress.nodes.items()},
        "troubled": [shown_text(each) for each in progress.troubled],
        "question": _question(progress.question),
        "seats": _seats(progress.seats),
        "budget": _budget(progress.budget),
        "began": instant_text(progress.began),
    }


def _phase(phase: Phase | None) -> dict[str, object] | None:
    return None if phase is None else {"number": int(phase), "name": phase.name.lower()}


def _wave(wave: WavePlace | None) -> dict[str, object] | None:
    return None if wave is None else {"number": wave.number, "of": wave.of, "title": shown_text(wave.title)}


def _question(asked: OpenQuestion | None) -> dict[str, object] | None:
    if asked is None:
        return None
    people = [shown_text(each) for each in asked.people]
    return {
        "task": asked.task,
        "people": people,
        "subject": shown_text(asked.subject),
        "until": instant_text(asked.until),
    }


def _seats(seats: SeatsTaken | None) -> dict[str, object] | None:
    if seats is None:
        return None
    by, may = ([shown_text(each) for each in people] for people in (seats.by, seats.may))
    return {"taken": seats.taken, "of": seats.of, "by": by, "missing": may}


def _budget(budget: BudgetLeft | None) -> dict[str, object] | None:
    if budget is None:
        return None
    return {"component": shown_text(budget.component), "failed": budget.failed, "allowed": budget.allowed}


def _hold(hold: Hold) -> dict[str, object]:
    return {
        "by": shown_text(hold.by),
        "reason": shown_text(hold.reason),
        "since": hold.since.isoformat(),
        "sentence": shown_text(str(hold)),
    }
