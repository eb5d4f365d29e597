"""Which Airflow of this workplace is up? So that the commands of the manual look at it without being told."""

import fcntl
import json
import os
from collections.abc import Iterable, Mapping, MutableMapping
from contextlib import suppress
from pathlib import Path

import psutil

from deployplan.local.run_file import NAME
from deployplan.local.settings import LocalSettings
from deployplan.places import workplace

PLACES = ("AIRFLOW_HOME", "DEPLOYPLAN_INCLUDE", "DEPLOYPLAN_RECORDS")
"""Whoever has said where things are is asked nothing."""
HOMES = (".airflow", ".practice/airflow")
"""Where `make up` and `make demo` have their homes, in the workplace."""


def variables_of(settings: LocalSettings) -> dict[str, str]:
    """Where everything of this Airflow is, as a command needs it; nothing secret, as it is written to a file."""
    places = {
        "AIRFLOW_HOME": settings.home,
        "DEPLOYPLAN_INCLUDE": settings.include,
        "DEPLOYPLAN_RECORDS": settings.records,
        "DEPLOYPLAN_USERS": settings.users,
        "DEPLOYPLAN_SIGNING_KEY_FILE": settings.signing_key,
        "DEPLOYPLAN_HOST": settings.host,
        "DEPLOYPLAN_PORT": settings.ports.ui,
    }
    return {name: str(value) for name, value in places.items()}


def adopt(environ: MutableMapping[str, str] = os.environ, homes: Iterable[Path] | None = None) -> str | None:
    """Take over the variables of the one Airflow that is up in this workplace; return its address.

    None, and nothing is taken, when the environment names places of its own, or when none is up, or more than one.
    """
    if any(environ.get(name) for name in PLACES):
        return None
    places = [workplace() / home for home in HOMES] if homes is None else homes
    up = [found for home in places if (found := _noted(home))]
    if len(up) != 1:
        return None
    url, variables = up[0]
    for name, value in variables.items():
        environ.setdefault(name, value)
    return url


def _noted(home: Path) -> tuple[str, Mapping[str, str]] | None:
    """What the supervisor of a home has written down, while it lives."""
    try:
        with (home / NAME).open(encoding="utf-8") as file:
            if not _is_held(file.fileno()):
                return None
            note = json.load(file)
        variables = {str(name): str(value) for name, value in note["variables"].items()}
        return str(note["url"]), {**variables, **_connections(note["sessions"].values())}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _connections(sessions: Iterable[int]) -> dict[str, str]:
    """How its nodes are reached, from the environment of its living components: passwords stand in no file of ours."""
    found: dict[str, str] = {}
    for pid in sessions:
        with suppress(psutil.Error, OSError):
            environ = psutil.Process(pid).environ()
            found |= {name: value for name, value in environ.items() if name.startswith("AIRFLOW_CONN_")}
    return found


def _is_held(handle: int) -> bool:
    """Whether a living supervisor has the file; its lock dies with it."""
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    fcntl.flock(handle, fcntl.LOCK_UN)
    return False
