"""docs/reference/modules.md, made of the modules' own first sentences.

Written anew by `python tests/house_pages.py > docs/reference/modules.md`.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "plugins" / "deployplan"
FLOORS = ("airflow_glue", "local", "cli", "runbook", "lint", "checks", "comms", "evidence", "plan", "remote", "window")


def sentence(path: Path) -> str:
    """The first line of a module's docstring."""
    return (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").splitlines()[0]


def rooms(folder: Path) -> Iterator[Path]:
    """A room and the rooms within it."""
    yield folder
    for each in sorted(folder.iterdir()):
        if (each / "__init__.py").exists():
            yield from rooms(each)


def page() -> str:
    """The whole page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# Every module in one line"
    yield ""
    yield "What each file of `plugins/deployplan/` is for, in its own first sentence. Which room may use which:"
    yield "[the house](../concepts/house.md)."
    yield ""
    yield "## Ground floor"
    yield from _table(PACKAGE)
    for floor in FLOORS:
        for room in rooms(PACKAGE / floor):
            yield ""
            yield f"## {room.relative_to(PACKAGE)}/"
            yield ""
            yield sentence(room / "__init__.py")
            yield from _table(room)


def _table(room: Path) -> Iterator[str]:
    modules = [path for path in sorted(room.glob("*.py")) if path.name not in ("__init__.py", "__main__.py")]
    if modules:
        yield from ("", "| module | |", "|---|---|")
        yield from (f"| `{path.stem}` | {sentence(path)} |" for path in modules)


if __name__ == "__main__":
    sys.stdout.write(page())
