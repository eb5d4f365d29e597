"""Where the documents are kept."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from deployplan.plan.text.file_trace import FILE, NOTHING, note

SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Include:
    """The folder that holds plans, procedures, infrastructure, controls and packages, and the people's file."""

    root: Path

    @property
    def plans(self) -> Path:
        return self.root / "plans"

    @property
    def procedures(self) -> Path:
        return self.root / "procedures"

    @property
    def infrastructure(self) -> Path:
        return self.root / "infrastructure"

    @property
    def controls(self) -> Path:
        return self.root / "controls"

    @property
    def packages(self) -> Path:
        return self.root / "packages"

    @property
    def people(self) -> Path:
        """The file that says who is who, whether it exists or not."""
        return document(self.root, "people")

    def plan_path(self, name: str) -> Path:
        """Return the file of the plan `name`, whether it exists or not."""
        return document(self.plans, name)

    def procedure_path(self, name: str) -> Path:
        """Return the file of the procedure `name`, whether it exists or not."""
        return document(self.procedures, name)

    def plan_paths(self) -> Iterator[Path]:
        """Yield the plan files in order of name; hidden files are none."""
        if self.plans.is_dir():
            yield from sorted(path for path in self.plans.iterdir() if _is_document(path))


def document(folder: Path, name: str) -> Path:
    """Return the YAML file called `name` in a folder; `.yaml` where neither spelling exists."""
    paths = [folder / f"{name}{suffix}" for suffix in SUFFIXES]
    for path in paths:
        if os.path.lexists(path):  # also what cannot be used: reading it says why
            return path
        note(FILE, path, NOTHING)
    return paths[0]


def documents_in(folder: Path) -> tuple[str, ...]:
    """Return the names of the YAML files in a folder."""
    return tuple(sorted(path.stem for path in folder.iterdir() if _is_document(path))) if folder.is_dir() else ()


def _is_document(path: Path) -> bool:
    return path.suffix in SUFFIXES and not path.name.startswith(".") and not (path.is_dir() and not path.is_symlink())
