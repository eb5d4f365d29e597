"""All rules over all plans: those of loading, those of judgement, those across plans."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from deployplan.lint.known import NOTHING_KNOWN, Known
from deployplan.lint.rules import PLAN_RULES, ROSTER_RULES, RULES_ACROSS_PLANS, RULES_OF_THE_PLACE
from deployplan.plan.draft import Draft
from deployplan.plan.include import Include
from deployplan.plan.load.examine import Examined, examine
from deployplan.plan.load.library import Library
from deployplan.plan.load.loading import same_names
from deployplan.plan.load.roster_file import RosterFile, read_roster
from deployplan.plan.text.problem import Problem, in_order


def lint(include: Include, paths: Iterable[Path] | None = None, known: Known = NOTHING_KNOWN) -> tuple[Problem, ...]:
    """Return every problem of the plans at `paths`, or of all plans; sorted, errors and warnings together.

    The plans at `paths` are also compared with all others of the folder. `known` is what is known beside the documents.
    """
    library, roster = Library(include), read_roster(include)
    known = replace(known, roster=roster.roster)
    asked = list(include.plan_paths() if paths is None else paths)
    examined = {_key(path): examine(path, library) for path in (*include.plan_paths(), *asked)}
    wanted = {_key(path) for path in asked}
    problems = [problem for key in wanted for problem in _judged(examined[key], known)]
    problems += [*roster.problems, *_about_rotas(roster, known)]
    across = _across(list(examined.values()), known)
    problems += [problem for problem in across if _key(Path(problem.path)) in wanted]
    return in_order(problems)


def _judged(examined: Examined, known: Known) -> list[Problem]:
    """Rules of judgement run on a plan without mistakes only: they would judge what its author did not mean."""
    problems = list(examined.problems)
    if examined.draft and not problems:
        problems += [problem for rule in PLAN_RULES for problem in rule.check(examined.draft)]
        problems += [problem for rule in RULES_OF_THE_PLACE for problem in rule.check_with(examined.draft, known)]
    return problems


def _about_rotas(found: RosterFile, known: Known) -> list[Problem]:
    if found.roster is None or found.tree is None:
        return []
    return [problem for rule in ROSTER_RULES for problem in rule.check_roster(found.roster, found.tree, known)]


def _across(examined: list[Examined], known: Known) -> list[Problem]:
    sound: list[Draft] = [each.draft for each in examined if each.draft and not each.problems]
    return same_names(examined) + [problem for rule in RULES_ACROSS_PLANS for problem in rule.check_all(sound, known)]


def _key(path: Path) -> Path:
    return path.resolve()
