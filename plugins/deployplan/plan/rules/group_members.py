"""A group lists nodes of its own environment.

PASS
    # include/infrastructure/production.yaml
    groups: {all: [web-1, db-1]}

FAIL
    # include/infrastructure/production.yaml
    groups: {all: [web-1, db-9]}
"""

from collections.abc import Iterator
from typing import Final

from deployplan.plan.draft import Environment
from deployplan.plan.text.keys import did_you_mean
from deployplan.plan.text.problem import Problem

ID: Final = "group-members"
SEVERITY: Final = "error"


def check_environment(environment: Environment) -> Iterator[Problem]:
    nodes = environment.model.nodes
    for group, members in environment.model.groups.items():
        for number, name in enumerate(members):
            if name not in nodes:
                message = f"group {group!r} names node {name!r}; nodes are {', '.join(nodes)}"
                place = environment.tree.place("groups", group, number)
                yield Problem.at(place, ID, message, did_you_mean(name, nodes))
