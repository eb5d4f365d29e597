"""The command line as tests speak to it: put together once, where a program does it at each start."""

from collections.abc import Mapping
from functools import cache

import typer.main
import typer.testing
from typer.testing import CliRunner, Result

from deployplan.cli.main import build

# Typer's runner puts the commands together for each call, 15 ms of a core, and takes none that are put together.
typer.testing._get_command = cache(typer.main.get_command)
_whole = cache(build)


def deployplan(*words: str, input: str | None = None, env: Mapping[str, str] | None = None) -> Result:
    """Run `deployplan WORDS` in this process; `input` is what the person types."""
    return CliRunner().invoke(_whole(), words, input=input, env=env)
