"""Pages made of the source: docs/reference/modules.md of first sentences, outcomes.md of the rows of both tables.

Written anew by `python tests/house_pages.py > docs/reference/modules.md` and
`python tests/house_pages.py outcomes > docs/reference/outcomes.md`.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "plugins" / "deployplan"
FLOORS = (
    "airflow_glue",
    "local",
    "cli",
    "ui",
    "runbook",
    "lint",
    "checks",
    "comms",
    "evidence",
    "plan",
    "remote",
    "window",
)


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


def outcomes_page() -> str:
    """Every outcome and every moment, as their rows say."""
    return "\n".join(_outcomes()) + "\n"


def _outcomes() -> Iterator[str]:
    from deployplan.plan.model.moment import Moment
    from deployplan.runbook.run.outcome_kinds import Outcome

    yield "# How a run ends, and when people are told"
    yield ""
    yield "## Outcomes"
    yield ""
    yield "The task `outcome` is green where the release is in production, else red."
    yield ""
    yield from ("| outcome | means | `outcome` | people are told at |", "|---|---|---|---|")
    for outcome in Outcome:
        meaning = outcome.meaning
        colour = "green" if meaning.green else "red"
        told = (
            "; nothing was changed" if meaning.untouched else "; the nodes stay locked" if meaning.leaves_locked else ""
        )
        yield f"| `{outcome}` | {meaning.words}{told} | {colour} | `{meaning.moment}` |"
    yield ""
    yield "## Moments"
    yield ""
    yield "What `communications: on:` may say, and how the message begins."
    yield ""
    yield from ("| moment | sent | subject | first sentence |", "|---|---|---|---|")
    for moment in Moment:
        telling = moment.telling
        when = telling.when or "when it happens"
        yield f"| `{moment}` | {when} | PRODUCT VERSION: {telling.headline} | {telling.opening} |"


if __name__ == "__main__":
    if "outcomes" in sys.argv[1:]:
        sys.path.insert(0, str(PACKAGE.parent))
        sys.stdout.write(outcomes_page())
    else:
        sys.stdout.write(page())
