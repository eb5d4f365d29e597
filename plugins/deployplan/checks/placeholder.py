"""What is asked for a node: a URL or an address without its placeholders."""

from __future__ import annotations

from ipaddress import AddressValueError, IPv6Address

from deployplan.errors import DeployPlanError
from deployplan.plan.model.infrastructure import Node
from deployplan.plan.model.placeholders import fill, placeholders


class UnknownPlaceholder(DeployPlanError):
    """A question names something that its node does not have; a reading of it is unknown."""


def question_for(question: str, node: Node | None) -> str:
    """Return `question` with the node's values in place of its placeholders; raises UnknownPlaceholder."""
    wanted = placeholders(question)
    if node is None:
        if wanted:
            raise UnknownPlaceholder(f"nothing stands for {{{wanted[0]}}}: it is read from here, on no node")
        return question
    known = node.placeholders()
    if missing := [name for name in wanted if name not in known]:
        listed = ", ".join(sorted(known))
        raise UnknownPlaceholder(f"nothing stands for {{{missing[0]}}} on {node.name}; known are {listed}")
    if (host := _in_brackets(node.host)) == node.host:
        return fill(question, node.placeholders())
    return fill(question, node.model_copy(update={"host": host}).placeholders()).replace(
        f"[{host}]", host
    )  # the author thought of it


def _in_brackets(host: str) -> str:
    """An IPv6 address stands in brackets so that its colons are not taken for the port's."""
    try:
        return f"[{IPv6Address(host)}]"
    except AddressValueError:
        return host
