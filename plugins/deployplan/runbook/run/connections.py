"""Are Airflow's connections what they were when people approved? The digest names them; what they contain it cannot."""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from deployplan.evidence.entry import plain
from deployplan.runbook.run.facts import number_in, text_in
from deployplan.runbook.run.run import REVIEW_BEGINS, Run, since

SEEN = "connection"
Facts: TypeAlias = Mapping[str, object]


def note_connections(run: Run) -> None:
    """Record what the connections to the nodes contain, but for their secrets, before anybody is asked to approve."""
    for name, facts in run.connections().items():
        run.record(SEEN, connection=name, **facts)


def changed_connections(run: Run) -> list[str]:
    """Say which connections are not what they were when a seat was asked; empty when all are."""
    return list(dict.fromkeys(_changes(run)))


def _changes(run: Run) -> Iterator[str]:
    now, seen, asked = run.connections(), dict[str, Facts](), dict[int, dict[str, Facts]]()
    for entry in since(run.ledger.entries(), REVIEW_BEGINS):
        if entry.kind == SEEN:
            seen[text_in(entry, "connection")] = entry.facts
        elif entry.kind == "seat_asked":
            asked[number_in(entry, "seat")] = dict(seen)
    for then in asked.values():
        for name, facts in now.items():
            yield from _difference(name, then.get(name), facts)


def _difference(name: str, then: Facts | None, now: Facts) -> Iterator[str]:
    cure = "clear review.preflight with Downstream, so that it is approved as it is"
    if then is None:
        yield f"Airflow connection {name!r} was not looked at before the approval was asked; {cure}"
        return
    present = {key: plain(value) for key, value in now.items()}
    different = [
        f"{key} was {then.get(key)!r}, is {value!r}" for key, value in present.items() if then.get(key) != value
    ]
    if different:
        told = "; ".join(different)
        yield f"Airflow connection {name!r} is not what it was when approval was asked: {told}; restore it, or {cure}"
