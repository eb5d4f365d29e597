"""A plan file to a draft and everything that is wrong with it."""

from dataclasses import dataclass
from pathlib import Path

from deployplan.plain_file import reason_of
from deployplan.plan.draft import Draft, Environment
from deployplan.plan.load.defaults import complete_plan, without_other_windows
from deployplan.plan.load.library import Library
from deployplan.plan.model.controls import Controls
from deployplan.plan.model.plan import Plan
from deployplan.plan.model.script import Script, ScriptsTooLarge, scripts_in
from deployplan.plan.rules import PLAN_RULES
from deployplan.plan.text.located import Located, merge
from deployplan.plan.text.problem import Problem, in_order
from deployplan.plan.text.validate import shape

# What is unique to one release, or would lead from procedure to procedure.
_NOT_IN_A_PROCEDURE = ("plan", "follows")


@dataclass(frozen=True, slots=True)
class Examined:
    """What a plan file holds; the draft is there when enough of it could be read to judge the rest."""

    path: str
    draft: Draft | None
    problems: tuple[Problem, ...]


def examine(path: Path, library: Library) -> Examined:
    """Read a plan and all it uses; never raises for what is wrong in them."""
    source = library.source(path)
    if source.tree is None:
        return Examined(str(path), None, source.problems)
    tree, problems = _followed(source.tree, library)
    environment, controls, around = _surroundings(tree, library)
    tree = complete_plan(tree, environment.tree if environment else None)
    shaped = shape(Plan, tree)
    problems = [*source.problems, *problems, *around, *shaped.problems]
    if shaped.model is None:
        return Examined(str(path), None, in_order(problems))
    scripts, about_scripts = _scripts(shaped.model, tree, library)
    draft = Draft(str(path), shaped.model, tree, environment, controls, library.include, scripts, complete=not problems)
    problems += about_scripts
    problems += [problem for rule in PLAN_RULES for problem in rule.check(draft)]
    return Examined(str(path), draft, in_order(problems))


def _followed(tree: Located, library: Library) -> tuple[Located, list[Problem]]:
    """Return the plan merged over its procedure."""
    follows = tree.get("follows")
    if follows is None or not isinstance(follows.value, str):
        return tree, []
    source = library.procedure(follows.value, follows.at)
    problems = list(source.problems)
    if source.tree is None:
        return tree, problems
    base = source.tree
    for key in _NOT_IN_A_PROCEDURE:
        if key in base.value:
            message = f"a procedure has no key {key!r}; it belongs to a plan"
            problems.append(Problem.at(base.keys[key], "unknown-key", message))
    entries = {key: entry for key, entry in base.value.items() if key not in _NOT_IN_A_PROCEDURE}
    procedure = without_other_windows(Located(entries, base.at, base.keys), tree)
    return merge(procedure, tree), problems


def _surroundings(tree: Located, library: Library) -> tuple[Environment | None, Controls, list[Problem]]:
    name = tree.get("environment")
    if name is None or not isinstance(name.value, str):
        return None, Controls(), []
    environment, problems = library.environment(name.value, name.at)
    controls, about_controls = library.controls(name.value)
    return environment, controls, [*problems, *about_controls]


def _scripts(plan: Plan, tree: Located, library: Library) -> tuple[tuple[Script, ...], list[Problem]]:
    folders = [library.include.procedures / plan.follows] if plan.follows else []
    folders.append(library.include.plans / plan.name)
    hidden: list[Problem] = []

    def read(name: str, path: str) -> Script:
        script = library.script(name, path)
        hidden.extend(library.hidden_in(script, path))
        return script

    try:
        return scripts_in(*map(library.script_files, folders), read=read), hidden
    except ScriptsTooLarge as error:
        message = f"the scripts of plan and procedure are too large together: {error}"
        return (), [Problem.at(tree.at, "script-size", message, "put large files into a package")]
    except OSError as error:
        reason = reason_of(error)
        return (), [Problem.at(tree.at, "script-present", f"script {error.filename} cannot be read: {reason}")]
