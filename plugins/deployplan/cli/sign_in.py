"""Options and errors of commands that act in Airflow as the person at the terminal."""

import getpass
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import httpx
import typer

from deployplan.cli.render import fail
from deployplan.local.person import PersonApi, has_login, person_api
from deployplan.local.rest_session import AirflowRefused
from deployplan.local.settings import LocalError
from deployplan.printable import printable

Url = Annotated[
    str | None,
    typer.Option("--url", help="Address of Airflow. Default: DEPLOYPLAN_URL, else the Airflow that is up here."),
]
User = Annotated[
    str | None,
    typer.Option(
        "--user",
        help="Who you are in Airflow. Default: the owner of DEPLOYPLAN_TOKEN, DEPLOYPLAN_USER, your login name. "
        "The password is DEPLOYPLAN_PASSWORD, or asked for.",
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask; for scripts.")]
REFUSED = 1


@contextmanager
def logged_in(url: str | None, user: str | None) -> Iterator[PersonApi]:
    """A login of the person; ends the command in a sentence when there is none, or when Airflow refuses."""
    try:
        with person_api(url, user) as api:
            yield api
    except AirflowRefused as error:
        fail(printable(error.detail), _hint(error.status), REFUSED)
    except LocalError as error:
        fail(str(error))
    except httpx.TransportError as error:
        fail(
            f"Airflow does not answer: {str(error) or type(error).__name__}",
            "name it with --url or DEPLOYPLAN_URL; `deployplan status`, `hold` and `resume` work on the records, too",
            REFUSED,
        )


def confirm(question: str, *, yes: bool) -> None:
    """Go on only when the person says yes; ends the command with exit code 1 otherwise."""
    if yes:
        return
    typer.echo(f"{question} [y/N] ", err=True, nl=False)
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        fail("not confirmed; nothing was done", "a script confirms with --yes", REFUSED)


def without_login(by: str | None) -> str:
    """What evidence calls somebody whom no login has proved: the name they give, else the system's user."""
    return f"{by or f'os user {_system_user()}'} (no login)"


def may_act(by: str | None, url: str | None, user: str | None, plan: str, *, to: str) -> str:
    """What evidence calls who does something past Airflow to a plan's run: by their login, where they have one.

    Ends the command where their login has no right to change the plan's runs; `to` says what for.
    """
    if by is not None or not (url is not None or has_login(user)):
        return without_login(by)
    with logged_in(url, user) as api:
        me = api.me(plan)
    if not me["may_change_runs"]:
        fail(
            printable(f"{me['name']} may not {to}: Airflow gives you no right to change runs of {plan}"), None, REFUSED
        )
    return str(me["name"])


def _system_user() -> str:
    """The user of the operating system; a container may know only the number."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def _hint(status: int) -> str | None:
    if status == 401:
        return "log in again: --user and DEPLOYPLAN_PASSWORD, or DEPLOYPLAN_TOKEN"
    return "what you may do is said by Airflow's roles" if status == 403 else None
