"""`deployplan stop`: end a run on purpose, so that what runs is terminated and what had begun is undone."""

import json
from typing import Annotated

import typer

from deployplan.cli.options import AsJson
from deployplan.cli.render import fail
from deployplan.cli.sign_in import REFUSED, Url, User, Yes, confirm, logged_in
from deployplan.local.rest_session import AirflowRefused
from deployplan.printable import printable

app = typer.Typer()


@app.command()
def stop(
    reason: Annotated[str, typer.Option("--reason", help="Why; it stands in the evidence.")],
    plan: Annotated[str | None, typer.Argument(metavar="[PLAN]", help="Name of the plan.")] = None,
    every: Annotated[bool, typer.Option("--all", help="The runs of all plans that you may see.")] = False,
    yes: Yes = False,
    url: Url = None,
    user: User = None,
    as_json: AsJson = False,
) -> None:
    """Stop the plan's run, as yourself: says what that will do, asks, and marks the run failed in Airflow.

    What runs on its nodes is terminated, what had begun is undone, and the previous release is looked for; no window
    and no freeze holds that up. To let what runs go on, and start nothing more, `deployplan hold`.

    Exit code 0: all of them are stopped; 1: one is not, or not confirmed; 2: wrong usage, or no login.

    Examples: deployplan stop storefront-4.3.0 --reason "wrong package, INC0817"; deployplan stop --all --reason fire
    """
    if (plan is None) == (not every):
        fail("name a plan, or say --all", "`deployplan status` lists what runs")
    with logged_in(url, user) as api:
        plans = [plan] if plan else [row["plan"] for row in api.tonight()["rows"] if row["run"] and not row["ended"]]
        found = [api.preview_stop(each) for each in plans]
        for each in found:
            typer.echo(printable(f"{each['plan']} ({each['run']}): {each['sentence']}"), err=True)
        if not found:
            fail("no run is under way", "`deployplan status` lists what is to come", REFUSED)
        confirm(f"stop {'these' if len(found) > 1 else 'it'}?", yes=yes)
        done, refused = [], 0
        for each in found:
            try:
                done.append(api.stop(each["plan"], reason))
            except AirflowRefused as error:  # the others shall be stopped all the same
                typer.echo(printable(f"error: {each['plan']}: {error.detail}"), err=True)
                refused += 1
    if as_json:
        typer.echo(json.dumps(done, indent=2))
    else:
        for each in done:
            typer.echo(f"{each['plan']}: run {each['run']} is stopped; `deployplan status {each['plan']}` follows it")
    raise typer.Exit(REFUSED if refused else 0)
