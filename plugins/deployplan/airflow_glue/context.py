"""From Airflow's context to the runbook's `Run`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from deployplan.airflow_glue.connections import Credentials
from deployplan.airflow_glue.settings import settings
from deployplan.airflow_glue.who import directory, hold_state
from deployplan.clock import SystemClock
from deployplan.errors import DeployPlanError
from deployplan.evidence.error import LedgerDamaged
from deployplan.evidence.kinds.people import TaskRefused
from deployplan.plan.snapshot import Snapshot
from deployplan.plan.snapshot_error import SnapshotDamaged
from deployplan.runbook.run.fleet import Fleet
from deployplan.runbook.run.fold import fold_all
from deployplan.runbook.run.frozen_plan import frozen_plan
from deployplan.runbook.run.run import Refused, Run
from deployplan.runbook.run.state import RunState

if TYPE_CHECKING:
    from deployplan.evidence.ledger import Ledger


def ledger_of(plan: str, run_id: str) -> "Ledger":
    """The signed evidence of a run."""
    return settings().record_store().run(plan, run_id).ledger(key=settings().signing_key(), clock=SystemClock())


def ledger_state(plan: str, run_id: str) -> RunState:
    """What the evidence of a run says now."""
    return fold_all(ledger_of(plan, run_id).entries())


def note_refusal(plan: str, run_id: str, *, task: str, why: str) -> None:
    """Leave evidence that a task refused; apart, when the run has ended: no seal is broken by what changes nothing."""
    settings().signing_key()  # without one nothing is recorded; it says so
    settings().record_store().run(plan, run_id).note(TaskRefused(task=task, why=why))


def make_run(
    snapshot: Snapshot,
    run_id: str,
    *,
    triggered_by: str | None,
    credentials: Credentials,
    say: Callable[[str], None],
) -> Run:
    """Put together what the runbook's steps work on; connects to no node yet."""
    return Run(
        snapshot=snapshot,
        run_id=run_id,
        triggered_by=triggered_by,
        ledger=ledger_of(snapshot.plan.name, run_id),
        include=settings().documents(),
        fleet=Fleet(credentials.connector(snapshot)),
        clock=SystemClock(),
        say=say,
        hold=hold_state,
        directory=directory,
        secrets=credentials.secrets(snapshot),
        hidden=credentials.hidden,
        metrics_login=credentials.metrics_login(snapshot),
        records=settings().record_store(),
        connections=lambda: credentials.describe(snapshot),
    )


@contextmanager
def refuse_changed_plan(plan: str, run_id: str, task: str) -> Iterator[None]:
    """Leave evidence of a frozen plan that is not what was approved, once a task, and raise Refused."""
    try:
        yield
    except SnapshotDamaged as error:
        record, why = settings().record_store().run(plan, run_id), str(error)
        with suppress(LedgerDamaged):
            known = fold_all((*record.ledger().entries(), *record.apart().entries()))
            if (task, why) not in known.refusals:
                note_refusal(plan, run_id, task=task, why=why)
        raise Refused(f"{why}; nothing of it may run: trigger a new run, look who wrote to the records") from None


def require_frozen(run: Run) -> None:
    """Refuse when this task was built from another plan than the one its run froze.

    That happens when a task of a finished run is cleared after the file was edited. Raises Refused with the difference.
    """
    from deployplan.plan.difference import difference

    frozen = run.read_state().frozen
    if frozen is None:
        raise Refused("review.controls has not frozen a plan for this run: clear review.controls with Downstream")
    digest = frozen.digest
    if digest == run.snapshot.digest:
        return
    try:
        then = frozen_plan(settings().record_store(), run.snapshot.plan.name, digest)
        changes = "\n".join(f"- {line}" for line in difference(then, run.snapshot))
    except (DeployPlanError, ValueError) as error:
        changes = f"- what it was then cannot be read: {error}"
    raise Refused(
        f"the plan has changed since this run froze it "
        f"({digest[:12]} then, {run.snapshot.digest[:12]} now):\n{changes}\n"
        "restore the file to go on with this run, or trigger a new run of the new plan"
    )
