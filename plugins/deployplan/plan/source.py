"""YAML text to located data; every way in which the text itself can be wrong is a problem with a place."""

from dataclasses import dataclass
from pathlib import Path

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode

from deployplan.plan.located import Located
from deployplan.plan.problem import Position, Problem
from deployplan.plan.scalars import Plain

MAX_BYTES = 1024 * 1024
MAX_VALUES = 20_000
MAX_DEPTH = 40
_NULLS = {"", "~", "null", "Null", "NULL"}
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Source:
    """What a file says; `tree` is nothing when it could not be read at all."""

    path: str
    tree: Located | None
    problems: tuple[Problem, ...] = ()


class _Unreadable(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.text())
        self.problem = problem


def read(path: Path) -> Source:
    """Return what the file says, or why it cannot be read."""
    try:
        return parse(_text_of(path), str(path))
    except _Unreadable as stop:
        return Source(str(path), None, (stop.problem,))


def parse(text: str, path: str) -> Source:
    """Return what the text says; `path` is what problems call it."""
    try:
        root = _compose(text, path)
        if root is None:
            raise _Unreadable(Problem(path, 1, 1, "yaml-syntax", "the file is empty"))
        reading = _Reading(path)
        tree = reading.located(root, depth=0)
    except _Unreadable as stop:
        return Source(path, None, (stop.problem,))
    if not isinstance(tree.value, dict):
        reading.problems.append(Problem.at(tree.at, "yaml-syntax", "the file is no mapping of keys to values"))
        return Source(path, None, tuple(reading.problems))
    return Source(path, tree, tuple(reading.problems))


def _text_of(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            problem = Problem(str(path), 1, 1, "file-size", f"the file is larger than {MAX_BYTES // 1024} KiB")
            raise _Unreadable(problem)
        content = path.read_bytes()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise _Unreadable(Problem(str(path), 1, 1, "file-readable", f"the file cannot be read: {reason}")) from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        message = f"byte 0x{content[error.start]:02x} is not UTF-8"
        raise _Unreadable(
            Problem(str(path), line, column, "file-encoding", message, "save the file as UTF-8")
        ) from error


def _compose(text: str, path: str) -> Node | None:
    try:
        loader = _LOADER(text)
        try:
            return loader.get_single_node()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        raise _Unreadable(_syntax_problem(error, text, path)) from error
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        message = f"character #x{ord(error.character):04x} is not allowed in YAML"
        raise _Unreadable(Problem(path, line, column, "yaml-syntax", message)) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise _Unreadable(Problem(path, 1, 1, "yaml-syntax", f"the file is not YAML: {error}")) from error


def _syntax_problem(error: yaml.MarkedYAMLError, text: str, path: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    lines = text.splitlines()
    here = lines[line - 1] if line <= len(lines) else ""
    indentation = here[: len(here) - len(here.lstrip())]
    if "\t" in indentation or here[column - 1 : column] == "\t":
        column = here.index("\t") + 1
        return Problem(path, line, column, "yaml-tab", "a tab where YAML wants spaces", "indent with spaces")
    message = (error.problem or "not YAML").strip()
    if error.context:
        message = f"{error.context.strip()}, {message}"
    return Problem(path, line, column, "yaml-syntax", message, _hint(message))


def _hint(message: str) -> str | None:
    if "mapping values are not allowed" in message:
        return "quote a text that contains `: `, and check the indentation"
    if "cannot start any token" in message:
        return "quote a text that begins with @, `, % or another special character"
    return None


class _Reading:
    """One pass over composed nodes, which collects problems on its way."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self._values = 0
        self._open: set[int] = set()

    def located(self, node: Node, depth: int) -> Located:
        self._bound(node, depth)
        self._check_tag(node)
        if isinstance(node, ScalarNode):
            return Located(_scalar(node), self._place(node))
        self._open.add(id(node))
        try:
            if isinstance(node, MappingNode):
                return self._mapping(node, depth)
            return Located(tuple(self.located(item, depth + 1) for item in node.value), self._place(node))
        finally:
            self._open.discard(id(node))

    def _mapping(self, node: MappingNode, depth: int) -> Located:
        found = Located({}, self._place(node))
        for key_node, value_node in node.value:
            key = self._key(key_node)
            if key is None:
                continue
            if key in found.value:
                first = found.keys[key]
                message = f"key {key!r} is there twice; the first stands in line {first.line}"
                self._add(key_node, "duplicate-key", message)
                continue
            found.keys[key] = self._place(key_node)
            found.value[key] = self.located(value_node, depth + 1)
        return found

    def _key(self, node: Node) -> str | None:
        if not isinstance(node, ScalarNode):
            self._add(
                node, "yaml-syntax", "a key is a text, not a list or mapping", "quote a value that begins with { or ["
            )
            return None
        if not node.style and node.value == "<<":
            self._add(
                node, "yaml-merge", "merge keys (<<) are not part of the format", "put what is common into a procedure"
            )
            return None
        return str(node.value)

    def _check_tag(self, node: Node) -> None:
        if not node.tag.startswith("tag:yaml.org,2002:") or "python" in node.tag:
            self._add(node, "yaml-tag", f"tag {node.tag} is not part of the format", "write the value without !")

    def _bound(self, node: Node, depth: int) -> None:
        self._values += 1
        if id(node) in self._open:
            self._stop(node, "yaml-alias", "an alias contains itself")
        if self._values > MAX_VALUES:
            self._stop(
                node, "yaml-alias", f"the file holds more than {MAX_VALUES} values once its aliases are written out"
            )
        if depth > MAX_DEPTH:
            self._stop(node, "yaml-depth", f"values are nested more than {MAX_DEPTH} deep")

    def _stop(self, node: Node, rule: str, message: str) -> None:
        raise _Unreadable(Problem.at(self._place(node), rule, message))

    def _add(self, node: Node, rule: str, message: str, hint: str | None = None) -> None:
        self.problems.append(Problem.at(self._place(node), rule, message, hint))

    def _place(self, node: Node) -> Position:
        start, end = node.start_mark, node.end_mark
        width = end.column - start.column if end.line == start.line else 1
        return Position(self.path, start.line + 1, start.column + 1, max(1, width))


def _scalar(node: ScalarNode) -> str | None:
    if node.style:
        return str(node.value)
    return None if node.value in _NULLS else Plain(node.value)
