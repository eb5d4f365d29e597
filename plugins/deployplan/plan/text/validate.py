"""Located data to a model, or every way in which the data does not have the model's shape."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from deployplan.plan.text.keys import did_you_mean, keys_at, nearest, without_kinds
from deployplan.plan.text.located import Located, Step
from deployplan.plan.text.problem import Problem
from deployplan.plan.text.repair import repair
from deployplan.plan.text.scalars import quote_value

M = TypeVar("M", bound=BaseModel)
Path = tuple[Step, ...]
_NAMED = ("components", "success", "nodes", "people")
_TYPES = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
}
_UNQUOTED = ("a whole number", "a number", "true or false")
_NUMBER_OR_FLAG = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?|true|false")


@dataclass(frozen=True, slots=True)
class Shaped(Generic[M]):
    """A model, if one could be made of the data or of what is left without its mistakes, and the mistakes."""

    model: M | None
    problems: tuple[Problem, ...]


def shape(model: type[M], tree: Located) -> Shaped[M]:
    """Return the data as a model. With problems, the model is a best effort for finding more of them, or None."""
    data = tree.data()
    stated = tuple(_stated_names(tree))
    try:
        return Shaped(model.model_validate(data, by_alias=True, by_name=False), stated)
    except ValidationError as error:
        details = [_placed(detail, data) for detail in error.errors(include_url=False)]
        echoes = _respelt(details) | _echoes(tree, details)
        problems = {_problem(model, tree, detail) for detail in details if detail["loc"] not in echoes}
        return Shaped(repair(model, data, details), (*stated, *problems))


def _placed(detail: ErrorDetails, data: Any) -> ErrorDetails:
    """A mistake at its place in the data; the shapes that were chosen on the way there are kept beside it."""
    context = {**detail.get("ctx", {}), "chosen": detail["loc"]}
    return {**detail, "loc": without_kinds(detail["loc"], data), "ctx": context}


def _echoes(tree: Located, details: list[ErrorDetails]) -> set[Path]:
    """Return where a mistake is told a second time: in the name made of a key, in the length of a list of mistakes."""
    paths = [detail["loc"] for detail in details]
    names = {path for path in paths if path[-1:] == ("name",) and tree.get(*path) is None and tree.get(*path[:-1])}
    short = {detail["loc"] for detail in details if detail["type"] == "too_short"}
    lists = {path for path in short if any(other[: len(path)] == path and other != path for other in paths)}
    return {path for path in names if (*path[:-1], "[key]") in paths} | lists


def _respelt(details: list[ErrorDetails]) -> set[Path]:
    """Return the missing keys that are there, but misspelt: one problem is enough."""
    missing = [detail["loc"] for detail in details if detail["type"] == "missing"]
    found: set[Path] = set()
    for detail in details:
        if detail["type"] == "extra_forbidden":
            lacking = {str(path[-1]): path for path in missing if path[:-1] == detail["loc"][:-1]}
            near = nearest(str(detail["loc"][-1]), lacking)
            found |= {lacking[near]} if near else set()
    return found


def _stated_names(tree: Located) -> Iterator[Problem]:
    """The name of a component, criterion or node is its key; a second name beside it would be ignored."""
    for section in _NAMED:
        entries = tree.child(section)
        for key, entry in entries.value.items() if entries and isinstance(entries.value, dict) else ():
            if entry.child("name"):
                message = f"{key!r} is the name; it has no key 'name'"
                yield Problem.at(entry.keys["name"], "unknown-key", message)


def _problem(model: type[BaseModel], tree: Located, detail: ErrorDetails) -> Problem:
    kind, path = detail["type"], detail["loc"]
    if kind == "missing":
        return _missing(tree, path)
    if kind == "extra_forbidden":
        return _unknown_key(model, tree, detail)
    if kind == "literal_error":
        return _unknown_value(tree, path, detail)
    if kind in _TYPES:
        return _wrong_type(tree, path, detail)
    return _refused(tree, path, detail) if "message" in detail.get("ctx", {}) else _out_of_range(tree, path, detail)


def _missing(tree: Located, path: Path) -> Problem:
    parent = tree.steps(path[:-1])
    where = f"{dotted_path(parent)} lacks" if parent else "the document lacks"
    place = tree.key_place(*parent) if parent else tree.at
    return Problem.at(place, "missing-key", f"{where} the key {str(path[-1])!r}")


def _unknown_key(model: type[BaseModel], tree: Located, detail: ErrorDetails) -> Problem:
    path = detail["loc"]
    parent, key = tree.steps(path[:-1]), str(path[-1])
    keys = keys_at(model, detail["ctx"]["chosen"][:-1])
    where = f" in {dotted_path(parent)}" if parent else ""
    message = f"unknown key {quote_value(key)}{where}; keys are {', '.join(keys)}"
    return Problem.at(
        tree.key_place(*parent, key), "unknown-key", message, _hint_for(tree.get(*parent, key), key, keys)
    )


def _hint_for(entry: Located | None, key: str, keys: tuple[str, ...]) -> str | None:
    """`{summary: Bread, and butter}` has a key `and butter` without a value."""
    if entry is not None and entry.value is None and " " in key:
        return "quote a text that contains a comma"
    return did_you_mean(key, keys)


def _unknown_value(tree: Located, path: Path, detail: ErrorDetails) -> Problem:
    allowed = [word.strip("'") for word in detail["ctx"]["expected"].replace(" or ", ", ").split(", ")]
    known = tree.steps(path)
    message = f"{dotted_path(known)} is {quote_value(detail['input'])}; it is one of {', '.join(allowed)}"
    return Problem.at(tree.place(*known), "unknown-value", message, did_you_mean(str(detail["input"]), allowed))


def _wrong_type(tree: Located, path: Path, detail: ErrorDetails) -> Problem:
    known, wanted, value = tree.steps(path), _TYPES[detail["type"]], detail["input"]
    hint = "write [item] or one `- item` a line" if wanted == "a list" and isinstance(value, str) else None
    if isinstance(value, str) and wanted in _UNQUOTED and _NUMBER_OR_FLAG.fullmatch(value):
        hint = "write it without quotes"
    place = tree.key_place(*known) if value is None and known else tree.place(*known)
    return Problem.at(place, "wrong-type", f"{_subject(known)} is {quote_value(value)}; {wanted} is wanted", hint)


def _refused(tree: Located, path: Path, detail: ErrorDetails) -> Problem:
    """A refusal of ours brings its own rule, message and hint."""
    known, context = tree.steps(path), detail["ctx"]
    at_key = path[-1:] == ("[key]",) or _is_mapping(tree, known)
    place = tree.key_place(*known) if at_key else tree.place(*known)
    return Problem.at(place, detail["type"], f"{_subject(known)}: {context['message']}", context["hint"])


def _out_of_range(tree: Located, path: Path, detail: ErrorDetails) -> Problem:
    known, context = tree.steps(path), detail.get("ctx", {})
    limits = {
        "ge": "at least {}",
        "le": "at most {}",
        "min_length": "at least {} long",
        "max_length": "at most {} long",
    }
    limit = next((words.format(context[key]) for key, words in limits.items() if key in context), detail["msg"].lower())
    place = tree.key_place(*known) if _is_mapping(tree, known) else tree.place(*known)
    return Problem.at(place, "out-of-range", f"{_subject(known)} is {quote_value(detail['input'])}; it is {limit}")


def _is_mapping(tree: Located, path: Path) -> bool:
    found = tree.get(*path)
    return found is not None and isinstance(found.value, dict)


def _subject(path: Path) -> str:
    return dotted_path(path) or "the document"


def dotted_path(path: Path) -> str:
    """Return a path as people write it: `components.web.nodes[0]`."""
    text = ""
    for step in path:
        key = step if isinstance(step, int) or step.isprintable() else repr(step)
        text += f"[{key}]" if isinstance(step, int) else f".{key}" if text else str(key)
    return text
