"""What is left of a document without its mistakes in shape, so that the mistakes behind them are found in one go."""

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from deployplan.plan.text.keys import nearest, without_kinds

M = TypeVar("M", bound=BaseModel)
Path = tuple[str | int, ...]
_PLACEHOLDER = "x"
_DEEP = 3
_REPAIRED = ("undo-or-irreversible", "criterion-kind", "metric-bounds")


def repair(model: type[M], data: Any, details: list[ErrorDetails]) -> M | None:
    """Return a model of the data without its mistakes, or None when too little is left to judge the rest."""
    missing = {detail["loc"] for detail in details if detail["type"] == "missing"}
    for detail in reversed(details):  # from the end, so that what is dropped from a list moves nothing before it
        kind, path = detail["type"], detail["loc"]
        if kind == "extra_forbidden":
            _rename_or_drop(data, path, missing)
        elif kind == "metric-query":
            _at(data, path[:-1])[path[-1]] = _PLACEHOLDER  # it is the key that tells the kind
        elif kind in _REPAIRED:
            _repair(_at(data, path), kind)
        elif kind != "missing" and not (_wrap(data, path, kind) or _drop_item(data, path) or _drop_value(data, path)):
            return None
    return _with_placeholders(model, data)


def _with_placeholders(model: type[M], data: Any) -> M | None:
    for _ in range(2):
        try:
            return model.model_validate(data, by_alias=True, by_name=False)
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                parent = _at(data, without_kinds(detail["loc"], data)[:-1])
                if detail["type"] != "missing" or not isinstance(parent, dict):
                    return None
                parent.setdefault(detail["loc"][-1], _PLACEHOLDER)
    return None


def _rename_or_drop(data: Any, path: Path, missing: set[Path]) -> None:
    """A misspelt key that is the missing one is put right; any other unknown key goes."""
    parent = _at(data, path[:-1])
    if not isinstance(parent, dict) or path[-1] not in parent:
        return
    value = parent.pop(path[-1])
    lacking = {str(other[-1]) for other in missing if other[:-1] == path[:-1]}
    if near := nearest(str(path[-1]), lacking):
        parent[near] = value


def _repair(entry: dict[str, Any], kind: str) -> None:
    """Make an entry valid whose keys do not go together."""
    if kind in ("criterion-kind", "metric-bounds"):
        entry.clear()
        entry["http"] = _PLACEHOLDER
    else:
        entry.pop("irreversible", None)
        entry["undo"] = _PLACEHOLDER


def _wrap(data: Any, path: Path, kind: str) -> bool:
    """Make a list of the one text that stands where a list is wanted; whether that was it."""
    parent = _at(data, path[:-1])
    if kind == "tuple_type" and isinstance(parent, dict) and isinstance(parent.get(path[-1]), str):
        parent[path[-1]] = (parent[path[-1]],)
        return True
    return False


def _drop_item(data: Any, path: Path) -> bool:
    """Remove a wrong scalar from a list; whether that was possible."""
    items, parent = _at(data, path[:-1]), _at(data, path[:-2])
    if isinstance(items, tuple) and isinstance(parent, dict) and not isinstance(_at(data, path), dict | tuple):
        place = int(path[-1])
        parent[path[-2]] = items[:place] + items[place + 1 :]
        return True
    return False


def _drop_value(data: Any, path: Path) -> bool:
    """Remove a wrong value, so that its default takes its place; whether that was possible.

    A list or mapping near the top is left, because others refer to the names in it.
    """
    parent = _at(data, path[:-1])
    if not isinstance(parent, dict) or path[-1] not in parent:
        return False
    if isinstance(parent[path[-1]], dict | tuple) and len(path) < _DEEP:
        return False
    del parent[path[-1]]
    return True


def _at(data: Any, path: Path) -> Any:
    for step in path:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return None
    return data
