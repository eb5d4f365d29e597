"""One thing in several shapes, told apart by the keys that only one of them has."""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from deployplan.plan.text.keys import KIND, nearest
from deployplan.plan.text.strict import Strict


class Shape(Strict):
    """One of the shapes; `telling` are the keys, as authors write them, by which it is known."""

    telling: ClassVar[tuple[str, ...]] = ()


def tag_of(shape: type[Shape] | str) -> str:
    """Return the step that names a shape in the places of pydantic's errors."""
    return KIND + (shape if isinstance(shape, str) else shape.__name__)


def told_by_keys(plain: type[Shape], *others: type[Shape], word: str | None = None) -> Callable[[Any], str]:
    """Return what chooses the shape of a value: `plain` unless a key tells another; a text is the `word`, if any."""

    def choose(value: Any) -> str:
        if isinstance(value, Shape):
            return tag_of(type(value))
        if isinstance(value, str) and word is not None:
            return tag_of(word)
        return tag_of(shape_of(value, plain, *others) if isinstance(value, dict) else plain)

    return choose


def shape_of(keys: Iterable[str], plain: type[Shape], *others: type[Shape]) -> type[Shape]:
    """Return the shape that has these keys; misspelt ones count when no other tells."""
    written = set(keys)
    for shape in (*others, plain):
        if written & set(shape.telling):
            return shape
    telling = {key: shape for shape in (plain, *others) for key in shape.telling}
    strange = sorted(str(key) for key in written - {field.alias or n for n, field in plain.model_fields.items()})
    return next((telling[near] for key in strange if (near := nearest(key, telling))), plain)
