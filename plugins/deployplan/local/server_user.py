"""Under whom the database server runs: PostgreSQL refuses to run as root."""

import os
import pwd
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypedDict

from deployplan.local.settings import SettingRejected

_UNPRIVILEGED = "nobody"


class AsUser(TypedDict, total=False):
    """What `subprocess` takes to start a process under another user, with none of our groups."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class ServerUser:
    """An unprivileged user of this machine."""

    name: str
    uid: int
    gid: int


def run_as(user: ServerUser | None) -> AsUser:
    """The keywords for `subprocess`; none at all for ourselves."""
    return {"user": user.uid, "group": user.gid, "extra_groups": []} if user else {}


def server_user(environ: Mapping[str, str]) -> ServerUser | None:
    """Whom the server is run as; None when it runs as ourselves, which is always but as root.

    Raises SettingRejected when the named user is not there or is root.
    """
    if os.geteuid() != 0:
        return None
    name = environ.get("DEPLOYPLAN_DATABASE_USER") or _UNPRIVILEGED
    try:
        found = pwd.getpwnam(name)
    except KeyError:
        raise SettingRejected(
            f"there is no user {name!r} to run PostgreSQL as; name an unprivileged one in DEPLOYPLAN_DATABASE_USER"
        ) from None
    if found.pw_uid == 0:
        raise SettingRejected(f"DEPLOYPLAN_DATABASE_USER is {name!r}; PostgreSQL runs under an unprivileged user only")
    return ServerUser(name, found.pw_uid, found.pw_gid)


def own_name() -> str:
    """The name of the user who runs this program. Raises SettingRejected when the system knows none."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise SettingRejected(
            f"user id {os.geteuid()} has no name on this machine, and PostgreSQL's peer login asks for one: "
            "add the user, or set AIRFLOW__DATABASE__SQL_ALCHEMY_CONN to a database of yours"
        ) from None
