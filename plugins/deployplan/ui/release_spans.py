"""A release as spans of time for a trace: the whole, its phases, waves, scripts on nodes, and readings of criteria.

All of it is read from the evidence at the end of a run: no process needs to live through it, a wave that was handed
over is one span, and times are those of the entries.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from deployplan.evidence.entry import Entry
from deployplan.evidence.event import Event
from deployplan.evidence.kinds import backout, deploy, end, event_in, people, verify
from deployplan.runbook.run.outcome_kinds import Outcome
from deployplan.ui.progress import Phase
from deployplan.ui.release_trail import Trail, follow_trail

ROOT = "release"
MOST_SPANS = 5000
"""Of a pass; a release of more keeps its whole, its phases, and the first of the others."""

Attribute = str | int | bool


@dataclass(frozen=True, slots=True)
class ReleaseSpan:
    """A stretch of a release. `key` is its own within the run, `parent` that of the span around it.

    `ok` is None where nothing says whether it went well; one whose end is not in the evidence ends with the whole.
    """

    key: str
    parent: str | None
    name: str
    began: datetime
    ended: datetime
    ok: bool | None = None
    attributes: Mapping[str, Attribute] = field(default_factory=dict)


OF_THE_END_BEFORE = (end.RunSealed, people.MessageBegun, people.MessageSent, people.MessageFailed)


def release_spans(entries: Sequence[Entry]) -> list[ReleaseSpan]:
    """Return the spans of the run's last pass, each after the one around it; none before there is an outcome."""
    outcomes = [at for at, entry in enumerate(entries) if isinstance(event_in(entry), end.OutcomeReached)]
    if not outcomes:
        return []
    before = outcomes[-2] + 1 if len(outcomes) > 1 else 0
    # What is told of the pass before, and its seal, are no beginning of the next one.
    while isinstance(event_in(entries[before]), OF_THE_END_BEFORE):
        before += 1
    pass_entries = entries[before : outcomes[-1] + 1]
    began, last, number = pass_entries[0].at, pass_entries[-1], len(outcomes)
    outcome = event_in(last)
    assert isinstance(outcome, end.OutcomeReached)
    facts: dict[str, Attribute] = {"outcome": outcome.outcome, "pass": number, "because": outcome.because or ""}
    root = ReleaseSpan(f"{number}", None, ROOT, began, last.at, _is_green(outcome.outcome), facts)
    phases = _phases(root, follow_trail(Trail(), pass_entries))
    return [root, *phases, *_Stretches(root, phases).of(pass_entries)][:MOST_SPANS]


def _is_green(outcome: str) -> bool | None:
    return Outcome(outcome).meaning.green if outcome in set(Outcome) else None


def _phases(root: ReleaseSpan, trail: Trail) -> list[ReleaseSpan]:
    """The phases, each until the next one begins."""
    began = sorted((at, phase) for phase, at in trail.began.items() if phase is not Phase.OUTCOME)
    ends = [*(at for at, _ in began), root.ended][1:]
    return [
        ReleaseSpan(f"{root.key}/{phase.name.lower()}", root.key, phase.name.lower(), at, until)
        for (at, phase), until in zip(began, ends, strict=True)
    ]


class _Stretches:
    """Waves, undos, scripts and readings: each from the entry that begins it to the one that ends it."""

    def __init__(self, root: ReleaseSpan, phases: Sequence[ReleaseSpan]) -> None:
        self._root, self._phases = root, phases
        self._open: dict[tuple[str, ...], ReleaseSpan] = {}

    def of(self, entries: Sequence[Entry]) -> Iterator[ReleaseSpan]:
        """The spans in the order in which they begin."""
        found: dict[str, ReleaseSpan] = {}
        for entry in entries:
            event = event_in(entry)
            span = None if event is None else self._follow(event, entry)
            if span is not None:
                found[span.key] = span
        return iter(found.values())

    def _follow(self, event: Event, entry: Entry) -> ReleaseSpan | None:
        match event:
            case deploy.WaveStarted():
                name = f"wave {event.component} {event.wave}"
                return self._begin(("step", event.component), name, entry, {"component": event.component})
            case backout.UndoStarted():
                facts = {"component": event.component}
                return self._begin(("step", event.component), f"undo {event.component}", entry, facts)
            case deploy.JobStarted():
                within = self._open.get(("step", event.component or ""))
                facts = {"node": event.node, "job": event.job, "component": event.component or ""}
                name = f"{event.step or 'script'} on {event.node}"
                return self._begin(("job", event.node, event.job), name, entry, facts, within)
            case deploy.WaveEnded() | backout.UndoEnded():
                return self._end(("step", event.component), entry, event.ok, {})
            case deploy.JobEnded() | deploy.JobTerminated():
                state = event.state or "terminated"
                return self._end(("job", event.node, event.job), entry, state == "done", {"state": state})
            case verify.CriterionRead():
                return self._reading(event, entry)
        return None

    def _begin(
        self,
        place: tuple[str, ...],
        name: str,
        entry: Entry,
        facts: Mapping[str, Attribute],
        within: ReleaseSpan | None = None,
    ) -> ReleaseSpan:
        around = within or self._phase_at(entry.at)
        key = f"{self._root.key}/{entry.seq}"
        span = ReleaseSpan(key, around.key, name, entry.at, self._root.ended, None, facts)
        self._open[place] = span
        return span

    def _end(
        self, place: tuple[str, ...], entry: Entry, ok: bool, facts: Mapping[str, Attribute]
    ) -> ReleaseSpan | None:
        span = self._open.pop(place, None)
        if span is None:  # it began in an earlier pass
            return None
        attributes = {**span.attributes, **facts}
        return ReleaseSpan(span.key, span.parent, span.name, span.began, entry.at, ok, attributes)

    def _reading(self, event: verify.CriterionRead, entry: Entry) -> ReleaseSpan:
        """From its first number, where they are known, else the instant of its verdict."""
        began = entry.at if event.figures is None else datetime.fromisoformat(event.figures.began)
        around = self._phase_at(entry.at)
        facts: dict[str, Attribute] = {"criterion": event.criterion, "node": event.node or "", "answer": event.answer}
        name = f"criterion {event.criterion}"
        ok = None if event.answer == "unknown" else event.answer == "pass"
        return ReleaseSpan(f"{self._root.key}/{entry.seq}", around.key, name, min(began, entry.at), entry.at, ok, facts)

    def _phase_at(self, at: datetime) -> ReleaseSpan:
        return next((phase for phase in reversed(self._phases) if phase.began <= at), self._root)
