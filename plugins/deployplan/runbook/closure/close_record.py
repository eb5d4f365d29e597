"""Close the record of a run that can no longer end by itself, because a person says so."""

from contextlib import suppress
from dataclasses import dataclass

from deployplan.clock import Clock
from deployplan.errors import DeployPlanError
from deployplan.evidence import salvage
from deployplan.evidence.kinds import event_in
from deployplan.evidence.kinds.end import OutcomeReached
from deployplan.evidence.kinds.window import RunArmed
from deployplan.evidence.record import Records
from deployplan.runbook.run.frozen_plan import frozen_plan
from deployplan.runbook.run.outcome_kinds import Outcome
from deployplan.runbook.timing.past_runs import remember

FORGOTTEN = "Airflow no longer knows this run: it was deleted, or its database was lost"
"""Why the next run of the plan ends such a run."""


@dataclass(frozen=True, slots=True)
class ClosedRecord:
    """What became of the record: `head` of its sealed evidence, None when it had none; `nodes` may still be locked."""

    run_id: str
    head: str | None
    nodes: tuple[str, ...]


def close_record(records: Records, plan: str, *, by: str, why: str, key: bytes | None, clock: Clock) -> ClosedRecord:
    """End the record of the plan's run under way as `unknown`, and let another run of the plan begin.

    It rests on nothing that the run froze: also a run whose frozen plan is damaged, or gone, can be closed. No node is
    asked and none is unlocked. Raises LookupError when no run of the plan is under way.
    """
    active = records.active(plan)
    if active is None:
        raise LookupError(f"no run of {plan} is under way")
    run_id, digest = active
    record = records.run(plan, run_id)
    ledger = record.ledger(key=key, clock=clock)
    entries = salvage(record.folder)  # also of a damaged ledger: recording goes on, and the damage stays visible
    if entries and entries[-1].kind != "sealed":
        ledger.keep(OutcomeReached(outcome=str(Outcome.UNKNOWN), because=f"closed by {by}: {why}"))
        ledger.seal()
        with suppress(DeployPlanError, ValueError):  # the plan's past is told by what it froze, where that can be read
            remember(records, frozen_plan(records, plan, digest), run_id, ledger)
    records.close_run(plan, run_id)
    armed = [event for entry in entries if isinstance(event := event_in(entry), RunArmed)]
    return ClosedRecord(run_id, ledger.head if entries else None, armed[-1].nodes if armed else ())
