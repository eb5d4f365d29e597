"""`deployplan hold` and `resume`: one switch that stops new waves in all plans, and keeps every position."""

import getpass
from typing import Annotated

import typer

from deployplan.cli.record_store import Store, hold_at, place_of
from deployplan.cli.render import fail
from deployplan.clock import SystemClock
from deployplan.evidence.hold import HoldSwitch

app = typer.Typer()
HELD = 1


@app.command()
def hold(
    reason: Annotated[
        str | None, typer.Option("--reason", help="Why; every waiting task shows it. Without it: say who holds now.")
    ] = None,
    by: Annotated[str | None, typer.Option("--by", help="Who holds. Default: your login name.")] = None,
    records: Store = None,
) -> None:
    """Hold all plans: no new wave starts, no window opens; what runs goes on, and backout is never held.

    Without a reason it changes nothing and prints who holds everything, why and since when.

    Exit code 0: held, or without a reason: nothing is held; 1: without a reason: everything is held; 2: wrong usage, or
    the record store cannot be written.

    Examples: deployplan hold --reason "network works at the provider, INC0815"; deployplan hold
    """
    if reason is None:
        state = hold_at(records)
        typer.echo("nothing is held" if state is None else str(state))
        raise typer.Exit(HELD if state is not None else 0)
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
