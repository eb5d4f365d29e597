"""What the next process that watches a wave finds in the evidence: what began, and how much of its output was shown."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager

from deployplan.evidence.entry import Entry
from deployplan.plan.waves import Wave
from deployplan.runbook.run.facts import by_node, text, wave_of
from deployplan.runbook.run.run import Run

ENDS = ("job_ended", "terminated")


@asynccontextmanager
async def handing_over(run: Run, wave: Wave) -> AsyncIterator[None]:
    """Go on showing output where the last process ended; leave word of where this one did when it is cut short."""
    run.shown.update(_shown(await asyncio.to_thread(run.ledger.entries), wave))
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
            found.setdefault(text(entry, "node"), {})[text(entry, "job")] = False
        elif entry.kind in ENDS and entry.facts.get("gone", True):
            jobs = found.get(text(entry, "node"), {})
            if text(entry, "job") in jobs:
                jobs[text(entry, "job")] = True
        elif entry.kind == "armed":
            found = {node: {job: ended for job, ended in jobs.items() if not ended} for node, jobs in found.items()}
        elif entry.kind == "undo_ended" and entry.facts["ok"] and entry.facts["component"] == component:
            found = {}
    return {node: frozenset(jobs) for node, jobs in found.items() if jobs}
