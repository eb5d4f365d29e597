"""`deployplan hold` and `resume`: one switch that stops new waves in all plans, and keeps every position."""

import getpass
from typing import Annotated

import typer

from deployplan.cli.record_store import Store, place_of
from deployplan.cli.render import fail
from deployplan.clock import SystemClock
from deployplan.evidence.hold import HoldSwitch

app = typer.Typer()


@app.command()
def hold(
    reason: Annotated[str, typer.Option("--reason", help="Why; every waiting task shows it.")],
    by: Annotated[str | None, typer.Option("--by", help="Who holds. Default: your login name.")] = None,
    records: Store = None,
) -> None:
    """Hold all plans: no new wave starts, no window opens; what runs goes on, and backout is never held.

    Exit code 0: held; 2: wrong usage, or the record store cannot be written.

    Example: deployplan hold --reason "network works at the provider, INC0815"
    """
    if not reason.strip():
        fail("--reason is empty", "say why; people at the waiting tasks read it")
    held = HoldSwitch(place_of(records)).hold(reason.strip(), by=by or getpass.getuser(), at=SystemClock().now())
    typer.echo(str(held))


@app.command()
def resume(records: Store = None) -> None:
    """Let all plans go on from where they are.

    Exit code 0, also when nothing was held.

    Example: deployplan resume
    """
    was = HoldSwitch(place_of(records)).resume()
    typer.echo("nothing was held" if was is None else f"resumed; it was {was}")
