"""To which outcome has a run come, by its evidence; and does it still hold its nodes?"""

from deployplan.evidence.record import Records
from deployplan.remote.node_facts import Holder
from deployplan.runbook.node.node_story import run_of
from deployplan.runbook.run.fold import fold_all
from deployplan.runbook.run.outcome_kinds import LEAVES_LOCKED
from deployplan.runbook.run.state import RunState


def outcome_of(state: RunState) -> str | None:
    """The outcome to which a run has come; None while it, or a rerun of it, is under way."""
    return state.outcome.event.outcome if state.outcome is not None and state.is_over else None


def left_by(records: Records | None, holder: Holder) -> str | None:
    """The outcome of the run that holds a node, when it is over and gives the node back to nobody by itself."""
    if records is None:
        return None
    try:
        found = outcome_of(fold_all(records.run(holder.plan, run_of(holder.run)).ledger().entries()))
    except Exception:
        return None  # a holder of whom nothing can be read is waited for
    return found if found in LEAVES_LOCKED else None
