"""Tasks of `1 · Review`: controls, preflight, the approval seats and baseline."""

from __future__ import annotations

from http import HTTPStatus

from airflow.sdk.exceptions import AirflowException
from asgiref.sync import sync_to_async

from deployplan.airflow_glue.connections import read_credentials
from deployplan.airflow_glue.context import make_run
from deployplan.airflow_glue.empty_backout import KEY, NONE, skips_the_rest
from deployplan.airflow_glue.tasks.cards import put_card, take_answer, wait_for_roster
from deployplan.airflow_glue.tasks.host import Question, TaskHost, WaitFor
from deployplan.evidence.error import AlreadyActive
from deployplan.evidence.kinds.review import PlanFrozen
from deployplan.plan.model.moment import Moment
from deployplan.plan.snapshot import Snapshot
from deployplan.runbook import review
from deployplan.runbook.baseline import reason_to_wait, take_baseline
from deployplan.runbook.closure.close_record import FORGOTTEN
from deployplan.runbook.node.lock_holder import outcome_of
from deployplan.runbook.outcome import conclude
from deployplan.runbook.preflight import preflight
from deployplan.runbook.run.fleet import close_fleet_at_end
from deployplan.runbook.run.generation import refuse_second_use
from deployplan.runbook.run.run import Run, StepFailed
from deployplan.runbook.task_names import REDEPLOY_PARAM, WINDOW_PARAM

GONE = "unknown to Airflow"
OVER = {"success", "failed", GONE}
APPROVE, REJECT = "Approve", "Reject"


async def freeze_plan(host: TaskHost) -> None:
    """Freeze the plan for this run and hold it against the release controls.

    Raises NotReady when one does not hold, or when the run's id was another's; WindowMissed when it is too late.
    """
    run = await host.open(frozen=False)
    wait_for_roster(host, run)
    before = await run.state()
    await _freeze(host, run)
    refuse_second_use(run.run_id, before, clear=host.clear)
    review.review_controls(run, host.conf.get(WINDOW_PARAM))


async def check_nodes(host: TaskHost) -> None:
    """Ask every node and stage the packages; executes nothing that the plan wrote. Raises NotReady, WindowMissed.

    Where nothing is to be done the first seat is skipped, and all that follows it but the outcome.
    """
    run = await host.open()
    await host.keep(KEY, NONE if await preflight(run) else skips_the_rest(run.snapshot))


async def approve(host: TaskHost) -> None:
    """One seat of the quorum: the answer counts by the evidence it leaves, never by this task's colour.

    Raises NotReady when nobody may take the seat, StepFailed when it is refused or nobody takes it in time.
    """
    run = await host.open()
    answer = take_answer(host, run)
    if answer is None:
        wait_for_roster(host, run)
        await put_card(host, run, _seat_question(run, host.subject))
    people = review.asked_people(run, host.subject)
    if answer.option is None:
        review.expire_seat(run, host.subject, people)
        raise StepFailed(f"nobody approved in time; asked were {', '.join(people)}")
    approved = answer.option == APPROVE
    names = {"user": answer.user, "login": answer.login}
    review.answer_seat(run, host.subject, person=answer.person, approved=approved, people=people, **names)
    if not approved:
        raise StepFailed(f"rejected by {answer.person}")


async def read_production(host: TaskHost) -> None:
    """Read production by the plan's own words, now that they are approved; while everything is held, leave and wait.

    Raises NotReady when production is not well, WindowMissed when the hold has outlasted the window.
    """
    run = await host.open()
    if why := reason_to_wait(run):
        host.say(f"{why}; nothing is read meanwhile")
        await host.tell(run, Moment.ON_HOLD, reason=why, occasion=why)
        host.leave(WaitFor.HOLD)
    await take_baseline(run)


def _seat_question(run: Run, number: int) -> Question:
    seat, within = review.offer_seat(run, number), run.snapshot.plan.approval.within
    return Question(seat.people, seat.subject, seat.body, (APPROVE, REJECT), within)


async def _freeze(host: TaskHost, run: Run) -> None:
    """From here on the DAG of this run is built from this very plan, whatever becomes of the file."""
    snapshot, records = run.snapshot, host.records()
    records.save_snapshot(host.plan, snapshot.digest, snapshot.to_json())
    try:
        records.open_run(host.plan, run.run_id, snapshot.digest)
    except AlreadyActive as other:
        state = await sync_to_async(_state_of)(host.plan, other.run_id)
        if state not in OVER:
            raise
        if state == GONE:
            await _conclude_forgotten(host, other)
        else:
            ended = records.run(host.plan, other.run_id).ledger(key=host.signing_key())
            ended.seal(abandoned_for=run.run_id)
        records.close_run(host.plan, other.run_id)
        # This DAG may have been built from the dead run's snapshot: let the next try read the file.
        raise AirflowException(
            f"run {other.run_id} ended without closing its record; trying again from the file"
        ) from None
    event = PlanFrozen(
        plan=host.plan,
        run=run.run_id,
        digest=snapshot.digest,
        triggered_by=run.directory().name_of_login(run.triggered_by),
        login=run.triggered_by,
        ended=records.ends.heads(),
        redeploy=host.conf.get(REDEPLOY_PARAM) is True,
        clear=host.clear,
    )
    run.record(event)
    host.say(f"plan {host.plan} frozen, digest {snapshot.digest}")


def _state_of(plan: str, run_id: str) -> str:
    """The state of another run of this plan, `GONE` when Airflow does not know it."""
    from airflow.sdk.exceptions import AirflowRuntimeError
    from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance

    try:
        return str(RuntimeTaskInstance.get_dagrun_state(plan, run_id))
    except AirflowRuntimeError as error:
        if (error.error.detail or {}).get("status_code") == HTTPStatus.NOT_FOUND:
            return GONE
        raise


async def _conclude_forgotten(host: TaskHost, other: AlreadyActive) -> None:
    """End what a run that Airflow has forgotten still runs, and close its record; its nodes stay locked."""
    snapshot = Snapshot.from_json(host.records().snapshot(host.plan, other.digest))
    credentials = await sync_to_async(read_credentials)(snapshot)
    run = make_run(snapshot, other.run_id, triggered_by=None, credentials=credentials, say=host.say)
    if outcome_of(run.read_state()) is None:
        host.say(f"run {other.run_id}: {FORGOTTEN}")
        async with close_fleet_at_end(run.fleet):
            await conclude(run, forgotten=FORGOTTEN)
