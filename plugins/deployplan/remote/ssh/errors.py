"""What asyncssh and the operating system call an error, in our words."""

import socket

import asyncssh

from deployplan.remote.errors import AuthenticationRefused, HostKeyRefused, RemoteError, Unreachable
from deployplan.remote.ssh.algorithms import host_key_mismatch, mismatch
from deployplan.remote.ssh.client_keys import unusable_certificates
from deployplan.remote.ssh.host_keys import Expectation, KeyWitness, refusal
from deployplan.remote.transport import Address


class HandshakeDropped(Unreachable):
    """The node took the connection and dropped it before anybody said who they are: sshd is busy, or about to stop."""


def error_for(error: Exception, address: Address, witness: KeyWitness, expected: Expectation | None) -> RemoteError:
    """Return the error to raise for a connection that could not be made; `expected` is None before it was read."""
    if isinstance(error, RemoteError):
        return error
    if expected is not None:
        if different := mismatch(error, address) or host_key_mismatch(witness.offered, expected.algorithms, address):
            return different
        if isinstance(error, asyncssh.HostKeyNotVerifiable) or _no_host_key(error):
            return refusal(error, address, witness, expected)
    if isinstance(error, asyncssh.PermissionDenied):
        expired = "".join(f"; {each}" for each in unusable_certificates(address))
        return AuthenticationRefused(f"{address}: the node refuses our keys and password: {error.reason}{expired}")
    if isinstance(error, (asyncssh.KeyImportError, asyncssh.KeyEncryptionError, FileNotFoundError, PermissionError)):
        return AuthenticationRefused(f"{address}: our own key cannot be used: {error}")
    if isinstance(error, asyncssh.ChannelOpenError) and address.jump is not None:
        return Unreachable(f"{address}: {_not_forwarded(error, address, address.jump)}")
    if isinstance(error, socket.gaierror):
        return Unreachable(f"{address}: no address is known for host {address.host!r} ({error.strerror})")
    if isinstance(error, ConnectionRefusedError):
        return Unreachable(f"{address}: connection refused, nothing listens there")
    if isinstance(error, TimeoutError) or "timeout" in str(error).lower():
        return Unreachable(f"{address}: no answer within {address.connect_timeout + address.login_timeout:g} s")
    if isinstance(error, (asyncssh.ConnectionLost, ConnectionResetError, BrokenPipeError, asyncssh.ProtocolError)):
        return HandshakeDropped(f"{address}: the connection was dropped during the handshake ({_words(error)})")
    return Unreachable(f"{address}: {_words(error)}")


def behind(node: str, error: RemoteError) -> RemoteError:
    """The error of the jump host, told of a node behind it."""
    message = f"{node}: not reached, because of its jump host {error}"
    if isinstance(error, HostKeyRefused):
        return HostKeyRefused(message, fingerprint=error.fingerprint, line=error.line)
    return type(error)(message)


def through_proxy(error: RemoteError, said: str | None) -> RemoteError:
    """The error of a node that was to be reached by a ProxyCommand, which `said` that; as it is when there is none."""
    if said is None or not isinstance(error, Unreachable):
        return error
    return type(error)(f"{error}; its ProxyCommand: {said}")


def _not_forwarded(error: asyncssh.ChannelOpenError, address: Address, jump: Address) -> str:
    if error.code == asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED:
        return f"jump host {jump} may not forward there; allow it with AllowTcpForwarding and PermitOpen in its sshd"
    return f"jump host {jump} has no connection to {address.host}:{address.port} ({_words(error)})"


def _no_host_key(error: Exception) -> bool:
    return isinstance(error, asyncssh.KeyExchangeFailed) and "host key" in str(error).lower()


def _words(error: Exception) -> str:
    return str(error).strip()[:300] or type(error).__name__
