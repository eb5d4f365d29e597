"""A freeze names groups and nodes that its environment has.

PASS
    # include/infrastructure/production.yaml
    freezes: [{name: disk move, from: 2026-11-20 00:00, to: 2026-11-21 00:00, nodes: [db-1]}]

FAIL
    # include/infrastructure/production.yaml
    freezes: [{name: disk move, from: 2026-11-20 00:00, to: 2026-11-21 00:00, groups: [db]}]
"""

from collections.abc import Collection, Iterator
from typing import Final

from deployplan.plan.draft import Environment
from deployplan.plan.text.keys import did_you_mean
from deployplan.plan.text.problem import Problem
from deployplan.printable import some_of

ID: Final = "freeze-scope"
SEVERITY: Final = "error"


def check_environment(environment: Environment) -> Iterator[Problem]:
    model = environment.model
    for number, freeze in enumerate(model.freezes):
        yield from _unknown(environment, number, "groups", freeze.groups, model.groups)
        yield from _unknown(environment, number, "nodes", freeze.nodes, model.nodes)


def _unknown(
    environment: Environment, number: int, key: str, named: tuple[str, ...], known: Collection[str]
) -> Iterator[Problem]:
    for place, name in enumerate(named):
        if name not in known:
            kind, freeze = key.removesuffix("s"), environment.model.freezes[number].name
            message = f"freeze {freeze!r} names {kind} {name!r}; there are {some_of(known) or f'no {key}'}"
            at = environment.tree.place("freezes", number, key, place)
            yield Problem.at(at, ID, message, did_you_mean(name, known))
