"""From Airflow's connections to what is needed to reach a node, and to the secrets of scripts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deployplan.evidence.kinds.review import ConnectionSeen
from deployplan.plan.model.criterion import MachineCriterion
from deployplan.plan.model.criterion_shapes import MetricCriterion
from deployplan.plan.model.infrastructure import Infrastructure, Node
from deployplan.plan.snapshot import Snapshot
from deployplan.remote.errors import RemoteError
from deployplan.remote.node_client import NodeClient
from deployplan.runbook.node.address import address_of, connection_seen, jump_address

if TYPE_CHECKING:
    from airflow.models.connection import Connection as StoredConnection
    from airflow.sdk import Connection


SECRET_EXTRAS = ("private_key", "private_key_passphrase", "passphrase")


@dataclass(frozen=True)
class Credentials:
    """Airflow's connections that a plan's nodes and secrets name, by connection id; one that is not there is missing.

    Who needs a missing one is told so then: preflight lists it for each node, and the outcome needs none.
    """

    connections: Mapping[str, Connection]

    def connector(self, snapshot: Snapshot) -> Callable[[str], Awaitable[NodeClient]]:
        """What opens a connection to a node of the plan."""
        from deployplan.remote.ssh.transport import connect  # asyncssh: not while DAGs are parsed

        infrastructure = snapshot.infrastructure

        async def open_node(name: str) -> NodeClient:
            node = infrastructure.nodes[name]
            jump = infrastructure.jump_of(node)
            for conn_id in _reaching(infrastructure, node):
                if conn_id not in self.connections:
                    raise RemoteError(
                        f"{name}: there is no Airflow connection {conn_id!r}; add it, or name another one"
                    )
            fields = self.connections[infrastructure.connection_of(node)]
            before = None if jump is None else jump_address(name, jump, self.connections)
            return NodeClient(await connect(address_of(node, fields, before)), infrastructure.base_dir)

        return open_node

    def describe(self, snapshot: Snapshot) -> tuple[ConnectionSeen, ...]:
        """What each connection by which a node is reached contains, but for its secrets, which are told by fingerprint.

        One that is missing is told as such. Reads key files: not for an event loop.
        """
        infrastructure = snapshot.infrastructure
        wanted = dict.fromkeys(name for node in snapshot.nodes() for name in _reaching(infrastructure, node))
        for criterion in snapshot.plan.machine_criteria():
            wanted |= dict.fromkeys(_of_metrics(snapshot, criterion))
        return tuple(connection_seen(name, self.connections.get(name)) for name in wanted)

    def secrets(self, snapshot: Snapshot) -> Mapping[str, Mapping[str, str]]:
        """Each component's secrets by environment name: the password of the connection that the plan refers to.

        A secret whose connection is missing is left out; no script is started without it.
        """
        return {
            name: {
                variable: self.connections[conn_id].password or ""
                for variable, conn_id in component.secrets.items()
                if conn_id in self.connections
            }
            for name, component in snapshot.plan.components.items()
            if component.secrets
        }

    def metrics_login(self, snapshot: Snapshot) -> tuple[str | None, str | None] | None:
        """Login and password for the server of metrics; None where it wants none, or its connection is missing."""
        metrics = snapshot.infrastructure.metrics
        found = None if metrics is None or metrics.connection is None else self.connections.get(metrics.connection)
        return None if found is None else (found.login, found.password)

    @property
    def hidden(self) -> tuple[str, ...]:
        """What of the connections must never be told: passwords, passphrases, private keys."""
        return tuple(
            value
            for connection in self.connections.values()
            for value in (connection.password, *(connection.extra_dejson.get(name) for name in SECRET_EXTRAS))
            if isinstance(value, str) and value
        )


def connection_ids(snapshot: Snapshot) -> tuple[str, ...]:
    """The connections that the plan needs, once each."""
    return tuple(dict.fromkeys(_wanted(snapshot)))


def read_credentials(snapshot: Snapshot) -> Credentials:
    """Read the connections, in a thread (`sync_to_async`) wherever an event loop runs."""
    from airflow.sdk import BaseHook
    from airflow.sdk.exceptions import AirflowNotFoundException

    found = {}
    for conn_id in connection_ids(snapshot):
        with suppress(AirflowNotFoundException):
            found[conn_id] = BaseHook.get_connection(conn_id)
    return Credentials(found)


def find_connection(conn_id: str) -> StoredConnection | None:
    """Read a connection where no task runs: the environment, Airflow's secrets backends, its database.

    None when there is none.
    """
    from airflow.models.connection import Connection
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        return Connection.get_connection_from_secrets(conn_id)
    except AirflowNotFoundException:
        return None


def _wanted(snapshot: Snapshot) -> Iterable[str]:
    for component in snapshot.plan.components.values():
        for node in snapshot.nodes_of(component.name):
            yield from _reaching(snapshot.infrastructure, node)
        yield from component.secrets.values()
    for criterion in snapshot.plan.machine_criteria():
        yield from _of_metrics(snapshot, criterion)
        if criterion.from_node:
            for place in snapshot.criteria_nodes(criterion):
                if place is not None:
                    yield from _reaching(snapshot.infrastructure, place)


def _of_metrics(snapshot: Snapshot, criterion: MachineCriterion) -> Iterable[str]:
    metrics = snapshot.infrastructure.metrics
    if isinstance(criterion, MetricCriterion) and metrics is not None and metrics.connection is not None:
        yield metrics.connection


def _reaching(infrastructure: Infrastructure, node: Node) -> Iterable[str]:
    jump = infrastructure.jump_of(node)
    yield infrastructure.connection_of(node)
    if jump is not None:
        yield from jump.connections
