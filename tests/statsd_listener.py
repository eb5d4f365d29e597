"""A StatsD server of the test's own: a UDP socket that keeps the last value of each gauge, as statsd_exporter does."""

import re
import socket
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self

PATIENCE = 30.0
"""Seconds in which what was sent on loopback must have come."""
_NOT_IN_A_NAME = re.compile(r"[^a-zA-Z0-9_]")


class StatsdListener:
    """`gauges` are the values by the text before the colon: the name, and its tags where there are any."""

    def __init__(self) -> None:
        self.gauges: dict[str, float] = {}
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(0.2)

    @property
    def port(self) -> int:
        return int(self._socket.getsockname()[1])

    def hear(self, until: Callable[[Mapping[str, float]], bool]) -> None:
        """Take what comes until the gauges are as wanted."""
        ends = time.monotonic() + PATIENCE
        while not until(self.gauges):
            assert time.monotonic() < ends, f"not heard within {PATIENCE:g} s: {sorted(self.gauges)}"
            try:
                packet = self._socket.recv(65536).decode()
            except TimeoutError:
                continue
            for line in packet.splitlines():
                name, value = line.rsplit(":", 1)
                number, kind = value.split("|")[:2]
                if kind == "g":
                    self.gauges[name] = float(number)

    def series(self) -> dict[str, float]:
        """The gauges under the names and labels that statsd_exporter gives those with tags of InfluxDB."""
        return {_series(name): value for name, value in self.gauges.items()}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._socket.close()


def _series(text: str) -> str:
    name, *tags = text.split(",")
    labels = ",".join(f'{key}="{value}"' for key, value in (tag.split("=", 1) for tag in tags))
    return _NOT_IN_A_NAME.sub("_", name) + (f"{{{labels}}}" if labels else "")
