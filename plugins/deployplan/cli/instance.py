"""`deployplan instance save` and `load`: an Airflow of this machine in one file."""

from pathlib import Path
from typing import Annotated

import typer

from deployplan.cli.local import tell_errors
from deployplan.local.settings import settings_from

app = typer.Typer(help="Keep an Airflow of this machine in one file, and make one of it.", no_args_is_help=True)


@app.command()
def save(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write; it must not be there yet.")],
    keys: Annotated[
        bool, typer.Option("--keys", help="Also the keys and the users with their passwords: guard the file then.")
    ] = False,
) -> None:
    """Save the Airflow home's database and records to one file of mode 0600, also while Airflow runs.

    The home is AIRFLOW_HOME. Without --keys the file holds no key and no password, and connections and variables that
    Airflow keeps encrypted have to be entered again where it is loaded.

    Exit code 0: saved; 1: it could not be.

    Example: deployplan instance save before-upgrade.tar.gz --keys
    """
    from deployplan.local.instance import save_instance

    with tell_errors():
        manifest = save_instance(settings_from(), file, keys=keys)
    typer.echo(f"saved to {file}: database, {'records, ' if manifest['records'] else ''}{_keys(keys)}", err=True)


@app.command()
def load(file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that `instance save` wrote.")]) -> None:
    """Make an Airflow home of a saved file; the folder AIRFLOW_HOME must be empty or not there.

    A load that fails leaves the folder as it was. `deployplan up` then starts what was saved, and upgrades the database
    first where this Airflow is newer.

    Exit code 0: loaded; 1: it could not be.

    Example: AIRFLOW_HOME=~/restored deployplan instance load before-upgrade.tar.gz
    """
    from deployplan.local.instance import load_instance

    settings = settings_from()
    with tell_errors():
        manifest = load_instance(settings, file)
    keys = _keys(bool(manifest["keys"]))
    typer.echo(
        f"loaded into {settings.home}: saved {manifest['saved']} by Airflow {manifest['airflow']}, {keys}", err=True
    )


def _keys(there: bool) -> str:
    return "keys and users" if there else "no keys: encrypted connections and variables must be entered again"
