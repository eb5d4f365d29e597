"""`deployplan hold` and `resume`: one switch that stops new waves in all plans, and keeps every position."""

import json
from typing import Annotated

import typer

from deployplan.cli.options import AsJson
from deployplan.cli.record_store import KeyFile, Store, hold_at, place_of, records_at, signing_key
from deployplan.cli.render import fail
from deployplan.cli.sign_in import Url, User, logged_in, without_login
from deployplan.clock import SystemClock
from deployplan.evidence.hold import Hold, HoldSwitch
from deployplan.local.person import has_login
from deployplan.local.rest_session import Json
from deployplan.printable import printable
from deployplan.runbook.hold_all import hold_all, resume_all

app = typer.Typer()
HELD = 1
By = Annotated[
    str | None, typer.Option("--by", help="Who, where nobody logs in to Airflow. Default: the system's user.")
]


@app.command()
def hold(
    reason: Annotated[
        str | None, typer.Option("--reason", help="Why; every waiting task shows it. Without it: say who holds now.")
    ] = None,
    by: By = None,
    records: Store = None,
    key_file: KeyFile = None,
    url: Url = None,
    user: User = None,
    as_json: AsJson = False,
) -> None:
    """Hold all plans: no new wave starts, no window opens; what runs goes on, and backout is never held.

    With a login (--user, DEPLOYPLAN_USER or DEPLOYPLAN_TOKEN) it is done in Airflow as that person, with their rights.
    Without one it is done in the record store, which works when Airflow does not, and whoever can write there may: the
    evidence then calls you `os user NAME (no login)`. Without a reason it changes nothing and prints who holds
    everything, why and since when.

    Exit code 0: held, or without a reason: nothing is held; 1: without a reason: everything is held, else refused; 2:
    wrong usage, no login, or the record store cannot be written.

    Examples: deployplan hold --reason "network works at the provider, INC0815" --user erin; deployplan hold
    """
    if reason is None:
        state = hold_at(records)
        _print(_facts(state), "nothing is held" if state is None else str(state), as_json=as_json)
        raise typer.Exit(HELD if state is not None else 0)
    reason = printable(" ".join(reason.split()))
    if not reason:
        fail("--reason is empty", "say why; people at the waiting tasks read it")
    if _in_airflow(by, records, url, user):
        with logged_in(url, user) as api:
            answer = api.hold_all(reason)
        _print(answer, str(answer["sentence"]), as_json=as_json)
        return
    key, now = signing_key(key_file), SystemClock().now()
    if key is None:  # no installation that could keep evidence: the switch alone
        held = HoldSwitch(place_of(records)).hold(reason, by=without_login(by), at=now)
    else:
        held, _ = hold_all(records_at(records, key), reason, by=without_login(by), at=now)
    _print(_facts(held), str(held), as_json=as_json)


@app.command()
def resume(
    reason: Annotated[str, typer.Option("--reason", help="Why they may go on; it stands in the evidence.")] = "",
    by: By = None,
    records: Store = None,
    key_file: KeyFile = None,
    url: Url = None,
    user: User = None,
    as_json: AsJson = False,
) -> None:
    """Let all plans go on from where they are; in Airflow or in the record store, as `hold`.

    Exit code 0, also when nothing was held; 1: refused; 2: no login, or the record store cannot be written.

    Example: deployplan resume --reason "the works are over"
    """
    why = reason.strip() or "no reason given"
    if _in_airflow(by, records, url, user):
        with logged_in(url, user) as api:
            answer = api.resume_all(why)
        _print(answer, str(answer["sentence"]), as_json=as_json)
        return
    key = signing_key(key_file)
    if key is None:
        was = HoldSwitch(place_of(records)).resume()
    else:
        was = resume_all(records_at(records, key), why, by=without_login(by))
    _print(_facts(None), "nothing was held" if was is None else f"resumed; it was {was}", as_json=as_json)


def _in_airflow(by: str | None, records: str | None, url: str | None, user: str | None) -> bool:
    """Whether a person is to be asked for; who names the records or another name than their own does it there."""
    return by is None and records is None and (url is not None or has_login(user))


def _facts(state: Hold | None) -> Json:
    if state is None:
        return {"held": False}
    return {"held": True, "by": state.by, "reason": state.reason, "since": state.since.isoformat()}


def _print(facts: Json, sentence: str, *, as_json: bool) -> None:
    typer.echo(json.dumps(facts, indent=2, ensure_ascii=False) if as_json else printable(sentence))
