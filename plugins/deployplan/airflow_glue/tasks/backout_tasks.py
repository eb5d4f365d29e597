"""Tasks of `5 · Backout`: whether to go back, the way back, and its proof."""

from __future__ import annotations

import asyncio

from deployplan.airflow_glue.tasks.cards import put_card, take_answer
from deployplan.airflow_glue.tasks.host import Question, TaskHost
from deployplan.plan.model.moment import Moment
from deployplan.plan.pages.markdown import code, running_text
from deployplan.plan.text.scalars import spell_duration
from deployplan.runbook.backout import undo_component
from deployplan.runbook.backout_proof import verify_backout
from deployplan.runbook.close_card import close_card
from deployplan.runbook.decide import (
    Decision,
    Trouble,
    find_trouble,
    record_decision,
    recorded_decision,
    recorded_trouble,
)
from deployplan.runbook.run.generation import latest
from deployplan.runbook.run.run import Run
from deployplan.runbook.tasks import must_succeed

BACK_OUT, ACCEPT = "Back out", "Accept with issues"


async def decide(host: TaskHost) -> None:
    """Look whether anything is wrong; decide by the plan's policy, or ask the backout authority."""
    run = await host.open(nodes=False)
    answer = await asyncio.to_thread(take_answer, host, run)
    if answer is None:
        trouble = await _trouble(host, run)
        host.need_worker("; ".join(trouble.why))
        for line in trouble.why:
            host.say(f"trouble: {line}")
        if trouble.ask:
            put_card(host, run, await _backout_question(host, run, trouble))
        record_decision(run, Decision.BACK_OUT, by=trouble.by, why=trouble.why)
    elif answer.option == ACCEPT:
        record_decision(run, Decision.ACCEPT, by=str(answer.person), why=recorded_trouble(run))
    else:
        last_word = f"{answer.person} decided to back out" if answer.option else "nobody answered in time"
        why = [*recorded_trouble(run), last_word]
        record_decision(run, Decision.BACK_OUT, by=answer.person or "silence", why=why)


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
    """Skip the task when the recorded decision is not to back out."""
    decision = await asyncio.to_thread(recorded_decision, await host.open(nodes=False))
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


async def _backout_question(host: TaskHost, run: Run, trouble: Trouble) -> Question:
    """The card; where only the window closed, people are told of that, too."""
    plan = run.snapshot.plan
    lines = [*(f"- {code(line)}" for line in trouble.why), ""]
    subject = f"{plan.name}: back out?"
    if trouble.held:
        held = close_card(run)
        subject = held.subject
        lines += map(running_text, held.lines)
        why = "; ".join(trouble.why)
        await host.tell(run, Moment.ON_HOLD, reason=why, next_open=held.ahead, occasion=held.subject)
    else:
        lines.append("To try the failed nodes again, clear the failed task with Downstream instead of answering.")
    backs_out = plan.backout.on_silence == "back_out" and not trouble.held
    people = plan.backout.authority or tuple(plan.approval.authorities)
    if backs_out:
        silence = f"without an answer within {spell_duration(plan.backout.decide_within)} it is backed out"
    else:
        silence = "there is no deadline: it waits for an answer"
    lines += ["", f"Asked: {', '.join(map(running_text, people))}; {silence}."]
    return Question(
        people=people,
        subject=subject,
        body="\n".join(lines),
        options=(BACK_OUT, ACCEPT) if trouble.may_accept else (BACK_OUT,),
        within=plan.backout.decide_within if backs_out else None,
    )
