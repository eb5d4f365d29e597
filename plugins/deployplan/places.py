"""Where what belongs to deployplan lies: in a checkout beside the package, from a wheel within it."""

from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
_BESIDE = PACKAGE.parents[1]
CHECKOUT = _BESIDE if PACKAGE.parent.name == "plugins" and (_BESIDE / "dags").is_dir() else None
"""The checkout that the package is part of; None where it was installed."""
SHIPPED: Path = CHECKOUT or PACKAGE / "shipped"
"""Has `dags/`, the files that Airflow reads, and `include/`, the documents of the practice environment."""


@cache
def workplace() -> Path:
    """The folder that a person's own `include/`, and the Airflow homes of `up` and `demo`, are in.

    The checkout; for an installed package the nearest folder with an `include/` of ours, else the one it was called in.
    """
    return CHECKOUT or folder_with_include() or Path.cwd()


def folder_with_include() -> Path | None:
    """The folder that has documents of one's own: this one, or the nearest above it.

    Its `include/` has `plans/` or `infrastructure/` in it: those of C headers and of a venv are none of ours.
    """
    here = Path.cwd()
    return next((folder for folder in (here, *here.parents) if _has_documents(folder / "include")), None)


def _has_documents(include: Path) -> bool:
    return any((include / name).is_dir() for name in ("plans", "infrastructure"))
