"""The record store and its key, for commands that read a run's record or add to it."""

from pathlib import Path
from typing import Annotated

import typer

from deployplan.cli.render import fail
from deployplan.evidence import Records
from deployplan.evidence.hold import Hold, HoldSwitch
from deployplan.local.settings import LocalError, settings_from

Store = Annotated[
    str | None, typer.Option("--records", help="The record store, a folder or URL. Default: DEPLOYPLAN_RECORDS.")
]
KeyFile = Annotated[
    Path | None,
    typer.Option("--key-file", help="The key that signs the entries. Default: DEPLOYPLAN_SIGNING_KEY_FILE."),
]


def signing_key(key_file: Path | None) -> bytes | None:
    """The key, None where this installation has none and none is named.

    Ends the command with exit code 2 when it cannot be read: what was not checked must not look as if it were.
    """
    try:
        settings = settings_from()
        place = key_file or settings.signing_key
        is_named = key_file is not None or bool(settings.environ.get("DEPLOYPLAN_SIGNING_KEY_FILE"))
        return place.read_bytes().strip() if is_named or place.exists() else None
    except OSError as error:
        fail(f"signing key {place} cannot be read: {error.strerror}", "name a key file that you may read")
    except LocalError as error:
        fail(str(error), "see docs/reference/settings.md")


def records_at(store: str | None, key: bytes | None) -> Records:
    """The record store of this installation, or the one named."""
    return Records(place_of(store), key=key)


def place_of(store: str | None) -> str:
    """Where the record store is, a folder or URL: the one named, else this installation's."""
    try:
        return store or str(settings_from().records)
    except LocalError as error:
        fail(str(error), "see docs/reference/settings.md")


def hold_at(store: str | None) -> Hold | None:
    """Who holds everything now, by the record store of this installation, or the one named."""
    return HoldSwitch(place_of(store)).state()


def tell_hold(store: str | None) -> None:
    """Say on stderr that everything is held, if it is: what is printed of other times cannot know it."""
    if (hold := hold_at(store)) is not None:
        typer.echo(f"everything is {hold}", err=True)
