"""How long does a question to the backout authority wait, and what is left of it when people say that it shall?"""

from datetime import datetime

from deployplan.evidence.kinds.verify import QuestionWaits
from deployplan.runbook.failure.question_clock import QuestionClock, question_clock, waiting_time
from deployplan.runbook.run.run import Run
from deployplan.runbook.run.traces import CardState


def clock_of_card(run: Run, task: str, *, clear: int, instead_of: str | None = None) -> QuestionClock:
    """Return the clock of the task's question, which runs since its first card of this clear; from now on without one.

    A card that is put up once more, because Airflow lost a try or all of them, has no more time than the first one had:
    also where a wave had asked, or another task, `instead_of` which this one asks. The last word that it waits counts,
    to whichever card.
    """
    now, state = run.clock.now(), run.read_state()
    card, stopped = state.cards.get(task), state.since_armed.question
    if card is not None and card.put.clear != clear:  # a person cleared the task: everybody is asked anew
        return question_clock(run.snapshot, asked=now, waits_until=None, now=now)
    known = [each for each in (card, _lost(run, instead_of)) if each is not None]
    asked = min((each.since or each.at for each in known), default=now)
    waits = next((each.waits.until for each in known if each.waits is not None), None)
    if stopped is not None:
        asked = min(asked, stopped.stop.at)
        waits = waits or (stopped.waits.event.until if stopped.waits is not None else None)
    until = None if waits is None else datetime.fromisoformat(waits)
    return question_clock(run.snapshot, asked=asked, waits_until=until, now=now)


def _lost(run: Run, task: str | None) -> CardState | None:
    return None if task is None else run.read_state().cards[task]


def record_waiting(
    run: Run, task: str, person: str | None, note: str | None, instead_of: str | None = None
) -> datetime:
    """Leave evidence that the question on the task's card waits, and return until when; else as `clock_of_card`."""
    now, card = run.clock.now(), run.read_state().cards[task]
    clear = card.put.clear if card.put.clear is not None else -1
    clock = clock_of_card(run, task, clear=clear, instead_of=instead_of)
    first = min(each.since or each.at for each in (card, _lost(run, instead_of)) if each is not None)
    until = waiting_time(run.snapshot, clock, asked=first, now=now) or clock.until or now
    run.record(QuestionWaits(task=task, person=person, until=until.isoformat(), note=note))
    return until
