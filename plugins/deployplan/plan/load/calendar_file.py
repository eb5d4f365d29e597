"""The iCalendar files that freezes of an environment refer to."""

import errno
import hashlib
from pathlib import Path

from deployplan.plain_file import read_plain, reason_of
from deployplan.plan.model.freezes import CalendarFreeze
from deployplan.plan.model.infrastructure import Infrastructure
from deployplan.plan.text.file_trace import FILE, note
from deployplan.plan.text.hidden import hidden_in_calendar

MAX_BYTES = 8 * 1024 * 1024


def with_calendars(infrastructure: Infrastructure, folder: Path, root: Path) -> Infrastructure:
    """Return the environment with what its calendar files in `folder` say, or why they cannot be read."""
    if not any(isinstance(freeze, CalendarFreeze) for freeze in infrastructure.freezes):
        return infrastructure
    freezes = [
        _read(freeze, folder, root) if isinstance(freeze, CalendarFreeze) else freeze
        for freeze in infrastructure.freezes
    ]
    return infrastructure.model_copy(update={"freezes": tuple(freezes)})


def _read(freeze: CalendarFreeze, folder: Path, root: Path) -> CalendarFreeze:
    path = folder / freeze.calendar
    try:
        content = read_plain(path, root, most=MAX_BYTES)
        note(FILE, path, hashlib.sha256(content).hexdigest())
        text = content.decode("utf-8-sig")
        hidden = hidden_in_calendar(text)
        return freeze.with_text(text) if hidden is None else freeze.unread(f"{path} {hidden}; leave it out")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return freeze.unread(f"there is no file {path}{_others(folder)}")
    except OSError as error:
        if error.errno == errno.EFBIG:
            return freeze.unread(f"{path} is larger than {MAX_BYTES // 1024**2} MiB")
        return freeze.unread(f"{path} cannot be read: {reason_of(error)}")
    except UnicodeDecodeError as error:
        return freeze.unread(f"{path} is not UTF-8: byte 0x{error.object[error.start]:02x} at {error.start}")


def _others(folder: Path) -> str:
    names = sorted(path.name for path in folder.glob("*.ics"))
    return f"; there are {', '.join(names)}" if names else "; its path starts at the folder of the environment's file"
