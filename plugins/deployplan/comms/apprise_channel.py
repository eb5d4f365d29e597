"""Sending messages through Apprise, to the hundred kinds of services whose addresses it knows."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Self
from urllib.parse import quote

from deployplan.comms.channel import Account, SendError
from deployplan.comms.message import Message
from deployplan.comms.named_channel import HANDLE, no_handle

STARTING = 20.0
"""Seconds that the sender may take besides those of the services: it loads a module for each that Apprise knows."""

_HERE = "from deployplan.comms.apprise_channel import hand_over; hand_over()"
_ORDERS = re.compile(r"<(?=[!@#])|@(?=(?:all|channel|everyone|here|room)\b)", re.IGNORECASE)
_SHORTEST_SECRET = 6
_HOST = re.compile(r"localhost|[\w-]+(?:\.[\w-]+)+", re.ASCII)
_MOST_TOLD = 200


@dataclass(frozen=True, slots=True)
class Services:
    """The addresses that operations keep under one name; they hold secrets."""

    urls: tuple[str, ...] = field(repr=False)

    @property
    def tells_one(self) -> bool:
        """Whether they tell one person, whose handle goes into each address."""
        return bool(self.urls) and all(HANDLE in url for url in self.urls)


class AppriseChannel:
    """Hands each message to a process of its own, which ends: what hangs there holds no thread of ours.

    A plan names the channel, `#on-call`; where that is, operations have set. Airflow's own notifier of Apprise drops
    what became of a message and renders it as a template; so this asks the library.
    """

    SETTING: ClassVar[str | None] = "DEPLOYPLAN_APPRISE"

    @classmethod
    def of(cls, accounts: Mapping[str, Account]) -> Self:
        """Return the channel to the services that operations have named."""
        return cls({name: Services(urls_of(account)) for name, account in accounts.items()})

    def __init__(self, named: Mapping[str, Services], *, timeout: float = 30.0) -> None:
        """`named` are the services of operations by name, without `#`; `timeout` is seconds for all of them."""
        self._named = named
        self._timeout = timeout

    @property
    def names(self) -> frozenset[str]:
        """The names that plans may use, without `#`."""
        return frozenset(self._named)

    async def send(self, message: Message) -> str:
        """Have every service of the name told; return which took it. Raises SendError."""
        urls = self._urls_for(message)
        order = {
            "urls": urls,
            "title": _calling_nobody(message.subject),
            "body": _calling_nobody(message.body),
            "kind": message.moment.telling.tone,
            "timeout": self._timeout,
        }
        told = await asyncio.to_thread(self._hand_over, message, order)
        missed = [f"{each['service']}: {_without_secrets(each['why'], urls)}" for each in told if each["why"]]
        took = ", ".join(each["service"] for each in told if not each["why"])
        if missed:
            also = f"; {took} took it" if took else ""
            # Nothing was sent anywhere when an address is none; else nobody can tell what arrived.
            uncertain = all(each["tried"] for each in told)
            raise SendError(f"{message.to} was not told by {'; '.join(missed)}{also}", uncertain=uncertain)
        return f"{message.to}: {took} took it"

    def reaches(self, handles: Mapping[str, str]) -> bool:
        """Whether the services of a name tell one person, and this person has a handle by it."""
        return self._one_that_tells(handles) is not None

    def _one_that_tells(self, handles: Mapping[str, str]) -> str | None:
        return next((name for name, each in self._named.items() if each.tells_one and name in handles), None)

    def _urls_for(self, message: Message) -> tuple[str, ...]:
        if message.person is not None:
            name = self._one_that_tells(message.handles.get(message.person, {}))
            if name is None:
                raise SendError(no_handle(message, "Apprise service", self._named))
            handle = quote(message.handle(name) or "", safe="")
            return tuple(url.replace(HANDLE, handle) for url in self._named[name].urls)
        services = self._named.get(message.to.removeprefix("#"))
        if services is None or not services.urls:
            known = ", ".join(f"#{each}" for each in sorted(self._named)) or "none"
            raise SendError(
                f"{message.to!r} is no Apprise service of operations (known: {known}), so {message.group} was not told"
            )
        if services.tells_one:
            raise SendError(f"{message.to} tells one person by a handle, so {message.group} was not told")
        return services.urls

    def _hand_over(self, message: Message, order: Mapping[str, Any]) -> list[dict[str, Any]]:
        # The sender finds this package where this process found it, whatever put that on the path.
        env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
        within = self._timeout + STARTING
        try:
            ended = subprocess.run(
                [sys.executable, "-c", _HERE],
                input=json.dumps(order).encode(),
                env=env,
                capture_output=True,
                timeout=within,
                check=True,
            )
            told: list[dict[str, Any]] = json.loads(ended.stdout.rpartition(b"\n")[2])
        except subprocess.TimeoutExpired as error:
            raise SendError(f"Apprise did not end within {within:g} s for {message.to}", uncertain=True) from error
        except subprocess.CalledProcessError as error:
            why = _last_line(error.stderr) or f"exit {error.returncode}"
            raise SendError(
                f"Apprise could not be asked for {message.to}: {_without_secrets(why, order['urls'])}", uncertain=True
            ) from None
        except (OSError, ValueError) as error:
            raise SendError(f"Apprise could not be asked for {message.to}: {error}", uncertain=True) from error
        return told


def urls_of(account: Account) -> tuple[str, ...]:
    """Return the addresses that an Airflow connection holds, written as that of its Apprise provider.

    The extra `config` is `{"path": ADDRESS}` or a list of them; what cannot be read is none.
    """
    config = account.extra_dejson.get("config")
    try:
        read = json.loads(config) if isinstance(config, str) else config
    except ValueError:
        return ()
    entries = read if isinstance(read, list) else [read]
    return tuple(str(entry["path"]) for entry in entries if isinstance(entry, dict) and entry.get("path"))


def hand_over() -> None:
    """Send the message that stdin holds, print what each service said as one line of JSON, and end.

    Run in a process of its own. `os._exit` waits for no thread in which a service still answers.
    """
    order = json.load(sys.stdin.buffer)
    told = _tell_all(order)
    sys.stdout.write("\n" + json.dumps(told))
    sys.stdout.flush()
    os._exit(0)


def _tell_all(order: Mapping[str, Any]) -> list[dict[str, Any]]:
    from apprise import Apprise, AppriseAsset, NotifyFormat, NotifyType

    asset = AppriseAsset(app_id="deployplan", app_desc="deployplan", http_redirects=False)
    sender = Apprise(asset=asset)
    strange = [url.partition(":")[0] for url in order["urls"] if not sender.add(url)]
    if strange:
        return [{"service": scheme, "why": "it is no address that Apprise knows", "tried": False} for scheme in strange]
    outcome = sender.notify(
        body=order["body"],
        title=order["title"],
        notify_type=NotifyType(order["kind"]),
        body_format=NotifyFormat.TEXT,
        interpret_escapes=False,
        timeout=order["timeout"],
    )
    return [
        {"service": each.name, "why": None if each.status == 0 else _why(each), "tried": True}
        for each in outcome.results
    ]


def _why(result: Any) -> str:
    """What Apprise logged last of a service that did not take the message, else how it ended."""
    said = [str(entry.message) for entry in result.logs()]
    return said[-1] if said else f"it ended as {result.status.name}"


def _calling_nobody(text: str) -> str:
    """Chat rooms read `<!channel>` and `@here` as orders to call everybody; with a blank they stay words."""
    return _ORDERS.sub(lambda match: f"{match[0]} ", text)


def _without_secrets(text: str, urls: Sequence[str]) -> str:
    """Mask what of the addresses could be a secret: all but the scheme, and a host that looks like one."""
    parts = {part for url in urls for part in re.split(r"[/?&=#:@]+", url.partition("://")[2])}
    for part in sorted(parts, key=len, reverse=True):
        if len(part) >= _SHORTEST_SECRET and not _HOST.fullmatch(part):
            text = text.replace(part, "***")
    return " ".join(text.split())[:_MOST_TOLD]


def _last_line(said: bytes) -> str:
    return said.decode("utf-8", "replace").strip().rpartition("\n")[2]
