"""`deployplan`: one command a question."""

from importlib import import_module
from importlib.util import find_spec
from typing import Annotated

import typer
import typer.main

from deployplan import __version__

# A room of commands is a module here with an `app`; those with a name are spoken before their commands.
ROOMS: tuple[tuple[str, str | None], ...] = (
    ("lint", None),
    ("show", None),
    ("schema", None),
    ("window", None),
    ("windows", None),
    ("missed", None),
    ("calendar", None),
    ("hold", None),
    ("nodes", None),
    ("job", None),
    ("unlock", None),
    ("rerun", None),
    ("prune", None),
    ("local", None),
    ("evidence", "evidence"),
    ("instance", "instance"),
)


def build() -> typer.Typer:
    """Return the whole command line."""
    app = typer.Typer(
        name="deployplan",
        help="Deployment plans that Airflow carries out on production nodes.",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    app.callback(help=app.info.help)(_whole)
    for room, name in ROOMS:
        if find_spec(f"{__package__}.{room}"):
            app.add_typer(import_module(f"{__package__}.{room}").app, name=name)
    return app


def main() -> None:
    """Run the command line; exit codes are those of the commands, 2 for wrong usage."""
    build()()


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(__version__)
        raise typer.Exit


def _print_reference(asked: bool) -> None:
    if asked:
        from deployplan.cli.reference import command_reference

        typer.echo(command_reference(typer.main.get_command(build())), nl=False)
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version and stop.")
]

Reference = Annotated[
    bool,
    typer.Option(
        "--reference", is_eager=True, callback=_print_reference, help="Print the manual of all commands and stop."
    ),
]


def _whole(version: Version = False, reference: Reference = False) -> None:
    """Options of the command line as a whole."""
