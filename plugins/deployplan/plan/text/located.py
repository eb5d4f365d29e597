"""A YAML value that knows where it stands."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from deployplan.plan.text.problem import Position

Step = str | int


@dataclass(slots=True)
class Located:
    """A scalar, a tuple or a mapping of located values, and its place; `keys` holds the places of a mapping's keys."""

    value: Any
    at: Position
    keys: dict[str, Position] = field(default_factory=dict)

    def data(self) -> Any:
        """Return the value without places, with tuples for lists."""
        value = self.value
        if isinstance(value, str):
            return value
        if isinstance(value, dict):
            return {key: item.data() for key, item in value.items()}
        return tuple([item.data() for item in value]) if isinstance(value, tuple) else value

    def get(self, *path: Step) -> "Located | None":
        """Return the value at a path, or None when there is none."""
        here: Located | None = self
        for step in path:
            here = None if here is None else here.child(step)
        return here

    def child(self, step: Step) -> "Located | None":
        """Return the entry of a mapping, or the item of a list."""
        if isinstance(self.value, dict):
            found = self.value.get(step)
            return found if isinstance(found, Located) else None
        if isinstance(self.value, tuple) and isinstance(step, int) and step < len(self.value):
            item = self.value[step]
            return item if isinstance(item, Located) else None
        return None

    def steps(self, path: Iterable[Step]) -> tuple[Step, ...]:
        """Return those steps of a path that exist here; what a validator adds to a path is left out."""
        here, known = self, []
        for step in path:
            if (child := here.child(step)) is not None:
                here = child
                known.append(step)
        return tuple(known)

    def place(self, *path: Step) -> Position:
        """Return the place of the value at the longest known part of a path."""
        found = self.get(*self.steps(path))
        return self.at if found is None else found.at

    def key_place(self, *path: Step) -> Position:
        """Return the place of the key that ends a path; of the value where it has none."""
        parent = self.get(*path[:-1]) if path else None
        return parent.keys[str(path[-1])] if parent and path[-1] in parent.keys else self.place(*path)


def merge(base: Located, over: Located) -> Located:
    """Return `over` merged over `base`: mappings merge by key, all else replaces; places stay."""
    if not (isinstance(base.value, dict) and isinstance(over.value, dict)):
        return over
    entries = dict(base.value)
    for key, entry in over.value.items():
        entries[key] = merge(entries[key], entry) if key in entries else entry
    return Located(entries, over.at, {**base.keys, **over.keys})


def with_entry(mapping: Located, key: str, entry: Located) -> Located:
    """Return the mapping with one more entry, which stands where it was taken from."""
    return Located({**mapping.value, key: entry}, mapping.at, {**mapping.keys, key: entry.at})
