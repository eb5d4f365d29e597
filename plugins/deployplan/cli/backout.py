"""`deployplan backout`: take back a release that ended well, within the time that its plan allows."""

import json
import time
from typing import Annotated

import typer

from deployplan.cli.options import AsJson
from deployplan.cli.render import fail
from deployplan.cli.sign_in import REFUSED, Url, User, Yes, confirm, logged_in
from deployplan.local.person import PersonApi
from deployplan.local.rest_session import Json
from deployplan.printable import printable

app = typer.Typer()
TAKEN_UP_WITHIN = 180.0
"""Seconds in which Airflow takes up a plan whose file has changed since."""
ASK_AGAIN = 10.0


@app.command()
def backout(
    plan: Annotated[str, typer.Argument(metavar="PLAN", help="Name of the plan.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; it stands in the evidence and on the card.")],
    run: Annotated[str | None, typer.Argument(metavar="[RUN]", help="Run id. Default: the last that released.")] = None,
    yes: Yes = False,
    url: Url = None,
    user: User = None,
    as_json: AsJson = False,
) -> None:
    """Ask for a release to be backed out that ended well: says what would be undone, asks, and begins.

    Who is of the plan's backout authority (`backout.authority`, else those who approve) begins it at once; for anybody
    else the authority is asked on a card. It is possible until `backout.until` after the release's success, at any
    hour, through window and freeze, and as long as no later release of the product came on the same nodes.

    Exit code 0: begun, or asked of the authority; 1: refused, or not confirmed; 2: wrong usage, or no login.

    Example: deployplan backout storefront-4.3.0 --reason "orders are lost, INC0818" --user mia
    """
    with logged_in(url, user) as api:
        found = api.preview_backout(plan, run)
        for each in found["undoes"]:
            typer.echo(printable(f"would undo {each['component']}: {_nodes(each['nodes'])}"), err=True)
        typer.echo(
            f"run {found['run']} released {found['version']}; it may be backed out until {found['until']}", err=True
        )
        if not found["begins_at_once"]:
            typer.echo(
                f"you are not of the backout authority: {', '.join(found['decided_by'])} will be asked", err=True
            )
        confirm("back it out?", yes=yes)
        done = _take_back(api, plan, str(found["run"]), reason)
    if as_json:
        typer.echo(json.dumps(done, indent=2))
    else:
        typer.echo(printable(f"{plan}: run {done['run']}: {done['sentence']}; `deployplan status {plan}` follows it"))


def _take_back(api: PersonApi, plan: str, run: str, reason: str) -> Json:
    deadline = time.monotonic() + TAKEN_UP_WITHIN
    while (done := api.take_back(plan, run, reason))["waits"]:
        if time.monotonic() > deadline:
            fail(str(done["sentence"]), "is Airflow's DAG processor up? the command may be repeated", REFUSED)
        typer.echo(printable(done["sentence"]), err=True)
        time.sleep(ASK_AGAIN)
    return done


def _nodes(nodes: dict[str, str | None]) -> str:
    """Each release that is gone back to, with its nodes."""
    back: dict[str | None, list[str]] = {}
    for node, release in nodes.items():
        back.setdefault(release, []).append(node)
    return "; ".join(f"{', '.join(names)} to {release or 'what was there'}" for release, names in back.items())
