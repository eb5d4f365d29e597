"""An http criterion is read from the controller: only on nodes of the environment, and where operations allow it.

Anything else is refused when it is read, and counts as unknown. `reach` of the infrastructure allows host names,
addresses and networks; this machine (127.0.0.1, localhost) and its link only when they are named there as such.

PASS
    success:
      health: {http: "http://{host}:8080/health"}

FAIL
    success:
      health: {http: "http://{host}:8080/health"}
      billing: {http: "http://127.0.0.1:8080/health", neighbour: true}
"""

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from deployplan.plan.draft import Draft
from deployplan.plan.model.placeholders import fill, placeholders
from deployplan.plan.model.reach import Reach
from deployplan.plan.text.problem import Problem

ID: Final = "reach-allows"
SEVERITY: Final = "warning"
PORTS: Final = {"http": 80, "https": 443}


def check(draft: Draft) -> Iterator[Problem]:
    if draft.environment is None:
        return
    reach = draft.environment.model.reachable()
    for name, criterion in draft.plan.success.items():
        if criterion.http is None:
            continue
        urls = [fill(criterion.http, node.placeholders()) for node in draft.nodes_read_by(criterion)] or [
            criterion.http
        ]
        for host in dict.fromkeys(host for url in urls if (host := _refused(reach, url))):
            message = f"criterion {name!r} reads {host}: no node of {draft.plan.environment}, and not in its reach"
            hint = f"have operations write `reach: [{host}]` into include/infrastructure/{draft.plan.environment}.yaml"
            yield Problem.at(draft.tree.place("success", name, "http"), ID, message, hint, SEVERITY)


def _refused(reach: Reach, url: str) -> str | None:
    """The host that would be refused; None also for what is no URL, which others tell."""
    if placeholders(url):
        return None
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or PORTS.get(parts.scheme, 0)
    except ValueError:
        return None
    return host if host and not reach.may_take(host, port) else None
