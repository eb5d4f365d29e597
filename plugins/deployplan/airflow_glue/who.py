"""Who is who, as include/people.yaml and Airflow's auth manager say at this moment."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from deployplan.airflow_glue.settings import settings
from deployplan.evidence.hold import Hold, HoldSwitch
from deployplan.runbook.run.directory import FILE, Directory, directory_at

SIMPLE = "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager"
"""The auth manager whose ids are its logins."""


def directory() -> Directory:
    """Who is who now; of a file that is there and cannot be used nobody is anybody."""
    return directory_at(settings().documents(), ids_are_logins=_ids_are_logins())


def _ids_are_logins() -> bool:
    from airflow.configuration import conf

    return bool(conf.get("core", "auth_manager", fallback=SIMPLE) == SIMPLE)


def hold_state() -> Hold | None:
    """Who holds everything: a person by the switch, or a people's file that cannot be used."""
    held = HoldSwitch(settings().records).state()
    trouble = None if held is not None else directory().trouble
    return held if trouble is None else Hold(trouble, FILE, _changed_at())


def _changed_at() -> datetime:
    """Since when the file is as it is, as far as the file system tells."""
    path = settings().documents().people
    try:
        return datetime.fromtimestamp(path.lstat().st_mtime, UTC).replace(microsecond=0)
    except OSError:
        return datetime.fromtimestamp(0, UTC)


def name_of_user(user: Any) -> str | None:
    """What evidence calls a user of Airflow's auth manager."""
    return directory().told(*names_of_user(user))


def names_of_user(user: Any) -> tuple[str | None, str | None]:
    """The id and the login of a user of Airflow's auth manager."""
    found, login = user.get_id(), user.get_name()
    return (None if found in (None, "") else str(found)), (None if login in (None, "") else str(login))
