"""What exactly is approved: the commands that run, the files with their sha256, what differs from the last release."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from deployplan.errors import DeployPlanError
from deployplan.evidence.record import Records
from deployplan.plan.difference import difference
from deployplan.plan.include import Include
from deployplan.plan.load.loading import load
from deployplan.plan.pages.readable import plan_page
from deployplan.plan.service import traffic_words
from deployplan.plan.snapshot import Snapshot
from deployplan.plan.text.problem import PlanRejected
from deployplan.plan.waves import component_order
from deployplan.plan.worst_case import worst_case
from deployplan.runbook.run.frozen_plan import frozen_plan
from deployplan.runbook.timing.past_runs import PastRun, history_of


@dataclass(frozen=True, slots=True)
class CommandSeen:
    """A command of a component: `what` is deploy, undo, current, a key of its traffic, or the name of a variable."""

    component: str
    what: str
    text: str


@dataclass(frozen=True, slots=True)
class FileSeen:
    """A file that is carried to the nodes or run there, and its sha256; `source` is what a package was built from."""

    kind: str
    path: str
    sha256: str
    source: str | None = None


@dataclass(frozen=True, slots=True)
class ComparedWith:
    """The release of the product that is in production before this one, and a line for everything that differs."""

    release: PastRun
    version: str | None
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ApprovedPlan:
    """All of it; `page` is what `deployplan show` prints, and `changed` whether the plan's file says something else."""

    digest: str
    commands: tuple[CommandSeen, ...]
    files: tuple[FileSeen, ...]
    worst_case: tuple[str, ...]
    compared: ComparedWith | None
    page: str
    changed: str | None


def approved_plan(records: Records, include: Include, snapshot: Snapshot, began: datetime | None) -> ApprovedPlan:
    """Return what those approve who approve this plan; `began` is when its review did."""
    return ApprovedPlan(
        digest=snapshot.digest,
        commands=tuple(_commands(snapshot)),
        files=tuple(_files(snapshot)),
        worst_case=tuple(worst_case(snapshot)),
        compared=_compared(records, snapshot, began),
        page=plan_page(snapshot),
        changed=file_says_otherwise(snapshot, include),
    )


def file_says_otherwise(snapshot: Snapshot, include: Include) -> str | None:
    """Say that the plan's file is no longer what a run froze, by their digests; None when it is."""
    name = snapshot.plan.name
    try:
        now = load(include.plan_path(name), include)
    except PlanRejected as rejected:
        return f"the file of {name} is missing or has {len(rejected.problems)} problems"
    if now.digest == snapshot.digest:
        return None
    return f"the file of {name} has changed ({snapshot.digest[:12]} then, {now.digest[:12]} now)"


def _commands(snapshot: Snapshot) -> Iterator[CommandSeen]:
    for name in component_order(snapshot.plan.components):
        component = snapshot.plan.components[name]
        yield CommandSeen(name, "deploy", component.deploy)
        yield CommandSeen(name, "undo", component.undo or f"irreversible: {component.irreversible or ''}")
        if component.current:
            yield CommandSeen(name, "current", component.current)
        for key, command in traffic_words(component).items():
            yield CommandSeen(name, key, command)
        for key, value in component.env.items():
            yield CommandSeen(name, f"variable {key}", str(value))
        for key, source in component.secrets.items():
            yield CommandSeen(name, f"secret {key}", f"from {source}")


def _files(snapshot: Snapshot) -> Iterator[FileSeen]:
    for package in snapshot.plan.package.values():
        yield FileSeen("package", package.file, package.sha256, package.source)
    for script in snapshot.scripts:
        yield FileSeen("script", script.path, script.sha256)


def _compared(records: Records, snapshot: Snapshot, began: datetime | None) -> ComparedWith | None:
    """With the product's last release before this run; one whose plan cannot be read any more is said to be so."""
    plan = snapshot.plan
    known = history_of(records, plan.environment, plan.scope.release.product)
    before = [past for past in known if past.released and (began is None or past.at <= began)]
    if not before:
        return None
    last = before[-1]
    try:
        then = frozen_plan(records, last.plan, last.digest)
    except (DeployPlanError, ValueError) as error:
        return ComparedWith(last, None, (f"its plan cannot be read: {error}",))
    return ComparedWith(last, then.plan.scope.release.version, tuple(difference(then, snapshot)))
