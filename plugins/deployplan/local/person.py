"""A person's own login to the Airflow that is up: the commands of the night act with their rights, and no others."""

import getpass
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

from deployplan.local.airflow_api import AirflowApi
from deployplan.local.rest_session import Json
from deployplan.local.settings import LocalError, settings_from

URL, TOKEN, USER, PASSWORD = "DEPLOYPLAN_URL", "DEPLOYPLAN_TOKEN", "DEPLOYPLAN_USER", "DEPLOYPLAN_PASSWORD"
PATIENCE = 15.0
"""Seconds for which a busy server is asked again: somebody waits at a terminal."""
ROUTES = "/deployplan/api/v1"


class NoLogin(LocalError):
    """Nobody can be logged in: it is not said who, or with what."""


class PersonApi(AirflowApi):
    """What one person can do: Airflow's own API, and deployplan's routes beside it."""

    def hold_state(self) -> Json:
        return self._object("GET", f"{ROUTES}/hold")

    def hold_all(self, reason: str) -> Json:
        return self._object("POST", f"{ROUTES}/hold", {"reason": reason})

    def resume_all(self, reason: str) -> Json:
        return self._object("POST", f"{ROUTES}/resume", {"reason": reason})

    def acknowledge(self, plan: str, run: str | None, note: str | None) -> Json:
        of = f"{ROUTES}/plans/{_quoted(plan)}" + ("" if run is None else f"/runs/{_quoted(run)}")
        return self._object("POST", f"{of}/ack", {} if note is None else {"note": note})

    def send_again(self, plan: str, run: str, key: str) -> Json:
        path = f"{ROUTES}/plans/{_quoted(plan)}/runs/{_quoted(run)}/resend"
        return self._object("POST", path, {"key": key})

    def me(self, plan: str | None) -> Json:
        """What evidence calls this person, and whether they may change the plan's runs; None: those of every plan."""
        return self._object("GET", f"{ROUTES}/me" + ("" if plan is None else f"?plan={_quoted(plan)}"))

    def preview_stop(self, plan: str) -> Json:
        return self._object("GET", f"{ROUTES}/plans/{_quoted(plan)}/stop")

    def stop(self, plan: str, reason: str) -> Json:
        return self._object("POST", f"{ROUTES}/plans/{_quoted(plan)}/stop", {"reason": reason})

    def preview_backout(self, plan: str, run: str | None) -> Json:
        query = "" if run is None else f"?run={_quoted(run)}"
        return self._object("GET", f"{ROUTES}/plans/{_quoted(plan)}/backout{query}")

    def take_back(self, plan: str, run: str, reason: str) -> Json:
        path = f"{ROUTES}/plans/{_quoted(plan)}/runs/{_quoted(run)}/backout"
        return self._object("POST", path, {"reason": reason})

    def tonight(self) -> Json:
        return self._object("GET", f"{ROUTES}/tonight")

    def note_on_task(self, dag_id: str, run_id: str, task_id: str, note: str) -> Json:
        path = f"/api/v2/dags/{_quoted(dag_id)}/dagRuns/{_quoted(run_id)}/taskInstances/{_quoted(task_id)}"
        return self._object("PATCH", path, {"note": note})


def person_api(
    url: str | None = None,
    user: str | None = None,
    environ: Mapping[str, str] = os.environ,
    ask: Callable[[str], str] | None = None,
) -> PersonApi:
    """The login of the person at this terminal: a token, or a user with a password, of the environment or asked for.

    Where no `url` is given it is the Airflow that is up here. Raises NoLogin when nobody can be logged in.
    """
    where = url or environ.get(URL) or settings_from(environ).api_url
    token, name = environ.get(TOKEN), user or environ.get(USER)
    if token and user is None:
        return PersonApi(where, name or "the token's owner", "", token=token, patience=PATIENCE)
    name = name or getpass.getuser()
    password = environ.get(PASSWORD)
    if password is None:
        asking = ask or (_ask if sys.stdin.isatty() else None)
        if asking is None:
            raise NoLogin(f"nobody is logged in: name a token in {TOKEN}, or --user and a password in {PASSWORD}")
        password = asking(f"password of {name} at {where}: ")
    return PersonApi(where, name, password, patience=PATIENCE)


def has_login(user: str | None, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether somebody has said who they are to Airflow."""
    return bool(user or environ.get(USER) or environ.get(TOKEN))


def _ask(prompt: str) -> str:
    return getpass.getpass(prompt, stream=sys.stderr)


def _quoted(text: str) -> str:
    from urllib.parse import quote

    return quote(text, safe="")


def find_card(cards: tuple[Json, ...], choice: str, *, user: str, task: str | None) -> tuple[Json, str]:
    """The one open card that this choice answers, and the option as it stands there.

    Raises LocalError when there is none or more than one.
    """
    if task is not None:
        cards = tuple(card for card in cards if card["task_instance"]["task_id"] == task)
    if not cards:
        raise LocalError("no card waits for an answer" + (f" at {task}" if task else ""))
    fit = [(card, option) for card in cards for option in card["options"] if option.lower() == choice.strip().lower()]
    if not fit:
        offered = "; ".join(f"{_task(card)}: {', '.join(card['options'])}" for card in cards)
        raise LocalError(f"no card offers {choice!r}; there are {offered}")
    mine = [each for each in fit if user in _asked(each[0])]
    if len(mine or fit) > 1:
        tasks = ", ".join(_task(card) for card, _ in fit)
        raise LocalError(f"{len(fit)} cards offer {choice!r}: say which with --task: {tasks}")
    return (mine or fit)[0]


def _task(card: Mapping[str, Any]) -> str:
    return str(card["task_instance"]["task_id"])


def _asked(card: Mapping[str, Any]) -> set[str]:
    """What the people of a card are called, by the auth manager and by plans."""
    return {str(person[word]) for person in card.get("assigned_users") or () for word in ("id", "name")}
