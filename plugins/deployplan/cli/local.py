"""`deployplan up`, `demo` and `practice`: Airflow and practice nodes on this machine."""

import typer

from deployplan.local.settings import LocalError, settings_from

app = typer.Typer(help="Run Airflow and practice nodes on this machine.", no_args_is_help=True)


def _report(message: str) -> None:
    typer.echo(message, err=True)


@app.command()
def up() -> None:
    """Start Airflow for your own plans, and stop it with Ctrl-C.

    Plans come from the folder DEPLOYPLAN_INCLUDE (default include/), state goes to AIRFLOW_HOME (default .airflow/),
    the UI listens on DEPLOYPLAN_PORT (default 8080). docs/reference/settings.md lists every variable.

    Example: DEPLOYPLAN_INCLUDE=~/release/include DEPLOYPLAN_PORT=8180 AIRFLOW_HOME=~/release/airflow deployplan up
    """
    from deployplan.local.up import up as stay_up

    try:
        stay_up(settings_from(), report=_report)
    except LocalError as error:
        _report(f"error: {error}")
        raise typer.Exit(1) from error


if __name__ == "__main__":
    app()
