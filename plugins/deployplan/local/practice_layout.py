"""Five practice nodes on loopback: their names, ports, homes and keys."""

import json
from dataclasses import dataclass
from pathlib import Path

import asyncssh

from deployplan.local.settings import LocalSettings
from deployplan.private_files import write_private

HOST = "127.0.0.1"
USER = "deploy"
CONNECTION = "ssh_practice"
NAMES = ("db-1", "web-1", "web-2", "web-3", "web-4")
MARK = "DEPLOYPLAN_PRACTICE_NODE"
"""Environment variable of every process on a practice node; its value is the node's home."""


@dataclass(frozen=True, slots=True)
class PracticeNode:
    """One machine to practise on: an SSH port, a service port and a home directory of its own."""

    name: str
    ssh_port: int
    http_port: int
    home: Path
    host_key: Path


@dataclass(frozen=True, slots=True)
class PracticeLayout:
    """Where the practice nodes and their keys are."""

    folder: Path
    nodes: tuple[PracticeNode, ...]
    neighbour_port: int
    """The service on db-1 that no release touches and that none may disturb."""

    @property
    def keys(self) -> Path:
        return self.folder / "keys"

    @property
    def client_key(self) -> Path:
        return self.keys / "client_key"

    @property
    def known_hosts(self) -> Path:
        return self.keys / "known_hosts"

    @property
    def include(self) -> Path:
        """The demo's own copy of the include folder."""
        return self.folder / "include"

    def node(self, name: str) -> PracticeNode:
        """The node of that name; KeyError when there is none."""
        return {node.name: node for node in self.nodes}[name]

    def ports(self) -> tuple[int, ...]:
        """Every port that the nodes and their services listen on."""
        return (*(node.ssh_port for node in self.nodes), *(node.http_port for node in self.nodes), self.neighbour_port)

    def connection_variable(self) -> dict[str, str]:
        """The environment variable that gives Airflow the SSH connection to the nodes."""
        connection = {
            "conn_type": "ssh",
            "login": USER,
            "extra": {"key_file": str(self.client_key), "known_hosts": str(self.known_hosts)},
        }
        return {f"AIRFLOW_CONN_{CONNECTION.upper()}": json.dumps(connection)}


def practice_layout(settings: LocalSettings) -> PracticeLayout:
    """The practice nodes of one run; their ports follow the run's own port."""
    folder, ports = settings.practice, settings.ports
    nodes = tuple(
        PracticeNode(
            name=name,
            ssh_port=ports.node_ssh(number),
            http_port=ports.node_http(number),
            home=folder / "nodes" / name,
            host_key=folder / "keys" / f"{name}_host_key",
        )
        for number, name in enumerate(NAMES)
    )
    return PracticeLayout(folder, nodes, neighbour_port=ports.node_http(len(NAMES)))


def ensure_keys(layout: PracticeLayout) -> None:
    """Make the keys that are not there yet, and write known_hosts for the ports of now."""
    for path in (layout.client_key, *(node.host_key for node in layout.nodes)):
        if not path.exists():
            write_private(path, asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode())
    lines = (f"[{HOST}]:{node.ssh_port} {_public(node.host_key)}\n" for node in layout.nodes)
    write_private(layout.known_hosts, "".join(lines))


def _public(path: Path) -> str:
    key = asyncssh.read_private_key(path).export_public_key().decode().split()
    return " ".join(key[:2])
