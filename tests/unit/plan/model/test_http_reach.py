"""Criteria reach the nodes and what operations allow; this machine and its link only when they are named."""

from ipaddress import ip_address

import pytest

from builders import an_infrastructure
from deployplan.plan.model.reach import Reach, parse_allowed


def reach(*entries: str, **nodes: str) -> Reach:
    known = {"nodes": nodes} if nodes else {}
    return an_infrastructure(reach=list(entries), groups={}, **known).reachable()


@pytest.mark.parametrize(
    ("host", "address", "entries"),
    [
        ("10.0.0.1", "10.0.0.1", ()),
        ("web-1", "10.0.0.1", ()),
        ("alias.example", "10.0.0.1", ()),  # a name that leads to a node
        ("shop.example", "192.0.2.7", ("shop.example",)),
        ("SHOP.example", "192.0.2.7", ("shop.example:443",)),
        ("a.shop.example", "192.0.2.7", ("*.shop.example",)),
        ("a.example", "192.0.2.7", ("192.0.2.0/24",)),
        ("a.example", "2001:db8::7", ("2001:db8::/32",)),
        ("127.0.0.1", "127.0.0.1", ("127.0.0.1:400-500",)),
        ("x.example", "127.0.0.1", ("127.0.0.0/8",)),
        ("localhost", "127.0.0.1", ("localhost",)),
        ("::1", "::1", ("[::1]:443",)),
    ],
)
def test_what_is_a_node_or_allowed_may_be_read(host: str, address: str, entries: tuple[str, ...]) -> None:
    assert reach(*entries).takes(host, 443, ip_address(address))


@pytest.mark.parametrize(
    ("host", "address", "entries"),
    [
        ("shop.example", "192.0.2.7", ()),
        ("shop.example", "192.0.2.7", ("shop.example:80",)),
        ("shop.example", "192.0.2.7", ("*.shop.example",)),
        ("evil-shop.example", "192.0.2.7", ("shop.example",)),
        ("shop.example", "127.0.0.1", ("shop.example",)),  # the name was turned to this machine
        ("web-1", "127.0.0.1", ()),
        ("web-1", "169.254.169.254", ()),
        ("localhost", "169.254.169.254", ("localhost",)),
        ("a.example", "127.0.0.1", ("0.0.0.0/0",)),
        ("a.example", "::ffff:127.0.0.1", ("::/0",)),
        ("a.example", "64:ff9b::7f00:1", ("::/0",)),
        ("a.example", "2002:7f00:1::", ("::/0",)),
        ("a.example", "0.0.0.0", ("10.0.0.0/8",)),
        ("a.example", "fe80::1", ("::/0",)),
        ("a.example", "::", ("::/0",)),
    ],
)
def test_everything_else_may_not(host: str, address: str, entries: tuple[str, ...]) -> None:
    assert not reach(*entries).takes(host, 443, ip_address(address))


def test_a_node_on_loopback_opens_no_port_of_this_machine_by_itself() -> None:
    assert not reach(n1="127.0.0.1").takes("127.0.0.1", 8080, ip_address("127.0.0.1"))
    practice = reach("127.0.0.1:8101-8106", n1="127.0.0.1")
    taken = [port for port in (8080, 8100, 8101, 8106, 8107) if practice.takes("n1", port, ip_address("127.0.0.1"))]
    assert taken == [8101, 8106]


@pytest.mark.parametrize(
    "written", ["", "a b", "10.0.0.0/33", "10.0.0.1/8", "shop:0", "shop:9-1", "shop:", "[::1", "x/24"]
)
def test_what_is_no_entry_is_refused(written: str) -> None:
    with pytest.raises(ValueError):
        parse_allowed(written)
