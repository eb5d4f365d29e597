"""What lint says of all plans, found out beside the requests when a file has changed, and kept."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from fastapi import HTTPException

from deployplan.airflow_glue.server.api.answers_kept import AnswersKept
from deployplan.airflow_glue.settings import Settings, settings
from deployplan.clock import SystemClock
from deployplan.evidence.hold import HoldSwitch
from deployplan.lint.known import Known
from deployplan.lint.runner import lint
from deployplan.plan.snapshot import Snapshot
from deployplan.plan.text.problem import Problem
from deployplan.runbook.timing.estimate import estimate
from deployplan.runbook.timing.past_runs import history_of, released_plans
from deployplan.runbook.timing.verdict import verdict
from deployplan.ui.plan_json import by_file
from deployplan.ui.plan_view import Comparison, LintFinding, compare_with_what_runs, findings_of, path_below
from deployplan.ui.problem_text import forget_sources

FRESH = 30.0
"""Seconds for which what lint says serves: it reads every plan, and a page asks again and again."""
WAITS = 0.5
"""Seconds that a page waits for it; it shows the plan without, and asks again."""


class PlanKeeper:
    """Judges the plans of one installation. Threads may share it."""

    def __init__(self, known: Settings) -> None:
        self._include = known.documents()
        self._records = known.record_store()
        self._switch = HoldSwitch(known.records)
        self._linted: AnswersKept[dict[str, list[LintFinding]]] = AnswersKept("lint", fresh=FRESH, waits=WAITS)

    def linted(self) -> dict[str, list[LintFinding]] | None:
        """What is wrong with every file, by its path below the include folder; None while that is not known yet."""
        try:
            return self._linted.ask("all", self._lint)
        except HTTPException:
            return None

    def path_of(self, plan: str) -> str:
        """A plan's file, as `linted` names it."""
        return path_below(str(self._include.plan_path(plan)), self._include)

    def findings(self, problems: Sequence[Problem]) -> dict[str, list[LintFinding]]:
        """The problems of loading by file, with their source lines."""
        forget_sources()
        return by_file(findings_of(problems, self._include))

    def judge(self, snapshot: Snapshot) -> tuple[str, str]:
        """The two lines of `deployplan window`: may it start now, and how long may the work take?"""
        plan = snapshot.plan
        past = history_of(self._records, plan.environment, plan.scope.release.product)
        now, hold = SystemClock().now(), self._switch.state()
        found = verdict(snapshot, self._include, at=now, past=past, hold=hold)
        return found.reason, estimate(snapshot, snapshot.waves, past).told

    def compare(self, snapshot: Snapshot) -> Comparison:
        """In what its file differs from what runs, or was released last."""
        return compare_with_what_runs(snapshot, self._records)

    def _lint(self) -> dict[str, list[LintFinding]]:
        known = Known(SystemClock().now(), released=lambda: released_plans(self._records))
        return self.findings(lint(self._include, known=known))


def plan_keeper() -> PlanKeeper:
    """The one of this process."""
    return _keeper(settings())


@lru_cache(maxsize=1)
def _keeper(known: Settings) -> PlanKeeper:
    return PlanKeeper(known)
