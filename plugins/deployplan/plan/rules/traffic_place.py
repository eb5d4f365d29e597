"""One node directs a node's traffic, for one component, and each node has a name as a server of HAProxy.

PASS
    components:
      web: {traffic: {"on": db-1, haproxy: {socket: /run/haproxy/admin.sock, backend: web, server: "{node}"}}}

FAIL
    components:
      web: {traffic: {"on": "group:web", drain: ./up.sh, put_back: ./down.sh}}
"""

from collections.abc import Iterator
from typing import Final

from deployplan.plan.draft import Draft
from deployplan.plan.model.infrastructure import GROUP
from deployplan.plan.model.traffic import Traffic
from deployplan.plan.text.problem import Problem
from deployplan.printable import some_of

ID: Final = "traffic-place"
SEVERITY: Final = "error"


def check(draft: Draft) -> Iterator[Problem]:
    directed: dict[str, str] = {}
    for name, component in draft.plan.components.items():
        traffic = component.traffic
        if traffic is None:
            continue
        if traffic.on is not None and traffic.on.startswith(GROUP):
            message = f"traffic of {name!r} is directed on {traffic.on!r}, which is a group"
            yield Problem.at(draft.tree.place("components", name, "traffic", "on"), ID, message, "write one node")
        for problem in _unnamed(draft, name, traffic):
            yield Problem.at(draft.tree.place("components", name, "traffic", "haproxy", "server"), ID, problem)
        both = [node.name for node in draft.nodes_of(name) if directed.setdefault(node.name, name) != name]
        if both:
            # Whoever undoes the one would put the node back into service while the other stands there half done.
            message = f"{some_of(both)} would be taken out of service for {directed[both[0]]!r} and for {name!r}"
            hint = "state traffic at one component of a node"
            yield Problem.at(draft.tree.place("components", name, "traffic"), ID, message, hint)


def _unnamed(draft: Draft, component: str, traffic: Traffic) -> Iterator[str]:
    """Say of each node that is no server."""
    if traffic.haproxy is None:
        return
    found: dict[str, str] = {}
    for node in draft.nodes_of(component):
        try:
            server = traffic.haproxy.server_of(node.placeholders())
        except KeyError as error:
            yield f"{node.name} has no value for {{{error.args[0]}}}"
            continue
        except ValueError as error:
            yield f"{node.name}: {error}"
            continue
        if (other := found.setdefault(server, node.name)) != node.name:
            yield f"{other} and {node.name} are the same server {server!r}"
