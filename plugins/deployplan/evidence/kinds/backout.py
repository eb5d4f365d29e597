"""Kinds of entries of the backout."""

from collections.abc import Mapping
from typing import Annotated

from deployplan.evidence.event import Event
from deployplan.evidence.kinds.deploy import NodeEnd
from deployplan.evidence.kinds.words import ComponentFact, GenerationFact, NodesFact, WhyFact


class BackoutAsked(Event, line="{by} asks for the release to be backed out: {reason}[; it may be until {until}]"):
    """A person asked for a release to be taken back that had ended well."""

    by: Annotated[str, "the person, as Airflow has authenticated them"]
    reason: Annotated[str, "why"]
    generation: Annotated[int, "number of this turn of the run: its nodes are taken anew for it"]
    until: Annotated[str | None, "until when the plan lets people ask"] = None


class BackoutDeclined(Event, line="the release is not backed out[, says {by}]: {why}"):
    """The release stays as it is, although somebody asked for its backout."""

    why: Annotated[str, "the reason, in words"]
    by: Annotated[str | None, "who decided so; null when nobody had to"] = None


class UndoStarted(Event, line="undo of {component} started[ on {nodes}]"):
    """A component is undone."""

    component: ComponentFact
    nodes: NodesFact = ()
    generation: GenerationFact = None


class UndoEnded(Event, line="undo of {component} {ok?done|FAILED}[: {why}]"):
    """The undo of a component is over."""

    component: ComponentFact
    ok: Annotated[bool, "whether it was undone everywhere"]
    nodes: Annotated[Mapping[str, NodeEnd], "how the undo ended on each node"]
    why: WhyFact = None
    generation: GenerationFact = None


class BackoutVerified(
    Event,
    line="backout {ok?verified|NOT VERIFIED}[: {problems}][; found: {found}][; not asked which release: {not_asked}]",
):
    """Whether the previous release is back."""

    ok: Annotated[bool, "whether each node is back and production reads as before"]
    problems: Annotated[tuple[str, ...], "what is not"] = ()
    readings: Annotated[int | None, "how many were compared"] = None
    found: Annotated[
        tuple[str, ...], "the releases that the components' `current` found on the nodes that were undone"
    ] = ()
    not_asked: Annotated[tuple[str, ...], "components without `current`, and where they were undone"] = ()


class PlanRehearsed(
    Event,
    kind="rehearsed",
    line="rehearsed in {environment} by {by}: deploy {deploy_ok?done|FAILED} in {deploy_seconds} s, "
    "backout {backout_ok?proven|FAILED} in {backout_seconds} s[: {problems}]",
):
    """A plan was carried out on practice nodes and taken back: it proves its scripts, not production."""

    content: Annotated[str, "sha256 of the scripts, commands and packages that ran"]
    environment: Annotated[str, "whose nodes it ran on"]
    by: Annotated[str, "who rehearsed it"]
    deploy_ok: Annotated[bool, "whether every wave and the verification went well"]
    deploy_seconds: Annotated[float, "how long the deploy took"]
    backout_ok: Annotated[bool, "whether the release before was proven to be back"]
    backout_seconds: Annotated[float, "how long the backout took"]
    problems: Annotated[tuple[str, ...], "what went wrong"] = ()


class NodesFrozen(Event, line="{nodes} stay locked[: {why}]"):
    """Nobody works on them before a person has looked."""

    nodes: NodesFact = ()
    why: WhyFact = None


class RestUnproven(Event, kind="unproven", line="not known to be at rest: {nodes}"):
    """Something may still run."""

    nodes: Annotated[Mapping[str, str], "names of the nodes, and why it is not known"]


class UnlockFailed(Event, line="could not unlock: {problem}"):
    """A node stays locked, for it could not be asked."""

    problem: Annotated[str, "which node, and why"]
