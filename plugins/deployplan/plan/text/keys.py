"""Which keys a document knows at a path, so that a misspelt one can be told from a missing one."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

KIND = "kind:"
"""What begins a step that stands for no key: it names which of several shapes a value was taken for."""


def keys_at(model: type[BaseModel], path: Iterable[str | int]) -> tuple[str, ...]:
    """Return the YAML keys that the document of `model` may have at a path; none where any key goes."""
    here: list[Any] = [model]
    for step in path:
        of_kind = [kind for kind in here if _is_model(kind) and step == KIND + kind.__name__]
        here = of_kind or [inner for kind in here for inner in _below(kind, step)]
    return tuple(dict.fromkeys(key for kind in here if _is_model(kind) for key in yaml_keys(kind)))


def without_kinds(path: Iterable[str | int], data: Any) -> tuple[str | int, ...]:
    """Return a path into `data` without the steps that only name a shape."""
    steps: list[str | int] = []
    for step in path:
        there = isinstance(data, dict) and step in data
        if isinstance(step, str) and step.startswith(KIND) and not there:
            continue
        steps.append(step)
        data = _child(data, step)
    return tuple(steps)


def yaml_keys(model: type[BaseModel]) -> tuple[str, ...]:
    """Return the keys of a model as authors write them; a name that is its entry's key is not written."""
    return tuple(field.alias or name for name, field in model.model_fields.items() if not field.exclude)


def nearest(word: str, words: Iterable[str]) -> str | None:
    """Return the word that was probably meant, or None."""
    found = get_close_matches(word, list(words), n=1, cutoff=0.6)
    return found[0] if found else None


def did_you_mean(word: str, words: Iterable[str]) -> str | None:
    """Return the hint that names the nearest word, or None."""
    near = nearest(word, words)
    return f"did you mean {near!r}?" if near else None


def _child(data: Any, step: str | int) -> Any:
    if isinstance(data, dict):
        return data.get(step)
    return data[step] if isinstance(data, tuple | list) and isinstance(step, int) and step < len(data) else None


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _below(kind: Any, step: str | int) -> Iterator[Any]:
    if _is_model(kind):
        for name, field in kind.model_fields.items():
            if step in (field.alias or name, name):
                yield from _unwrapped(field.annotation)
    elif get_origin(kind) is dict:
        yield from _unwrapped(get_args(kind)[1])
    elif get_origin(kind) is tuple:
        yield from _unwrapped(get_args(kind)[0])


def _unwrapped(kind: Any) -> Iterator[Any]:
    if get_origin(kind) is Annotated:
        yield from _unwrapped(get_args(kind)[0])
    elif get_origin(kind) in (Union, UnionType):
        for inner in get_args(kind):
            yield from _unwrapped(inner)
    else:
        yield kind
