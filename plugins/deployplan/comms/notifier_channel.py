"""Sending messages through any of the notifiers that Airflow has: Slack, PagerDuty, Opsgenie, Jira and so on."""

from __future__ import annotations

import asyncio
import html
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, Self

from deployplan.comms.channel import Account, SendError
from deployplan.comms.message import Message
from deployplan.comms.named_channel import HANDLE, no_handle
from deployplan.comms.pager_desk import PagerDesk, desk_of
from deployplan.remote.masking import Masks

STARTING = 30.0
"""Seconds that the process may take besides those of the service: it loads Airflow and the provider."""
PROGRAM = "from deployplan.airflow_glue.notifier_process import send_by_notifier; send_by_notifier()"

_PROVIDERS = "airflow.providers"
WORDS_OF: Mapping[str, Mapping[str, Any]] = {
    f"{_PROVIDERS}.slack.notifications.slack.SlackNotifier": {"text": "{text}"},
    f"{_PROVIDERS}.slack.notifications.slack_webhook.SlackWebhookNotifier": {"text": "{text}"},
    f"{_PROVIDERS}.discord.notifications.discord.DiscordNotifier": {"text": "{text}"},
    f"{_PROVIDERS}.smtp.notifications.smtp.SmtpNotifier": {"subject": "{subject}", "html_content": "{html}"},
    f"{_PROVIDERS}.pagerduty.notifications.pagerduty.PagerdutyNotifier": {
        "summary": "{subject}",
        "severity": "{severity}",
        "source": "deployplan",
        "dedup_key": "{key}",
        "custom_details": "{body}",
    },
    f"{_PROVIDERS}.opsgenie.notifications.opsgenie.OpsgenieNotifier": {
        "payload": {"message": "{subject}", "alias": "{key}", "description": "{body}"}
    },
    f"{_PROVIDERS}.atlassian.jira.notifications.jira.JiraNotifier": {"summary": "{subject}", "description": "{body}"},
}
"""Which arguments of a notifier take which words, where operations do not say it."""
MENTIONS: Mapping[str, tuple[re.Pattern[str], str]] = {
    "slack": (re.compile(r"[UW][A-Z0-9]{2,20}", re.ASCII), "<@{}>"),
    "discord": (re.compile(r"\d{5,20}", re.ASCII), "<@{}>"),
}
"""How chat services call somebody's attention, by the provider: what their handles look like, and how it is written."""
_SEVERITIES = {"info": "info", "success": "info", "warning": "warning", "failure": "critical"}
_ORDERS = re.compile(r"<(?=[!@#]|[a-z]+:)|@(?=(?:all|channel|everyone|here|room)\b)", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_CLASS = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Notifier:
    """A notifier's class, by its path, and its arguments; `problem` is why it cannot be used.

    `desk` is where its service says who has acknowledged a message.
    """

    path: str
    arguments: Mapping[str, Any] = field(default_factory=dict, repr=False)
    problem: str | None = None
    desk: PagerDesk | None = None

    @property
    def service(self) -> str:
        """The provider's word, `slack`; empty for a class of somebody else's."""
        return self.path.split(".")[2] if self.path.startswith(f"{_PROVIDERS}.") else ""

    @property
    def tells_one(self) -> bool:
        """Whether it tells one person, whose handle goes into its arguments."""
        return HANDLE in json.dumps(self.arguments)


class NotifierChannel:
    """Has a notifier of Airflow send each message, in a process of its own that ends: what hangs there is given up.

    A plan names it, `#releases`; which notifier that is, and its arguments, operations have set. Notifiers render their
    arguments as templates; here nothing is rendered, so that `{{ 7 * 7 }}` arrives as it was written.
    """

    SETTING: ClassVar[str | None] = "DEPLOYPLAN_NOTIFIERS"

    @classmethod
    def of(cls, accounts: Mapping[str, Account]) -> Self:
        """Return the channel to the notifiers that operations have named."""
        return cls({name: notifier_of(account) for name, account in accounts.items()})

    def __init__(self, named: Mapping[str, Notifier], *, timeout: float = 30.0, program: str = PROGRAM) -> None:
        """`named` are the notifiers of operations by name, without `#`; `timeout` is seconds for the service."""
        self._named = named
        self._timeout = timeout
        self._program = program

    @property
    def names(self) -> frozenset[str]:
        """The names that plans may use, without `#`."""
        return frozenset(self._named)

    async def send(self, message: Message) -> str:
        """Have the notifier send it. Raises SendError: what the notifier said, or that it did not end in time."""
        name, notifier = self._meant_by(message)
        if notifier.problem is not None:
            raise SendError(f"notifier #{name} cannot be used: {notifier.problem}")
        handle = message.handle(name, notifier.service)
        called = mentions(message, name, notifier.service)
        arguments = fill_words({**WORDS_OF.get(notifier.path, {}), **notifier.arguments}, message, handle, called)
        order = {"notifier": notifier.path, "arguments": arguments}
        told = await asyncio.to_thread(self._hand_over, name, order)
        if told["why"] is not None:
            why = Masks(_fixed(notifier.arguments))(told["why"])
            raise SendError(f"notifier #{name}: {why}", uncertain=told["uncertain"])
        return f"notifier #{name} took it"

    @property
    def pagers(self) -> frozenset[str]:
        """The names whose services say who has acknowledged a message, without `#`."""
        return frozenset(name for name, each in self._named.items() if each.desk is not None)

    async def acknowledged_by(self, name: str, key: str) -> str | None:
        """Who has acknowledged the message with this key there; None when nobody has. Raises SendError."""
        desk = self._named[name].desk
        return None if desk is None else await desk.acknowledged_by(key)

    def reaches(self, handles: Mapping[str, str]) -> bool:
        """Whether one of the notifiers tells a person who is called so."""
        return self._one_that_tells(handles) is not None

    def _one_that_tells(self, handles: Mapping[str, str]) -> str | None:
        found = (name for name, each in self._named.items() if each.tells_one and {name, each.service} & set(handles))
        return next(found, None)

    def _meant_by(self, message: Message) -> tuple[str, Notifier]:
        if message.person is not None:
            found = self._one_that_tells(message.handles.get(message.person, {}))
            if found is None:
                raise SendError(no_handle(message, "notifier", self._named))
            return found, self._named[found]
        name = message.to.removeprefix("#")
        notifier = self._named.get(name)
        if notifier is None:
            known = ", ".join(f"#{each}" for each in sorted(self._named)) or "none"
            raise SendError(
                f"{message.to!r} is no notifier of operations (known: {known}), so {message.group} was not told"
            )
        if notifier.tells_one:
            raise SendError(f"notifier #{name} tells one person by a handle, so {message.group} was not told")
        return name, notifier

    def _hand_over(self, name: str, order: Mapping[str, Any]) -> dict[str, Any]:
        # Airflow's connections are read as a server reads them: this process is one.
        path = os.pathsep.join(filter(None, (str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH"))))
        env = {**os.environ, "PYTHONPATH": path, "_AIRFLOW_PROCESS_CONTEXT": "server"}
        within = self._timeout + STARTING
        try:
            ended = subprocess.run(
                [sys.executable, "-c", self._program],
                input=json.dumps(order).encode(),
                env=env,
                capture_output=True,
                timeout=within,
                check=True,
            )
            told: dict[str, Any] = json.loads(ended.stdout.strip().rpartition(b"\n")[2])
        except subprocess.TimeoutExpired as error:
            raise SendError(f"notifier #{name} did not end within {within:g} s", uncertain=True) from error
        except subprocess.CalledProcessError as error:  # what it said may hold anything, secrets, too
            raise SendError(f"the process of notifier #{name} ended with {error.returncode}", uncertain=True) from None
        except (OSError, ValueError) as error:
            raise SendError(f"notifier #{name} could not be asked: {error}", uncertain=True) from error
        return told


def notifier_of(account: Account) -> Notifier:
    """Return the notifier that an Airflow connection names: the extra `notifier` is its class, `arguments` its own."""
    extra = account.extra_dejson
    path, arguments = extra.get("notifier"), extra.get("arguments", {})
    if isinstance(arguments, str):  # the connection form keeps text
        try:
            arguments = json.loads(arguments)
        except ValueError:
            arguments = None
    if not isinstance(path, str) or not _CLASS.fullmatch(path):
        return Notifier("", problem="the extra `notifier` of its connection is no path of a class")
    if not isinstance(arguments, dict):
        return Notifier(path, problem="the extra `arguments` of its connection is no mapping")
    if not any(_placeholders(each) for each in (*WORDS_OF.get(path, {}).values(), *arguments.values())):
        return Notifier(path, problem="none of its arguments takes the message: write {text}, {subject} or {body}")
    found = Notifier(path, arguments)
    return replace(found, desk=desk_of(found.service, account))


def mentions(message: Message, name: str, service: str) -> str:
    """What calls the attention of those whom a message to a room is about, where the service is a chat."""
    if message.person is not None or service not in MENTIONS:
        return ""
    shape, written = MENTIONS[service]
    handles = (known.get(name) or known.get(service, "") for known in message.handles.values())
    return " ".join(written.format(each) for each in handles if shape.fullmatch(each))


def fill_words(arguments: Any, message: Message, handle: str | None = None, called: str = "") -> Any:
    """Put a message's words where arguments have `{text}`, `{subject}`, `{body}`, `{html}` and so on; each once.

    `handle` is that of the one person who is told; `called` calls people's attention, and stands before the text.
    """
    text = f"{message.subject}\n\n{message.body}"
    words = {
        "handle": handle or "",
        "text": f"{called} {_as_words(text)}".lstrip(),
        "subject": message.subject,
        "body": message.body,
        "html": f"<pre>{html.escape(text)}</pre>",
        "key": message.key,
        "group": message.group,
        "moment": str(message.moment),
        "tone": message.moment.telling.tone,
        "severity": _SEVERITIES[message.moment.telling.tone],
    }

    def filled(value: Any) -> Any:
        match value:
            case str():
                return _PLACEHOLDER.sub(lambda match: words.get(match[1], match[0]), value)
            case dict():
                return {key: filled(each) for key, each in value.items()}
            case list():
                return [filled(each) for each in value]
            case _:
                return value

    return filled(arguments)


def _fixed(value: Any) -> Iterator[str]:
    """What operations have written among the arguments: a key of the service may be one of them."""
    match value:
        case str() if not _PLACEHOLDER.search(value):
            yield value
        case dict() | list():
            for each in value.values() if isinstance(value, dict) else value:
                yield from _fixed(each)


def _placeholders(value: Any) -> bool:
    return any(each in json.dumps(value) for each in ("{text}", "{subject}", "{body}", "{html}"))


def _as_words(text: str) -> str:
    """Chat rooms read `<!channel>`, `@here` and `<http://…|words>` as orders; with a blank they stay words."""
    return _ORDERS.sub(lambda match: f"{match[0]} ", text)
