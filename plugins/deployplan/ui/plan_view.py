"""A plan as people read it: what it says when merged, what is wrong with it, whether it may start, what it changes."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from deployplan.evidence.record import Records
from deployplan.plan.difference import difference
from deployplan.plan.include import Include
from deployplan.plan.snapshot import Snapshot
from deployplan.plan.text.problem import Problem
from deployplan.runbook.run.frozen_plan import frozen_plan
from deployplan.runbook.timing.past_runs import PastRun, history_of
from deployplan.ui.problem_text import snippet_of

NAME_OTHERS = frozenset({"plans-collide", "plan-name", "plan-twice"})
"""Rules that compare plans with each other, and name them."""
UNREADABLE = "a plan that you may not read"
MOST_FILES, MOST_PROBLEMS = 50, 50
"""Files with problems that are listed, and problems of each."""


@dataclass(frozen=True, slots=True)
class LintFinding:
    """A problem, its file below the include folder, and its source line with the caret."""

    path: str
    problem: Problem
    snippet: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """In what a plan's file differs from what runs, or was released last; `lines` is empty where it does not.

    `told` says what it is compared with; `digest` is that one's, None where there is nothing to compare with; `plan` is
    whose it is.
    """

    told: str
    digest: str | None
    lines: tuple[str, ...]
    plan: str | None = None

    def shown_to(self, may_read: Callable[[str], bool]) -> "Comparison":
        """What somebody may know of it: of a plan that they may not read, no line, digest or run."""
        return self if self.plan is None or may_read(self.plan) else Comparison(UNREADABLE, None, ())


def compare_with_what_runs(snapshot: Snapshot, records: Records) -> Comparison:
    """Compare with the plan's run under way, else with the last release of its product in its environment."""
    plan, release = snapshot.plan, snapshot.plan.scope.release
    if (active := records.active(plan.name)) is not None:
        run_id, digest = active
        return _compare(snapshot, records, plan.name, digest, f"run {run_id}, which is under way")
    past: Sequence[PastRun] = history_of(records, plan.environment, release.product)
    released = [run for run in past if run.released]
    if not released:
        return Comparison(f"nothing: no release of {release.product} in {plan.environment} is known", None, ())
    last = released[-1]
    told = f"{last.plan}, which run {last.run_id} released {last.at:%Y-%m-%d %H:%M} UTC"
    return _compare(snapshot, records, last.plan, last.digest, told)


def _compare(snapshot: Snapshot, records: Records, plan: str, digest: str, told: str) -> Comparison:
    if digest == snapshot.digest:
        return Comparison(told, digest, (), plan)
    try:
        lines = difference(frozen_plan(records, plan, digest), snapshot)
    except Exception as error:  # whatever a store raises: what it would say is not guessed at
        return Comparison(f"{told}; what that froze cannot be read: {error}", digest, (), plan)
    return Comparison(told, digest, tuple(lines) or ("the digests differ, and nothing that is told apart here",), plan)


def findings_of(problems: Iterable[Problem], include: Include) -> tuple[LintFinding, ...]:
    """Return the problems with their source lines, paths as they are below the include folder."""
    root = f"{include.root}/"
    return tuple(
        LintFinding(
            path_below(each.path, include), replace(each, message=each.message.replace(root, "")), snippet_of(each)
        )
        for each in problems
    )


def without_other_plans(findings: Sequence[LintFinding]) -> list[LintFinding]:
    """Return what may be told to somebody who may not read every plan: nothing that names another one."""
    return [each for each in findings if each.problem.rule not in NAME_OTHERS]


def path_below(path: str, include: Include) -> str:
    """Return where a file is below the include folder; only its name where it is elsewhere."""
    try:
        return str(Path(path).relative_to(include.root))
    except ValueError:
        return Path(path).name


def plan_of_file(path: str) -> str | None:
    """Return the plan that a file would be: that of its name; None for a procedure, an environment or another file."""
    found = Path(path)
    return found.stem if found.parts[:1] == ("plans",) and len(found.parts) == 2 else None
