"""What a check of evidence has found, in words: the same at a terminal and on a page."""

from deployplan.evidence.record import RunRecord
from deployplan.evidence.segment import salvage
from deployplan.evidence.verification import Verification


def verification_lines(record: RunRecord, verification: Verification, *, has_key: bool) -> list[str]:
    """Return what was found, line by line; `has_key` tells that signatures could be checked."""
    unsealed = "no: the run is under way, or its end was cut off (compare with --head)"
    if not record.run_id:
        unsealed = "no: it has no end (compare with --head)"
    unbound = "the first format is not bound to a run" if record.run_id else "its first entries do not name their plan"
    signatures = "checked" if verification.signed else "NOT GOOD" if has_key else "not checked, there is no key here"
    late = len(salvage(record.apart().folder))
    return [
        f"{record.name}: {'intact' if verification.ok else 'NOT INTACT'}",
        f"entries     {verification.entries}",
        f"head        {verification.head}",
        f"sealed      {'yes' if verification.sealed else unsealed}",
        f"signatures  {signatures}",
        *([] if verification.bound else [f"bound       no: {unbound}"]),
        *([f"apart       {late} entries came when the run was over, see `show`"] if late else []),
        *(f"problem     {problem}" for problem in verification.problems),
    ]
