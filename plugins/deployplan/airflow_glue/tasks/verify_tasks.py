"""Tasks of `4 · Verify`: the machine criteria, and those that a person judges."""

from __future__ import annotations

import asyncio

from deployplan.airflow_glue.empty_backout import KEY, skips_after
from deployplan.airflow_glue.task_states import API_WITHIN, UNDER_WAY
from deployplan.airflow_glue.tasks.cards import put_card, take_answer
from deployplan.airflow_glue.tasks.host import Question, TaskHost
from deployplan.plan.pages.markdown import running_text
from deployplan.plan.text.scalars import spell_duration
from deployplan.runbook.run.proof import has_passed
from deployplan.runbook.run.run import Run
from deployplan.runbook.tasks import last_verification, must_succeed
from deployplan.runbook.verify import record_manual, verify_smoke

PASS, FAIL = "Pass", "Fail"


async def hold_machine_criteria(host: TaskHost) -> None:
    """Hold every machine criterion over its soak time, however long that is; then nothing has to be backed out.

    Raises StepFailed when one does not hold.
    """
    run = await host.open()
    at_once = asyncio.create_task(_let_nothing_be_skipped(host, run))
    try:
        await verify_smoke(run)
    finally:
        await at_once
    await skip_backout_if_last(host, run)


async def ask_tester(host: TaskHost) -> None:
    """Have a person judge a criterion. Raises StepFailed when it does not hold, or nobody says so in time.

    The last verification ends in the triggerer: there its success and what it skips are one, and a person who marks the
    task in that instant leaves no skipped backout behind.
    """
    run = await host.open()
    if not has_passed(await run.state(), host.subject):
        answer = take_answer(host, run)
        if answer is None:
            await put_card(host, run, _test_question(run, host.subject))
        why = "" if answer.option else "nobody tested in time"
        wanted = run.snapshot.plan.manual_criteria()[host.subject]
        record_manual(run, wanted, person=answer.person, passed=answer.option == PASS, why=why)
    if host.task_id == last_verification(run.snapshot):
        host.need_triggerer("there its success and what it skips are one")
        await skip_backout_if_last(host, run)


async def skip_backout_if_last(host: TaskHost, run: Run) -> None:
    """The last thing that a verification does: where it is the last one and all is well, skip the backout.

    Not when a person ended the task meanwhile: Airflow looks only whether it is over, not how. What cannot be asked
    leaves the look to the backout's own tasks.
    """
    try:
        states = await host.states(must_succeed(run.snapshot))
        if states.pop(host.task_id) not in UNDER_WAY:
            return
        if skips := await asyncio.to_thread(skips_after, run, host.task_id, states):
            await host.keep(KEY, skips)
    except Exception:
        host.log.exception("the backout will look itself whether it is needed")


async def _let_nothing_be_skipped(host: TaskHost, run: Run) -> None:
    """Let an earlier pass's skips be no skips of this one. deploy.arm has done so before: a failure is only logged.

    It also wakes the triggerer's way to Airflow's API, which takes seconds the first time, beside the readings.
    """
    try:
        async with asyncio.timeout(API_WITHIN):
            await host.take_skips_back(run.snapshot)
    except Exception:
        host.log.exception("the skips of an earlier pass could not be taken back here")


def _test_question(run: Run, criterion: str) -> Question:
    plan = run.snapshot.plan
    wanted = plan.manual_criteria()[criterion]
    test, version = running_text(wanted.manual), running_text(plan.scope.release.version)
    return Question(
        people=(wanted.by,) if wanted.by else tuple(plan.approval.authorities),
        subject=f"{plan.name}: {wanted.manual}",
        body=f"**{test}**\n\nRelease {version} is in place. Does it work? Without an answer within "
        f"{spell_duration(wanted.within)} the release counts as not verified.",
        options=(PASS, FAIL),
        within=wanted.within,
    )
