"""Dependencies to an order of components, nodes to waves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from deployplan.plan.model.component import Component, percent_of


@dataclass(frozen=True, slots=True)
class Wave:
    """Nodes of one component that are worked on together; `number` counts from 1 to `of`."""

    component: str
    number: int
    of: int
    nodes: tuple[str, ...]


def waves_of(components: Mapping[str, Component], nodes_of: Callable[[str], tuple[str, ...]]) -> tuple[Wave, ...]:
    """Return all waves of all components in the order they run; `nodes_of` names the nodes of a component."""
    found: list[Wave] = []
    for name in component_order(components):
        parts = split(nodes_of(name), components[name].waves)
        found += [Wave(name, number, len(parts), part) for number, part in enumerate(parts, start=1)]
    return tuple(found)


def component_order(components: Mapping[str, Component]) -> tuple[str, ...]:
    """Return the names with each after those it depends on, in file order among equals; a cycle is left out."""
    done: dict[str, None] = {}
    waiting = list(components)
    while ready := next((name for name in waiting if all(other in done for other in components[name].after)), None):
        done[ready] = None
        waiting.remove(ready)
    return tuple(done)


def split(nodes: tuple[str, ...], shares: tuple[int | str, ...]) -> tuple[tuple[str, ...], ...]:
    """Return the nodes in waves: shares are cumulative and never rounded up; each wave has a new node."""
    parts: list[tuple[str, ...]] = []
    done = 0
    for share in (*shares, "100%"):
        upto = min(_upto(share, len(nodes)), len(nodes))
        if upto > done:
            parts.append(nodes[done:upto])
            done = upto
    return tuple(parts)


def _upto(share: int | str, count: int) -> int:
    percent = percent_of(share)
    return int(share) if percent is None else max(1, count * percent // 100)
