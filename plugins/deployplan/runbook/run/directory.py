"""Who is who: whom do plans mean by a name, and whom does Airflow's auth manager mean by an id?

An auth manager has two words for a user, an id and a name (here: login). FAB says `3` and `mia`, Keycloak a UUID and
`mia`, the simple one `mia` twice. It asks cards of ids, and tells of who triggered a run the login alone. What of the
two is taken for a person is decided here and nowhere else; everywhere else people are called as plans call them.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from deployplan.plan.include import Include
from deployplan.plan.model.roster import Roster
from deployplan.plan.text.problem import PlanRejected

FILE = "include/people.yaml"


@dataclass(frozen=True, slots=True)
class Directory:
    """Who is who at this moment.

    Without a `roster` people are called as the auth manager calls them, where its ids are its logins: with others
    (`ids_are_logins` is false) nobody is known. `trouble` says why the roster cannot be read: then nobody is, either.
    """

    roster: Roster | None = None
    ids_are_logins: bool = True
    trouble: str | None = None

    def name_of(self, user: str | None, login: str | None) -> str | None:
        """Return what plans call this user; None for one whose id and login are not the same known person's.

        `login` is None where only the id is known.
        """
        if not user or self.trouble is not None:
            return None
        if self.roster is None:
            return user if self.ids_are_logins and login in (None, user) else None
        person = self.roster.by_id(user)
        if person is None or (login is not None and self.roster.by_login(login) != person):
            return None
        return person.name

    def name_of_login(self, login: str | None) -> str | None:
        """Return what plans call who logs in with this name; None when that is nobody known."""
        if not login or self.trouble is not None:
            return None
        if self.roster is None:
            return login if self.ids_are_logins else None
        person = self.roster.by_login(login)
        return None if person is None else person.name

    def users_of(self, name: str) -> tuple[str, ...]:
        """Return the id of each user that this person is to the auth manager; nothing for nobody known."""
        if self.trouble is not None:
            return ()
        if self.roster is None:
            return (name,) if self.ids_are_logins else ()
        person = self.roster.person(name)
        return () if person is None else person.all_ids()

    def known(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return those of the names that stand for somebody who can be asked."""
        return tuple(name for name in names if self.users_of(name))

    def told(self, user: str | None, login: str | None) -> str | None:
        """Return what evidence calls a user: the person's name, else id and login, which are nobody's name."""
        if not user:
            return None
        return self.name_of(user, login) or f"user {user}{f' ({login})' if login and login != user else ''}"

    def reason(self, names: Iterable[str]) -> str | None:
        """Say why none of these people can be asked; None when one of them can."""
        names = tuple(names)
        if self.trouble is not None:
            return self.trouble
        if self.known(names):
            return None
        if self.roster is None:
            return f"this auth manager's ids are not its logins, and there is no {FILE} to say whose they are"
        return f"{', '.join(names) or 'nobody'}: nobody of {FILE}"


def directory_at(include: Include, *, ids_are_logins: bool) -> Directory:
    """Who is who now, by the documents' own file; of one that is there and cannot be used nobody is anybody."""
    from deployplan.plan.load.roster_file import load_roster

    try:
        roster = load_roster(include)
    except PlanRejected as error:
        return Directory(trouble=f"{FILE} cannot be used: {error.problems[0].text()}")
    return Directory(roster, ids_are_logins=ids_are_logins)
