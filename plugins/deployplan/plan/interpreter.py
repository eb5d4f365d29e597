"""What runs a script: the interpreter that its first line names, as the kernel reads it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from functools import lru_cache
from posixpath import normpath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deployplan.plan.model.component import Component
    from deployplan.plan.snapshot import Snapshot

SHELLS = ("sh", "bash", "dash", "ash", "ksh", "mksh", "zsh")
PROGRAMS = (*SHELLS, "python", "python3", "perl", "ruby", "node", "php")
_TAKE_A_WORD = ("-o", "+o", "-O", "+O", "-W", "-X", "-I", "-r", "--rcfile", "--init-file")


def shebang(text: str) -> str | None:
    """Return the first line without `#!`, None when the text does not begin with that."""
    first = text.split("\n", 1)[0]
    return first[2:].strip(" \t") if first.startswith("#!") else None


def named_programs(line: str) -> tuple[str, ...]:
    """Return the programs that a `#!` line needs: `/usr/bin/env -S python3 -u` needs env and python3."""
    program, *rest = line.split() or [""]
    if program.rpartition("/")[2] != "env":
        return (program,) if program else ()
    words = [word for word in rest if not word.startswith("-") and "=" not in word]
    return (program, *words[:1])


@lru_cache(maxsize=1024)  # a procedure's commands are those of all its plans
def named_script(command: str) -> str | None:
    """Return the relative path of the script that a command runs: `./x` itself, or `sh x`, `python3 x` and the like.

    None when it runs none, or one that cannot be told from the text.
    """
    try:
        words = shlex.split(command)
    except ValueError:
        return None
    while words and "=" in words[0].partition("/")[0]:
        words.pop(0)
    if not words or "$" in words[0]:
        return None
    if words[0].startswith("./"):
        return normpath(words[0])
    return _argument_of(words) if words[0].rpartition("/")[2] in PROGRAMS else None


def _argument_of(words: list[str]) -> str | None:
    """The script among the words of an interpreter's call."""
    shell = words[0].rpartition("/")[2] in SHELLS
    rest = iter(words[1:])
    for word in rest:
        if word in _TAKE_A_WORD or (shell and word.startswith("-") and word.endswith("o")):
            next(rest, None)
        elif word.startswith(("-", "+")):
            if not shell or set(word) & {"c", "s"}:
                return None  # python3 -m module, sh -c text: what follows is no script, or nobody can tell
        else:
            return normpath(word) if _is_plain(word) else None
    return None


def _is_plain(word: str) -> bool:
    return not word.startswith(("/", "~", "<")) and not set(word) & set("$`*?[;&|<>()")


def interpreters(snapshot: Snapshot, component: Component) -> Iterator[tuple[str, str]]:
    """Yield what the component's scripts need, and for which: a program by its path or name, and where it is named."""
    scripts = {script.path: script.content for script in snapshot.scripts}
    for key in ("deploy", "undo", "current"):
        command = getattr(component, key)
        if command is None:
            continue
        line, where = shebang(command), f"`{key}` of {component.name}"
        if line is None and component.package is None and command.lstrip().startswith("./"):
            name = named_script(command) or ""
            line, where = shebang(scripts.get(name, b"")[:500].decode("utf-8", "replace")), f"./{name}"
        for program in named_programs(line or ""):
            yield program, where
