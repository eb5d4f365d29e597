"""From Airflow's connections to what is needed to reach a node, and to the secrets of scripts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from deployplan.plan.model.infrastructure import Infrastructure, Jump, Node
from deployplan.plan.snapshot import Snapshot
from deployplan.remote.command import Secret
from deployplan.remote.errors import RemoteError
from deployplan.remote.node_client import NodeClient
from deployplan.remote.transport import Address

if TYPE_CHECKING:
    from airflow.models.connection import Connection as StoredConnection
    from airflow.sdk import Connection


SECRET_EXTRAS = ("private_key", "private_key_passphrase", "passphrase")


class ConnectionFields(Protocol):
    """What is read of a connection, whichever of Airflow's classes holds it."""

    @property
    def host(self) -> str | None: ...
    @property
    def port(self) -> int | None: ...
    @property
    def login(self) -> str | None: ...
    @property
    def password(self) -> str | None: ...
    @property
    def extra_dejson(self) -> dict[str, Any]: ...


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

    def facts(self, snapshot: Snapshot) -> Mapping[str, Mapping[str, object]]:
        """What each connection by which a node is reached contains, but for its secrets, which are told by fingerprint.

        One that is missing is told as such. Reads key files: not for an event loop.
        """
        infrastructure = snapshot.infrastructure
        wanted = dict.fromkeys(name for node in snapshot.nodes() for name in _reaching(infrastructure, node))
        return {name: _facts(self.connections.get(name)) for name in wanted}

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
    """Read the connections in a task process."""
    from airflow.sdk import BaseHook
    from airflow.sdk.exceptions import AirflowNotFoundException

    found = {}
    for conn_id in connection_ids(snapshot):
        with suppress(AirflowNotFoundException):
            found[conn_id] = BaseHook.get_connection(conn_id)
    return Credentials(found)


async def read_credentials_async(snapshot: Snapshot) -> Credentials:
    """Read the connections in the triggerer, which must not block."""
    from airflow.providers.common.compat.connection import get_async_connection
    from airflow.sdk.exceptions import AirflowNotFoundException

    found = {}
    for conn_id in connection_ids(snapshot):
        with suppress(AirflowNotFoundException):
            found[conn_id] = await get_async_connection(conn_id)
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


def address_of(node: Node, connection: ConnectionFields, jump: Address | None = None) -> Address:
    """Merge the node with its connection; extras are those of Airflow's SSH connection (SSHHookAsync).

    `proxy_command` is OpenSSH's ProxyCommand; Airflow's own hook knows it as `host_proxy_cmd`, which is taken, too.
    Host keys are checked unless the connection says `no_host_key_check: true` in so many words.
    """
    host, port, user = node.host or connection.host or node.name, node.port, node.user
    return _behind(_address(node.name, host, connection, port=port, user=user), jump)


def jump_address(node: str, jump: Jump, connections: Mapping[str, ConnectionFields]) -> Address:
    """The address of the jump host before a node, and the way there. Raises RemoteError when one names no host."""
    before = None if jump.before is None else jump_address(node, jump.before, connections)
    connection = connections[jump.connection]
    if jump.node is not None:
        return address_of(jump.node, connection, before)
    if not connection.host:
        raise RemoteError(f"{node}: Airflow connection {jump.connection!r} of its jump host names no host")
    return _behind(_address(jump.name, connection.host, connection), before)


def _behind(address: Address, jump: Address | None) -> Address:
    """The address behind the environment's jump host, if any; then the connection's ProxyCommand does not count."""
    return address if jump is None else replace(address, jump=jump, proxy_command=None)


def _facts(connection: ConnectionFields | None) -> Mapping[str, object]:
    from deployplan.remote.ssh.client_keys import fingerprints  # asyncssh: not while DAGs are parsed

    if connection is None:
        return {"missing": True}
    address = _address("", connection.host or "", connection)
    return {
        "host": connection.host or None,
        "port": connection.port,
        "login": connection.login or None,
        "password": address.password is not None,
        "keys": fingerprints(address),
        "host_key": address.host_key,
        "known_hosts": connection.extra_dejson.get("known_hosts") or None,
        "any_host_key": address.accept_any_host_key,
        "proxy_command": address.proxy_command,
    }


def _address(
    name: str, host: str, connection: ConnectionFields, *, port: int | None = None, user: str | None = None
) -> Address:
    extra = connection.extra_dejson
    return Address(
        name=name,
        host=host,
        port=port or connection.port or 22,
        username=user or connection.login or None,
        password=_secret(connection.password),
        key_files=(extra["key_file"],) if extra.get("key_file") else (),
        private_key=_secret(extra.get("private_key")),
        passphrase=_secret(extra.get("private_key_passphrase") or extra.get("passphrase")),
        known_hosts=_known_hosts(extra.get("known_hosts")),
        host_key=extra.get("host_key") or None,
        proxy_command=extra.get("proxy_command") or extra.get("host_proxy_cmd") or None,
        accept_any_host_key=str(extra.get("no_host_key_check", "false")).lower() == "true",
    )


def _known_hosts(named: str | None) -> str | None:
    """The file that the connection names, else the user's own when there is one, as Airflow's hook has it."""
    path = Path(named or "~/.ssh/known_hosts").expanduser()
    return str(path) if named or path.is_file() else None


def _secret(value: str | None) -> Secret | None:
    return Secret(value) if value else None


def _wanted(snapshot: Snapshot) -> Iterable[str]:
    for component in snapshot.plan.components.values():
        for node in snapshot.nodes_of(component.name):
            yield from _reaching(snapshot.infrastructure, node)
        yield from component.secrets.values()
    for criterion in snapshot.plan.success.values():
        if criterion.command is not None:
            for place in snapshot.criteria_nodes(criterion):
                if place is not None:
                    yield from _reaching(snapshot.infrastructure, place)


def _reaching(infrastructure: Infrastructure, node: Node) -> Iterable[str]:
    jump = infrastructure.jump_of(node)
    yield infrastructure.connection_of(node)
    if jump is not None:
        yield from jump.connections
