"""What every step of the runbook works on: one carrying-out of one plan."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from deployplan.checks.reading import Reading
from deployplan.clock import Clock
from deployplan.errors import DeployPlanError
from deployplan.evidence.entry import Entry
from deployplan.evidence.event import Event
from deployplan.evidence.hold import Hold
from deployplan.evidence.kinds.review import ConnectionSeen
from deployplan.evidence.ledger import Ledger
from deployplan.evidence.record import Records
from deployplan.plan.include import Include
from deployplan.plan.model.infrastructure import Infrastructure
from deployplan.plan.model.reach import Reach
from deployplan.plan.snapshot import Snapshot
from deployplan.printable import printable
from deployplan.remote.errors import Fenced
from deployplan.remote.masking import Masks
from deployplan.remote.node_facts import Holder
from deployplan.runbook.run.directory import Directory
from deployplan.runbook.run.fleet import Fleet
from deployplan.runbook.run.fold import StateReader
from deployplan.runbook.run.lock_token import LockToken
from deployplan.runbook.run.state import RunState


class Refused(DeployPlanError):
    """A step refuses to start, or to go on; the message says why. From then on it touches nothing."""


NO_LONGER_HELD = "this task no longer holds the node"


class LockLost(Refused):
    """A node's lock is somebody else's, or nobody's; `holder` says whose."""

    def __init__(self, error: Fenced) -> None:
        self.holder = error.holder
        super().__init__(f"{error}; {NO_LONGER_HELD}")

    def is_overtaken(self, token: str) -> bool:
        """Whether a later turn of the run with this token has taken over: then that one does what is left."""
        mine = LockToken.parse(token)
        return mine is not None and self.holder is not None and self.holder.series == mine.series


class NotReady(Refused):
    """Production, the plan or its approval is not as the release needs it; `problems` lists every reason."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(map(printable, problems))
        super().__init__("not ready:\n" + "\n".join(f"- {problem}" for problem in self.problems))


class WindowMissed(Refused):
    """The release window can no longer be met; nothing was touched."""


class StepFailed(DeployPlanError):
    """A step did its work and the work failed; the evidence says on which nodes."""


class WaveAsks(StepFailed):
    """A wave has stopped, and people are asked before it fails."""


@dataclass(frozen=True)
class Run:
    """One carrying-out of a plan, and the means by which its steps act and leave evidence.

    `triggered_by` is who triggered it, by the name with which they log in; `say` writes one line for the person who
    watches; `controller` names this machine in the nodes' locks; `hold` tells whether everything is held, `directory`
    who is who, both at this moment; `secrets` are the components' secrets by component and environment name, for this
    process only, `hidden` what else must not be told, as the passwords of connections; `metrics_login` are login and
    password for the server of metrics, where it wants them; `records` are those of all runs, where there are any.
    `reads` stands for `read_once`, `ask_metrics` for the look whether the server of metrics answers, and `today` for
    reading the environment's file, each where production is not the real one.
    `shown` is how much of a job's output was shown, by node and job id.
    """

    snapshot: Snapshot
    run_id: str
    triggered_by: str | None
    ledger: Ledger
    include: Include
    fleet: Fleet
    clock: Clock
    say: Callable[[str], None]
    controller: str = field(default_factory=socket.gethostname)
    hold: Callable[[], Hold | None] = lambda: None
    directory: Callable[[], Directory] = Directory
    secrets: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    records: Records | None = None
    connections: Callable[[], Iterable[ConnectionSeen]] = tuple
    hidden: tuple[str, ...] = field(default=(), repr=False)
    metrics_login: tuple[str | None, str | None] | None = field(default=None, repr=False)
    reads: Callable[..., Awaitable[Reading]] | None = None
    ask_metrics: Callable[["Run"], Awaitable[None]] | None = None
    today: Callable[[], Infrastructure] | None = None
    shown: dict[tuple[str, str], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        say = self.say
        object.__setattr__(self, "say", lambda line: say(self.masks(line)))

    @cached_property
    def _states(self) -> StateReader:
        return StateReader(self.ledger)

    @cached_property
    def masks(self) -> Masks:
        """What replaces every secret of this run in whatever is said, recorded, sent or raised."""
        return Masks([*self.hidden, *(value for secrets in self.secrets.values() for value in secrets.values())])

    @cached_property
    def reach(self) -> Reach:
        """What may be asked from here."""
        return self.snapshot.infrastructure.reachable()

    def holder(self, token: str) -> Holder:
        """What a node's lock says while this run holds it; `token` names the run's generation."""
        plan, known = self.snapshot.plan, LockToken.parse(token)
        holder = Holder(plan.name, self.snapshot.digest, token, self.clock.now(), self.controller)
        return holder if known is None else replace(holder, series=known.series, turn=known.turn)

    def record(self, event: Event) -> Entry:
        """Leave evidence of a decision or an event."""
        return self.ledger.record(event.kind, **self._told(event.facts()))

    async def note(self, event: Event) -> Entry:
        """Leave evidence as `record` does, while the other nodes go on: each entry waits for the disk or the store."""
        return await asyncio.to_thread(self.record, event)

    def read_state(self) -> RunState:
        """Return what the evidence says now. Raises LedgerDamaged and RecordError as `StateReader.read`."""
        return self._states.read()

    async def state(self) -> RunState:
        """Read the evidence as `read_state` does, while the other nodes go on."""
        return await asyncio.to_thread(self.read_state)

    async def seal(self) -> Entry:
        """Seal the evidence while the others go on."""
        return await asyncio.to_thread(self.ledger.seal)

    def _told(self, facts: Mapping[str, object]) -> dict[str, object]:
        return {name: _masked(self.masks, name, value) for name, value in facts.items()}


NAMES = frozenset(
    {
        *(
            "plan",
            "run",
            "digest",
            "nodes",
            "generation",
            "component",
            "wave",
            "step",
            "node",
            "job",
            "state",
            "task",
            "criterion",
        ),
        *("answer", "criteria", "excluded", "decision", "outcome", "version", "window", "key", "log_sha256"),
    }
)
"""Facts that are words of the plan or ours: steps decide by them, so that no secret may change them."""


def _masked(masks: Masks, name: str, value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _masked(masks, str(key), item) for key, item in value.items()}
    return value if name in NAMES else masks.facts(value)
