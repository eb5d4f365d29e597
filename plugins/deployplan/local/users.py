"""Who may log in: the users file, and what Airflow's simple auth manager wants to hear of it."""

import json
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from deployplan.local.settings import LocalError, settings_from
from deployplan.private_files import write_private

AUTH_MANAGER = "AIRFLOW__CORE__AUTH_MANAGER"
SIMPLE = "SimpleAuthManager"
USERS = "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS"
ROLES = ("viewer", "user", "op", "admin")
FIRST_USERS = {"erin": "user", "amir": "user", "mia": "user", "vic": "viewer", "admin": "admin"}
"""An engineer, two approvers, a viewer and the administrator."""

# Airflow takes the users as name:role,name:role, so a name can hold neither mark.
_NAME = re.compile(r"[A-Za-z0-9._@-]+")
_HEADER = """\
# Who may log in to this Airflow: name: {role: ROLE, password: PASSWORD}
# Roles: viewer reads; user also triggers, clears and answers; op also edits connections and pools; admin may do all.
# Read at start. The file is private: mode 0600.
"""


class UsersRejected(LocalError):
    """The users file cannot be used."""


@dataclass(frozen=True, slots=True)
class User:
    """One person of the users file."""

    name: str
    role: str
    password: str = field(repr=False)


def ensure_users(path: Path) -> bool:
    """Write a first users file with random passwords unless one is there. Returns whether it was written."""
    if path.exists():
        return False
    people = {name: {"role": role, "password": secrets.token_urlsafe(12)} for name, role in FIRST_USERS.items()}
    lines = (f"{name}: {{role: {it['role']}, password: {json.dumps(it['password'])}}}" for name, it in people.items())
    write_private(path, _HEADER + "\n".join(lines) + "\n")
    return True


def load_users(path: Path) -> dict[str, User]:
    """Read the users file. Raises UsersRejected naming what is wrong."""
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UsersRejected(f"{path}: cannot be read as a users file: {error}") from error
    if not isinstance(data, dict) or not data:
        raise UsersRejected(f"{path}: holds no users; write a line like 'erin: {{role: user, password: ...}}'")
    return {user.name: user for user in (_user(path, name, entry) for name, entry in data.items())}


def _user(path: Path, name: object, entry: object) -> User:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise UsersRejected(
            f"{path}: user name {name!r} is not text of letters, digits and . _ @ - (quote a bare no or yes)"
        )
    if not isinstance(entry, Mapping) or set(entry) != {"role", "password"}:
        raise UsersRejected(f"{path}: user {name!r} is not a mapping of exactly role and password")
    role, password = entry["role"], entry["password"]
    if role not in ROLES:
        raise UsersRejected(f"{path}: user {name!r} has role {role!r}; roles are {', '.join(ROLES)}")
    if not isinstance(password, str) or not password:
        raise UsersRejected(f"{path}: the password of user {name!r} is not text; put it in quotes")
    return User(name, str(role), password)


def list_users(environ: Mapping[str, str], include: Path) -> tuple[Mapping[str, str], str] | None:
    """Return who may log in to the Airflow of these plans, with their roles, and where that is written.

    None when nobody can tell: another auth manager than the simple one, or no users file that is theirs.
    """
    if not environ.get(AUTH_MANAGER, SIMPLE).endswith(SIMPLE):
        return None
    if listed := environ.get(USERS):
        pairs = (entry.strip().partition(":") for entry in listed.split(",") if entry.strip())
        return {name: role.strip().lower() for name, _, role in pairs}, USERS
    try:
        settings = settings_from(environ)
        if environ.get("DEPLOYPLAN_USERS") or include.resolve() == settings.include.resolve():
            return {user.name: user.role for user in load_users(settings.users).values()}, str(settings.users)
    except LocalError:  # no file, or none for our eyes
        pass
    return None


def airflow_users(users: Iterable[User]) -> str:
    """The users as `[core] simple_auth_manager_users` takes them."""
    return ",".join(f"{user.name}:{user.role}" for user in users)


def write_airflow_passwords(users: Iterable[User], path: Path) -> None:
    """Write the passwords as `[core] simple_auth_manager_passwords_file` takes them."""
    write_private(path, json.dumps({user.name: user.password for user in users}) + "\n")
