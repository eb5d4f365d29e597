"""A release as JSON: texts as one line each, instants in ISO 8601, what is not known left out of the many cells."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from deployplan.ui.json_values import instant_text, shown_text
from deployplan.ui.release import (
    BackoutSeen,
    CellSeen,
    CriterionSeen,
    NodeRow,
    PhaseTimes,
    Point,
    ReleaseSeen,
    SeriesSeen,
)
from deployplan.ui.release_trail import MessageSeen, SeatSeen
from deployplan.ui.tonight import Lane, TonightRow
from deployplan.ui.tonight_json import NO_PROGRESS, VERSION, row_as_json

MOST_MESSAGES = 200
"""Messages that are shown, the latest; the story has them all."""


def release_as_json(found: ReleaseSeen, row: TonightRow | None = None) -> dict[str, object]:
    """Return JSON values of a release; `row` is that of tonight, if there is one: of it are the times ahead."""
    plan = found.snapshot.plan
    return {
        "version": VERSION,
        **_head(found, row),
        "summary": shown_text(plan.scope.summary),
        "previous": shown_text(plan.scope.release.previous),
        "change": shown_text(plan.change),
        "triggered_by": shown_text(found.triggered_by),
        "digest": found.snapshot.digest,
        "entries": found.entries,
        "phases": [_phase(each) for each in found.phases],
        "components": [shown_text(name) for name in dict.fromkeys(wave.component for wave in found.snapshot.waves)],
        "matrix": [_node(each) for each in found.nodes],
        "criteria": [_criterion(each) for each in found.criteria],
        "approvals": [_seat(each) for each in found.seats],
        "messages": [_message(each) for each in found.messages[-MOST_MESSAGES:]],
        "backout": None if found.backout is None else _backout(found.backout),
    }


def damaged_as_json(plan: str, run_id: str, problem: str) -> dict[str, object]:
    """Return JSON values of a release whose record cannot be read: why, and nothing that would have to be guessed."""
    row = TonightRow(plan, Lane.NEEDS_YOU, problem, run=run_id, problem=True)
    empty: dict[str, object] = {
        name: [] for name in ("phases", "components", "matrix", "criteria", "approvals", "messages")
    }
    unknown = dict.fromkeys(("summary", "previous", "change", "triggered_by", "digest", "backout"))
    return {"version": VERSION, **_without_lane(row_as_json(row)), **NO_PROGRESS, **unknown, "entries": 0, **empty}


def _head(found: ReleaseSeen, row: TonightRow | None) -> dict[str, object]:
    """What a row of tonight has, of the evidence as it is now."""
    plan = found.snapshot.plan
    base = row or TonightRow(plan.name, Lane.ENDED, found.sentence)
    return _without_lane(
        row_as_json(
            replace(
                base,
                sentence=found.sentence,
                environment=plan.environment,
                product=plan.scope.release.product,
                version=plan.scope.release.version,
                owner=plan.author,
                timezone=found.snapshot.timezone,
                run=found.run_id,
                progress=found.progress,
                ended=found.ended,
                outcome=found.outcome,
                problem=False,
            )
        )
    )


def _without_lane(row: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in row.items() if name != "lane"}


def _phase(each: PhaseTimes) -> dict[str, object]:
    return {
        "number": int(each.phase),
        "name": each.phase.name.lower(),
        "state": str(each.state),
        "planned_begin": instant_text(each.planned_begin),
        "planned_end": instant_text(each.planned_end),
        "began": instant_text(each.began),
        "ended": instant_text(each.ended),
    }


def _node(row: NodeRow) -> dict[str, object]:
    return {"node": shown_text(row.node), "cells": [_cell(each) for each in row.cells]}


def _cell(cell: CellSeen) -> dict[str, object]:
    job = cell.job
    return _known(
        component=shown_text(cell.component),
        wave=cell.wave,
        standing=str(cell.standing),
        before=shown_text(cell.before),
        now=shown_text(cell.now),
        after=shown_text(cell.after),
        words=shown_text(cell.words),
        job=None if job is None else shown_text(job.job),
        step=None if job is None else shown_text(job.step),
        began=None if job is None else instant_text(job.began),
        ended=None if job is None else instant_text(job.ended),
    )


def _criterion(each: CriterionSeen) -> dict[str, object]:
    return {
        "name": shown_text(each.name),
        "question": shown_text(each.question),
        "wanted": shown_text(each.wanted),
        "neighbour": each.neighbour,
        "seconds": each.seconds,
        "least": each.least,
        "most": each.most,
        "series": [_series(one) for one in each.series],
    }


def _series(series: SeriesSeen) -> dict[str, object]:
    points = [_point(each) for each in series.points]
    return {"node": shown_text(series.node), "points": points, **_known(least=series.least, most=series.most)}


def _point(point: Point) -> dict[str, object]:
    seen = point.seen
    return _known(
        at=instant_text(seen.at),
        answer=shown_text(seen.answer),
        phase=point.phase.name.lower(),
        observed=shown_text(seen.observed),
        why=shown_text(seen.why),
        value=point.value,
    )


def _seat(each: SeatSeen) -> dict[str, object]:
    return {
        "seat": each.seat,
        "state": each.state,
        "asked": [shown_text(person) for person in each.people],
        "asked_at": instant_text(each.asked_at),
        "at": instant_text(each.at),
        "person": shown_text(each.person),
        "why": shown_text(each.why),
        "digest": shown_text(each.digest),
        "window": shown_text(each.window),
    }


def _message(each: MessageSeen) -> dict[str, object]:
    texts = {"to": each.to, "moment": each.moment, "via": each.via, "state": each.state, "receipt": each.receipt}
    return {"at": instant_text(each.at), **{name: shown_text(text) for name, text in texts.items()}}


def _backout(found: BackoutSeen) -> dict[str, object]:
    return {
        "sentence": shown_text(found.sentence),
        "undoes": _texts(found.undoes),
        "until": instant_text(found.until),
        "authority": _texts(found.authority),
    }


def _texts(texts: Iterable[str]) -> list[str | None]:
    return [shown_text(each) for each in texts]


def _known(**facts: str | int | float | datetime | None) -> dict[str, object]:
    return {name: value for name, value in facts.items() if value is not None}
