"""Questions to people, as Airflow's human-in-the-loop cards, and the evidence that each of them leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NoReturn

from deployplan.airflow_glue.tasks.host import CardAnswer, Question, TaskHost, WaitFor
from deployplan.evidence.kinds.verify import AnswerRefused, CardAnswered, CardClosed, CardPut
from deployplan.printable import printable
from deployplan.runbook.failure.question_clock import QuestionClock
from deployplan.runbook.run.answers import NotAsked, require_asked
from deployplan.runbook.run.run import Run
from deployplan.runbook.run.traces import is_same_answer

LONGEST_TEXT = 32_768
"""Characters of a card that says something else each time, and stands in the evidence."""


async def put_card(host: TaskHost, run: Run, question: Question) -> NoReturn:
    """Put the card up and park the task, without a process, until one of the asked people answers.

    Where none of them is known to be anybody, or nobody can be, it waits until that has changed.
    """
    await asyncio.to_thread(wait_for_people, host, run, question.people, until=question.until)
    subject, asked = printable(question.subject), run.directory().known(question.people)
    body = question.body if question.rights is None else question.body[:LONGEST_TEXT]
    put = CardPut(
        task=host.task_id,
        clear=host.clear,
        people=asked,
        subject=subject,
        options=question.rights,
        until=None if question.until is None else question.until.isoformat(),
        text=None if question.rights is None else body,
    )
    await run.note(put)
    host.ask(replace(question, subject=subject, body=body, people=asked))


def wait_for_people(host: TaskHost, run: Run, people: Sequence[str], *, until: datetime | None = None) -> None:
    """Leave, and wait, while none of these people can be asked; not beyond `until`, when silence is an answer."""
    if why := run.directory().reason(people):
        host.say(f"waiting: {why}")
        clock = {} if until is None else {"until": until.isoformat()}
        host.leave(WaitFor.PEOPLE, people=list(people), **clock)


def wait_for_roster(host: TaskHost, run: Run, *, until: datetime | None = None) -> None:
    """Leave, and wait, while nobody can tell who is who; not beyond `until`."""
    if run.directory().trouble is not None:
        wait_for_people(host, run, (), until=until)


def take_answer(host: TaskHost, run: Run, *, since: int = 0, clock: QuestionClock | None = None) -> CardAnswer | None:
    """The answer to the task's card, if it is there: the first that was kept as evidence, else the one that came now.

    People are told by the evidence whose answer counts, so what Airflow hands over gives way to it. A card from before
    the entry `since` was about something else; `clock` is the question's as it is now, for a *Wait* may have ended
    since the card was put. Raises Refused when the answer is of somebody who was not asked; where a
    card says who may choose what, it is asked again instead.
    """
    answer = _kept(host, run, host.task_id, clear=host.clear, since=since) or host.answer
    return None if answer is None else _taken(host, run, host.task_id, answer, clock)


def take_answer_of(host: TaskHost, run: Run, task: str, clock: QuestionClock) -> CardAnswer | None:
    """The answer that was kept to the card of another task, in whose place this one asks; checked by that card."""
    card = run.read_state().cards.get(task)
    answer = None if card is None else _kept(host, run, task, clear=card.put.clear)
    return None if answer is None else _taken(host, run, task, answer, clock)


def _kept(host: TaskHost, run: Run, task: str, *, clear: int | None, since: int = 0) -> CardAnswer | None:
    answer, handed = kept_answer(run, task, clear=clear, since=since), host.answer
    if answer is not None and (handed is None or (handed.user, handed.option) != (answer.user, answer.option)):
        host.say(f"{answer.person} has answered before: {answer.option}")
    return answer


def _taken(host: TaskHost, run: Run, task: str, answer: CardAnswer, clock: QuestionClock | None) -> CardAnswer:
    """The answer as the task acts on it, with evidence that it has it; see `take_answer`."""
    names = {"user": answer.user, "login": answer.login}
    if answer.option is not None:
        put = run.read_state().cards[task].put
        until = _silent_at(put, clock)
        if until is not None and run.clock.now() >= until and run.directory().trouble is not None:
            return CardAnswer(None, None)  # nobody can tell whose it is, and the time is over
        wait_for_roster(host, run, until=until)
        answer = replace(answer, person=run.directory().told(answer.user, answer.login))
        try:
            require_asked(run, task, answer.person, answer.option)
        except NotAsked as why:
            if put.options is None:
                raise
            refused = AnswerRefused(task=task, person=answer.person, option=answer.option, why=str(why), **names)
            run.record(refused)
            host.begin_anew(str(why))
    closed = CardClosed(task=task, person=answer.person, option=answer.option, note=answer.note, **names)
    run.record(closed)
    first = run.read_state().cards[task].answered
    if first is None or is_same_answer(first, closed):
        return answer
    return _taken(host, run, task, _as_given(first), clock)  # somebody was told that it counts before this was evidence


def _silent_at(put: CardPut, clock: QuestionClock | None) -> datetime | None:
    """When nobody waits any more for who is who: a card whose *Wait* has ended is asked anew, and has more time."""
    if put.until is None:
        return None
    return datetime.fromisoformat(put.until) if clock is None else clock.until


def kept_answer(run: Run, task_id: str, *, clear: int | None, since: int = 0) -> CardAnswer | None:
    """The answer that an earlier try of this task was given, when Airflow lost it, or the try, on the way.

    `clear` is Airflow's `max_tries`: a person's clear raises it, and then everybody is asked anew.
    """
    card = run.read_state().cards.get(task_id)
    given = None if card is None else card.closed or card.answered
    if card is None or given is None or card.put.clear != clear or card.seq < since:
        return None
    if given.option is None and card.put.options is not None:
        return None  # silence was taken for what it was then; now the question's clock says what it means
    return _as_given(given)


def _as_given(given: CardAnswered | CardClosed) -> CardAnswer:
    return CardAnswer(given.option, given.person, given.note, given.user or given.person, given.login)
