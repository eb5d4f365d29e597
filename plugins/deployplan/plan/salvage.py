"""What is left of a document without its mistakes in shape, so that the mistakes behind them are found in one go."""

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from deployplan.plan.keys import nearest

M = TypeVar("M", bound=BaseModel)
Path = tuple[str | int, ...]
_PLACEHOLDER = "x"
_REPAIRS: dict[str, dict[str, Any]] = {
    "undo-or-irreversible": {"undo": _PLACEHOLDER, "irreversible": None},
    "criterion-kind": {"http": _PLACEHOLDER, "command": None, "manual": None, "expect": {}},
}


def salvaged(model: type[M], data: Any, details: list[ErrorDetails]) -> M | None:
    """Return a model of the data without its mistakes, or None when too little is left to judge the rest."""
    missing = {detail["loc"] for detail in details if detail["type"] == "missing"}
    for detail in details:
        kind, path = detail["type"], detail["loc"]
        if kind == "extra_forbidden":
            _rename_or_drop(data, path, missing)
        elif kind in _REPAIRS:
            _at(data, path).update(_REPAIRS[kind])
        elif kind != "missing" and not _drop_scalar(data, path):
            return None
    return _with_placeholders(model, data)


def _with_placeholders(model: type[M], data: Any) -> M | None:
    for _ in range(2):
        try:
            return model.model_validate(data, by_alias=True, by_name=False)
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                parent = _at(data, detail["loc"][:-1])
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


def _drop_scalar(data: Any, path: Path) -> bool:
    """Remove a wrong scalar, so that its default takes its place; whether that was possible."""
    parent = _at(data, path[:-1])
    if isinstance(parent, dict) and path and not isinstance(parent.get(path[-1]), dict | tuple):
        parent.pop(path[-1], None)
        return True
    return False


def _at(data: Any, path: Path) -> Any:
    for step in path:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return None
    return data
