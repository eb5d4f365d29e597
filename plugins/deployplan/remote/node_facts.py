"""Reading what a node says of itself; the text may come from a broken or hostile node and is never trusted."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from deployplan.printable import printable
from deployplan.remote.job import GROUNDS, JobFacts, JobId, JobState, Proof

_CONTROL = re.compile(r"[%\x00-\x1f\x7f]")
_ESCAPED = re.compile(r"%([0-9A-F]{2})")
# Whoever ordered a termination has this long, beyond the grace, before it is taken for dead itself; as in watch.sh.
_PROOF_WITHIN = 30
_FILES = ("claim", "pid", "exit", "proof", "seen")
_MOST_LINES = {
    "file": 200,
    "ledger": 501,
    "logs": 10_001,
}  # as in describe.sh and records.sh
_MOST_JOBS = 10_000
_LEDGER_LIMIT = 262_144  # bytes; as in records.sh


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a node; `frozen` is the reason why nobody may take it over.

    `run` is what a controller must say to act. Holders of one plan and `series` follow each other: one with a higher
    `turn` takes over at once, one with a lower is fenced. Without a series there is no such order.
    """

    plan: str
    digest: str
    run: str
    since: datetime
    controller: str
    frozen: str | None = None
    series: str = ""
    turn: int = 0

    def __str__(self) -> str:
        frozen = f", frozen: {self.frozen}" if self.frozen is not None else ""
        text = f"run {self.run} of plan {self.plan} (since {self.since:%F %R} UTC, {self.controller}{frozen})"
        return field_text(text)  # it comes from a node and goes to terminals and logs


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeRecords:
    """What a node has recorded of jobs and releases, at one instant of its own clock, `now` (None: it had no job).

    `ledger` holds the last entries (at most 500) in order; `ledger_unread` counts lines that could not be read.
    `package` is what it said of a package that it was asked for, to be passed to `stage`; None when it said nothing.
    `later` is what a later version has written there: nothing may be concluded from the rest then.
    """

    now: datetime | None = None
    base: str = ""
    jobs: tuple[JobFacts, ...] = ()
    ledger: tuple[dict[str, Any], ...] = ()
    ledger_unread: int = 0
    package: str | None = None
    later: tuple[str, ...] = ()

    def job(self, job_id: str) -> JobFacts | None:
        return next((job for job in self.jobs if job.job_id == job_id), None)

    def age(self, job: JobFacts) -> float:
        """For how many seconds the job has been on its way, by the node's clock; 0 when nobody can tell."""
        return (self.now - job.started).total_seconds() if self.now and job.started else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeFacts(NodeRecords):
    """What a node has recorded, and what it is like.

    `detach` names the tool that can start a detached job ("-": there is none). With `noexec` no file below `base` can
    be executed, only read by an interpreter.
    """

    now: datetime
    free_bytes: int
    home: str
    holder: Holder | None = None
    host: str = ""
    writable: bool = True
    detach: str = ""
    noexec: bool = False


def field_text(value: str) -> str:
    """Return `value` as it may stand in a line of a file: control characters and % escaped, all else as it is."""
    return _CONTROL.sub(lambda match: f"%{ord(match[0]):02X}", value)


def one_line(text: str) -> str:
    """Return text from a node as one line that can neither steer a terminal nor pass for another line of a log."""
    return printable(text)


def field_value(text: str) -> str:
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)


def fields(lines: Iterable[str]) -> dict[str, str]:
    """Read key=value lines; the first of a key counts, as on the node."""
    found: dict[str, str] = {}
    for line in lines:
        key, equals, value = line.partition("=")
        if equals:
            found.setdefault(key, field_value(value))
    return found


def read_number(text: str | None, default: int = 0) -> int:
    """Read a number of at most 18 digits, else `default`."""
    text = (text or "").strip()
    return int(text) if re.fullmatch(r"-?[0-9]{1,18}", text) else default


def instant(text: str | None) -> datetime | None:
    """Read seconds since 1970 as an instant; None when they are none or beyond the year 9999."""
    seconds = read_number(text, -1)
    return datetime.fromtimestamp(seconds, UTC) if 0 <= seconds < 253_402_300_800 else None


FORMAT = "2"
"""Version of what is written on a node: locks, claims and lines of its ledger; the first version does not say so."""


READ = ("", "1", FORMAT)
"""Versions that are read; what does not say one is of the first."""


def holder_text(holder: Holder) -> str:
    """Return the lines of a lock file."""
    lines = {
        "format": FORMAT,
        "state": "held",
        "run": holder.run,
        "plan": holder.plan,
        "digest": holder.digest,
        "since": holder.since.astimezone(UTC).isoformat(timespec="seconds"),
        "controller": holder.controller,
    }
    if holder.series:
        lines |= {"series": holder.series, "turn": str(holder.turn)}
    if holder.frozen is not None:
        lines["frozen"] = holder.frozen
    return "\n".join(f"{key}={field_text(value)}" for key, value in lines.items())


def read_holder(lines: Iterable[str]) -> Holder | None:
    """Read a lock file; None when nobody holds it."""
    found = fields(lines)
    if found.get("state") != "held":
        return None
    try:
        since = datetime.fromisoformat(found.get("since", ""))
    except ValueError:
        since = datetime.fromtimestamp(0, UTC)
    return Holder(
        plan=found.get("plan", ""),
        digest=found.get("digest", ""),
        run=found.get("run", ""),
        since=since if since.tzinfo else since.replace(tzinfo=UTC),
        controller=found.get("controller", ""),
        frozen=found.get("frozen"),
        series=found.get("series", ""),
        turn=read_number(found.get("turn")),
    )


@dataclass(slots=True)
class _Answer:
    """The pieces of a node's answer, before anything is concluded from them."""

    values: dict[str, str] = field(default_factory=dict)
    alive: dict[str, bool] = field(default_factory=dict)
    files: dict[str, list[str]] = field(default_factory=dict)
    logs: list[str] = field(default_factory=list)
    ledger: list[str] = field(default_factory=list)
    complete: bool = False


def _read(answer: bytes) -> _Answer:
    read = _Answer()
    at, most = list[str](), 0
    for line in answer.decode(errors="replace").split("\n"):
        word, _, rest = line.partition(" ")
        if word == "":
            if len(at) < most:
                at.append(rest)
        elif word == "file":
            at, most = read.files.setdefault(rest.removeprefix("./"), []), _MOST_LINES[word]
        elif word in ("ledger", "logs"):
            at, most = read.ledger if word == "ledger" else read.logs, _MOST_LINES[word]
        elif word == "job" and len(read.alive) < _MOST_JOBS:
            lives, _, job_id = rest.partition(" ")
            read.alive[job_id] = lives == "1"
        elif word == "end":
            read.complete = True
        elif word != "job":
            read.values.setdefault(word, rest)
    return read


def read_jobs(answer: bytes) -> tuple[JobFacts, ...]:
    """Read what `dp_describe` printed; folders that are no job of ours are passed over."""
    return tuple(sorted(_jobs(_read(answer)), key=lambda job: (job.seq, job.job_id)))


def read_records(answer: bytes) -> NodeRecords | None:
    """Read the answer to `survey`; None when it is cut short or makes no sense."""
    recorded = _recorded(_read(answer))
    return None if recorded is None else NodeRecords(**recorded)


def read_facts(answer: bytes) -> NodeFacts | None:
    """Read the answer to `facts`; None when it is cut short or makes no sense."""
    read = _read(answer)
    recorded = _recorded(read)
    if recorded is None or recorded["now"] is None:
        return None
    return NodeFacts(
        **recorded,
        free_bytes=read_number(read.values.get("free")) * 1024,
        home=read.values.get("home", ""),
        holder=read_holder(read.files.get("lock", ())),
        host=read.values.get("host", ""),
        writable=read.values.get("writable") == "1",
        detach=read.values.get("detach", "-"),
        noexec=read.values.get("noexec") == "1",
    )


def _recorded(read: _Answer) -> dict[str, Any] | None:
    """The fields of NodeRecords; None when the answer is cut short."""
    now = instant(read.values.get("now"))
    if not read.complete or (now is None and read.alive):
        return None
    lines = [line for line in read.ledger if line.strip()]
    if sum(len(line) + 1 for line in lines) >= _LEDGER_LIMIT - 4:
        lines = lines[1:]  # its beginning was cut off on the way
    entries = [_entry(line) for line in lines]
    return {
        "now": now,
        "base": read.values.get("base", ""),
        "jobs": tuple(sorted(_jobs(read), key=lambda job: (job.seq, job.job_id))),
        "ledger": tuple(entry for entry in entries if entry is not None),
        "ledger_unread": sum(entry is None for entry in entries),
        "package": read.values.get("package"),
        "later": tuple(_later(read, entries)),
    }


def _later(read: _Answer, ledger: Iterable[Mapping[str, Any] | None]) -> Iterator[str]:
    """What is of a format that this version does not read: the lock, lines of the ledger, jobs."""
    lock = fields(read.files.get("lock", ())).get("format", "")
    if lock not in READ:
        yield f"its lock (format {lock[:20]!r})"
    told = {str(entry.get("format", ""))[:20] for entry in ledger if entry is not None} - set(READ)
    if told:
        yield f"its ledger (format {min(told)!r})"
    for job_id in read.alive:
        claim = fields(read.files.get(f"{job_id}/claim", ())).get("format", "")
        if claim not in READ:
            yield f"job {job_id[:120]} (format {claim[:20]!r})"


def _entry(line: str) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) else None


def _jobs(read: _Answer) -> Iterator[JobFacts]:
    now = read_number(read.values.get("now"))
    sizes = {path: read_number(size) for size, _, path in (line.strip().partition(" ") for line in read.logs)}
    for job_id, alive in read.alive.items():
        try:
            name = JobId.parse(job_id)
        except ValueError:
            continue
        files = {part: lines for part in _FILES if (lines := read.files.get(f"{job_id}/{part}")) is not None}
        yield _job(job_id, name, files, alive=alive, now=now, log_bytes=sizes.get(f"./{job_id}/log", 0))


def _job(
    job_id: str, name: JobId, files: Mapping[str, list[str]], *, alive: bool, now: int, log_bytes: int
) -> JobFacts:
    claim, pid, ending = (fields(files.get(part, ())) for part in ("claim", "pid", "exit"))
    proofs = [fields(line.split("\t")) for line in files.get("proof", ())]
    state = _state(pid, ending, proofs, known_pid="pid" in files, alive=alive, now=now)
    launched = "pid" in files and pid.get("pid") != "0" and not any(proof.get("launched") == "0" for proof in proofs)
    ended = {
        JobState.DONE: ending.get("ended"),
        JobState.FAILED: ending.get("ended"),
        JobState.TERMINATED: proofs[-1].get("at") if proofs else None,
    }.get(state)
    return JobFacts(
        job_id=job_id,
        digest12=name.digest12,
        component=name.component,
        step=name.step,
        attempt=name.attempt,
        seq=read_number(claim.get("seq")),
        run=claim.get("run", ""),
        generation=claim.get("generation", ""),
        state=state,
        exit=read_number(ending.get("exit"), -1) if state in (JobState.DONE, JobState.FAILED) else None,
        # A runner that could not tell the time was launched all the same.
        started=(instant(pid.get("started")) or datetime.fromtimestamp(0, UTC)) if launched else None,
        ended=instant(ended),
        log_bytes=log_bytes,
        seen=tuple(dict.fromkeys(field_value(line) for line in files.get("seen", ()) if line)),
        fenced=state is JobState.TERMINATED and not launched and ending.get("by") == "fence",
    )


def _state(
    pid: Mapping[str, str],
    ending: Mapping[str, str],
    proofs: list[dict[str, str]],
    *,
    known_pid: bool,
    alive: bool,
    now: int,
) -> JobState:
    if re.fullmatch(r"[0-9]{1,3}", ending.get("exit", "")):
        return JobState.DONE if int(ending["exit"]) == 0 else JobState.FAILED
    if not known_pid:
        return JobState.CLAIMED
    if pid.get("pid") == "0" or (proofs and proofs[-1].get("gone") == "1"):
        return JobState.TERMINATED
    if proofs:
        return JobState.LOST  # its end could not be proven, whether its runner lives or not
    ordered = read_number(ending.get("terminated"), -1)
    under_way = ordered >= 0 and now <= ordered + read_number(ending.get("grace")) + _PROOF_WITHIN
    return JobState.RUNNING if alive or under_way else JobState.LOST


def read_proof(answer: bytes, job: JobFacts) -> Proof:
    """Read what a termination left; a job that ended by itself needs no proof."""
    read = _read(answer)
    lines = read.files.get(f"{job.job_id}/proof", [])
    last = fields(lines[-1].split("\t")) if lines and not job.state.ended_by_itself else {}
    signals = tuple(f"{name.upper()} {last[name].strip()}" for name in ("term", "kill") if last.get(name, "").strip())
    return Proof(
        gone=job.state.ended_by_itself or last.get("gone") == "1",
        survivors=_listed(last.get("survivors", "")),
        signals=signals,
        at=instant(last.get("at")) or instant(read.values.get("now")) or datetime.fromtimestamp(0, UTC),
        job=job,
        ground=last.get("ground", "") if last.get("ground", "") in GROUNDS else "",
        strangers=_listed(last.get("strangers", "")),
    )


def _listed(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(";") if name.strip())
