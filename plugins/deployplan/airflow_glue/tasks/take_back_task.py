"""What `backout.decide` does where people ask for the backout of a release that ended well."""

from __future__ import annotations

import asyncio

from deployplan.airflow_glue.tasks.cards import put_card, take_answer
from deployplan.airflow_glue.tasks.host import CardAnswer, Question, TaskHost
from deployplan.plan.pages.markdown import code, running_text
from deployplan.runbook.decide import Decision, record_decision
from deployplan.runbook.run.generation import latest
from deployplan.runbook.run.run import Run
from deployplan.runbook.run.state import RunState
from deployplan.runbook.take_back import (
    KEEP,
    Declined,
    back_out_until,
    decline,
    is_kept,
    may_order,
    take_nodes,
)

BACK_OUT = "Back out"


async def decide_to_take_back(host: TaskHost, run: Run) -> None:
    """Ask the backout authority, unless one of them asks; then take the nodes, and decide to back out.

    The task is skipped where the release stays. Silence keeps it: nothing is wrong with it by its evidence.
    """
    host.need_worker("the backout of the release was asked for")
    state = await run.state()
    asked = state.taking_back.asked.event if state.taking_back is not None else None
    if asked is None or (state.taking_back and state.taking_back.declined):
        host.skip("the release stays: its backout was declined")
    if not is_kept(state):
        host.say("it is decided already that the release is backed out")
        return
    why = [f"{asked.by} asks for the backout of the release: {asked.reason}"]
    by = asked.by
    if not may_order(run.snapshot.plan, asked.by):
        answer = await asyncio.to_thread(take_answer, host, run)
        if answer is None:
            await put_card(host, run, _question(run, state, why[0]))
        if answer.option != BACK_OUT or answer.person is None:
            await decline(run, _kept_by(answer))
            host.skip("the release stays")
        by = answer.person
        why.append(f"{by} decided to back out" + (f": {answer.note}" if answer.note else ""))
    declined = await take_nodes(await host.open(), latest(run))
    if declined is not None:
        await decline(run, declined)
        host.skip("the release stays")
    await asyncio.to_thread(record_decision, run, Decision.BACK_OUT, by=by, why=why)


def _kept_by(answer: CardAnswer) -> Declined:
    if answer.person is None:
        return Declined("nobody of the backout authority answered in time")
    return Declined(f"{answer.person} decided to keep it" + (f": {answer.note}" if answer.note else ""), answer.person)


def _question(run: Run, state: RunState, asked: str) -> Question:
    """The card; it is open for as long as the plan lets people ask, and at least as long as any decision may take."""
    plan = run.snapshot.plan
    now = run.clock.now()
    until = max(back_out_until(plan.backout, state) or now, now + plan.backout.decide_within)
    people = plan.backout_authority()
    undone = ", ".join(f"{name} on {len(run.snapshot.nodes_of(name))} nodes" for name in plan.components)
    lines = [
        f"- {code(asked)}",
        f"- backing out would undo {running_text(undone)}, to the releases that the run found there",
        "- no window and no freeze holds it up",
        "",
        f"Asked: {', '.join(map(running_text, people))}; without an answer until {until:%F %R %Z} the release stays.",
    ]
    return Question(
        people=people,
        subject=f"{plan.name}: back out the release?",
        body="\n".join(lines),
        options=(BACK_OUT, KEEP),
        within=until - now,
        until=until,
        note=True,
    )
