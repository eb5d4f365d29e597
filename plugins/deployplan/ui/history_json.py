"""History as JSON values: where each product stands, a page of ended runs, and plans that missed their windows."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from deployplan.runbook.calendar.missed import Missed
from deployplan.ui.history import Current, EndedRun, HistoryPage, Pace, RunFacts
from deployplan.ui.json_values import instant_text, shown_text
from deployplan.ui.node_list import Reads

VERSION = 1
MOST_LISTED = 50
"""Tickets, features and nodes of a run that are listed; the run's own page has all."""


@dataclass(frozen=True, slots=True)
class MissedNow:
    """Plans that missed their windows; `reading`: that is being worked out anew, `problem`: why it cannot be."""

    plans: tuple[Missed, ...] = ()
    reading: bool = False
    problem: str | None = None


def runs_as_json(page: HistoryPage, ends: Iterable[EndedRun], older: int, reads: Reads) -> dict[str, object]:
    """Return a page of ended runs, and what may be asked for."""
    mine = [ended for ended in ends if reads(ended.run.plan)]
    return {
        "version": VERSION,
        "older": older,
        "next": page.next,
        "cut": page.cut,
        "choices": {
            "environment": sorted({ended.environment for ended in mine}),
            "product": sorted({ended.product for ended in mine}),
            "outcome": sorted({ended.run.outcome for ended in mine}),
        },
        "runs": [run_as_json(ended, facts) for ended, facts in page.rows],
    }


def current_as_json(
    found: Iterable[Current], facts_of: Callable[[EndedRun], RunFacts | None], missed: MissedNow
) -> dict[str, object]:
    """Return what is where, and which plans missed their windows."""
    return {
        "version": VERSION,
        "current": [
            {
                "environment": shown_text(each.environment),
                "product": shown_text(each.product),
                "since": _run(each.since, facts_of),
                "later": _run(each.later, facts_of),
                "doubt": each.doubt,
                "hidden": each.hidden,
            }
            for each in found
        ],
        "missed": [_missed(each) for each in missed.plans],
        "reading": missed.reading,
        "problem": shown_text(missed.problem),
    }


def run_as_json(ended: EndedRun, facts: RunFacts) -> dict[str, object]:
    """Return one ended run as JSON values."""
    run = ended.run
    return {
        "plan": shown_text(run.plan),
        "run": shown_text(run.run_id),
        "environment": shown_text(ended.environment),
        "product": shown_text(ended.product),
        "release": shown_text(facts.release),
        "previous": shown_text(facts.previous),
        "timezone": shown_text(facts.timezone),
        "outcome": shown_text(run.outcome),
        "released": run.released,
        "because": shown_text(facts.because),
        "began": instant_text(run.began),
        "ended": instant_text(run.at),
        "pace": None if ended.pace is None else _pace(ended.pace),
        "summary": shown_text(facts.summary),
        "reason": shown_text(facts.reason),
        "author": shown_text(facts.author),
        "triggered_by": shown_text(facts.triggered_by),
        "approved_by": [shown_text(each) for each in facts.approved_by],
        "tickets": [shown_text(each) for each in facts.tickets[:MOST_LISTED]],
        "features": {
            str(shown_text(name)): shown_text(text) for name, text in list((facts.features or {}).items())[:MOST_LISTED]
        },
        "nodes": [shown_text(each) for each in facts.nodes[:MOST_LISTED]],
        "node_count": len(facts.nodes),
        "problem": shown_text(facts.problem),
    }


def _run(ended: EndedRun | None, facts_of: Callable[[EndedRun], RunFacts | None]) -> dict[str, object] | None:
    if ended is None:
        return None
    facts = facts_of(ended)
    return run_as_json(ended, facts or RunFacts(problem="not read yet"))


def _pace(pace: Pace) -> dict[str, object]:
    return {"seconds": pace.seconds, "usual": pace.usual, "runs": pace.runs, "sentence": pace.told}


def _missed(each: Missed) -> dict[str, object]:
    return {
        "plan": shown_text(each.plan),
        "environment": shown_text(each.environment),
        "owner": shown_text(each.owner),
        "reason": shown_text(each.reason),
        "run": shown_text(each.run),
        "what_became_of_it": shown_text(each.what_became_of_it),
    }
