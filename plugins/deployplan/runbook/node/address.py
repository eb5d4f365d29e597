"""Where a node is and how it is reached: its environment's words merged with those of Airflow's connection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from deployplan.evidence.kinds.review import ConnectionSeen
from deployplan.plan.model.infrastructure import Jump, Node
from deployplan.remote.command import Secret
from deployplan.remote.errors import RemoteError
from deployplan.remote.transport import Address


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


def connection_seen(conn_id: str, connection: ConnectionFields | None) -> ConnectionSeen:
    """What a connection contains but for its secrets, which are told by fingerprint. Reads key files."""
    from deployplan.remote.ssh.client_keys import fingerprints  # asyncssh: not while DAGs are parsed

    if connection is None:
        return ConnectionSeen(connection=conn_id, missing=True)
    address = _address("", connection.host or "", connection)
    return ConnectionSeen(
        connection=conn_id,
        host=connection.host or None,
        port=connection.port,
        login=connection.login or None,
        password=address.password is not None,
        keys=tuple(fingerprints(address)),
        host_key=address.host_key,
        known_hosts=connection.extra_dejson.get("known_hosts") or None,
        any_host_key=address.accept_any_host_key,
        proxy_command=address.proxy_command,
    )


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
