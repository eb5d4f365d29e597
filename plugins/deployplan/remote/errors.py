"""What can go wrong between here and a node, by name."""

from typing import TYPE_CHECKING

from deployplan.errors import DeployPlanError

if TYPE_CHECKING:
    from deployplan.remote.node_facts import Holder


class RemoteError(DeployPlanError):
    """A node could not be asked, or refused; the message begins with the node's name."""


class Unreachable(RemoteError):
    """The node did not answer in time, or the connection was lost: what happened is unknown. Asking again is safe."""


class HostKeyRefused(RemoteError):
    """The node's host key is not the one expected, or none was expected; `line` is what known_hosts would need.

    Or its host certificate is expired, or not for it; the message says which, and the cure.
    """

    def __init__(self, message: str, *, fingerprint: str = "", line: str = "") -> None:
        super().__init__(message)
        self.fingerprint = fingerprint
        self.line = line


class AuthenticationRefused(RemoteError):
    """The node knows neither our key nor our password, or ours could not be read."""


class NoCommonAlgorithm(RemoteError):
    """The node's sshd speaks no key exchange, host key, cipher or MAC that we do: asking again will not change that."""


class Fenced(RemoteError):
    """Another run holds the node, or nobody does (`holder` says who): this controller may not act on it."""

    def __init__(self, message: str, holder: "Holder | None" = None) -> None:
        super().__init__(message)
        self.holder = holder


class LockHeld(RemoteError):
    """The node's lock cannot be had or given back now; `holder` says whose it is."""

    def __init__(self, message: str, holder: "Holder | None" = None) -> None:
        super().__init__(message)
        self.holder = holder


class NodeFault(RemoteError):
    """The node answered that it could not: disk full, read-only, a tool is missing, an answer that makes no sense."""


def at_node(node: str, said: object) -> str:
    """Return what is said of a node, beginning with its name, once: an error from there may have named it already."""
    text = beside_name(node, said)
    return f"{node} {text}" if text.startswith("(") else f"{node}: {text}"


def beside_name(node: str, said: object) -> str:
    """Return what is said of a node, without its name: for a line in which that stands already."""
    text = str(said)
    return text.removeprefix(f"{node} ") if text.startswith(f"{node} (") else text.removeprefix(f"{node}: ")
