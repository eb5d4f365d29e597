"""No component waits, directly or through others, for itself.

PASS
    components:
      api: {nodes: [db-1], deploy: ./up.sh, undo: ./down.sh}
      web: {after: [api]}

FAIL
    components:
      api: {nodes: [db-1], deploy: ./up.sh, undo: ./down.sh, after: [web]}
      web: {after: [api]}
"""

from collections.abc import Iterator, Mapping
from typing import Final

from deployplan.plan.draft import Draft
from deployplan.plan.model.component import Component
from deployplan.plan.text.problem import Problem

ID: Final = "component-cycle"
SEVERITY: Final = "error"


def check(draft: Draft) -> Iterator[Problem]:
    reported: set[frozenset[str]] = set()
    for name in draft.plan.components:
        circle = _circle(draft.plan.components, name)
        if circle and frozenset(circle) not in reported:
            reported.add(frozenset(circle))
            places = [draft.tree.place("components", each, "after") for each in circle]
            others = ", ".join(str(place) for place in places[1:])
            message = f"components wait for each other: {' after '.join([*circle, circle[0]])}"
            yield Problem.at(places[0], ID, message, f"see also {others}" if others else None)


def _circle(components: Mapping[str, Component], start: str) -> list[str]:
    """Return the shortest way from a component back to itself, or nothing."""
    ways, seen = [[start]], {start}
    while ways:
        way = ways.pop(0)
        for other in components[way[-1]].after:
            if other == start:
                return way
            if other in components and other not in seen:
                seen.add(other)
                ways.append([*way, other])
    return []
