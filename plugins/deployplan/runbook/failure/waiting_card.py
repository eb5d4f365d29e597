"""How long does a question to the backout authority wait, and what is left of it when people say that it shall?"""

from datetime import datetime

from deployplan.evidence.kinds.verify import QuestionWaits
from deployplan.runbook.failure.question_clock import QuestionClock, question_clock, waiting_time
from deployplan.runbook.run.run import Run


def clock_of_card(run: Run, task: str, *, clear: int) -> QuestionClock:
    """Return the clock of the task's question, which runs since its first card of this clear; from now on without one.

    A card that is put up once more, because Airflow lost a try, has no more time than the first one had.
    """
    now, card = run.clock.now(), run.read_state().cards.get(task)
    if card is None or card.put.clear != clear:
        return question_clock(run.snapshot, asked=now, waits_until=None, now=now)
    until = None if card.waits is None else datetime.fromisoformat(card.waits.until)
    return question_clock(run.snapshot, asked=card.since or card.at, waits_until=until, now=now)


def record_waiting(run: Run, task: str, person: str | None, note: str | None) -> datetime:
    """Leave evidence that the question waits, and return until when."""
    now, card = run.clock.now(), run.read_state().cards[task]
    clock = clock_of_card(run, task, clear=card.put.clear if card.put.clear is not None else -1)
    until = waiting_time(run.snapshot, clock, asked=card.since or card.at, now=now) or clock.until or now
    run.record(QuestionWaits(task=task, person=person, until=until.isoformat(), note=note))
    return until
