"""Which addresses of a host may be asked from the controller?"""

import asyncio
import socket
from ipaddress import ip_address

from deployplan.errors import DeployPlanError
from deployplan.plan.model.reach import Reach


class OutOfReach(DeployPlanError):
    """The address is no node of the environment, and operations do not allow it."""


async def addresses_of(host: str, port: int, reach: Reach, asked: str | None = None) -> list[str]:
    """Return the addresses of a host, or of an IPv6 address in brackets, that may be asked; for `asked`, where given.

    Raises OutOfReach when there are none, socket.gaierror when the name is not known.
    """
    name = host.strip("[]")
    found = await asyncio.get_running_loop().getaddrinfo(name, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(each[4][0]).partition("%")[0] for each in found))
    taken = [address for address in addresses if reach.takes(name, port, ip_address(address))]
    if not taken:
        at = "" if addresses == [name] else f" ({', '.join(addresses)})"
        raise OutOfReach(f"{host}:{port}{at} may not be read: it is no node, and not in the environment's `reach`")
    if asked is None:
        return taken
    taken = [address for address in taken if reach.takes_for(asked, name, port, ip_address(address))]
    if not taken:
        why = f"the environment's `reach` allows {host} by its name, and does not name {asked}"
        raise OutOfReach(f"{asked} may not be asked for at {host}:{port}: {why}")
    return taken
