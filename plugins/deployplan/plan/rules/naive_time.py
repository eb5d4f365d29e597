"""A wall time has a time zone: its own `timezone`, or the environment's.

PASS
    schedule:
      window: {opens: 2026-11-28 22:00, closes: 2026-11-29 02:00, timezone: Europe/Paris}

FAIL
    schedule:
      window: {opens: 2026-11-28 22:00, closes: 2026-11-29 02:00}
    # include/infrastructure/production.yaml
    timezone: null
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from deployplan.plan.draft import Draft, Environment
from deployplan.plan.located import Located, Step
from deployplan.plan.problem import Problem
from deployplan.plan.timing import is_instant

ID: Final = "naive-time"
SEVERITY: Final = "error"


def check(draft: Draft) -> Iterator[Problem]:
    for path, window in draft.plan.schedule.places():
        times = {"opens": window.opens, "closes": window.closes}
        yield from _naive(draft.tree, ("schedule", *path), times, window.timezone)


def check_environment(environment: Environment) -> Iterator[Problem]:
    for number, window in enumerate(environment.model.windows):
        times = {"opens": window.opens, "closes": window.closes}
        yield from _naive(environment.tree, ("windows", number), times, window.timezone)
    for number, freeze in enumerate(environment.model.freezes):
        period = {"from": freeze.starts, "to": freeze.ends}
        yield from _naive(environment.tree, ("freezes", number), period, freeze.timezone)


def _naive(
    tree: Located, path: tuple[Step, ...], times: Mapping[str, datetime | None], zone: str | None
) -> Iterator[Problem]:
    for key, moment in times.items():
        if zone is None and moment is not None and not is_instant(moment):
            hint = "add timezone: Europe/Paris here or in the environment, or write an offset"
            yield Problem.at(tree.place(*path, key), ID, f"{moment:%Y-%m-%d %H:%M} is a naive time without zone", hint)
