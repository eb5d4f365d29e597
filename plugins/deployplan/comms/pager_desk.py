"""Has somebody acknowledged at the pager what it was told? Asked of its REST API: the one that is told says nothing.

PagerDuty's events API and Opsgenie's create request answer that a call was taken, and never who took it in hand; that
is said by `GET /incidents?incident_key=…` and `GET /v2/alerts/{alias}?identifierType=alias`, by the key of the message.
What a service does by itself after some time, or a policy, is nobody's acknowledgement.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from deployplan.comms.channel import Account, SendError
from deployplan.http_body import PackedAnswer, read_raw_body
from deployplan.printable import printable

if TYPE_CHECKING:
    import httpx

WITHIN = 10.0
"""Seconds for an answer."""
LONGEST_NAME = 100
MOST_BODY = 256 * 1024
"""Bytes of an answer that are read: one incident or alert is a few thousand."""


@dataclass(frozen=True, slots=True)
class _Service:
    """Where a pager's API is, how it is asked of one message, and who acknowledged it by its answer."""

    address: str
    path: Callable[[str], str]
    headers: Callable[[str], Mapping[str, str]]
    who: Callable[[Any], str | None]


@dataclass(frozen=True, slots=True)
class PagerDesk:
    """A pager that can be asked, with a key that may read."""

    service: str
    address: str = field(repr=False)
    key: str = field(repr=False)

    async def acknowledged_by(self, message_key: str) -> str | None:
        """Who at the pager has acknowledged the message, or closed it; None when nobody has. Raises SendError."""
        import httpx

        service = SERVICES[self.service]
        url = self.address.rstrip("/") + service.path(message_key)
        try:
            is_tls = _refuse_in_the_clear(self.service, httpx.URL(url))
            headers = {**service.headers(self.key), "Accept-Encoding": "identity"}
            # trust_env: the pager is out in the world, and many a network lets nothing there but through its proxy, as
            # the notifiers go that call there. Over TLS a proxy sees no key; without TLS none is asked.
            async with (
                httpx.AsyncClient(timeout=WITHIN, follow_redirects=False, trust_env=is_tls) as client,
                client.stream("GET", url, headers=headers) as response,
            ):
                if response.status_code == httpx.codes.NOT_FOUND:  # a call that it is only about to make
                    return None
                if not response.is_success:
                    raise SendError(f"{self.service} does not say who acknowledged: status {response.status_code}")
                body, complete = await read_raw_body(response, MOST_BODY)
            if not complete:
                raise SendError(f"{self.service} does not say who acknowledged: more than {MOST_BODY} bytes of answer")
            who = service.who(json.loads(body))
        except PackedAnswer as packed:
            raise SendError(f"{self.service} does not say who acknowledged: {packed}") from None
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:  # its words could tell the key
            raise SendError(f"{self.service} does not say who acknowledged: {type(error).__name__}") from None
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise SendError(f"{self.service} does not say who acknowledged: it answers in other words") from None
        return None if who is None else printable(" ".join(who.split()))[:LONGEST_NAME] or "somebody"


def _refuse_in_the_clear(service: str, url: httpx.URL) -> bool:
    """Whether the address is asked by TLS; on this machine it need not be. Raises SendError for any other."""
    if url.scheme == "https":
        return True
    if url.scheme == "http" and _is_loopback(url.host):
        return False
    raise SendError(
        f"{service} does not say who acknowledged: it is not asked at {url.scheme}://{url.host}, where its key could "
        "be read on the way; give its connection the host alone, or https://"
    )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def desk_of(service: str, account: Account) -> PagerDesk | None:
    """Return the desk of a notifier's service; None where it cannot be asked, or operations gave no key for it.

    The key is the password of the notifier's connection, and its host the address where that is not the usual one.
    """
    if service not in SERVICES or not account.password:
        return None
    host = account.host or SERVICES[service].address
    return PagerDesk(service, host if "://" in host else f"https://{host}", account.password)


def _who_at_pagerduty(answer: Any) -> str | None:
    for incident in answer["incidents"]:
        said: list[Any] = []
        if incident["status"] == "acknowledged":
            said = [each.get("acknowledger") for each in reversed(incident.get("acknowledgements") or [])]
        elif incident["status"] == "resolved":
            said = [incident.get("last_status_change_by")]
        for each in said:
            if each and str(each.get("type", "")).startswith("user"):  # a service does it by itself, after some time
                return str(each.get("summary") or "somebody")
    return None


def _who_at_opsgenie(answer: Any) -> str | None:
    alert = answer["data"]
    report = alert.get("report") or {}
    by = report.get("acknowledgedBy") if alert["acknowledged"] is True else None
    by = by or (report.get("closedBy") if alert["status"] == "closed" else None)
    return str(by) if by and "@" in str(by) else None  # people are called by their mail addresses, policies are not


SERVICES: Mapping[str, _Service] = {
    "pagerduty": _Service(
        "https://api.pagerduty.com",
        lambda key: f"/incidents?{urlencode({'incident_key': key})}",
        lambda key: {"Authorization": f"Token token={key}", "Accept": "application/vnd.pagerduty+json;version=2"},
        _who_at_pagerduty,
    ),
    "opsgenie": _Service(
        "https://api.opsgenie.com",
        lambda key: f"/v2/alerts/{quote(key, safe='')}?identifierType=alias",
        lambda key: {"Authorization": f"GenieKey {key}"},
        _who_at_opsgenie,
    ),
}
"""By the provider's word."""
