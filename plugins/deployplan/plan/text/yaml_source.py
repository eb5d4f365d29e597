"""YAML text to located data; every way in which the text itself can be wrong is a problem with a place."""

import errno
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import yaml

from deployplan.plain_file import read_plain, reason_of
from deployplan.plan.text.file_trace import FILE, note
from deployplan.plan.text.hidden import hidden_in_yaml
from deployplan.plan.text.located import Located
from deployplan.plan.text.problem import Problem, lines_of
from deployplan.plan.text.yaml_reader import ReadingStopped, YamlPass

MAX_BYTES = 1024 * 1024
_FORBIDDEN = re.compile("[^\\t\\n\\r -~\\x85\\xa0-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Source:
    """What a file says; `tree` is nothing when it could not be read at all."""

    path: str
    tree: Located | None
    problems: tuple[Problem, ...] = ()


def read_yaml(path: Path, root: Path | None = None) -> Source:
    """Return what the file says, or why it cannot be read; `root` as in `read_plain`."""
    try:
        return parse_yaml(_text_of(path, root), str(path))
    except ReadingStopped as stop:
        return Source(str(path), None, (stop.problem,))


def parse_yaml(text: str, path: str) -> Source:
    """Return what the text says; `path` is what problems call it."""
    if found := _FORBIDDEN.search(text):
        before = text[: found.start()]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        message = f"character U+{ord(found.group()):04X} is not allowed in YAML"
        return Source(path, None, (Problem(path, line, column, "yaml-syntax", message),))
    reading = YamlPass(text, path)
    reading.problems += hidden_in_yaml(text, path)
    try:
        tree = reading.tree()
    except ReadingStopped as stop:
        return Source(path, None, (*reading.problems, stop.problem))
    except yaml.MarkedYAMLError as error:
        return Source(path, None, (*reading.problems, _syntax_problem(error, text, path)))
    except yaml.YAMLError as error:
        return Source(path, None, (Problem(path, 1, 1, "yaml-syntax", f"the file is not YAML: {error}"),))
    if isinstance(tree.value, dict):
        return Source(path, tree, tuple(reading.problems))
    message = "the file is no mapping of keys to values" if tree.value is not None else "the file is empty"
    return Source(path, None, (*reading.problems, Problem.at(tree.at, "yaml-syntax", message)))


def _text_of(path: Path, root: Path | None) -> str:
    try:
        content = read_plain(path, root, most=MAX_BYTES)
        note(FILE, path, hashlib.sha256(content).hexdigest())
    except OSError as error:
        if error.errno == errno.EFBIG:
            raise ReadingStopped(Problem(str(path), 1, 1, "file-size", str(error.strerror))) from error
        message = f"the file cannot be read: {reason_of(error)}"
        raise ReadingStopped(Problem(str(path), 1, 1, "file-readable", message)) from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        message = f"byte 0x{content[error.start]:02x} is not UTF-8"
        raise ReadingStopped(
            Problem(str(path), line, column, "file-encoding", message, "save the file as UTF-8")
        ) from error


def _syntax_problem(error: yaml.MarkedYAMLError, text: str, path: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    lines = lines_of(text)
    here = lines[line - 1] if line <= len(lines) else ""
    indentation = here[: len(here) - len(here.lstrip())]
    if "\t" in indentation or here[column - 1 : column] == "\t":
        column = here.index("\t") + 1
        return Problem(path, line, column, "yaml-tab", "a tab where YAML wants spaces", "indent with spaces")
    message = (error.problem or "not YAML").strip()
    if error.context:
        begins = f" that begins in line {error.context_mark.line + 1}" if error.context_mark else ""
        message = f"{error.context.strip()}{begins}, {message}"
    return Problem(path, line, column, "yaml-syntax", message, _hint(message))


def _hint(message: str) -> str | None:
    if "mapping values are not allowed" in message:
        return "quote a text that contains `: `, and check the indentation"
    if "cannot start any token" in message:
        return "quote a text that begins with @, `, % or another special character"
    return None
