"""What do {node}, {host}, {name} and a node's own variables stand for?"""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv6Address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deployplan.plan.infrastructure import Node

PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


class UnknownPlaceholder(Exception):
    """A text names something that its node does not have; read as `unknown`, so it never leaves this room."""


def filled(text: str, node: Node | None) -> str:
    """Return `text` with its placeholders replaced; other braces stay as they are. Raises UnknownPlaceholder."""
    values = {} if node is None else values_of(node)

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name not in values:
            known = f"known are {', '.join(values)}" if values else "it is read from here, on no node"
            raise UnknownPlaceholder(f"nothing is known by the name {{{name}}}; {known}")
        in_brackets = text[: match.start()].endswith("[")
        return values[name].strip("[]") if in_brackets else values[name]

    return PLACEHOLDER.sub(value, text)


def values_of(node: Node) -> dict[str, str]:
    """Return what each placeholder stands for on this node; the built-in names cannot be taken by a variable."""
    address = _for_url(node.host)
    own = {name: str(value) for name, value in node.vars.items()}
    return own | {"node": address, "host": address, "name": node.name}


def _for_url(host: str) -> str:
    try:
        return f"[{IPv6Address(host)}]"
    except AddressValueError:
        return host
