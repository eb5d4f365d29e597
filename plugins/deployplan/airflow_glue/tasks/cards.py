"""Questions to people, as Airflow's human-in-the-loop cards, and the evidence that each of them leaves."""

from __future__ import annotations

from dataclasses import replace
from typing import NoReturn

from deployplan.airflow_glue.tasks.host import CardAnswer, Question, TaskHost
from deployplan.evidence.kinds.verify import AnswerRefused, CardClosed, CardPut
from deployplan.printable import printable
from deployplan.runbook.run.answers import NotAsked, require_asked
from deployplan.runbook.run.run import Run


def put_card(host: TaskHost, run: Run, question: Question) -> NoReturn:
    """Put the card up and park the task, without a process, until one of the asked people answers."""
    subject = printable(question.subject)
    put = CardPut(
        task=host.task_id,
        clear=host.clear,
        people=question.people,
        subject=subject,
        options=question.rights,
        until=None if question.until is None else question.until.isoformat(),
    )
    run.record(put)
    host.ask(replace(question, subject=subject))


def take_answer(host: TaskHost, run: Run, *, since: int = 0) -> CardAnswer | None:
    """The answer to the task's card, if it is there: the one that came now, or the one to an earlier try of it.

    A card from before the entry `since` was about something else. Raises Refused when the answer is of somebody who was
    not asked; where a card says who may choose what, it is asked again instead.
    """
    answer = host.answer
    if answer is None:
        answer = kept_answer(run, host.task_id, clear=host.clear, since=since)
        if answer is None:
            return None
        host.say(f"{answer.person} has answered before: {answer.option}")
    if answer.option is not None:
        try:
            require_asked(run, host.task_id, answer.person, answer.option)
        except NotAsked as why:
            if run.read_state().cards[host.task_id].put.options is None:
                raise
            refused = AnswerRefused(task=host.task_id, person=answer.person, option=answer.option, why=str(why))
            run.record(refused)
            host.begin_anew(str(why))
    run.record(CardClosed(task=host.task_id, person=answer.person, option=answer.option, note=answer.note))
    return answer


def kept_answer(run: Run, task_id: str, *, clear: int, since: int = 0) -> CardAnswer | None:
    """The answer that an earlier try of this task was given, when Airflow lost it, or the try, on the way.

    `clear` is Airflow's `max_tries`: a person's clear raises it, and then everybody is asked anew.
    """
    card = run.read_state().cards.get(task_id)
    given = None if card is None else card.closed or card.answered
    if card is None or given is None or card.put.clear != clear or card.seq < since:
        return None
    return CardAnswer(given.option, given.person, given.note)
