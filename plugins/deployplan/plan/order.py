"""Dependencies to an order of components, nodes to waves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from deployplan.plan.work import Component, percent_of

if TYPE_CHECKING:
    from deployplan.plan.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Wave:
    """Nodes of one component that are worked on together; `number` counts from 1 to `of`."""

    component: str
    number: int
    of: int
    nodes: tuple[str, ...]


def waves(snapshot: "Snapshot") -> tuple[Wave, ...]:
    """Return all waves of all components in the order they run."""
    found: list[Wave] = []
    for name in component_order(snapshot.plan.components):
        nodes = tuple(node.name for node in snapshot.nodes_of(name))
        parts = split(nodes, snapshot.plan.components[name].waves)
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
    """Return the nodes in waves: each share is cumulative, never rounded up, at least one new node; the last completes."""
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


def declared_work(snapshot: "Snapshot") -> timedelta:
    """Return the longest the plan may take by its own word: each wave's timeout and bake, then the longest soak."""
    components = snapshot.plan.components
    deploying = sum(
        (components[wave.component].timeout + components[wave.component].bake for wave in waves(snapshot)), timedelta()
    )
    soaking = max((criterion.for_ for criterion in snapshot.plan.machine_criteria()), default=timedelta())
    return deploying + soaking
