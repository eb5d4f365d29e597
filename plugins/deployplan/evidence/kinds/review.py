"""Kinds of entries of a review: the plan frozen, controls, nodes, production before the start, and approvals."""

from collections.abc import Mapping
from typing import Annotated

from deployplan.evidence.event import Event
from deployplan.evidence.kinds.words import (
    AnswerFact,
    AskedFact,
    CriterionFact,
    DigestFact,
    LoginFact,
    NodeFact,
    ObservedFact,
    OpeningFact,
    PersonFact,
    ReadOnFact,
    SeatFact,
    UserFact,
    WhyFact,
)


class PlanFrozen(
    Event,
    line="plan [{plan} ]frozen with digest {digest}[ for run {run}][, triggered by {triggered_by}]"
    "[{redeploy?, to run its scripts again|}]",
):
    """With it each review of a run begins anew."""

    plan: Annotated[str | None, "name of the plan"] = None
    run: Annotated[str | None, "run id"] = None
    digest: DigestFact
    triggered_by: Annotated[str | None, "who triggered the run, as plans call them"] = None
    login: Annotated[str | None, "with which name they logged in"] = None
    ended: Annotated[Mapping[str, str] | None, "last entry, by its hash, of the runs that had ended then"] = None
    redeploy: Annotated[bool | None, "whether the scripts are to run again where they have run"] = None
    clear: Annotated[int | None, "Airflow's max_tries of the task; a person's clear raises it"] = None


class ControlChecked(Event, kind="gate", line="gate {name}: {ok?holds|DOES NOT HOLD}[ ({detail})]"):
    """A release control."""

    name: Annotated[str, "name of the release control"]
    ok: Annotated[bool, "whether it holds"]
    detail: Annotated[str | None, "what was found"] = None


class ConflictFound(Event, kind="conflict", line="conflict{refuses? that refuses the release|}: {detail}"):
    """Another plan is in the way."""

    plan: Annotated[str | None, "the other plan"] = None
    owner: Annotated[str | None, "its author"] = None
    nodes: Annotated[tuple[str, ...], "nodes that both work on, or where one watches a neighbour"] = ()
    refuses: Annotated[bool, "whether this release cannot be carried out beside it"] = False
    detail: Annotated[str, "when, and what follows"]


class AuthorsFound(
    Event,
    kind="authors",
    line="written by {people}[, by the repository at {commit}][ since {since}][; nobody knows {unknown}][; {why}]",
):
    """Who wrote it, by the repository's history."""

    people: Annotated[tuple[str, ...], "who wrote it, as plans call them"] = ()
    unknown: Annotated[tuple[str, ...], "what speaks of authors who are nobody known: addresses, commits"] = ()
    commit: Annotated[str | None, "the commit that was checked out; null when there is no history"] = None
    since: Annotated[str | None, "the commit that the product's last release was made of; null for all history"] = None
    commits: Annotated[int, "how many commits touched the files"] = 0
    why: WhyFact = None


class NodeExamined(
    Event,
    kind="preflight",
    line="preflight of {node}[: release {release}][, {free_mb} MB free][, clock {skew} s off][: NOT READY: {problems}]",
):
    """What preflight found on a node."""

    node: NodeFact
    release: Annotated[str | None, "the release found there"] = None
    free_mb: Annotated[int | None, "free space in MB"] = None
    skew: Annotated[float | None, "how far its clock is off, in seconds"] = None
    staged: Annotated[str | None, "the directory where the package lies"] = None
    verified: Annotated[str | None, "since when all of this very plan is there and verified; null when it is not"] = (
        None
    )
    problems: Annotated[tuple[str, ...], "what keeps it from being ready; empty when it is ready"] = ()


class ConnectionSeen(
    Event,
    kind="connection",
    line="Airflow connection {connection}: [{login}@][{host}][:{port}][, key {keys}][, host key {host_key}]"
    "[, known hosts {known_hosts}][, by {proxy_command}]",
):
    """What an Airflow connection contained when approval was asked, but for its secrets."""

    connection: Annotated[str, "its id"]
    missing: Annotated[bool, "that there is none"] = False
    host: Annotated[str | None, "its host; null when the nodes have their own"] = None
    port: Annotated[int | None, "its port; null when it states none"] = None
    login: Annotated[str | None, "its login; null when it states none"] = None
    password: Annotated[bool, "whether it has a password"] = False
    keys: Annotated[tuple[str, ...], "SHA-256 fingerprints of its private keys"] = ()
    host_key: Annotated[str | None, "the host key that it pins"] = None
    known_hosts: Annotated[str | None, "the file of host keys that it names"] = None
    any_host_key: Annotated[bool, "whether it takes any host key"] = False
    proxy_command: Annotated[str | None, "the command that is the line to the node"] = None


class ReadBefore(Event, kind="baseline", line="before: {criterion}[ on {node}]: {answer}[ ({observed})]"):
    """A criterion as it was before anything was touched."""

    criterion: CriterionFact
    node: ReadOnFact = None
    answer: AnswerFact
    observed: ObservedFact = None


class BaselineTaken(Event, line="production is well before the start"):
    """All was read, and is as it should be."""

    digest: DigestFact


class ReviewReady(Event, kind="ready", line="review says ready"):
    """Every node is ready."""


class NothingToDo(Event, line="nothing to do: {reason}"):
    """This very plan is on all its nodes already."""

    reason: Annotated[str, "the reason, in words"]
    released_by: Annotated[str | None, "the run that brought the release"] = None
    since: Annotated[str | None, "since when the last of the nodes has it, verified, as it says"] = None


class ReviewNotReady(Event, kind="not_ready", line="NOT READY[: {problems}]"):
    """The release cannot start."""

    phase: Annotated[str | None, "the task that found it"] = None
    problems: Annotated[tuple[str, ...], "everything that keeps it from being ready"] = ()


class SeatAsked(Event, line="approval seat {seat} asked of {people}"):
    """The card of a seat was put."""

    seat: SeatFact
    people: AskedFact = ()
    digest: DigestFact = ""
    window: OpeningFact = None


class SeatApproved(
    Event, kind="approved", line="{person} approved digest {digest}[ (seat {seat})][ for the window of {window}]"
):
    """A yes."""

    seat: SeatFact
    person: PersonFact = None
    digest: DigestFact = ""
    window: OpeningFact = None
    user: UserFact = None
    login: LoginFact = None


class SeatRejected(Event, kind="rejected", line="{person} REJECTED digest {digest}[ (seat {seat})][: {why}]"):
    """A no."""

    seat: SeatFact
    person: PersonFact = None
    digest: DigestFact = ""
    why: WhyFact = None
    window: OpeningFact = None
    user: UserFact = None
    login: LoginFact = None


class SeatExpired(Event, kind="expired", line="nobody answered[ seat {seat}] in time[; asked were {people}]"):
    """Silence."""

    seat: SeatFact
    people: AskedFact = ()
    digest: DigestFact = ""
    window: OpeningFact = None
