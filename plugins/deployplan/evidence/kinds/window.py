"""Kinds of entries from the window to the arming: what was chosen, what was found, and what is locked."""

from typing import Annotated

from deployplan.evidence.event import Event
from deployplan.evidence.kinds.words import ComponentFact, DigestFact, NodeFact, NodesFact


class WindowChosen(Event, line="chosen for the window {window}, {opens} to {closes}"):
    """The opening for which the release is meant."""

    opens: Annotated[str, "when the chosen opening begins"]
    closes: Annotated[str, "when it ends"]
    last_safe_start: Annotated[str, "the last instant at which the declared work fits"]
    window: Annotated[str, "name of the window"]
    zone: Annotated[str, "its time zone"]


class WindowVerdict(Event, line="window looked at: {reason}[; {work}]"):
    """Whether work may start."""

    open: Annotated[bool, "whether work may start"] = False
    reason: Annotated[str, "the reason, in words"] = ""
    next_open: Annotated[str | None, "when it opens next"] = None
    closes: Annotated[str | None, "when it closes"] = None
    last_safe_start: Annotated[str | None, "the last instant at which the work still fits"] = None
    missed: Annotated[bool, "whether no later opening can take the work"] = False
    work: Annotated[str | None, "how long the work may take, and what that rests on"] = None
    held: Annotated[str | None, "who holds everything and why, or which runs go first; empty when nobody does"] = None


class WindowPassed(Event, kind="window_missed", line="window MISSED[: {reason}]"):
    """The release can no longer start."""

    reason: Annotated[str | None, "the reason, in words"] = None


class LockWaited(Event, line="waits for the lock of {node}[, held by {holder}]"):
    """Another plan holds a node."""

    node: NodeFact
    holder: Annotated[str | None, "who holds the lock"] = None


class NodeHeldAgain(Event, line="{node} is held again, after its lock was lost"):
    """A node whose lock was lost is taken once more, because people had its wave tried again."""

    node: NodeFact


class ArmingBegun(Event, kind="arming", line="arming number {generation} begins"):
    """A generation begins; the entries behind it belong to it."""

    generation: Annotated[int, "number of this arming, from 1"]
    clear: Annotated[int | None, "Airflow's max_tries of the task; a person's clear raises it"] = None


class RunArmed(Event, kind="armed", line="armed[ as {generation}]: locked {nodes}"):
    """All nodes are locked: the release may begin."""

    generation: Annotated[int, "number of this arming, from 1"]
    nodes: NodesFact = ()
    digest: DigestFact = ""


class RollbackPointKnown(
    Event, kind="rollback_point", line="{component} on {node} would go back to {version}[, by {known_by}]"
):
    """The release that a backout brings back."""

    node: NodeFact
    component: ComponentFact
    version: Annotated[str | None, "the release that is there; null when none is known"]
    known_by: Annotated[str | None, "who says so: current, the node's ledger, the plan, or nobody"] = None
