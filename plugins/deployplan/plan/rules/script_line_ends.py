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
from deployplan.plan.text.problem import Problem

ID: Final = "script-line-ends"
SEVERITY: Final = "error"


def check(draft: Draft) -> Iterator[Problem]:
    windows = {script.path for script in draft.scripts if script.content.partition(b"\n")[0].endswith(b"\r")}
    for name, component in draft.plan.components.items():
        for key in ("deploy", "undo", "current"):
            command = getattr(component, key)
            if command is None:
                continue
            script = named_script(command)
            where = f"script './{script}'" if script in windows and component.package is None else f"`{key}` of {name}"
            if "\r\n" in command or where.startswith("script"):
                message = f"{where} has line ends of Windows (CR LF), which no shell on a node reads as such"
                yield Problem.at(draft.tree.place("components", name, key), ID, message, "save it with LF alone")
