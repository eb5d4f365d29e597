"""The way to one node, step by step, each with its time: where does it end, and why?"""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import monotonic
from typing import TypeVar

from deployplan.clock import Clock
from deployplan.remote.errors import NodeFault, RemoteError, Unreachable
from deployplan.remote.node_client import NodeClient
from deployplan.remote.ssh.host_keys import KeyWitness
from deployplan.remote.ssh.transport import SshTransport, connect
from deployplan.remote.transport import Address

T = TypeVar("T")
STEPS = ("name", "port", "host key", "authentication", "shell", "protocol")
_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Step:
    """One step: `said` is what was found; with `error` it is where the way ends.

    `seconds` is None for what took no time of its own: it was part of the next step, or somebody else does it.
    """

    name: str
    said: str
    seconds: float | None = None
    error: RemoteError | None = None


async def walk(address: Address, base_dir: str, clock: Clock, *, within: float) -> list[Step]:
    """Go to the node and do what each session begins with; nothing is changed there.

    The last step is the one that failed, else `protocol`. `within` bounds each step, in seconds.
    """
    steps: list[Step] = []
    if address.jump is None and address.proxy_command is None:
        if not await _taken(steps, "name", within, lambda: _resolve(address), str):
            return steps
        if not await _taken(steps, "port", within, lambda: _knock(address), str):
            return steps
    else:
        way = f"jump host {address.jump}" if address.jump else "its ProxyCommand"
        steps += [Step(name, f"left to {way}") for name in ("name", "port")]
    began, witness = monotonic(), KeyWitness()
    try:
        transport = await _bounded(address, within, connect(address, witness))
    except RemoteError as error:
        return [*steps, *_handshake(address, began, witness, error)]
    steps += _handshake(address, began, witness, None)
    try:
        client = NodeClient(transport, base_dir, timeout=within)
        if await _taken(steps, "shell", within, lambda: _shell(transport), str):
            await _taken(steps, "protocol", within, lambda: _facts(client, clock), str)
    finally:
        await transport.close()
    return steps


async def _taken(
    steps: list[Step], name: str, within: float, step: Callable[[], Awaitable[T]], words: Callable[[T], str]
) -> bool:
    """Take a step and note how it went; whether the way goes on."""
    began = monotonic()
    try:
        async with asyncio.timeout(within):
            said = words(await step())
    except TimeoutError:
        steps.append(_failed(name, Unreachable(f"no answer within {within:g} s"), monotonic() - began))
        return False
    except RemoteError as error:
        steps.append(_failed(name, error, monotonic() - began))
        return False
    steps.append(Step(name, said, monotonic() - began))
    return True


def _failed(name: str, error: RemoteError, seconds: float) -> Step:
    return Step(name, str(error), seconds, error)


async def _bounded(address: Address, within: float, connecting: Awaitable[SshTransport]) -> SshTransport:
    try:
        async with asyncio.timeout(within):
            return await connecting
    except TimeoutError as error:
        raise Unreachable(f"{address}: no answer within {within:g} s") from error


def _handshake(address: Address, began: float, witness: KeyWitness, error: RemoteError | None) -> list[Step]:
    """The host key and, when that was as expected, the authentication; `error` is how it ended."""
    now = monotonic()
    if witness.trusted_at is None or witness.trusted is None:
        assert error is not None, "nobody gets in without having shown a host key"
        return [_failed("host key", error, now - began)]
    key = Step("host key", f"{witness.trusted}, {_known_by(address)}", witness.trusted_at - began)
    rest = now - witness.trusted_at
    if error is not None:
        return [key, _failed("authentication", error, rest)]
    return [key, Step("authentication", f"as {address.username or 'the user here'}", rest)]


def _known_by(address: Address) -> str:
    if address.accept_any_host_key:
        return "NOT compared: the connection says no_host_key_check"
    return "as the connection pins it" if address.host_key else "as known_hosts has it"


async def _resolve(address: Address) -> str:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        raise Unreachable(f"{address}: no address is known for host {address.host!r} ({error.strerror})") from error
    return ", ".join(dict.fromkeys(str(entry[4][0]) for entry in found))


async def _knock(address: Address) -> str:
    try:
        _, writer = await asyncio.open_connection(address.host, address.port)
    except OSError as error:
        raise Unreachable(f"{address}: {error.strerror or error}") from error
    writer.close()
    return f"port {address.port} is open"


async def _shell(transport: SshTransport) -> str:
    answer = await transport.run("echo answers", label="shell")
    if answer.text != "answers\n":
        raise NodeFault(f"{transport.name}: sh does not do what it is told; it said: {answer.complaint or 'nothing'}")
    return "a POSIX shell answers"


async def _facts(client: NodeClient, clock: Clock) -> str:
    facts = await client.facts()
    if facts.detach == "-":
        raise NodeFault(f"{client.name}: can start no detached job; one of setsid, perl and python3 is needed")
    skew = (facts.now - clock.now()).total_seconds()
    free = facts.free_bytes // _MEGABYTE
    return f"jobs start with {facts.detach}; {free} MB free in {facts.base}; clock {skew:.1f} s off"
