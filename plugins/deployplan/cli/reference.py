"""The manual page of every command, from the commands themselves: docs/reference/cli.md."""

from collections.abc import Iterator
from typing import Any

import typer

INTRODUCTION = """\
# Commands

Written by `deployplan --reference`. Data goes to stdout, everything else to stderr; an error is followed by a `hint:`
where there is something to be done. Exit code 2 is wrong usage everywhere. Nothing depends on colour.
"""


def command_reference(app: Any) -> str:
    """Return the reference of all commands below `app`, in markdown; `app` is typer's own command object."""
    found = list(_commands(app, ("deployplan",)))
    index = [
        "| command | what for |",
        "|---|---|",
        *(f"| [`{name}`](#{_anchor(name)}) | {_first(c)} |" for name, c in found),
    ]
    return "\n".join([INTRODUCTION, *index, *(line for name, each in found for line in _page(name, each))]) + "\n"


def _commands(group: Any, words: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, (*words, name))
        elif not command.hidden:
            yield " ".join((*words, name)), command


def _page(name: str, command: Any) -> Iterator[str]:
    arguments = [_spelt(each) for each in command.params if each.param_type_name == "argument"]
    yield from ("", f"## {name}", "", "```sh", " ".join([name, *arguments, "[OPTIONS]"]), "```")
    for paragraph in _paragraphs(command):
        if paragraph.startswith(("Example:", "Examples:")):
            yield from ("", "```sh", *_examples(paragraph), "```")
        else:
            yield from ("", paragraph)
    rows = [_row(each, typer.Context(command)) for each in command.params]
    if rows:
        yield from ("", "| argument, option | meaning | default |", "|---|---|---|", *rows)


def _paragraphs(command: Any) -> list[str]:
    return [" ".join(paragraph.split()) for paragraph in (command.help or "").split("\n\n")]


def _first(command: Any) -> str:
    return _cell(_paragraphs(command)[0].partition(". ")[0].rstrip("."))


def _examples(paragraph: str) -> list[str]:
    word, _, text = paragraph.partition(": ")
    return text.split("; ") if word == "Examples" else [text]


def _row(each: Any, context: typer.Context) -> str:
    name = _spelt(each) if each.param_type_name == "argument" else each.get_help_record(context)[0]
    default = "" if each.default in (None, False) else f"`{each.default}`"
    meaning = f"{each.help or ''}{f' [{each.envvar}]' if each.envvar else ''}"
    return f"| `{_cell(name)}` | {_cell(meaning)} | {'required' if each.required else default} |"


def _spelt(argument: Any) -> str:
    name = argument.metavar or argument.name.upper()
    return f"{name if argument.required else f'[{name}]'}{'...' if argument.nargs == -1 else ''}"


def _anchor(name: str) -> str:
    return name.replace(" ", "-")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
