"""Dependencies to an order of components, nodes to waves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from deployplan.plan.model.component import Component, percent_of
from deployplan.plan.text.scalars import spell_duration

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
    return snapshot.waves


def waves_of(snapshot: "Snapshot") -> tuple[Wave, ...]:
    """Work out what `waves` returns; a snapshot does so once."""
    found: list[Wave] = []
    for name in component_order(snapshot.plan.components):
        nodes = tuple(node.name for node in snapshot.nodes_of(name))
        parts = split(nodes, snapshot.plan.components[name].waves)
        found += [Wave(name, number, len(parts), part) for number, part in enumerate(parts, start=1)]
    return tuple(found)


def find_wave(snapshot: "Snapshot", component: str, number: int) -> Wave:
    """Return one wave of the plan. Raises LookupError when it has no such wave."""
    for wave in waves(snapshot):
        if (wave.component, wave.number) == (component, number):
            return wave
    raise LookupError(f"plan {snapshot.plan.name} has no wave {number} of {component}")


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


def declared_work(snapshot: "Snapshot") -> timedelta:
    """Return the longest the plan may take by its own word: each wave's timeout and bake, then the longest soak."""
    components = snapshot.plan.components
    deploying = sum(
        (components[wave.component].timeout + components[wave.component].bake for wave in waves(snapshot)), timedelta()
    )
    soaking = max((criterion.for_ for criterion in snapshot.plan.machine_criteria()), default=timedelta())
    return deploying + soaking


def worst_case(snapshot: "Snapshot") -> list[str]:
    """Return what may go wrong at most, in sentences for the people who approve."""
    sentences = []
    for name in component_order(snapshot.plan.components):
        component = snapshot.plan.components[name]
        parts = [wave.nodes for wave in waves(snapshot) if wave.component == name]
        total, failed, touched = sum(map(len, parts)), *_most_failed(parts, component.max_failures)
        sizes = ", ".join(str(len(part)) for part in parts)
        waved = f"{_count(len(parts), 'wave')} of {sizes}" if len(parts) > 1 else "one wave"
        if component.max_failures:
            stops = f"at most {failed} may fail before it stops, with {touched} of {total} touched"
        else:
            stops = f"the first failure stops it, with at most {failed} failed and {touched} of {total} touched"
        sentences.append(f"{name}: {_count(total, 'node')} in {waved}; {stops}")
        if component.irreversible:
            sentences.append(f"{name} cannot be undone: {component.irreversible}")
        elif not component.undo_needs_previous:
            sentences.append(f"{name}: its undo brings no release back, it removes what was installed")
    sentences.append(f"by its own timeouts the work takes at most {spell_duration(declared_work(snapshot))}")
    expected = snapshot.plan.backout.expected_duration
    if expected:
        sentences.append(f"a backout is expected to take {spell_duration(expected)}")
    return sentences


def _most_failed(parts: list[tuple[str, ...]], tolerated: int) -> tuple[int, int]:
    """Return how many nodes can fail before the component stops, and how many are touched by then.

    A wave's nodes are worked on at once, so the wave that breaks the budget can fail as a whole.
    """
    worst, before = (0, 0), 0
    for part in parts:
        worst = max(worst, (min(tolerated, before) + len(part), before + len(part)))
        before += len(part)
    return worst


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
