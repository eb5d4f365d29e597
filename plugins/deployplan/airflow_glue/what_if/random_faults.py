"""What may go wrong, by chance: the same seed makes up the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from random import Random

from deployplan.airflow_glue.what_if.faults import EVERY, PEOPLE, Fault, Faults
from deployplan.plan.snapshot import Snapshot

A_NODE = 0.03
"""The chance that something is made up about a node."""
ITS_UNDO = 0.2
"""The chance that such a node's undo goes wrong, too."""
AN_ANSWER = 0.05
"""The chance that people never approve, or find a manual test failed."""
_AT_DEPLOY = ("exit", "silent", "unreachable", "reboot", "fails", "unknown")
_AT_UNDO = ("exit", "silent", "unreachable")
_ANSWERS = ("back-out", "try-again", "leave-out", "accept", "wait", "never")


def random_faults(snapshot: Snapshot, chance: Random, stated: Faults) -> Faults:
    """Make faults up by chance, none where one is `stated`: that holds in every run. Stated ones draw nothing."""
    places = {(fault.who, fault.step) for fault in stated.each}
    drawn = (fault for fault in _made_up(snapshot, chance) if places.isdisjoint(_places_of(fault)))
    return Faults((*drawn, *stated.each))


def _places_of(fault: Fault) -> tuple[tuple[str, str], ...]:
    return (fault.who, fault.step), (EVERY, fault.step)


def _made_up(snapshot: Snapshot, chance: Random) -> Iterator[Fault]:
    for node in snapshot.target_nodes():
        if chance.random() < A_NODE:
            yield _one(node.name, chance.choice(_AT_DEPLOY), chance)
            if chance.random() < ITS_UNDO:
                yield _one(node.name, chance.choice(_AT_UNDO), chance, step="undo")
    if chance.random() < AN_ANSWER:
        yield Fault(PEOPLE, "approve", "never")
    if chance.random() < AN_ANSWER:
        yield Fault(PEOPLE, "test", "fail")
    yield Fault(PEOPLE, "answer", chance.choice(_ANSWERS))


def _one(node: str, kind: str, chance: Random, step: str = "deploy") -> Fault:
    match kind:
        case "fails" | "unknown":
            return Fault(node, "verify", kind, after=_minutes(chance, 15))
        case "exit":
            return Fault(node, step, kind, exit=chance.randint(1, 125))
        case "silent":
            return Fault(node, step, kind)
        case _:
            return Fault(node, step, kind, _minutes(chance, 20))


def _minutes(chance: Random, most: int) -> timedelta:
    return timedelta(minutes=chance.randint(1, most))
