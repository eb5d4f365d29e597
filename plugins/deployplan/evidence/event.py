"""What is an event of a run as a typed record, how is it written as facts, and read from them again?"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, fields
from types import NoneType, UnionType
from typing import Annotated, Any, ClassVar, Self, Union, dataclass_transform, get_args, get_origin, get_type_hints

from deployplan.evidence.entry import Entry
from deployplan.evidence.error import RecordError

Convert = Callable[[Any], Any]


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Facts:
    """Facts that belong together, each with its type; a subclass is a frozen dataclass. `told` is what they mean.

    Facts that a newer version adds are passed over, and one that an older version did not write has its default. One
    that is there and of another type is not guessed at: "false" is no `False`, and a name no list of names.
    """

    told: ClassVar[Mapping[str, str]] = {}
    _readers: ClassVar[tuple[tuple[str, Any, Convert], ...]] = ()

    def __init_subclass__(cls, **told: Any) -> None:
        super().__init_subclass__(**told)
        dataclass(frozen=True, kw_only=True)(cls)
        types = get_type_hints(cls, include_extras=True)
        facts = fields(cls)  # type: ignore[arg-type]
        cls._readers = tuple((each.name, _default(each), _converter(types[each.name])) for each in facts)
        cls.told = {each.name: _meaning(types[each.name]) for each in facts}

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Self:
        """Read the record from facts as they are stored.

        Raises RecordError for one that is needed and not there, and for one of another type.
        """
        if not isinstance(facts, dict):
            raise RecordError(f"{facts!r} is no facts by name")
        made = object.__new__(cls)
        values = made.__dict__
        for name, default, convert in cls._readers:
            value = facts.get(name, default)
            if value is MISSING:
                raise RecordError(f"{name} is missing")
            try:
                values[name] = value if value is default else convert(value)
            except (TypeError, RecordError) as error:
                raise RecordError(f"{name}: {error}") from None
        return made

    def facts(self) -> dict[str, object]:
        """Return the facts by name, as they are to be stored.

        What stands for a text and is none, as in an answer from elsewhere, becomes one: what is written can be read.
        """
        return {name: _stored(getattr(self, name), convert) for name, _, convert in self._readers}


class Event(Facts):
    """What one entry of the evidence says. `kind` is its name there, `line` how it is told.

    In `line`, `{fact}` is the fact, `{fact?yes|no}` one of two words, and what stands in `[…]` is left out when a fact
    in it is not there.
    """

    kind: ClassVar[str] = ""
    line: ClassVar[str] = ""

    def __init_subclass__(cls, *, line: str, kind: str = "", **told: Any) -> None:
        super().__init_subclass__(**told)
        cls.kind, cls.line = kind or re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower(), line


def read_event(entry: Entry, kinds: Mapping[str, type[Event]]) -> Event | None:
    """Return what an entry says; None for a kind that this version does not know.

    Raises RecordError when a fact is not there that the kind cannot be without, or is of another type.
    """
    kind = kinds.get(entry.kind)
    if kind is None:
        return None
    try:
        return kind.of(entry.facts)
    except RecordError as error:
        raise RecordError(f"entry {entry.seq} of the evidence, {entry.kind}, cannot be read: {error}") from None


def _default(field: Field[Any]) -> Any:
    return field.default


def _meaning(hint: Any) -> str:
    return next((each for each in getattr(hint, "__metadata__", ()) if isinstance(each, str)), "")


def _converter(hint: Any) -> Convert:
    """How a stored value of this type is read."""
    origin, within = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _converter(within[0])
    if origin in (Union, UnionType):
        (inner,) = (each for each in within if each is not NoneType)
        convert = _converter(inner)
        return _text_or_none if convert is _text else lambda value: None if value is None else convert(value)
    if origin is tuple:
        return _texts if _converter(within[0]) in _TEXTS else _numbers
    if isinstance(hint, type) and issubclass(hint, Facts):
        return hint.of
    if origin is not None:  # a mapping by name
        convert = _converter(within[1])
        return lambda value: {name: convert(each) for name, each in _is(value, dict, "facts by name").items()}
    return _SCALARS[hint]


def _is(value: Any, kind: type, told: str) -> Any:
    if type(value) is not kind:
        raise TypeError(f"{value!r} where {told} would be right")
    return value


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(map(_text, _is(value, list, "a list of texts")))


def _numbers(value: Any) -> tuple[float | None, ...]:
    return tuple(None if each is None else _seconds(each) for each in _is(value, list, "a list of numbers"))


def _text(value: Any) -> str:
    return value if type(value) is str else str(_is(value, int, "a text"))


def _text_or_none(value: Any) -> str | None:
    return value if value is None else _text(value)


def _seconds(value: Any) -> float:
    return float(value if type(value) is int else _is(value, float, "a number"))


_SCALARS: Mapping[Any, Convert] = {
    str: _text,
    int: lambda value: _is(value, int, "a whole number"),
    float: _seconds,
    bool: lambda value: _is(value, bool, "true or false"),
    object: lambda value: value,
}


def _stored(value: object, convert: Convert | None = None) -> object:
    match value:
        case Facts():
            return value.facts()
        case Mapping() if convert not in _TEXTS:
            return {name: _stored(each) for name, each in value.items()}
        case None | str():
            return value
        case _ if convert in _TEXTS:
            return str(value)
        case _ if convert is _texts and isinstance(value, list | tuple):
            return [str(each) for each in value]
        case tuple():
            return list(value)
        case _:
            return value


_TEXTS = (_text, _text_or_none)
