"""Evidence: what happened in each run, in a form that can be checked offline and not quietly changed."""

from deployplan.evidence.entry import Entry
from deployplan.evidence.error import AlreadyActive, LedgerDamaged, RecordError
from deployplan.evidence.ledger import Ledger
from deployplan.evidence.record import Records, RunRecord
from deployplan.evidence.segment import salvage
from deployplan.evidence.verification import Verification, verify

__all__ = [
    "AlreadyActive",
    "Entry",
    "Ledger",
    "LedgerDamaged",
    "RecordError",
    "Records",
    "RunRecord",
    "Verification",
    "salvage",
    "verify",
]
