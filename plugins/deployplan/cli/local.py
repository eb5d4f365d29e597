"""`deployplan up`, `demo` and `practice`: Airflow and practice nodes on this machine."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from deployplan.local.settings import LocalError, settings_from
from deployplan.places import workplace

app = typer.Typer(help="Run Airflow and practice nodes on this machine.", no_args_is_help=True)


@app.command()
def up() -> None:
    """Start Airflow for your own plans, and stop it with Ctrl-C.

    Plans come from the folder DEPLOYPLAN_INCLUDE (default include/), state goes to AIRFLOW_HOME (default .airflow/),
    the UI listens on DEPLOYPLAN_PORT (default 8080). docs/reference/settings.md lists every variable.

    Exit code 0: stopped by you; 1: something could not be started.

    Example: DEPLOYPLAN_INCLUDE=~/release/include DEPLOYPLAN_PORT=8180 AIRFLOW_HOME=~/release/airflow deployplan up
    """
    from deployplan.local.up import run_up as stay_up

    with tell_errors():
        stay_up(settings_from(), report=_report)


@app.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="Stop everything at the end; DEMO=once says the same.")] = False,
) -> None:
    """Carry two releases to five practice nodes: one ends in success, one has a fault and is backed out.

    Everything is real but the stakes: Airflow, SSH, shells, services. Progress goes to stderr; the last two lines, on
    stdout, are each plan and its outcome. Exit code 0 when they are `success` and `backed_out`, else 1.

    Examples: deployplan demo --once; DEPLOYPLAN_PORT=8180 deployplan demo
    """
    from deployplan.local.demo import run_demo as carry_both

    with tell_errors():
        settings = settings_from(home=_practice_folder() / "airflow")
        as_expected = carry_both(settings, once=once or os.environ.get("DEMO") == "once")
    raise typer.Exit(0 if as_expected else 1)


@app.command()
def practice() -> None:
    """Run the five practice nodes alone, and stop them with Ctrl-C.

    Prints on stdout the variables that give `deployplan up` the nodes' connection and plans whose windows are open now.

    Exit code 0: stopped by you; 1: something could not be started.

    Example: deployplan practice > nodes.env & sleep 5; . ./nodes.env; deployplan up
    """
    from deployplan.local.practice import run_practice as stay_up

    with tell_errors():
        stay_up(settings_from(), report=_report)


def _practice_folder() -> Path:
    return Path(os.environ.get("DEPLOYPLAN_PRACTICE") or workplace() / ".practice").expanduser().absolute()


def _report(message: str) -> None:
    typer.echo(message, err=True)


@contextmanager
def tell_errors() -> Iterator[None]:
    """Turn an error of this machine's Airflow into a line and exit code 1."""
    try:
        yield
    except LocalError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from error


if __name__ == "__main__":
    app()
