"""Is everything held? One switch for all plans: while it is on, no wave starts and no window opens."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from deployplan.canonical_json import canonical
from deployplan.evidence import folder as files
from deployplan.evidence.entry import plain
from deployplan.evidence.error import RecordError
from deployplan.evidence.folder import Folder, open_folder

NAME = "hold.json"
FORMAT = 2
MOST_TRIES = 100


@dataclass(frozen=True, slots=True)
class Hold:
    """Who holds everything, why and since when."""

    reason: str
    by: str
    since: datetime

    def __str__(self) -> str:
        return f"held by {self.by} since {self.since:%F %R %Z}: {self.reason}"


class HoldSwitch:
    """The switch, a file in the record store: every machine that carries plans out sees the same one."""

    def __init__(self, root: str | Folder) -> None:
        self._root = open_folder(root)

    def hold(self, reason: str, *, by: str, at: datetime) -> Hold:
        """Hold everything; the first reason stays when it is held already. OSError when the store fails."""
        held = Hold(reason, by, at)
        text = {"format": FORMAT, "reason": reason, "by": by, "since": at.isoformat()}
        for _ in range(MOST_TRIES):
            try:
                files.create(self._root, NAME, canonical(plain(text)) + b"\n")
            except FileExistsError:
                if (present := self.state()) is None:
                    continue  # it was lifted at this very moment
                return present
            return held
        raise RecordError(f"{NAME} comes and goes; {MOST_TRIES} times it was there and could not be read")

    def resume(self) -> Hold | None:
        """Let everything go on; returns what was held, if anything."""
        present = self.state()
        files.remove(self._root, NAME)
        return present

    def state(self) -> Hold | None:
        """Return who holds everything, None when nobody does. A file that cannot be understood holds: fail closed."""
        try:
            content = files.read_file(self._root, NAME)
        except (FileNotFoundError, NotADirectoryError):
            return None
        try:
            stored = json.loads(content)
            if stored.get("format", 1) not in (1, FORMAT):
                raise ValueError("a later version wrote it")
            return Hold(str(stored["reason"]), str(stored["by"]), datetime.fromisoformat(stored["since"]))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            epoch = datetime.fromisoformat("1970-01-01T00:00+00:00")
            return Hold(f"{NAME} cannot be understood", "nobody knows", epoch)
