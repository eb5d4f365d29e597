"""What a simulation says: one run as a timeline with its cards, many as counts and the worst of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from deployplan.airflow_glue.what_if.many import ManyRuns, RunEnd
from deployplan.airflow_glue.what_if.simulate import Simulated
from deployplan.airflow_glue.what_if.walk import Card
from deployplan.airflow_glue.what_if.world import Scene
from deployplan.evidence.entry import Entry
from deployplan.evidence.kinds.review import ControlChecked
from deployplan.evidence.story import sentence
from deployplan.plan.snapshot import freezes_for
from deployplan.plan.text.scalars import spell_duration
from deployplan.runbook.timing.estimate import estimate
from deployplan.window.openings import next_openings


def last_safe_starts(scene: Scene) -> list[tuple[str, datetime]]:
    """Until when each wave may start in the next opening, so that the rest of the work and the reserve fit."""
    snapshot, found = scene.snapshot, []
    windows, today = snapshot.plan.schedule.windows(), scene.today or snapshot.infrastructure
    for place, wave in enumerate(snapshot.waves):
        work = estimate(snapshot, snapshot.waves[place:], scene.past).work
        reserve = snapshot.plan.schedule.backout_reserve
        freezes = freezes_for(today, snapshot)
        openings = next_openings(windows, freezes, 1, after=scene.begins, work=work, reserve=reserve)
        if openings and openings[0].last_safe_start is not None:
            found.append((f"{wave.component} wave {wave.number} of {wave.of}", openings[0].last_safe_start))
    return found


def simulated_as_json(run: Simulated, scene: Scene) -> dict[str, Any]:
    """One run for programs, instants in ISO 8601 in UTC."""
    return {
        "plan": scene.snapshot.plan.name,
        "digest": scene.snapshot.digest,
        "outcome": None if run.outcome is None else str(run.outcome),
        "because": run.because,
        "begins": _iso(run.begins),
        "ends": _iso(run.ends),
        "work_ended": _iso(run.work_ended),
        "window_closes": _iso(run.closes),
        "outside_window": run.is_outside,
        "nodes_out": list(run.nodes_out),
        "faults": [str(fault) for fault in run.faults.each],
        "last_safe_starts": [{"wave": wave, "at": _iso(at)} for wave, at in last_safe_starts(scene)],
        "cards": [_card_as_json(card) for card in run.cards],
        "tasks": [{"task": task, "state": str(state), "ended": _iso(at)} for at, task, state in run.tasks],
        "timeline": [{"at": _iso(each.at), "kind": each.kind, "text": sentence(each)} for each in run.entries],
    }


def simulated_as_text(run: Simulated, scene: Scene) -> Iterator[str]:
    """One run for people, in the time of the plan's zone."""
    zone = ZoneInfo(scene.snapshot.timezone)
    for fault in run.faults.each:
        yield f"made up: {fault}"
    for wave, at in last_safe_starts(scene):
        yield f"last safe start of {wave}: {_local(at, zone)}"
    yield ""
    for entry in run.entries:
        if not _is_quiet(entry):
            yield f"{_local(entry.at, zone)}  {sentence(entry)}"
    if run.cards:
        yield ""
    for card in run.cards:
        yield _card_text(card, zone)
    yield ""
    yield f"{run.ended_as} at {_local(run.ends, zone)}, after {spell_duration(run.ends - run.begins)}: {run.because}"
    if run.spare is not None:
        yield f"the last script ended {_spare(run.spare)} the window closed"
    if run.nodes_out:
        yield f"nodes left locked, or not as they should be: {', '.join(run.nodes_out)}"


def many_as_json(many: ManyRuns, scene: Scene) -> dict[str, Any]:
    """Many runs for programs."""
    return {
        "plan": scene.snapshot.plan.name,
        "digest": scene.snapshot.digest,
        "begins": _iso(scene.begins),
        "runs": len(many.ends),
        "outcomes": many.counts,
        "outside_window": sum(end.spare is not None and end.spare < timedelta() for end in many.ends),
        "worst": {why: _end_as_json(end) for why, end in many.worst.items()},
    }


def many_as_text(many: ManyRuns, scene: Scene) -> Iterator[str]:
    """Many runs for people."""
    zone, runs = ZoneInfo(scene.snapshot.timezone), len(many.ends)
    yield f"{runs} runs of {scene.snapshot.plan.name} from {_local(scene.begins, zone)} on"
    for outcome, count in many.counts.items():
        yield f"{count:>6}  {outcome} ({100 * count / runs:.1f} %)"
    outside = sum(end.spare is not None and end.spare < timedelta() for end in many.ends)
    yield f"{outside:>6}  in which a script still ran when the window had closed"
    for why, end in many.worst.items():
        told = f"{end.outcome} after {spell_duration(end.took)}, {len(end.nodes_out)} nodes out"
        if end.spare is not None:
            told += f", last script {_spare(end.spare)} the close"
        yield f"{why}: {told}; repeat it with --seed {end.seed}"
        yield f"    {', '.join(end.faults)}"


def _end_as_json(end: RunEnd) -> dict[str, Any]:
    return {
        "seed": end.seed,
        "outcome": end.outcome,
        "because": end.because,
        "seconds": end.took.total_seconds(),
        "nodes_out": list(end.nodes_out),
        "spare_seconds": None if end.spare is None else end.spare.total_seconds(),
        "faults": list(end.faults),
    }


def _card_as_json(card: Card) -> dict[str, Any]:
    return {
        "task": card.task,
        "subject": card.subject,
        "people": list(card.people),
        "options": list(map(str, card.options)),
        "asked": _iso(card.asked),
        "until": _iso(card.until),
        "answered": _iso(card.answered),
        "answer": None if card.option is None else str(card.option),
    }


def _card_text(card: Card, zone: ZoneInfo) -> str:
    until = "for ever" if card.until is None else f"until {_local(card.until, zone)}"
    said = "nobody answers" if card.answered is None else f"{card.option} at {_local(card.answered, zone)}"
    return f"card {card.task} asks {', '.join(card.people)} from {_local(card.asked, zone)} {until}: {said}"


def _is_quiet(entry: Entry) -> bool:
    """Whether it says of a release control that it holds, of which a plan has many."""
    return entry.kind == ControlChecked.kind and ControlChecked.of(entry.facts).ok


def _spare(spare: timedelta) -> str:
    return f"{spell_duration(abs(spare))} {'before' if spare >= timedelta() else 'AFTER'}"


def _local(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%F %T}"


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
