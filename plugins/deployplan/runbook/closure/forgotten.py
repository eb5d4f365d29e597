"""A run that Airflow no longer knows is over, and its record says so when a person has seen to it."""

from contextlib import suppress

from deployplan.evidence.error import RecordError
from deployplan.evidence.record import Records
from deployplan.plan.snapshot import Snapshot
from deployplan.runbook.node.lock_holder import outcome_of
from deployplan.runbook.outcome import Outcome
from deployplan.runbook.run.run import last
from deployplan.runbook.timing.past_runs import remember

FORGOTTEN = "Airflow no longer knows this run: it was deleted, or its database was lost"


def close_by_hand(records: Records, plan: str, run_id: str, *, by: str, why: str) -> bool:
    """Close the record of a run that Airflow has forgotten, because a person says so; False when it was over already.

    Its jobs are left alone, as are the locks of its other nodes. Raises RecordError or OSError.
    """
    ledger = records.run(plan, run_id).ledger()
    entries = ledger.entries()
    frozen = last(entries, "plan_frozen")
    if frozen is None or outcome_of(entries) is not None:
        records.close_run(plan, run_id)
        return False
    because = f"{FORGOTTEN}; closed by {by}: {why}"
    ledger.record("outcome", outcome=str(Outcome.UNKNOWN), because=because)
    ledger.seal()
    with suppress(RecordError, ValueError):  # without its plan it is missing in the history, and no more
        snapshot = Snapshot.from_json(records.snapshot(plan, str(frozen.facts["digest"])))
        remember(records, snapshot, run_id, ledger.entries())
    records.close_run(plan, run_id)
    return True
