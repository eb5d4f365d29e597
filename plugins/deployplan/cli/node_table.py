"""Nodes' stories for people: a table on a terminal, plain lines elsewhere, both complete without colour."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deployplan.cli.targets import Target
from deployplan.errors import DeployPlanError
from deployplan.remote.job import JobFacts
from deployplan.runbook.node.node_story import NodeStory, run_of
from deployplan.runbook.node.node_words import holder_words, installed_words, moment, moment_of

if TYPE_CHECKING:
    from rich.table import Table

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Told:
    """A node and its story, or why it told none."""

    target: Target
    story: NodeStory | DeployPlanError

    def as_json(self) -> dict[str, object]:
        known: dict[str, object] = {"node": self.target.name, "environment": self.target.environment}
        if isinstance(self.story, NodeStory):
            return {**known, "answered": True, "problem": None, **self.story.as_json()}
        return {**known, "answered": False, "problem": str(self.story)}


def clean(text: str) -> str:
    """Return text from a node as one line that cannot steer a terminal."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def in_lines(told: Iterable[Told], *, jobs: bool) -> str:
    """Return plain text: a block a node; with `jobs` each job on a line of its own."""
    return "\n\n".join("\n".join(_block(each, jobs=jobs)) for each in told)


def as_table(told: Iterable[Told]) -> "Table":
    """Return a table, a row a node."""
    from rich.box import SIMPLE
    from rich.table import Table
    from rich.text import Text

    table = Table("environment", "node", "installed", "verified", "locked", "jobs", box=SIMPLE, pad_edge=False)
    for each in told:
        table.add_row(*(Text(cell, overflow="fold") for cell in _cells(each)))
    return table


def jobs_table(jobs: Sequence[JobFacts]) -> "Table":
    """Return a table, a row a job, in the order in which they were started."""
    from rich.box import SIMPLE
    from rich.table import Table
    from rich.text import Text

    table = Table("job", "state", "run", "started", "ended", "log bytes", box=SIMPLE, pad_edge=False)
    for job in jobs:
        cells = (job.job_id, state(job), run_of(job.run), moment(job.started), moment(job.ended), str(job.log_bytes))
        table.add_row(*(Text(clean(cell), overflow="fold") for cell in cells))
    return table


def state(job: JobFacts) -> str:
    """Return how the job stands, with its exit code when its script ended badly."""
    return f"{job.state} (exit {job.exit})" if job.exit else str(job.state)


def job_line(job: JobFacts) -> str:
    """Return one job in a line."""
    times = f"{moment(job.started)} to {moment(job.ended)}" if job.ended else f"since {moment(job.started)}"
    began = times if job.launched else "never launched"
    return clean(f"{job.job_id}  {state(job)}, {began}, run {run_of(job.run)}, {job.log_bytes} bytes of log")


def _block(told: Told, *, jobs: bool) -> list[str]:
    head = f"{told.target.name} ({told.target.environment})"
    if not isinstance(told.story, NodeStory):
        return [head, f"  no answer  {clean(str(told.story))}"]
    story = told.story
    lines = [head]
    lines += [f"  installed  {clean(installed_words(each))}" for each in story.installed] or [
        "  installed  nothing recorded"
    ]
    lines.append(f"  locked     {'by ' + clean(holder_words(story.holder)) if story.holder else 'no'}")
    if story.unlocked is not None:
        last = story.unlocked
        lines.append(clean(f"  unlocked   by {last.by} at {moment_of(last.at)}, from run {last.run}: {last.reason}"))
    lines += [f"  drained    {_drained(story)}"] if story.drained else []
    lines.append(f"  jobs       {_counted(story)}")
    if jobs:
        lines += [f"    {job_line(job)}" for job in story.jobs]
    return lines


def _cells(told: Told) -> tuple[str, ...]:
    name = (told.target.environment, told.target.name)
    if not isinstance(told.story, NodeStory):
        return (*name, clean(str(told.story)), "-", "no answer", "-")
    story = told.story
    installed = "\n".join(clean(f"{each.component} {each.version} (run {each.run})") for each in story.installed)
    verified = "\n".join("yes" if each.verified else "no" for each in story.installed)
    locked = clean(holder_words(story.holder)) if story.holder else "no"
    drained = [f"drained: {_drained(story)}"] if story.drained else []
    return (*name, installed or "nothing recorded", verified or "-", locked, "\n".join([_counted(story), *drained]))


def _drained(story: NodeStory) -> str:
    """Which nodes were taken out of service here, and by which job."""
    return clean(", ".join(f"{node} ({state(job)} as {job.job_id})" for node, job in story.drained.items()))


def _counted(story: NodeStory) -> str:
    return ", ".join(f"{count} {state}" for state, count in sorted(story.states.items())) or "none"
