"""All rules over all plans: those of loading, those of judgement, those across plans."""

from collections.abc import Iterable
from pathlib import Path

from deployplan.lint.rules import PLAN_RULES, RULES_ACROSS_PLANS
from deployplan.plan.draft import Draft
from deployplan.plan.examine import Examined, examine
from deployplan.plan.include import Include
from deployplan.plan.library import Library
from deployplan.plan.load import same_names
from deployplan.plan.problem import Problem, in_order


def lint(include: Include, paths: Iterable[Path] | None = None) -> tuple[Problem, ...]:
    """Return every problem of the plans at `paths`, or of all plans; sorted, errors and warnings together.

    The plans at `paths` are also compared with all others of the folder.
    """
    library = Library(include)
    asked = list(include.plan_paths() if paths is None else paths)
    examined = {_key(path): examine(path, library) for path in (*include.plan_paths(), *asked)}
    wanted = {_key(path) for path in asked}
    problems = [problem for key in wanted for problem in _judged(examined[key])]
    across = _across(list(examined.values()))
    problems += [problem for problem in across if _key(Path(problem.path)) in wanted]
    return in_order(problems)


def _judged(examined: Examined) -> list[Problem]:
    """Rules of judgement run on a plan without mistakes only: they would judge what its author did not mean."""
    problems = list(examined.problems)
    if examined.draft and not problems:
        problems += [problem for rule in PLAN_RULES for problem in rule.check(examined.draft)]
    return problems


def _across(examined: list[Examined]) -> list[Problem]:
    sound: list[Draft] = [each.draft for each in examined if each.draft and not each.problems]
    return same_names(examined) + [problem for rule in RULES_ACROSS_PLANS for problem in rule.check_all(sound)]


def _key(path: Path) -> Path:
    return path.resolve()
