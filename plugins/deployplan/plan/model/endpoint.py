"""Where a connection leads: host and port, as a URL or `HOST:PORT` spells them."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

_PORTS = {"http": 80, "https": 443}
_LIKE_URL = "write one like http://{host}:8080/health"
_LIKE_ADDRESS = "write one like {host}:5432, an IPv6 address in brackets: [fd00::9]:5432"
_ADDRESS = re.compile(r"(?:\[(?P<bracketed>[0-9A-Fa-f:.]+)\]|(?P<plain>[^\s:/@\[\]]+)):(?P<port>[0-9]{1,5})", re.ASCII)


class NoEndpoint(ValueError):
    """A text names no endpoint: the message goes on after `criterion … reads`; `hint` says what would be right."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A host, without brackets and in small letters, and a TCP port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def url_endpoint(url: str) -> Endpoint:
    """Return where an http or https URL leads. Raises NoEndpoint for what cannot be read, or holds a password."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise NoEndpoint(f"{url!r}, which is no URL: {str(error).lower()}", _LIKE_URL) from error
    if parts.scheme not in _PORTS or "://" not in url:
        raise NoEndpoint(
            f"{url!r}, which has no scheme http or https", f"write http://{url.partition('://')[2] or url}"
        )
    if parts.username is not None or parts.password is not None:
        hidden = url.replace(parts.netloc, parts.netloc.rpartition("@")[2])
        raise NoEndpoint(f"{hidden!r} with a user or password in it", "a plan is read by many; let the check need none")
    if not parts.hostname:
        raise NoEndpoint(f"{url!r}, which names no host", _LIKE_URL)
    try:
        port = _PORTS[parts.scheme] if parts.port is None else parts.port
    except ValueError:
        port = 0
    if not port:
        raise NoEndpoint(f"{url!r}, whose port is no number from 1 to 65535", _LIKE_URL)
    return Endpoint(parts.hostname, port)


def address_endpoint(address: str) -> Endpoint:
    """Return the endpoint that `HOST:PORT` or `[IPV6]:PORT` spells. Raises NoEndpoint for anything else."""
    found = _ADDRESS.fullmatch(address)
    if found is None:
        raise NoEndpoint(f"{address!r}, which is no HOST:PORT", _LIKE_ADDRESS)
    if not 1 <= int(found["port"]) <= 65535:
        raise NoEndpoint(f"{address!r}, whose port is no number from 1 to 65535", _LIKE_ADDRESS)
    return Endpoint((found["bracketed"] or found["plain"]).lower(), int(found["port"]))
