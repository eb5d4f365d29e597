"""What does a node tell of itself? Its facts, read as what is installed, who holds it, and which jobs it knows."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from deployplan.remote.job import JobFacts, JobState
from deployplan.remote.node_facts import Holder, NodeFacts
from deployplan.runbook.node.traffic_job import nodes_out
from deployplan.runbook.run.lock_token import LockToken

UNLOCKED = "unlocked"
"""The event in a node's ledger when a person took the lock away."""


@dataclass(frozen=True, slots=True)
class Installed:
    """A component's release on a node, by the last word of the node's own ledger.

    `event` is installed or restored (by a backout); `verified_by` is the run that verified the release since, of plan
    `verified_plan`, where it may be named.
    """

    product: str
    component: str
    version: str
    event: str
    run: str
    plan: str
    at: str
    verified_by: str | None = None
    verified_plan: str | None = None
    verified: bool = False

    def as_json(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Unlocked:
    """The last time that a person took a lock away, and from which run."""

    run: str
    by: str
    reason: str
    at: str


@dataclass(frozen=True, slots=True)
class NodeStory:
    """A node at one instant of its own clock, in the order in which a person asks."""

    now: datetime
    host: str
    free_bytes: int
    installed: tuple[Installed, ...]
    holder: Holder | None
    unlocked: Unlocked | None
    jobs: tuple[JobFacts, ...]

    @property
    def running(self) -> tuple[JobFacts, ...]:
        return tuple(job for job in self.jobs if job.state is JobState.RUNNING)

    @property
    def drained(self) -> Mapping[str, JobFacts]:
        """The nodes that were taken out of service here and not put back, and the last job of each."""
        return nodes_out(self.jobs)

    @property
    def states(self) -> Mapping[JobState, int]:
        """How many jobs are in which state; states without a job are left out."""
        return Counter(job.state for job in self.jobs)

    def as_json(self) -> dict[str, object]:
        """The story as plain values, with names that stay."""
        return {
            "now": self.now.isoformat(),
            "host": self.host,
            "free_bytes": self.free_bytes,
            "installed": [each.as_json() for each in self.installed],
            "holder": None if self.holder is None else holder_json(self.holder),
            "unlocked": None if self.unlocked is None else asdict(self.unlocked),
            "drained": {node: job.job_id for node, job in self.drained.items()},
            "jobs": [job_json(job) for job in self.jobs],
        }


def node_story(facts: NodeFacts) -> NodeStory:
    """Read the facts; the same facts always tell the same story."""
    return NodeStory(
        now=facts.now,
        host=facts.host,
        free_bytes=facts.free_bytes,
        installed=installed_by(facts.ledger),
        holder=facts.holder,
        unlocked=_last_unlocking(facts.ledger),
        jobs=facts.jobs,
    )


def run_of(token: str) -> str:
    """The run id in what a lock holds: the plan and the run's generation, or its backout."""
    found = LockToken.parse(token)
    return token if found is None else found.run_id


def holder_json(holder: Holder) -> dict[str, object]:
    """The holder as plain values; `run` is the run id, `token` what the lock holds."""
    return {
        "plan": holder.plan,
        "run": run_of(holder.run),
        "token": holder.run,
        "digest": holder.digest,
        "since": holder.since.isoformat(),
        "controller": holder.controller,
        "frozen": holder.frozen,
    }


def job_json(job: JobFacts) -> dict[str, object]:
    """The job as plain values."""
    return {
        "job": job.job_id,
        "component": job.component,
        "step": job.step,
        "attempt": job.attempt,
        "state": str(job.state),
        "exit": job.exit,
        "run": run_of(job.run),
        "started": job.started.isoformat() if job.started else None,
        "ended": job.ended.isoformat() if job.ended else None,
        "log_bytes": job.log_bytes,
        "seen": list(job.seen),
    }


def installed_by(ledger: Iterable[Mapping[str, Any]]) -> tuple[Installed, ...]:
    """What a node has, by the entries of its ledger; of each component of a product the last word."""
    found: dict[tuple[str, str], Installed] = {}
    for entry in ledger:
        event, product, version = (_text(entry, name) for name in ("event", "product", "version"))
        if event in {"installed", "restored"}:
            component = _text(entry, "component")
            found.pop((product, component), None)
            found[product, component] = Installed(
                product, component, version, event, _text(entry, "run"), _text(entry, "plan"), _text(entry, "at")
            )
        elif event == "verified":
            for key, each in found.items():
                if (each.product, each.version) == (product, version):
                    by = {"verified_by": _text(entry, "run"), "verified_plan": _text(entry, "plan")}
                    found[key] = replace(each, **by, verified=True)
    return tuple(found[key] for key in sorted(found))


def _last_unlocking(ledger: Iterable[Mapping[str, Any]]) -> Unlocked | None:
    last = None
    for entry in ledger:
        if entry.get("event") == UNLOCKED:
            last = Unlocked(*(_text(entry, name) for name in ("run", "by", "reason", "at")))
    return last


def _text(entry: Mapping[str, Any], name: str) -> str:
    value = entry.get(name)
    return "" if value is None else str(value)
