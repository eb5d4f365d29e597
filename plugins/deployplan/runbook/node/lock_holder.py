"""To which outcome has a run come, by its evidence; and does it still hold its nodes?"""

from deployplan.evidence.entry import Entry
from deployplan.evidence.record import Records
from deployplan.remote.node_facts import Holder
from deployplan.runbook.node.node_story import run_of
from deployplan.runbook.run.outcome_kinds import LEAVES_LOCKED
from deployplan.runbook.run.run import last, since


def outcome_of(entries: tuple[Entry, ...]) -> str | None:
    """The outcome to which a run has come; None while it, or a rerun of it, is under way."""
    ended = last(entries, "outcome")
    if ended is None or last(since(entries, "outcome"), "plan_frozen", "arming") is not None:
        return None
    return str(ended.facts["outcome"])


def left_by(records: Records | None, holder: Holder) -> str | None:
    """The outcome of the run that holds a node, when it is over and gives the node back to nobody by itself."""
    if records is None:
        return None
    try:
        found = outcome_of(records.run(holder.plan, run_of(holder.run)).ledger().entries())
    except Exception:
        return None  # a holder of whom nothing can be read is waited for
    return found if found in LEAVES_LOCKED else None
