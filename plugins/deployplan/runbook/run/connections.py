"""Are Airflow's connections what they were when people approved? The digest names them; what they contain it cannot."""

from collections.abc import Iterator

from deployplan.evidence.kinds.review import ConnectionSeen
from deployplan.runbook.run.run import Run


def note_connections(run: Run) -> None:
    """Record what the connections to the nodes contain, but for their secrets, before anybody is asked to approve."""
    for seen in run.connections():
        run.record(seen)


def changed_connections(run: Run) -> list[str]:
    """Say which connections are not what they were when a seat was asked; empty when all are."""
    return list(dict.fromkeys(_changes(run)))


def _changes(run: Run) -> Iterator[str]:
    now = run.connections()
    for then in run.read_state().review.connections_asked.values():
        for seen in now:
            yield from _difference(then.get(seen.connection), seen)


def _difference(then: ConnectionSeen | None, now: ConnectionSeen) -> Iterator[str]:
    name, cure = now.connection, "clear review.preflight with Downstream, so that it is approved as it is"
    if then is None:
        yield f"Airflow connection {name!r} was not looked at before the approval was asked; {cure}"
        return
    before = then.facts()
    different = [
        f"{key} was {before[key]!r}, is {value!r}" for key, value in now.facts().items() if before[key] != value
    ]
    if different:
        told = "; ".join(different)
        yield f"Airflow connection {name!r} is not what it was when approval was asked: {told}; restore it, or {cure}"
