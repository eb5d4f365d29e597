"""Kinds of entries of a node's traffic: taken out of service, put back, or left out."""

from typing import Annotated

from deployplan.evidence.event import Event
from deployplan.evidence.kinds.words import ComponentFact, NodeFact, ObservedFact, WhyFact

HostFact = Annotated[str | None, "name of the node where it is run; null when that is the node itself"]


class DrainBegun(Event, line="{node} is taken out of service[ on {on}] ({component})"):
    """From here on the node counts as out of service, until it is put back."""

    node: NodeFact
    component: ComponentFact
    on: HostFact = None


class NodeDrained(Event, line="{node} is out of service[ on {on}][: {seen}]"):
    """The node serves nobody any more."""

    node: NodeFact
    component: ComponentFact
    on: HostFact = None
    job: Annotated[str | None, "id of the job that did it"] = None
    seen: ObservedFact = None


class DrainFailed(Event, line="{node} could NOT be taken out of service[ on {on}][: {why}]"):
    """The node may still serve people; whether it does is not known."""

    node: NodeFact
    component: ComponentFact
    on: HostFact = None
    why: WhyFact = None


class DrainPassedOver(Event, line="{node} is worked on while it is in service ({component}): {why}"):
    """A backout goes on although the node could not be taken out of service."""

    node: NodeFact
    component: ComponentFact
    why: WhyFact = None


class NodePutBack(Event, line="{node} is in service again[ on {on}][: {why}]"):
    """The node serves people again."""

    node: NodeFact
    component: ComponentFact
    on: HostFact = None
    job: Annotated[str | None, "id of the job that did it"] = None
    why: WhyFact = None


class PutBackFailed(Event, line="{node} could NOT be put back into service[ on {on}][: {why}]"):
    """The node stands at a known release, and is left out of service all the same."""

    node: NodeFact
    component: ComponentFact
    on: HostFact = None
    why: WhyFact = None


class NodeLeftOut(Event, line="{node} stays out of service ({component}): {why}"):
    """Nobody knows which release is there, so nobody puts the node back."""

    node: NodeFact
    component: ComponentFact
    why: WhyFact = None
