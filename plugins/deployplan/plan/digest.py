"""Canonical text of what is approved, and its sha256."""

import hashlib
from collections.abc import Iterable
from typing import Any

from deployplan.canonical_json import canonical
from deployplan.plan.model.infrastructure import Infrastructure, Jump, Node
from deployplan.plan.model.plan import Plan
from deployplan.plan.model.script import Script

FORMAT = 2
"""Version of the canonical text; the first one left out what equals its default, and the ways to the nodes."""

NOT_APPROVED = {
    "infrastructure.freezes": "they are those of the day on which work starts: operations may add one at any time",
    "infrastructure.windows": "a plan that takes them has them as its own; of any other they say nothing",
    "infrastructure.groups": "the nodes that they stand for are in it, for each component and criterion",
    "infrastructure.nodes": "those that the plan neither touches nor asks",
    "infrastructure.reach": "it only forbids: the addresses that a criterion may read are the plan's, and in it",
    "infrastructure.environment": "it is the name of the file, which the plan states",
    "infrastructure.timezone": "it is in it as far as the plan's own windows leave it open",
    "infrastructure.access": "it says who sees and starts a release in Airflow: nobody approves or is asked by it",
    "controls": "review holds the plan against those of its day; what they make of the plan is in it",
}
"""What a snapshot holds besides, and why no approval binds to it."""


def ways(infrastructure: Infrastructure, nodes: Iterable[Node]) -> dict[str, dict[str, Any]]:
    """Return by node how it is reached: connection, address, user, and the jump hosts in the order they are passed."""
    return {
        node.name: {
            "connection": infrastructure.connection_of(node),
            "host": node.host,
            "port": node.port,
            "user": node.user,
            "base_dir": infrastructure.base_dir,
            "jump": _chain(infrastructure.jump_of(node)),
        }
        for node in nodes
    }


def _chain(last: Jump | None) -> list[dict[str, Any]]:
    if last is None:
        return []
    machine = last.node
    hop = {
        "name": last.name,
        "connection": last.connection,
        "host": machine.host if machine else None,
        "port": machine.port if machine else None,
        "user": machine.user if machine else None,
    }
    return [*_chain(last.before), hop]


def agrees(approved: Any, now: Any) -> bool:
    """Whether `now` says all that `approved` says; what a later version adds beside it is no disagreement."""
    if isinstance(approved, dict) and isinstance(now, dict):
        return all(key in now and agrees(value, now[key]) for key, value in approved.items())
    if isinstance(approved, list) and isinstance(now, list):
        return len(approved) == len(now) and all(map(agrees, approved, now))
    return bool(approved == now)


def plan_facts(dumped: dict[str, Any]) -> dict[str, Any]:
    """Return the plan as JSON in which the order of components is kept."""
    return {**dumped, "components": [list(pair) for pair in dumped["components"].items()]}


def first_digest(plan: Plan, nodes: Iterable[Node], scripts: Iterable[Script]) -> str:
    """Return the digest by the rule of the first format, for snapshots that were frozen under it."""
    facts = {
        "format": 1,
        "plan": plan_facts(plan.model_dump(mode="json", exclude_defaults=True)),
        "nodes": {node.name: node.model_dump(mode="json", exclude_defaults=True) for node in nodes},
        "scripts": {script.path: script.sha256 for script in scripts},
    }
    return hashlib.sha256(canonical(facts)).hexdigest()
