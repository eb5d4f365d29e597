"""Does a JSON answer hold the keys and values that a criterion names?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from deployplan.checks.reading import clip

EVERY = "every"
_MISSING = object()


def differences(expected: Mapping[str, Any], actual: Any) -> Iterator[str]:
    """Yield `path is value, expected value` for everything in `expected` that `actual` does not hold.

    Keys that are not named do not matter. A key with dots (`build.version`, `nodes.0.state`) reaches into the answer
    unless the answer has that very key, `nodes.every.state` into each element of a list, which has some. Values of
    different types are compared as text: `4.3` is also `"4.3"`.
    """
    for key, value in expected.items():
        for path, there in _places(actual, key):
            yield from _compare(value, there, path)


def find_parts(expected: Mapping[str, Any], actual: Any) -> Iterator[str]:
    """Yield `path value` for everything in `expected` as it stands in the answer."""
    for key in expected:
        places = list(_places(actual, key))
        yield f"{key} {json_text(places[0][1])}{f' ({len(places)} times)' if len(places) > 1 else ''}"


def json_text(value: Any) -> str:
    """Return a JSON value as people read it."""
    return "missing" if value is _MISSING else clip(_text(value))


def _compare(expected: Any, actual: Any, path: str) -> Iterator[str]:
    if actual is _MISSING:
        yield f"{path} is missing, expected {json_text(expected)}"
    elif isinstance(expected, Mapping) and isinstance(actual, Mapping):
        for key, value in expected.items():
            for place, there in _places(actual, key, f"{path}."):
                yield from _compare(value, there, place)
    elif _is_list(expected) and _is_list(actual) and len(expected) == len(actual):
        for index, value in enumerate(expected):
            yield from _compare(value, actual[index], f"{path}.{index}")
    elif not _same(expected, actual):
        yield f"{path} is {json_text(actual)}, expected {json_text(expected)}"


def _places(actual: Any, key: str, before: str = "") -> Iterator[tuple[str, Any]]:
    """Where a key leads in the answer, and what is there: one place, or with `every` as many as the list has."""
    if isinstance(actual, Mapping) and key in actual:
        yield f"{before}{key}", actual[key]
        return
    first, _, rest = key.partition(".")
    inner: list[tuple[str, Any]] = []
    if isinstance(actual, Mapping) and rest and first in actual:
        inner = [(first, actual[first])]
    elif _is_list(actual) and first == EVERY:
        inner = [(str(index), each) for index, each in enumerate(actual)]
    elif _is_list(actual) and first.isdecimal() and int(first) < len(actual):
        inner = [(first, actual[int(first)])]
    if not inner:
        yield f"{before}{key}", _MISSING
    for step, each in inner:
        if rest:
            yield from _places(each, rest, f"{before}{step}.")
        else:
            yield f"{before}{step}", each


def _same(expected: Any, actual: Any) -> bool:
    if type(expected) is type(actual):
        return bool(expected == actual)
    if _is_list(expected) or _is_list(actual) or isinstance(expected, Mapping) or isinstance(actual, Mapping):
        return False
    if expected is None or actual is None:
        return False
    if _is_number(expected) and _is_number(actual):
        return bool(expected == actual)
    return _text(expected) == _text(actual)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)
