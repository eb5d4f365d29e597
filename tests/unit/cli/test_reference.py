"""The reference of all commands is what the commands say of themselves."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import Result

from deployplan.cli.main import build

REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "cli.md"


def commands(group: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*words, name))
        else:
            yield " ".join((*words, name)), command


COMMANDS = dict(commands(typer.main.get_command(build())))


def test_the_reference_is_up_to_date(deployplan: Callable[..., Result]) -> None:
    result = deployplan("--reference")

    assert result.exit_code == 0
    assert result.stdout == REFERENCE.read_text(), "write it anew: deployplan --reference > docs/reference/cli.md"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_its_page(name: str) -> None:
    assert f"\n## deployplan {name}\n" in REFERENCE.read_text()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_documents_its_exit_codes_and_an_example(name: str) -> None:
    help_text = COMMANDS[name].help or ""

    assert "Exit code 0" in help_text
    assert "\nExample: " in help_text or "\nExamples: " in help_text


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_says_what_it_means(name: str) -> None:
    silent = [each.name for each in COMMANDS[name].params if not each.help and each.name != "help"]

    assert silent == []
