"""`deployplan`: one command a question."""

import sys
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
    ("check", None),
    ("rehearse", None),
    ("schema", None),
    ("window", None),
    ("windows", None),
    ("simulate", None),
    ("missed", None),
    ("calendar", None),
    ("status", None),
    ("answer", None),
    ("stop", None),
    ("backout", None),
    ("hold", None),
    ("ack", None),
    ("messages", None),
    ("nodes", None),
    ("job", None),
    ("unlock", None),
    ("close", None),
    ("rerun", None),
    ("prune", None),
    ("local", None),
    ("evidence", "evidence"),
    ("instance", "instance"),
    ("new", "new"),
)
# These look at the documents of this folder, or start something; the others ask about releases.
_OF_THE_FOLDER = ("lint", "schema", "up", "demo", "practice", "instance", "rehearse", "new")


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
            commands = import_module(f"{__package__}.{room}").app
            for command in commands.registered_commands:
                command.short_help = _first_sentence(command.callback.__doc__ or "")
            app.add_typer(commands, name=name)
    return app


def _first_sentence(text: str) -> str:
    """What the list of commands says of one: whole, where typer would cut it at the width of the terminal."""
    return f"{' '.join(text.split()).partition('. ')[0].rstrip('.')}."


def main() -> None:
    """Run the command line; exit codes are those of the commands, 2 for wrong usage."""
    _look_at_what_is_up(sys.argv[1:])
    build()()


def _look_at_what_is_up(words: list[str]) -> None:
    """Without a word on where things are, commands that ask about releases mean the Airflow that is up here."""
    if not words or words[0].startswith("-") or words[0] in _OF_THE_FOLDER or "--help" in words:
        return
    from deployplan.local.here import adopt

    if url := adopt():
        typer.echo(f"looking at the Airflow that is up at {url}", err=True)


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
