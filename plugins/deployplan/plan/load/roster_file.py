"""include/people.yaml to a roster, or everything that is wrong with it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from deployplan.plain_file import lies_there
from deployplan.plan.include import Include
from deployplan.plan.load.calendar_file import CalendarUnread, read_calendar
from deployplan.plan.load.fingerprints import Looks
from deployplan.plan.model.roster import CalendarRota, KnownPerson, Roster, Rota, spelling_of_address
from deployplan.plan.model.spelling import same_spelling
from deployplan.plan.text.file_trace import Reads, trace_reads
from deployplan.plan.text.located import Located, Step
from deployplan.plan.text.problem import PlanRejected, Problem, in_order
from deployplan.plan.text.validate import shape
from deployplan.plan.text.yaml_source import read_yaml


@dataclass(frozen=True, slots=True)
class RosterFile:
    """What the file says; `roster` is None where there is no file, or none of it can be used: `problems` says why."""

    path: str
    roster: Roster | None
    tree: Located | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether every calendar that it names could be read."""
        rotas = self.roster.on_call.values() if self.roster else ()
        return all(rota.is_read for rota in rotas if isinstance(rota, CalendarRota))


def load_roster(include: Include) -> Roster | None:
    """Return who is who as the file says now; None without a file. Raises PlanRejected when it cannot be used."""
    found = read_roster(include)
    if found.problems:
        raise PlanRejected(found.problems)
    return found.roster


def read_roster(include: Include) -> RosterFile:
    """Read the file; it is parsed again only when it, or a calendar that it names, has other bytes than before."""
    known = _known.get(include.root)
    if known is not None and Looks(include.root).same(known[0]):
        return known[1]
    with trace_reads() as reads:
        found = _read(include)
    _known.clear()
    if not found.problems and found.is_whole:  # of what cannot be read nobody knows whether it has changed
        _known[include.root] = reads, found
    return found


_known: dict[Path, tuple[Reads, RosterFile]] = {}
"""What was read last, with the bytes that it was read from; one folder is all that a process looks at."""


def _read(include: Include) -> RosterFile:
    path = include.people
    if not lies_there(path, include.root):
        return RosterFile(str(path), None)
    source = read_yaml(path, include.root)
    if source.tree is None:
        return RosterFile(str(path), None, None, source.problems)
    shaped = shape(Roster, source.tree)
    problems = [*source.problems, *shaped.problems]
    roster = shaped.model
    if roster is not None:
        problems += _shared_names(roster, source.tree)
        roster = _with_calendars(roster, include.root)
    return RosterFile(str(path), None if problems else roster, source.tree, in_order(problems))


def _with_calendars(roster: Roster, root: Path) -> Roster:
    rotas = {name: _with_calendar(rota, root) for name, rota in roster.on_call.items()}
    return roster.model_copy(update={"on_call": rotas})


def _with_calendar(rota: Rota, root: Path) -> Rota:
    if not isinstance(rota, CalendarRota):
        return rota
    path = root / rota.calendar
    try:
        return rota.with_text(read_calendar(path, root, beside=path.parent))
    except CalendarUnread as error:
        return rota.unread(str(error))


def _shared_names(roster: Roster, tree: Located) -> Iterator[Problem]:
    """What one person is called, nobody else is: not by name, id, login or address, whatever the capitals."""
    names: dict[str, KnownPerson] = {}
    addresses: dict[str, KnownPerson] = {}
    for person in roster.people.values():
        for path, name in _names(person):
            other = names.setdefault(same_spelling(name), person)
            if other is not person:
                yield _shared(tree, path, f"{person.name} is called {name!r}, and so is {other.name}")
        for path, address in _addresses(person):
            other = addresses.setdefault(spelling_of_address(address), person)
            if other is not person:
                yield _shared(tree, path, f"{person.name} has the address {address}, and so has {other.name}")


def _shared(tree: Located, path: tuple[Step, ...], message: str) -> Problem:
    hint = "two entries of one person are one entry; two people share no name, id, login or address"
    return Problem.at(tree.key_place("people", *path), "person-twice", message, hint)


def _names(person: KnownPerson) -> Iterator[tuple[tuple[Step, ...], str]]:
    yield (person.name,), person.name
    for number, name in enumerate(person.ids):
        yield (person.name, "ids", number), name
    for number, name in enumerate(person.logins):
        yield (person.name, "logins", number), name


def _addresses(person: KnownPerson) -> Iterator[tuple[tuple[Step, ...], str]]:
    if person.mail is not None:
        yield (person.name, "mail"), person.mail
    for number, address in enumerate(person.addresses):
        yield (person.name, "addresses", number), address
