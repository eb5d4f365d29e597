"""A script `./x` or `sh x` lies in the plan's or its procedure's folder, for what runs without a package.

Components without a package, what directs `traffic`, and command criteria, run where the files of
include/procedures/PROCEDURE/ and include/plans/PLAN/ are. Scripts inside packages are looked for by script-in-package.

PASS
    components:
      web: {deploy: ./up.sh, undo: ./down.sh}

FAIL
    components:
      web: {deploy: ./upp.sh, undo: ./down.sh}
"""

from collections.abc import Iterator
from typing import Final

from deployplan.plan.draft import Draft
from deployplan.plan.interpreter import named_script
from deployplan.plan.model.criterion_shapes import CommandCriterion
from deployplan.plan.text.keys import did_you_mean
from deployplan.plan.text.located import Step
from deployplan.plan.text.problem import Problem

ID: Final = "script-present"
SEVERITY: Final = "error"
Path = tuple[Step, ...]


def check(draft: Draft) -> Iterator[Problem]:
    known = [script.path for script in draft.scripts]
    for path, command in _commands(draft):
        script = named_script(command)
        if script is not None and script not in known:
            folders = _folders(draft)
            nowhere = f"neither in {' nor in '.join(folders)}" if len(folders) > 1 else f"not in {folders[0]}"
            message = f"script './{script}' is {nowhere}"
            hint = did_you_mean(script, known)
            yield Problem.at(draft.tree.place(*path), ID, message, hint)


def _commands(draft: Draft) -> Iterator[tuple[Path, str]]:
    for name, component in draft.plan.components.items():
        if component.package is None:
            for key in ("deploy", "undo", "current"):
                command = getattr(component, key)
                if command is not None:
                    yield ("components", name, key), command
        if component.traffic is not None:
            for below, command in component.traffic.placed_commands():
                yield ("components", name, "traffic", *below), command
    for name, criterion in draft.plan.success.items():
        if isinstance(criterion, CommandCriterion) and criterion.command.startswith("./"):
            yield ("success", name, "command"), criterion.command


def _folders(draft: Draft) -> list[str]:
    procedure = [f"{draft.include.procedures / draft.plan.follows}/"] if draft.plan.follows else []
    return [f"{draft.include.plans / draft.plan.name}/", *procedure]
