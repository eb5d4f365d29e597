"""Which addresses may the criteria of a plan read from the controller? The nodes' own, and what operations allow."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

_NAME = re.compile(r"(?:\*\.)?[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?")
_PORTS = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")
_SPECIAL = tuple(
    map(ip_network, ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3", "::/127", "fe80::/10", "ff00::/8"))
)
"""This machine, its link, and what is no address of one machine."""
_NAT64 = IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Allowed:
    """An entry of `reach`: a host name (`*.` before it: all below it), an address or a network; and which ports."""

    name: str | None
    network: Network | None
    ports: range | None

    def takes(self, port: int) -> bool:
        """Whether the port is among those of the entry; without any, every port is."""
        return self.ports is None or port in self.ports

    def names(self, host: str) -> bool:
        """Whether the entry is the name of this host."""
        if self.name is None:
            return False
        return host.endswith(self.name[1:]) if self.name.startswith("*.") else host == self.name


def parse_allowed(written: str) -> Allowed:
    """Return the entry that `HOST`, `HOST:PORT`, `HOST:FIRST-LAST` spells; ValueError for anything else."""
    host, ports = written, ""
    if written.startswith("["):
        host, closed, ports = written[1:].partition("]")
        if not closed or ports[:1] not in ("", ":"):
            raise ValueError("a bracket is not closed")
        ports = ports.removeprefix(":")
    elif written.count(":") == 1:
        host, _, ports = written.partition(":")
    taken = _ports(ports) if ports or written.endswith(":") else None
    try:
        return Allowed(None, ip_network(host), taken)
    except ValueError:
        if "/" in host or _NAME.fullmatch(host) is None:
            raise
    return Allowed(host.lower(), None, taken)


def _ports(written: str) -> range:
    found = _PORTS.fullmatch(written)
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    if not 1 <= first <= last <= 65535:
        raise ValueError(f"{written!r} is no port")
    return range(first, last + 1)


def is_special(address: Address) -> bool:
    """Whether the address means this machine itself, or its own link, where the controller's own services answer."""
    return any(address in network for network in _SPECIAL)


def unwrap(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address stands for, if it stands for one."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address.sixtofour is not None:
            return address.sixtofour
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


@dataclass(frozen=True, slots=True)
class Reach:
    """What an environment's criteria may read."""

    hosts: frozenset[str]
    """Names and addresses of the nodes, in small letters."""
    allowed: tuple[Allowed, ...]

    def takes(self, host: str, port: int, address: Address) -> bool:
        """Whether `address`, to which `host` leads, may be read. This machine and its link must be allowed as such."""
        host, plain = host.lower(), unwrap(address)
        entries = [entry for entry in self.allowed if entry.takes(port)]
        if is_special(plain):
            local = any(entry.name == host == "localhost" for entry in entries) and plain.is_loopback
            return local or any(_within_special(entry, plain) for entry in entries)
        if host in self.hosts or str(plain) in self.hosts or any(entry.names(host) for entry in entries):
            return True
        return any(entry.network is not None and plain in entry.network for entry in entries)

    def may_take(self, host: str, port: int) -> bool:
        """Whether it may be read as far as can be told without looking its name up."""
        try:
            return self.takes(host, port, ip_address(host))
        except ValueError:
            entries = [entry for entry in self.allowed if entry.takes(port)]
            known = host.lower() in self.hosts and host.lower() != "localhost"
            return known or any(entry.names(host.lower()) or entry.network is not None for entry in entries)

    def takes_for(self, asked: str, host: str, port: int, address: Address) -> bool:
        """Whether `asked`, as NAME or NAME:PORT, may be asked for at an `address` that may be read as `host`.

        A node, and an address or network that operations allow, may be asked for anything. Where they allow a name,
        what answers there for other names is not allowed with it.
        """
        return self._names(asked, host, port) or self._without_names().takes(host, port, address)

    def may_take_for(self, asked: str, host: str, port: int) -> bool:
        """As `takes_for`, as far as can be told without looking the name up."""
        return self._names(asked, host, port) or self._without_names().may_take(host, port)

    def _names(self, asked: str, host: str, port: int) -> bool:
        name = asked.partition(":")[0].lower()
        return name == host.lower() or any(entry.takes(port) and entry.names(name) for entry in self.allowed)

    def _without_names(self) -> "Reach":
        return Reach(self.hosts, tuple(entry for entry in self.allowed if entry.name is None))


def _within_special(entry: Allowed, address: Address) -> bool:
    """Whether the entry means this very kind of address, and not just a large network in which it happens to lie."""
    network = entry.network
    return network is not None and address in network and any(_lies_in(network, each) for each in _SPECIAL)


def _lies_in(network: Network, other: Network) -> bool:
    return network[0] in other and network[-1] in other
