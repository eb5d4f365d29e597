"""Placeholders in criteria: {node}, {host}, {name} and a node's own variables."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deployplan.plan.model.infrastructure import Node

_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


def placeholders(text: str) -> tuple[str, ...]:
    """Return the names in braces, each once, in order."""
    return tuple(dict.fromkeys(_PLACEHOLDER.findall(text)))


def names_a_node(text: str) -> bool:
    """Whether the text has a placeholder, so that it differs from node to node."""
    return bool(placeholders(text))


def filled(text: str, node: "Node") -> str:
    """Return the text for a node; raises KeyError with the name that the node has no variable for."""
    values = values_of(node)
    return _PLACEHOLDER.sub(lambda match: str(values[match.group(1)]), text)


def values_of(node: "Node") -> dict[str, str | int]:
    """Return what each placeholder stands for on a node; {node}, {host} and {name} cannot be redefined."""
    return {**node.vars, "node": node.host, "host": node.host, "name": node.name}
