"""Is the note of a run's end borne out by the record of the run?"""

from collections.abc import Sequence

from deployplan.evidence.entry import Entry
from deployplan.runbook.run.fold import fold_all


def why_not_believed(outcome: str, count: int, head: str, entries: Sequence[Entry]) -> str | None:
    """Why a note is not believed that says how a run ended, with how many entries, and with which hash of the last.

    `entries` are those of the run's record, which were checked by the key. None when they bear the note out.
    """
    if len(entries) < count:
        return f"the note of its end names {count} entries of evidence, and there are {len(entries)}"
    then = entries[:count]
    if not then or then[-1].hash != head:
        return f"the note of its end names another entry {count} than its record has"
    found = fold_all(then).outcome
    if found is None or found.event.outcome != outcome:
        told = "no outcome" if found is None else found.event.outcome
        return f"the note of its end says {outcome}, and its record {told}"
    return None
