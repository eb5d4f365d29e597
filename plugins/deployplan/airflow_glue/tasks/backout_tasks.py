"""Tasks of `5 · Backout`: whether to go back, the way back, and its proof."""

from __future__ import annotations

import asyncio

from deployplan.airflow_glue.tasks.cards import put_card, take_answer, take_answer_of
from deployplan.airflow_glue.tasks.host import CardAnswer, Question, TaskHost
from deployplan.airflow_glue.tasks.retries import AT_ONCE
from deployplan.airflow_glue.tasks.take_back_task import decide_to_take_back
from deployplan.plan.model.moment import Moment
from deployplan.plan.pages.markdown import code, running_text
from deployplan.runbook import task_names
from deployplan.runbook.backout import undo_component
from deployplan.runbook.backout_proof import verify_backout
from deployplan.runbook.close_card import close_card
from deployplan.runbook.decide import (
    Decision,
    Trouble,
    find_trouble,
    is_left_undecided,
    record_decision,
    recorded_decision,
    trouble_in,
)
from deployplan.runbook.failure.failure_card import NOTE_IS_KEPT, backing_out
from deployplan.runbook.failure.question import Option, who_may
from deployplan.runbook.failure.question_clock import NO_CLOCK, QuestionClock, waiting_time
from deployplan.runbook.failure.waiting_card import clock_of_card, record_waiting
from deployplan.runbook.run.generation import latest
from deployplan.runbook.run.run import Run
from deployplan.runbook.take_back import is_kept
from deployplan.runbook.tasks import must_succeed


async def decide(host: TaskHost) -> None:
    """Look whether anything is wrong; decide by the plan's policy, or ask the backout authority.

    Where a wave has asked, and people or their silence have said that it is backed out, nobody is asked again.
    """
    run = await host.open(nodes=False)
    if (await run.state()).taking_back is not None:
        await decide_to_take_back(host, run)
        return
    if (await run.state()).since_armed.backs_out is not None:
        host.say("it is decided: a wave that stopped was to be backed out")
        return
    task, answer = await asyncio.to_thread(_answer, host, run, await _clock(host, run))
    if answer is None:
        await _decide_or_ask(host, run)
        return
    why = [*trouble_in(await run.state()), *([answer.note] if answer.note else [])]
    if answer.option == Option.ACCEPT:
        await asyncio.to_thread(record_decision, run, Decision.ACCEPT, by=str(answer.person), why=why)
    elif answer.option == Option.WAIT:
        instead_of = await asyncio.to_thread(_in_place_of, host, run)
        until = await asyncio.to_thread(record_waiting, run, task, answer.person, answer.note, instead_of)
        host.begin_anew(f"{answer.person} lets it wait until {until}")
    elif answer.option is None and not await _is_silence(host, run):
        host.begin_anew("it is asked again")
    else:
        why.append(f"{answer.person} decided to back out" if answer.option else SILENCE)
        await asyncio.to_thread(record_decision, run, Decision.BACK_OUT, by=answer.person or "silence", why=why)


SILENCE = "nobody answered in time"


async def _is_silence(host: TaskHost, run: Run) -> bool:
    """Whether silence is taken for a word now; not at the end of a wait, nor about a card without a deadline.

    Then it is asked again.
    """
    card, clock = (await run.state()).cards.get(host.task_id), await _clock(host, run)
    has_deadline = card is not None and card.put.until is not None
    return has_deadline and clock.backs_out and clock.is_over(run.clock.now())


async def _decide_or_ask(host: TaskHost, run: Run) -> None:
    trouble = await _trouble(host, run)
    host.need_worker("; ".join(trouble.why))
    for line in trouble.why:
        host.say(f"trouble: {line}")
    if not trouble.ask:
        await asyncio.to_thread(record_decision, run, Decision.BACK_OUT, by=trouble.by, why=trouble.why)
        return
    clock = await _clock(host, run)
    if not trouble.waits and clock.backs_out and clock.is_over(run.clock.now()):
        await asyncio.to_thread(record_decision, run, Decision.BACK_OUT, by="silence", why=[*trouble.why, SILENCE])
        return
    await put_card(host, run, await _backout_question(host, run, trouble, clock))


def _in_place_of(host: TaskHost, run: Run) -> str | None:
    """The task that has asked and was lost for good, where this one asks in its place."""
    return task_names.DECIDE if host.task_id != task_names.DECIDE and is_left_undecided(run.read_state()) else None


def _answer(host: TaskHost, run: Run, clock: QuestionClock) -> tuple[str, CardAnswer | None]:
    """The answer, and to the card of which task: what was answered to the task that was lost comes first."""
    lost = _in_place_of(host, run)
    if lost is not None and (kept := take_answer_of(host, run, lost, clock)) is not None:
        return lost, kept
    return host.task_id, take_answer(host, run, clock=clock)


async def _clock(host: TaskHost, run: Run) -> QuestionClock:
    instead_of = await asyncio.to_thread(_in_place_of, host, run)
    return await asyncio.to_thread(clock_of_card, run, host.task_id, clear=host.clear, instead_of=instead_of)


async def back_out(host: TaskHost) -> None:
    """Undo a component where its deploy had started. Raises StepFailed when a node is not back."""
    await _skip_unless_backing_out(host)
    run = await host.open()
    await undo_component(run, host.subject, latest(run), str(host.clear))


async def prove_backout(host: TaskHost) -> None:
    """Prove that the previous release is back and the neighbours are well. Raises StepFailed when it is not proven."""
    await _skip_unless_backing_out(host)
    run = await host.open()
    await verify_backout(run, latest(run))


async def _skip_unless_backing_out(host: TaskHost) -> None:
    """Skip the task when the recorded decision is not to back out; a release that ended well waits for one.

    Where `backout.decide` had asked and was lost for good, the first task after it asks in its place.
    """
    run = await host.open(nodes=False)
    if is_kept(await run.state()):
        host.skip("no backout: nobody decided to take the release back")
    if is_left_undecided(await run.state()):
        host.need_worker("people were asked to decide, and whoever asked them was lost")
        await decide(host)
    decision = await asyncio.to_thread(recorded_decision, run)
    if decision is not Decision.BACK_OUT:
        host.skip(f"no backout: the decision is {decision}")
    host.need_worker("the decision is to back out")


async def _trouble(host: TaskHost, run: Run) -> Trouble:
    """What is wrong; the task is skipped where nothing is."""
    trouble = await asyncio.to_thread(find_trouble, run, await host.states(must_succeed(run.snapshot)))
    if trouble is None:
        await asyncio.to_thread(record_decision, run, Decision.NOTHING, by=None, why=["all is well"])
        host.skip("all is well: nothing to back out")
    return trouble


async def _backout_question(host: TaskHost, run: Run, trouble: Trouble, clock: QuestionClock) -> Question:
    """The card; where only the window closed, people are told of that, too, and nobody is hurried."""
    plan, now = run.snapshot.plan, run.clock.now()
    lines = [*(f"- {code(line)}" for line in trouble.why), ""]
    subject = f"{plan.name}: back out?"
    options = [Option.BACK_OUT, *([Option.ACCEPT] if trouble.may_accept else [])]
    if trouble.held:
        clock, held = NO_CLOCK, await asyncio.to_thread(close_card, run)
        subject = held.subject
        lines += map(running_text, held.lines)
        why = "; ".join(trouble.why)
        await host.tell(run, Moment.ON_HOLD, reason=why, next_open=held.ahead, occasion=held.subject)
    else:
        if trouble.untold:
            clock = NO_CLOCK
        lines += ["To try the failed nodes again, clear the failed task with Downstream instead of answering.", ""]
        lines.append(f"Backing out {await asyncio.to_thread(backing_out, run)}.")
        if not trouble.untold and waiting_time(run.snapshot, clock, asked=now, now=now) is not None:
            options.append(Option.WAIT)
    rights = who_may(plan, tuple(options))
    told = [f"{option}: {', '.join(map(running_text, people))}" for option, people in rights.items()]
    lines += ["", f"Asked: {'; '.join(told)}. {running_text(clock.told(run.snapshot.timezone))} {NOTE_IS_KEPT}"]
    return Question(
        people=tuple(dict.fromkeys(person for each in rights.values() for person in each)),
        subject=subject,
        body="\n".join(lines),
        options=tuple(map(str, options)),
        within=None if clock.until is None else max(AT_ONCE, clock.until - now),
        rights=rights,
        until=clock.until,
        note=True,
    )
