"""What goes wrong in a simulated run: `NODE:STEP:KIND`, read from words and told in them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from deployplan.errors import DeployPlanError
from deployplan.plan.snapshot import Snapshot
from deployplan.plan.text.scalars import parse_duration, spell_duration

PEOPLE, EVERY = "people", "*"
KINDS = {
    "deploy": ("exit", "silent", "unreachable", "reboot", "takes"),
    "undo": ("exit", "silent", "unreachable", "reboot", "takes"),
    "verify": ("fails", "unknown"),
    "preflight": ("unreachable",),
    "approve": ("after", "never", "reject"),
    "answer": ("after", "never", "back-out", "try-again", "leave-out", "accept", "wait"),
    "test": ("after", "never", "fail"),
}
"""What may happen at each step; the last three are people's."""
OF_PEOPLE = ("approve", "answer", "test")
_LENGTHS = {"unreachable": timedelta(minutes=5), "reboot": timedelta(minutes=3)}
_WANT_LENGTH = ("takes", "after")


class BadFault(DeployPlanError):
    """A fault that the simulation does not know; the message says which there are."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong. `length` is how long it lasts or takes, `after` when it begins, `exit` the code."""

    who: str
    step: str
    kind: str
    length: timedelta = timedelta()
    after: timedelta = timedelta()
    exit: int = 1

    def __str__(self) -> str:
        told = f"{self.who}:{self.step}:{self.kind}"
        if self.kind == "exit":
            told += f"={self.exit}"
        elif self.length:
            told += f"={spell_duration(self.length)}"
        return f"{told}@{spell_duration(self.after)}" if self.after else told


def parse_fault(text: str, snapshot: Snapshot) -> Fault:
    """Read `NODE:STEP:KIND`, KIND being `exit=3`, `silent`, `fails@10m`, … Raises BadFault."""
    parts = text.split(":")
    if len(parts) != 3:
        raise BadFault(f"--fault {text!r} is not NODE:STEP:KIND, as in web-1:deploy:exit=3")
    who, step, word = parts
    known = _steps_of(who, step, snapshot)
    if step not in known:
        raise BadFault(f"--fault {text!r}: nothing can be made up for {who!r} at {step!r}; steps are {_list(known)}")
    name, at, after = word.partition("@")
    kind, equals, value = name.partition("=")
    if kind not in KINDS[step]:
        raise BadFault(f"--fault {text!r}: {kind!r} is not known at {step!r}; there {_list(KINDS[step])} can be had")
    if at and (step, kind) not in {("verify", "fails"), ("verify", "unknown")}:
        raise BadFault(f"--fault {text!r}: only what a criterion says can begin later, as in web-1:verify:fails@10m")
    begins = _length(text, after) if at else timedelta()
    if kind == "exit":
        if not re.fullmatch(r"[1-9]\d{0,2}", value) or int(value) > 255:
            raise BadFault(f"--fault {text!r}: exit wants a code from 1 to 255, as in exit=3")
        return Fault(who, step, kind, after=begins, exit=int(value))
    if kind in _WANT_LENGTH and not equals:
        raise BadFault(f"--fault {text!r}: {kind} wants a length of time, as in {kind}=10m")
    if equals and kind not in _WANT_LENGTH and kind not in _LENGTHS:
        raise BadFault(f"--fault {text!r}: {kind} takes no value")
    return Fault(who, step, kind, _length(text, value) if equals else _LENGTHS.get(kind, timedelta()), begins)


def _steps_of(who: str, step: str, snapshot: Snapshot) -> tuple[str, ...]:
    if who == PEOPLE:
        return OF_PEOPLE
    nodes = {node.name for node in snapshot.target_nodes()}
    criteria = {criterion.name for criterion in snapshot.plan.machine_criteria()}
    if who in nodes or who == EVERY:
        return tuple(each for each in KINDS if each not in OF_PEOPLE)
    if who in criteria or who in snapshot.infrastructure.nodes:
        return ("verify",)
    raise BadFault(
        f"{who!r} is no node of the plan ({_list(sorted(nodes))}), no criterion of it ({_list(sorted(criteria))}), "
        f"not {PEOPLE!r} and not {EVERY!r}"
    )


def _length(fault: str, text: str) -> timedelta:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise BadFault(f"--fault {fault!r}: {text!r} is not a length of time; write 30s, 10m, 2h or 1h30m") from error


def _list(words: Iterable[str]) -> str:
    return ", ".join(words) or "none"


@dataclass(frozen=True)
class Faults:
    """All that goes wrong in a run; of two about the same the one that names the node counts, and the later one."""

    each: tuple[Fault, ...] = ()

    def of(self, who: str, step: str, *kinds: str) -> Fault | None:
        """What is made up for this node, criterion or people at this step, of these kinds (default: any)."""
        return self.of_any((who,), step, *kinds)

    def of_any(self, names: tuple[str, ...], step: str, *kinds: str) -> Fault | None:
        """The latest that is made up for one of these names; only where there is none, the latest for each node."""
        for named in (names, (EVERY,)):
            about = [each for name in named for each in self._by_place.get((name, step), ())]
            fitting = [(place, fault) for place, fault in about if not kinds or fault.kind in kinds]
            if fitting:
                return max(fitting, key=lambda each: each[0])[1]
        return None

    @cached_property
    def _by_place(self) -> dict[tuple[str, str], list[tuple[int, Fault]]]:
        """Those about the same, each with its place in the order in which they were stated."""
        found: dict[tuple[str, str], list[tuple[int, Fault]]] = {}
        for place, fault in enumerate(self.each):
            found.setdefault((fault.who, fault.step), []).append((place, fault))
        return found
