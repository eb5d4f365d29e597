"""A script has no line ends of Windows: its interpreter would be looked for under a name that ends in one.

Looked at are the scripts that a component calls, in the plan's or its procedure's folder, and those in the plan itself.
What lies in a package is looked at by preflight.

PASS
    components:
      web: {deploy: "echo up\\n", undo: "echo down"}

FAIL
    components:
      web: {deploy: "echo up\\r\\n", undo: "echo down"}
"""

from collections.abc import Iterator
from typing import Final

from deployplan.plan.draft import Draft
from deployplan.plan.interpreter import named_script
from deployplan.plan.model.component import Component
from deployplan.plan.text.problem import Problem

ID: Final = "script-line-ends"
SEVERITY: Final = "error"


def check(draft: Draft) -> Iterator[Problem]:
    windows = {script.path for script in draft.scripts if script.content.partition(b"\n")[0].endswith(b"\r")}
    for name, component in draft.plan.components.items():
        for path, command, packaged in _commands(component):
            script = named_script(command)
            where = f"script './{script}'" if script in windows and not packaged else f"`{path[-1]}` of {name}"
            if "\r\n" in command or where.startswith("script"):
                message = f"{where} has line ends of Windows (CR LF), which no shell on a node reads as such"
                yield Problem.at(draft.tree.place("components", name, *path), ID, message, "save it with LF alone")


def _commands(component: Component) -> Iterator[tuple[tuple[str, ...], str, bool]]:
    """Where each command stands below the component, and whether its script is looked for in the package."""
    for key in ("deploy", "undo", "current"):
        if (command := getattr(component, key)) is not None:
            yield (key,), command, component.package is not None
    if component.traffic is not None:
        for path, command in component.traffic.placed_commands():
            yield ("traffic", *path), command, False
