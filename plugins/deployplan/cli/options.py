"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from deployplan.cli.render import fail
from deployplan.places import folder_with_include
from deployplan.plan.include import Include

IncludeFolder = Annotated[
    Path,
    typer.Option(
        "--include",
        envvar="DEPLOYPLAN_INCLUDE",
        help="Folder with plans/, procedures/, infrastructure/, controls/ and packages/.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
DEFAULT_INCLUDE = Path("include")


def include_at(folder: Path) -> Include:
    """Return the include folder; ends the command with exit code 2 when there is none.

    Where none is named it is the one here or in the nearest folder above.
    """
    if folder == DEFAULT_INCLUDE and not folder.is_dir() and (above := folder_with_include()):
        folder = above / folder
    if not folder.is_dir():
        fail(f"there is no folder {folder}", "name the include folder with --include or DEPLOYPLAN_INCLUDE")
    return Include(folder)
