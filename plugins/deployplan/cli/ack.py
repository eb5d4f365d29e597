"""`deployplan ack`: a person sees to what a run needs, and nobody else is called."""

import json
from typing import Annotated

import typer

from deployplan.cli.options import AsJson
from deployplan.cli.sign_in import Url, User, logged_in
from deployplan.printable import printable

app = typer.Typer()


@app.command()
def ack(
    plan: Annotated[str, typer.Argument(help="Name of the plan.")],
    run: Annotated[
        str | None, typer.Argument(help="Id of the run. Without it: every run of the plan that needs somebody.")
    ] = None,
    note: Annotated[str | None, typer.Option("--note", help="What you say with it; it stands in the evidence.")] = None,
    url: Url = None,
    user: User = None,
    as_json: AsJson = False,
) -> None:
    """Say that you see to what the plan's run needs, as yourself: no further contact of its escalation is called.

    It answers no card and lets nothing go on. What comes up after it calls anew.

    Exit code 0: it stands in the evidence; 1: nothing needs anybody, or Airflow refuses; 2: no login.

    Examples: deployplan ack storefront-4.3.0; deployplan ack storefront-4.3.0 --note "on my way, 10 minutes"
    """
    with logged_in(url, user) as api:
        found = api.acknowledge(plan, run, note)
    typer.echo(json.dumps(found, indent=2) if as_json else printable(found["sentence"]))
