"""A wave that has failed asks before it ends: its card, from the wave's own task, and what becomes of the answer."""

from __future__ import annotations

import asyncio

from deployplan.airflow_glue.tasks.cards import put_card, take_answer
from deployplan.airflow_glue.tasks.host import Question, TaskHost
from deployplan.airflow_glue.tasks.retries import AT_ONCE
from deployplan.runbook.failure.failure_answer import Word, end_wave, record_answer
from deployplan.runbook.failure.failure_card import failure_card, failure_subject, last_lines
from deployplan.runbook.failure.question import FailureQuestion, Option, question_of, who_may
from deployplan.runbook.run.run import Run, StepFailed


async def settle_question(host: TaskHost, run: Run) -> None:
    """Go on when no wave asks; else put up its card, or do what was answered.

    Whatever is answered, the task's own try goes on. Raises StepFailed when the wave is to be backed out.
    """
    state = await run.state()
    if state.since_armed.question is None:
        if state.since_armed.backs_out is not None:  # an earlier try died between its last word and its end
            raise StepFailed("it is decided that this run is backed out")
        return
    host.need_worker("a wave has stopped, and people are asked")
    question = question_of(run, state)
    if question is None:
        await asyncio.to_thread(end_wave, run, state.since_armed.question)
        return
    answer = await asyncio.to_thread(take_answer, host, run, since=question.open.asked_seq, clock=question.clock)
    if answer is not None and answer.option is not None:
        word = Word(Option(answer.option), answer.person, answer.note)
    elif question.clock.is_over(run.clock.now()) and question.clock.backs_out:
        word = Word(Option.BACK_OUT, None)
    elif answer is None:
        await put_card(host, run, await _failure_question(run, question))
    else:
        host.begin_anew("it is asked again")
    host.begin_anew(await asyncio.to_thread(record_answer, run, question, word))


async def _failure_question(run: Run, question: FailureQuestion) -> Question:
    rights = who_may(run.snapshot.plan, question.options)
    people = tuple(dict.fromkeys(person for each in rights.values() for person in each))
    output = await last_lines(run, question)
    until = question.clock.until
    return Question(
        people=people,
        subject=failure_subject(run, question),
        body=await asyncio.to_thread(failure_card, run, await run.state(), question, output),
        options=tuple(map(str, question.options)),
        within=None if until is None else max(AT_ONCE, until - run.clock.now()),
        rights=rights,
        until=until,
        note=True,
    )
