"""The node's half of the protocol: shell files, joined with the values they work on."""

from functools import cache
from pathlib import Path

from deployplan.remote.command import quote

_FOLDER = Path(__file__).parent / "shell"

START = ("log_in", "base", "process", "lock", "describe", "claim", "launch", "start")
RUNNER = ("log_in", "base", "process", "lock", "runner")
TERMINATE = ("base", "process", "lock", "describe", "claim", "end", "terminate")
START_AND_WATCH = (*START, "follow", "watch")
WATCH = ("base", "process", "describe", "watch")
FACTS = ("base", "process", "lock", "describe", "facts", "records")
RECORDS = ("base", "process", "describe", "records")
SURVEY = ("base", "process", "describe", "packages", "records", "survey")
TAKE_LOCK = ("base", "process", "lock", "take_lock")
CHANGE_LOCK = ("base", "process", "lock", "change_lock")
LEDGER = ("base", "lock", "ledger")
SEEN = ("base", "seen")
STAGE_PROBE = ("base", "packages", "stage_probe")
STAGE_DATA = ("base", "packages", "stage_data")
STAGE_SCRIPTS = ("base", "packages", "stage_scripts")
PRUNE = ("base", "process", "prune")
READ_LOG = ("base", "read_log")
HAPROXY = ("haproxy",)


_CALLING = frozenset({"launch", "place"})


@cache
def program(parts: tuple[str, ...]) -> str:
    """Return the shell text of these files, without the lines that are only comments."""
    return "".join(_without_comments(_FOLDER / f"{part}.sh") for part in parts)


@cache
def perl(name: str) -> str:
    """Return the text of that program in perl.

    `stream` follows a job's log, `launch` runs one; `place` has a package where scripts find it.
    """
    before = "calls" if name in _CALLING else None
    return "".join(_without_comments(_FOLDER / f"{part}.pl") for part in (before, name) if part)


def _without_comments(path: Path) -> str:
    lines = path.read_text("utf-8").splitlines(keepends=True)
    return "".join(line for line in lines if line.strip() and not line.lstrip().startswith("#"))


def script(parts: tuple[str, ...], **values: str | int) -> str:
    """Return a whole script: each value as the variable dp_NAME, then the files' text."""
    return "".join(f"dp_{name}={quote(str(value))}\n" for name, value in values.items()) + program(parts)
