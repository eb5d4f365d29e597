"""The PASS and FAIL fragments in a rule's docstring, written out as files."""

import re
from dataclasses import dataclass
from inspect import cleandoc
from pathlib import Path
from types import ModuleType

from builders import INFRASTRUCTURE_TEXT, an_include, write_plan
from deployplan.plan.include import Include

_FILE = re.compile(r"# include/(?:(\w+)/)?([\w-]+\.(?:yaml|ics))")


@dataclass(frozen=True)
class Fragment:
    """What a rule's manual shows: the keys of each file in which it differs from the smallest plan."""

    files: dict[tuple[str, str], str]

    def written_to(self, folder: Path) -> Include:
        """Return an include folder in which the plan is `shop-2`."""
        include = an_include(folder)
        for (document, file), text in self.files.items():
            name = file.removesuffix(".yaml")
            if document == "plans":
                write_plan(include, name, text)
            elif file.endswith(".ics"):
                (folder / document / file).write_text(text)
            else:
                base = INFRASTRUCTURE_TEXT if document == "infrastructure" else ""
                (folder / document / file).write_text(overlaid(base, text))
        return include


def fragments(rule: ModuleType) -> tuple[Fragment, Fragment]:
    """Return what passes and what fails."""
    _, passing, failing = re.split(r"^PASS$|^FAIL$", cleandoc(rule.__doc__ or ""), flags=re.MULTILINE)
    return _fragment(passing), _fragment(failing)


def _fragment(text: str) -> Fragment:
    files: dict[tuple[str, str], str] = {("plans", "shop-2.yaml"): ""}
    here = ("plans", "shop-2.yaml")
    for line in text.strip("\n").splitlines():
        line = line.removeprefix("    ")
        if match := _FILE.fullmatch(line):
            here = (match.group(1) or "", match.group(2))
            files[here] = ""
        else:
            files[here] += line + "\n"
    return Fragment(files)


def overlaid(base: str, text: str) -> str:
    """Return a document's text with those keys of `base` that `text` does not state."""
    keys = {line.partition(":")[0] for line in text.splitlines() if not line.startswith(" ")}
    return "".join(line + "\n" for line in base.splitlines() if line.partition(":")[0] not in keys) + text
