"""What a job is, which state it is in, and what is to be done next: the remote job protocol without a node."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias

from deployplan.remote.command import Value, exports

STEPS = ("deploy", "undo")
TRAFFIC_STEPS = ("drain", "put_back")
JOB_MARK = "DEPLOYPLAN_JOB"
_JOB_ID = re.compile(r"([0-9a-f]{12})-([A-Za-z0-9_-]{1,100})-(deploy|undo|drain|put_back)-([1-9][0-9]{0,5})\Z")
_DIGEST = re.compile(r"[0-9a-f]{12,64}\Z")
_COMPONENT = re.compile(r"[A-Za-z0-9_-]{1,100}\Z")


class JobState(StrEnum):
    """Where a job is in its life, judged from its files and processes."""

    CLAIMED = "claimed"  # written down, but its script was not launched (yet); a start goes on from there
    RUNNING = "running"
    DONE = "done"  # its script ended with 0
    FAILED = "failed"  # its script ended with another code
    TERMINATED = "terminated"  # ended on purpose, and proven dead (or never launched, and now never will be)
    LOST = "lost"  # its runner vanished without a result: killed, out of memory, reboot; how far it came is unknown

    @property
    def final(self) -> bool:
        return self not in (JobState.CLAIMED, JobState.RUNNING)

    @property
    def ended_by_itself(self) -> bool:
        return self in (JobState.DONE, JobState.FAILED)


@dataclass(frozen=True, slots=True)
class JobId:
    """The name of a job and of its folder on the node."""

    digest12: str
    component: str
    step: str
    attempt: int

    def __str__(self) -> str:
        return f"{self.digest12}-{self.component}-{self.step}-{self.attempt}"

    @classmethod
    def parse(cls, text: str) -> "JobId":
        """Read a job id; ValueError when it is none (and so never a path out of the jobs folder)."""
        match = _JOB_ID.match(text)
        if match is None:
            raise ValueError(
                f"job id {text[:200]!r}: expected <12 hex digits>-<component>-<deploy, undo, drain…>-<attempt>"
            )
        return cls(match[1], match[2], match[3], int(match[4]))


@dataclass(frozen=True, slots=True)
class JobSpec:
    """One job to be started: `script` is shell text, run by sh in `cwd` (the home folder when None).

    `run` must hold the node; `generation` names who asks, for `seen`. Values of `env` may be secrets: they are kept on
    the node only until the job has read them. ValueError for a digest, component, step, attempt or name that cannot be.
    """

    digest: str
    component: str
    step: str
    attempt: int
    run: str
    generation: str
    script: str
    env: Mapping[str, Value] = field(default_factory=dict)
    cwd: str | None = None
    controller: str = ""

    def __post_init__(self) -> None:
        if not _DIGEST.match(self.digest):
            raise ValueError(f"digest {self.digest[:80]!r}: expected 12 to 64 hex digits")
        if not _COMPONENT.match(self.component):
            raise ValueError(f"component {self.component[:120]!r}: expected letters, digits, _ and - only, at most 100")
        if self.step not in (*STEPS, *TRAFFIC_STEPS):
            raise ValueError(f"step {self.step!r}: expected deploy, undo, drain or put_back")
        if not 1 <= self.attempt <= 999_999:
            raise ValueError(f"attempt {self.attempt}: expected 1 to 999999")
        if JOB_MARK in self.env:
            raise ValueError(f"{JOB_MARK} is the mark by which a job's processes are found; it cannot be set")
        if "\0" in self.script:
            raise ValueError("the script contains a NUL character, which a shell cannot read")
        exports(self.env)
        object.__setattr__(self, "env", MappingProxyType(dict(self.env)))

    @property
    def job_id(self) -> str:
        return str(JobId(self.digest[:12], self.component, self.step, self.attempt))


@dataclass(frozen=True, slots=True)
class JobFacts:
    """What the node says about one job. `started` is None when its script was never launched: it touched nothing.

    `fenced`: its own runner left it alone, because somebody else had taken the node before it began.
    """

    job_id: str
    digest12: str
    component: str
    step: str
    attempt: int
    seq: int = 0
    run: str = ""
    generation: str = ""
    state: JobState = JobState.CLAIMED
    exit: int | None = None
    started: datetime | None = None
    ended: datetime | None = None
    log_bytes: int = 0
    seen: tuple[str, ...] = ()
    fenced: bool = False

    @property
    def launched(self) -> bool:
        """Whether its script may have touched the node."""
        return self.started is not None

    def has_deployed(self, digest: str, component: str) -> bool:
        """Whether it is a deploy script of this component of this plan that was launched, undone since or not."""
        return (
            (self.component, self.step) == (component, "deploy") and self.launched and digest.startswith(self.digest12)
        )


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a job's output, and where in the log it begins."""

    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Proof:
    """What a termination found: `gone` only if the last looks found no process; else `survivors` names them.

    `ground` is what that rests on, a word of GROUNDS, "" where nothing had to be looked for. `strangers` carry the
    job's mark and were started by somebody else, as a supervisor that restarts a service: they were left alone.
    A job that had ended by itself is left alone (`job.state` says so), and what it started lives on.
    """

    gone: bool
    survivors: tuple[str, ...]
    signals: tuple[str, ...]
    at: datetime
    job: JobFacts
    ground: str = ""
    strangers: tuple[str, ...] = ()


GROUNDS = {
    "reaper": "every descendant of its runner, whatever it did (child subreaper);"
    " not seen: what a service of the node was asked to start",
    "mark": "its session, what carries its mark, and their descendants;"
    " not seen: a process that left the session and threw its environment away",
}
"""What a proof rests on, and what it cannot see."""


@dataclass(frozen=True, slots=True)
class Start:
    """Start a job with this attempt number."""

    attempt: int


@dataclass(frozen=True, slots=True)
class Attach:
    """The job runs: watch it."""

    job: JobFacts


@dataclass(frozen=True, slots=True)
class Done:
    """The job is done and nothing has undone it since."""

    job: JobFacts


@dataclass(frozen=True, slots=True)
class Failed:
    """The job ended badly and nobody asked for another attempt since: report it, then mark it seen."""

    job: JobFacts
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Wait:
    """A job of the component's other step runs, of an earlier generation: let it end, then ask again."""

    job: JobFacts


NextStep: TypeAlias = Start | Attach | Done | Failed | Wait


def next_step(jobs: Iterable[JobFacts], *, digest: str, component: str, step: str, generation: str) -> NextStep:
    """Decide from the node's facts what is to be done for this step; the same facts always give the same answer.

    A new attempt begins only when the last one's failure was reported to another generation than the present one, or
    when what was done has been undone (or deployed over) since, or when its runner found the node taken and left it.
    That a controller which slept through its backout does not deploy again is not judged here: the lock refuses it.
    """
    same = [job for job in jobs if job.component == component]
    own = [job for job in same if job.step == step and job.digest12 == digest[:12]]
    other = [job for job in same if job.step != step and job.digest12 == digest[:12] and job.state is JobState.RUNNING]
    found = _own_step(same, own, generation)
    return Wait(max(other, key=lambda job: job.attempt)) if other and isinstance(found, Start) else found


def _own_step(same: list[JobFacts], own: list[JobFacts], generation: str) -> NextStep:
    if not own:
        return Start(1)
    last = max(own, key=lambda job: job.attempt)
    since = [job for job in same if job.launched and job.seq > last.seq and _overtakes(job, last)]
    if last.state is JobState.RUNNING:
        return Attach(last)
    if last.state is JobState.CLAIMED:
        return Start(last.attempt + 1 if since else last.attempt)
    if last.state is JobState.DONE:
        return Start(last.attempt + 1) if since else Done(last)
    if last.fenced or (last.seen and generation not in last.seen):
        return Start(last.attempt + 1)
    return Failed(last, _how_it_failed(last))


def _overtakes(job: JobFacts, last: JobFacts) -> bool:
    """Whether the later `job` makes the earlier `last` no longer what is on the node.

    Traffic is a node's, not a release's: whichever plan puts a node back undoes every drain before it.
    """
    if last.step in TRAFFIC_STEPS:
        return job.step != last.step
    if job.digest12 == last.digest12:
        return job.step != last.step
    return last.step == "deploy"


def _how_it_failed(job: JobFacts) -> str:
    if job.state is JobState.FAILED:
        return f"its script ended with exit code {job.exit}"
    if job.state is JobState.TERMINATED:
        return "it was terminated" if job.launched else "it was terminated before it was launched"
    return "it was lost: its runner vanished without a result (killed, out of memory, or the node went down)"
