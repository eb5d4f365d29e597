"""Which kinds of entries does a run leave, what do their facts mean, and how is each told in one line?"""

from collections.abc import Mapping
from types import ModuleType

from deployplan.evidence.entry import Entry
from deployplan.evidence.event import Event, read_event
from deployplan.evidence.kinds import backout, deploy, end, people, review, traffic, verify, window


def _of(chapter: ModuleType) -> Mapping[str, type[Event]]:
    """The kinds that a module defines, by name, in its order."""
    defined = (each for each in vars(chapter).values() if isinstance(each, type) and issubclass(each, Event))
    return {kind.kind: kind for kind in defined if kind.__module__ == chapter.__name__}


CHAPTERS: Mapping[str, Mapping[str, type[Event]]] = {
    "Review": _of(review),
    "Window and arming": _of(window),
    "Deploy": _of(deploy),
    "Traffic": _of(traffic),
    "Verification": _of(verify),
    "Backout": _of(backout),
    "People": _of(people),
    "End": _of(end),
}

KINDS: Mapping[str, type[Event]] = {name: kind for chapter in CHAPTERS.values() for name, kind in chapter.items()}


def event_in(entry: Entry) -> Event | None:
    """Return what an entry says; None for a kind of a newer version, which is kept and shown as it is.

    Raises RecordError when a fact is not there that the kind cannot be without.
    """
    return read_event(entry, KINDS)
