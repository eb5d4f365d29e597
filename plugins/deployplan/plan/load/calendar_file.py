"""The iCalendar files that freezes of an environment refer to."""

import errno
import hashlib
from pathlib import Path

from deployplan.plain_file import read_plain, reason_of
from deployplan.plan.model.freezes import CalendarFreeze
from deployplan.plan.model.infrastructure import Infrastructure
from deployplan.plan.text.file_trace import FILE, NOTHING, note
from deployplan.plan.text.hidden import hidden_in_calendar
from deployplan.printable import some_of

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
    try:
        return freeze.with_text(read_calendar(folder / freeze.calendar, root, beside=folder))
    except CalendarUnread as error:
        return freeze.unread(str(error))


class CalendarUnread(Exception):
    """A calendar file cannot be read; the message says why."""


def read_calendar(path: Path, root: Path, *, beside: Path) -> str:
    """Return what an iCalendar file says; raises CalendarUnread, naming the calendars that are in `beside` instead."""
    try:
        content = read_plain(path, root, most=MAX_BYTES)
        note(FILE, path, hashlib.sha256(content).hexdigest())
        text = content.decode("utf-8-sig")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        note(FILE, path, NOTHING)
        raise CalendarUnread(f"there is no file {path}{_others(beside)}") from None
    except OSError as error:
        if error.errno == errno.EFBIG:
            raise CalendarUnread(f"{path} is larger than {MAX_BYTES // 1024**2} MiB") from None
        raise CalendarUnread(f"{path} cannot be read: {reason_of(error)}") from None
    except UnicodeDecodeError as error:
        why = f"byte 0x{error.object[error.start]:02x} at {error.start}"
        raise CalendarUnread(f"{path} is not UTF-8: {why}") from None
    if hidden := hidden_in_calendar(text):
        raise CalendarUnread(f"{path} {hidden}; leave it out")
    return text


def _others(folder: Path) -> str:
    names = sorted(path.name for path in folder.glob("*.ics"))
    return f"; there are {some_of(names)}" if names else "; its path starts at the folder of the environment's file"
