"""What the next process that watches a wave finds in the evidence: what began, and how much of its output was shown."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from deployplan.evidence.entry import Entry
from deployplan.plan.waves import Wave
from deployplan.remote.job import JobId
from deployplan.runbook.run.facts import by_node, text_in, wave_of
from deployplan.runbook.run.run import Run

ENDS = ("job_ended", "terminated")


@asynccontextmanager
async def handing_over(run: Run, wave: Wave) -> AsyncIterator[None]:
    """Go on showing output where the last process ended; leave word of where this one did when it is cut short."""
    run.shown.update(_shown(await run.entries(), wave))
    try:
        yield
    except asyncio.CancelledError:
        here = {node: {"job": job, "shown": end} for (node, job), end in run.shown.items() if node in wave.nodes}
        if here:
            await run.note("wave_left", component=wave.component, wave=wave.number, nodes=here)
        raise


def _shown(entries: Iterable[Entry], wave: Wave) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for entry in entries:
        if entry.kind == "wave_left" and wave_of(entry) == (wave.component, wave.number):
            found |= {(node, str(left["job"])): int(str(left["shown"])) for node, left in by_node(entry).items()}
    return found


def jobs_begun(entries: Iterable[Entry], component: str, step: str) -> Mapping[str, frozenset[str]]:
    """By node, the jobs of this step that the node must know of: those started since the last arming, and those of
    earlier turns of whose end there is no evidence. A deploy that was undone since does not count.
    """
    found: dict[str, dict[str, bool]] = {}
    for entry in entries:
        if entry.kind == "job_started" and (entry.facts.get("component"), entry.facts.get("step")) == (component, step):
            found.setdefault(text_in(entry, "node"), {})[text_in(entry, "job")] = False
        elif entry.kind in ENDS and entry.facts.get("gone", True):
            jobs = found.get(text_in(entry, "node"), {})
            if text_in(entry, "job") in jobs:
                jobs[text_in(entry, "job")] = True
        elif entry.kind == "armed":
            found = {node: {job: ended for job, ended in jobs.items() if not ended} for node, jobs in found.items()}
        elif entry.kind == "undo_ended" and entry.facts["ok"] and entry.facts["component"] == component:
            found = {}
    return {node: frozenset(jobs) for node, jobs in found.items() if jobs}


def lost_nodes(entries: Iterable[Entry], component: str, kind: str, generation: str) -> Mapping[str, datetime]:
    """By node, since when it does not answer, of those that have not come back since this step of the component began.

    `kind` is how its beginning is recorded: `wave_started` or `undo_started`.
    """
    found: dict[str, datetime] = {}
    begun = False
    for entry in entries:
        if entry.facts.get("component") != component:
            continue
        begun = begun or (entry.kind == kind and entry.facts.get("generation") == generation)
        if begun and entry.kind == "node_lost":
            found.setdefault(text_in(entry, "node"), entry.at)
        elif entry.kind == "node_back":
            found.pop(text_in(entry, "node"), None)
    return found


def without_end(entries: Iterable[Entry]) -> Mapping[str, Sequence[JobId]]:
    """By node, the jobs that were started there, in any turn of the run, and of whose end there is no evidence."""
    found: dict[str, dict[str, None]] = {}
    for entry in entries:
        if entry.kind == "job_started":
            found.setdefault(text_in(entry, "node"), {})[text_in(entry, "job")] = None
        elif entry.kind in ENDS and entry.facts.get("gone", True):
            found.get(text_in(entry, "node"), {}).pop(text_in(entry, "job"), None)
    return {node: tuple(map(JobId.parse, jobs)) for node, jobs in found.items() if jobs}


def unknown_there(node: str, jobs: Sequence[str], base: str) -> str:
    """Why nobody can say what became of jobs that were started on a node, and what a person can do."""
    return (
        f"the evidence says that {', '.join(jobs)} was started on {node}, and the node knows nothing of it: {base} was "
        "removed, or the node set up anew. The script may still run: look for it there "
        "(ps axeww | grep DEPLOYPLAN_JOB), see what it did, and give the node back with `deployplan unlock`"
    )
