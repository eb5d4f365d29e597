"""How the command line reaches nodes: through Airflow's connections, without a running Airflow."""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from typing import Any, TypeVar

from deployplan.cli.render import fail
from deployplan.cli.targets import Target
from deployplan.errors import DeployPlanError
from deployplan.local.settings import LocalSettings, settings_from
from deployplan.remote.errors import AuthenticationRefused, HostKeyRefused, NoCommonAlgorithm, RemoteError, Unreachable
from deployplan.remote.node_client import NodeClient
from deployplan.remote.transport import Address
from deployplan.runbook.node.address import address_of, jump_address
from deployplan.runbook.run.fleet import Fleet, close_fleet_at_end

T = TypeVar("T")
TRIES = 2
"""How often a node is asked that does not answer: a person waits."""

_HINTS: tuple[tuple[type[RemoteError], str], ...] = (
    (HostKeyRefused, "set `known_hosts` or `host_key` in the extras of the connection"),
    (AuthenticationRefused, "see `login` of the connection, and `key_file` or `private_key` in its extras"),
    (NoCommonAlgorithm, "see KexAlgorithms, HostKeyAlgorithms, Ciphers and MACs in the node's sshd_config"),
    (Unreachable, "is the node up, and are its address and port in the environment's file right?"),
)


class NoConnection(DeployPlanError):
    """A connection that a node needs is not defined here, or cannot be read; `hint` says how to add it."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class ConnectionText:
    """A connection as AIRFLOW_CONN_… spells it in JSON."""

    host: str | None = None
    port: int | None = None
    login: str | None = None
    password: str | None = field(default=None, repr=False)
    extra_dejson: Mapping[str, Any] = field(default_factory=dict, repr=False)


async def open_node(target: Target, connections: Mapping[str, Any]) -> NodeClient:
    """Connect to the node by its connection, and by those of its jump hosts when it has any.

    Raises Unreachable, HostKeyRefused, AuthenticationRefused or NoCommonAlgorithm.
    """
    from deployplan.remote.ssh.transport import connect

    return NodeClient(await connect(_address(target, connections)), target.base_dir)


def ask_each(
    targets: Iterable[Target], question: Callable[[NodeClient], Awaitable[T]]
) -> list[tuple[Target, T | DeployPlanError]]:
    """Ask all nodes at once; one that could not answer has its error as the answer. The question may be put twice."""
    return asyncio.run(_ask_each(tuple(targets), question))


def ask_one(target: Target, question: Callable[[NodeClient], Awaitable[T]]) -> T:
    """Ask one node; ends the command with exit code 1 when it could not answer. The question may be put twice."""
    ((_, answer),) = ask_each([target], question)
    if isinstance(answer, DeployPlanError):
        fail(str(answer), hint_for(answer), code=1)
    return answer


async def _ask_each(
    targets: tuple[Target, ...], question: Callable[[NodeClient], Awaitable[T]]
) -> list[tuple[Target, T | DeployPlanError]]:
    by_name = {f"{each.environment}/{each.name}": each for each in targets}
    connections = _connections_of(targets)

    async def connected(name: str) -> NodeClient:
        return await open_node(by_name[name], _checked(by_name[name], connections))

    async def one(name: str) -> T | DeployPlanError:
        try:
            return await fleet.ask(name, question, tries=TRIES)
        except (RemoteError, NoConnection) as error:
            return error

    async with close_fleet_at_end(Fleet(connected)) as fleet:
        answers = await asyncio.gather(*map(one, by_name))
    return list(zip(by_name.values(), answers, strict=True))


def ask_bounded(
    targets: Iterable[Target],
    question: Callable[[Target, NodeClient], Awaitable[T]],
    *,
    within: float,
    at_once: int,
) -> list[tuple[Target, T | DeployPlanError]]:
    """Ask each node once, `at_once` side by side, `within` seconds each: one that hangs takes one place, no more.

    One that could not answer has its error as the answer.
    """
    return asyncio.run(_ask_bounded(tuple(targets), question, within, at_once))


async def _ask_bounded(
    targets: tuple[Target, ...], question: Callable[[Target, NodeClient], Awaitable[T]], within: float, at_once: int
) -> list[tuple[Target, T | DeployPlanError]]:
    connections, places = _connections_of(targets), asyncio.Semaphore(at_once)
    # Names are looked up in threads: a server of names that is silent must not hold up the others' names.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(at_once))

    async def one(target: Target) -> T | DeployPlanError:
        client = None
        async with places:
            try:
                async with asyncio.timeout(within):
                    client = await open_node(target, _checked(target, connections))
                    return await question(target, client)
            except TimeoutError:
                reached = "was reached, and then there was" if client else "gave"
                return Unreachable(f"{target.name}: {reached} no answer within {within:g} s")
            except (RemoteError, NoConnection) as error:
                return error
            finally:
                if client is not None:
                    await client.transport.close()

    return list(zip(targets, await asyncio.gather(*map(one, targets)), strict=True))


def address_to(target: Target) -> Address:
    """Where the node is and how to get in, by its connection and those of its jump hosts. Raises NoConnection."""
    return _address(target, _checked(target, _connections_of([target])))


def _connections_of(targets: Iterable[Target]) -> dict[str, Any]:
    """The connections of all of them, once each; one that is missing is an error as a value."""
    wanted = [conn_id for each in targets for conn_id in each.connections]
    return {conn_id: _looked_up(conn_id) for conn_id in dict.fromkeys(wanted)}


def _checked(target: Target, connections: Mapping[str, Any]) -> Mapping[str, Any]:
    """The connections, if none that the node needs is missing. Raises NoConnection."""
    for conn_id in target.connections:
        if isinstance(missing := connections[conn_id], NoConnection):
            raise missing
    return connections


def _address(target: Target, connections: Mapping[str, Any]) -> Address:
    jump = None if target.jump is None else jump_address(target.name, target.jump, connections)
    return address_of(target.node, connections[target.connection], jump)


def hint_for(error: Exception) -> str | None:
    """What a person can do about a node that did not answer."""
    if isinstance(error, NoConnection):
        return error.hint
    return next((hint for kind, hint in _HINTS if isinstance(error, kind)), None)


def connection(conn_id: str) -> Any:
    """Find a connection: in AIRFLOW_CONN_…, among the practice nodes of this machine, then as Airflow finds it.

    Raises NoConnection.
    """
    variable = f"AIRFLOW_CONN_{conn_id.upper()}"
    settings = settings_from()
    text = os.environ.get(variable) or _of_practice_nodes(variable, settings)
    if text is not None and text.lstrip().startswith("{"):
        return _from_json(variable, text)
    found = _from_airflow(conn_id, settings) if text is not None or _airflow_is_here(settings) else None
    if found is None:
        raise NoConnection(
            f"connection {conn_id!r} is not defined here",
            f"export {variable}='"
            '{"conn_type": "ssh", "login": "deploy", "extra": {"key_file": "…", "known_hosts": "…"}}\', '
            "or set AIRFLOW_HOME and Airflow's own variables to those of the Airflow that has the connection",
        )
    return found


def _looked_up(conn_id: str) -> Any:
    """The connection, or the error as a value: one that is missing hurts only the nodes that need it."""
    try:
        return connection(conn_id)
    except NoConnection as error:
        return error


def _of_practice_nodes(variable: str, settings: LocalSettings) -> str | None:
    from deployplan.local.practice_layout import practice_layout

    layout = practice_layout(settings)
    return layout.connection_variable().get(variable) if layout.client_key.exists() else None


def _from_json(variable: str, text: str) -> ConnectionText:
    try:
        stored = json.loads(text)
        extra = stored.get("extra") or {}
        extra = json.loads(extra) if isinstance(extra, str) else extra
        port = stored.get("port")
        if not isinstance(extra, dict):
            raise TypeError("`extra` is not a mapping")
        return ConnectionText(
            host=stored.get("host"),
            port=None if port in (None, "") else int(port),
            login=stored.get("login"),
            password=stored.get("password"),
            extra_dejson=extra,
        )
    except (ValueError, TypeError, AttributeError) as error:
        hint = 'write {"conn_type": "ssh", "login": "deploy", "extra": {"key_file": "…"}}, quoted for the shell'
        raise NoConnection(f"{variable} cannot be read as JSON: {error}", hint) from error


def _airflow_is_here(settings: LocalSettings) -> bool:
    """Whether there is an Airflow to ask: merely asking one that is not there would found it."""
    return settings.home.exists() or any(name.startswith("AIRFLOW__") for name in os.environ)


def _from_airflow(conn_id: str, settings: LocalSettings) -> Any:
    """Ask Airflow, which takes seconds to wake up; what it prints meanwhile is not our answer."""
    os.environ.setdefault("AIRFLOW_HOME", str(settings.home))
    fernet_key = settings.home / "keys" / "fernet.key"
    if fernet_key.exists():
        os.environ.setdefault("AIRFLOW__CORE__FERNET_KEY", fernet_key.read_text("utf-8").strip())
    with redirect_stdout(sys.stderr):
        try:
            from deployplan.airflow_glue import connections  # Airflow: only when nobody else knows it

            return connections.find_connection(conn_id)
        except ModuleNotFoundError:
            return None
        except Exception as error:
            raise NoConnection(
                f"connection {conn_id!r} could not be asked of Airflow: {type(error).__name__}: {error}",
                f"export AIRFLOW_CONN_{conn_id.upper()} in JSON, and Airflow is not needed",
            ) from error
