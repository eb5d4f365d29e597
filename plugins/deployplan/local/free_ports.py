"""Are the ports of this run free? Asked before anything is started, so that the answer can name them."""

import socket
from collections.abc import Iterable

from deployplan.local.settings import PORTS_TAKEN, LocalError


class PortTaken(LocalError):
    """Another program listens on a port that this run needs."""


def require_free(host: str, ports: Iterable[int]) -> None:
    """Raise PortTaken when a server could not listen on one of the ports of `host`."""
    for port in ports:
        if not port_is_free(host, port):
            raise PortTaken(
                f"port {port} of {host} is taken by another program; "
                f"choose a DEPLOYPLAN_PORT so that it and the next {PORTS_TAKEN - 1} ports are free"
            )


def port_is_free(host: str, port: int) -> bool:
    """Whether a server could listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As servers do: a port whose last connections are fading out is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
