"""Canonical bytes of what was approved, and their sha256."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from deployplan.plan.infrastructure import Node
from deployplan.plan.model import Plan
from deployplan.plan.script import Script

FORMAT = 1


def digest_of(plan: Plan, nodes: Iterable[Node], scripts: Iterable[Script]) -> str:
    """Return the sha256 of everything an approval binds to: merged plan, packages, scripts, nodes, window.

    Values that equal their default are left out, so that a key added to the format does not void older approvals.
    The order of components counts; the order of other keys does not.
    """
    facts = {
        "format": FORMAT,
        "plan": canonical_plan(plan),
        "nodes": {node.name: node.model_dump(mode="json", exclude_defaults=True) for node in nodes},
        "scripts": {script.path: script.sha256 for script in scripts},
    }
    return hashlib.sha256(canonical(facts)).hexdigest()


def canonical_plan(plan: Plan) -> dict[str, Any]:
    """Return the plan as JSON in which the order of components is kept."""
    facts = plan.model_dump(mode="json", exclude_defaults=True)
    facts["components"] = list(facts["components"].items())
    return facts


def canonical(facts: Any) -> bytes:
    """Return the one JSON text of `facts`: keys sorted, no blanks, UTF-8."""
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
