"""Placeholders in criteria: {node}, {host}, {name} and a node's own variables."""

import re
from collections.abc import Mapping

_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


def placeholders(text: str) -> tuple[str, ...]:
    """Return the names in braces, each once, in order."""
    return tuple(dict.fromkeys(_PLACEHOLDER.findall(text)))


def names_a_node(text: str) -> bool:
    """Whether the text has a placeholder, so that it differs from node to node."""
    return bool(placeholders(text))


def fill(text: str, values: Mapping[str, str | int]) -> str:
    """Return the text with a node's values in place of its placeholders; raises KeyError with the name of none."""
    return _PLACEHOLDER.sub(lambda match: str(values[match.group(1)]), text)
