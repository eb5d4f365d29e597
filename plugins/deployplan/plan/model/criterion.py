"""How the engineer knows that the release succeeded: section 8 of a plan."""

import re
import ssl
from collections.abc import Iterable
from datetime import timedelta
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import Field, PlainSerializer, PlainValidator, WithJsonSchema, model_validator

from deployplan.plan.model.placeholders import names_a_node
from deployplan.plan.text.scalars import (
    Duration,
    Flag,
    Number,
    Positive,
    PositiveDuration,
    Text,
    Value,
    Whole,
    parse_whole,
    quote_value,
    value_error,
)
from deployplan.plan.text.strict import OwnName, Strict

HTTP_KEYS = ("status", "headers", "json_", "contains")
REQUEST_KEYS = ("headers", "ca")
COMMAND_KEYS = ("exit", "stdout", "stdout_min", "stdout_max")
MACHINE_KEYS = ("on", "for_", "every", "timeout", "fail_after", "baseline", "neighbour")
MANUAL_KEYS = ("by", "within")


def parse_status(value: Any) -> int | str:
    """Return a status code, or a class of them: `2xx`."""
    if isinstance(value, str) and re.fullmatch(r"[1-5]xx", value):
        return str(value)
    code = parse_whole(value)
    if type(code) is not int:
        raise value_error(
            "wrong-type", f"{quote_value(value)} is no status code", "write 200, or 2xx for any that says success"
        )
    if not 100 <= code <= 599:
        raise value_error("out-of-range", f"{code} is no status code; they are 100 to 599")
    return code


Status = Annotated[
    int | str,
    PlainValidator(parse_status),
    WithJsonSchema(
        {"anyOf": [{"type": "integer", "minimum": 100, "maximum": 599}, {"type": "string", "pattern": "^[1-5]xx$"}]}
    ),
]


def parse_header(value: Any) -> str:
    """Return the text of a header, which is one line of ASCII."""
    if not isinstance(value, str) or not re.fullmatch(r"[ -~]{1,1000}", value):
        raise value_error("wrong-type", f"{quote_value(value)} is no text of a header: one line of ASCII", "quote it")
    return str(value)


def parse_certificates(value: Any) -> str:
    """Return the certificates (PEM) of an authority."""
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=value if isinstance(value, str) and value.isascii() else "")
    except (ssl.SSLError, ValueError) as error:
        raise value_error(
            "wrong-type", "this is no certificate in PEM", "write -----BEGIN CERTIFICATE----- …"
        ) from error
    return str(value)


HeaderName = Annotated[Text, Field(pattern=r"^[A-Za-z0-9-]+$", max_length=100)]
Header = Annotated[str, PlainValidator(parse_header), WithJsonSchema({"type": "string"})]
Certificates = Annotated[str, PlainValidator(parse_certificates), WithJsonSchema({"type": "string"})]


class Expect(Strict):
    """What a reading must show. Keys for http: status, headers, json, contains; keys for commands: exit and stdout…"""

    status: Status = Field(200, description="http: status code of the answer, or `2xx` for any of them")
    headers: dict[HeaderName, Header] = Field(
        {}, description="http: headers of the answer and their values, whole or up to their first `;`; absent: any"
    )
    json_: dict[str, Value] | None = Field(
        None,
        alias="json",
        description="http: keys of the JSON answer and their values, `nodes.every.state` for each element of a list; "
        "absent: the body is not read as JSON",
    )
    contains: Text | None = Field(None, description="http: text that the body contains; absent: any body")
    exit: Annotated[Whole, Field(ge=0, le=255)] = Field(0, description="command: exit code")
    stdout: Text | None = Field(None, description="command: its whole output, blanks at both ends aside; absent: any")
    stdout_min: Number | None = Field(None, description="command: its output is a number not below this; absent: any")
    stdout_max: Number | None = Field(None, description="command: its output is a number not above this; absent: any")

    def with_version(self, old: str, new: str) -> "Expect":
        """Return what is expected of `new` where this expects `old`: every value that equals `old` is replaced."""
        return self.model_copy(update={key: _replaced(getattr(self, key), old, new) for key in type(self).model_fields})

    def other_than_default(self, keys: Iterable[str]) -> list[str]:
        """Return those of `keys` that ask for something, as they are written in a plan."""
        return [f"expect.{key.rstrip('_')}" for key in _changed(self, keys)]


def _changed(model: Strict, keys: Iterable[str]) -> list[str]:
    defaults = _defaults(type(model))
    return [key for key in keys if getattr(model, key) != defaults[key]]


@cache
def _defaults(kind: type[Strict]) -> dict[str, Any]:
    return {key: field.default for key, field in kind.model_fields.items()}


def _replaced(value: Any, old: str, new: str) -> Any:
    if isinstance(value, dict):
        return {key: _replaced(item, old, new) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return tuple(_replaced(item, old, new) for item in value)
    return new if value == old and isinstance(value, str) else value


def parse_on(value: Any) -> str | tuple[str, ...]:
    """Return where a criterion is read: one node or group, or several."""
    if isinstance(value, str) and value:
        return str(value)
    if isinstance(value, tuple) and value and all(isinstance(item, str) and item for item in value):
        return tuple(str(item) for item in value)
    raise value_error("wrong-type", f"{quote_value(value)} is no node", "write a node, group:NAME, or a list of them")


_ON_SCHEMA = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
On = Annotated[
    str | tuple[str, ...],
    PlainValidator(parse_on),
    PlainSerializer(lambda on: on if isinstance(on, str) else list(on), when_used="json"),
    WithJsonSchema(_ON_SCHEMA),
]


class Criterion(Strict):
    """A question to production and the answer that means success; exactly one of http, command and manual."""

    name: OwnName
    http: Text | None = Field(
        None,
        description="URL; {node} and {host} are a node's address, {name} its name, {VAR} a variable; else `command`",
    )
    command: Text | None = Field(None, description="shell command to run on the nodes of `on`; else `http`")
    manual: Text | None = Field(None, description="what a person tries and judges; else `http`")
    headers: dict[HeaderName, Header] = Field(
        {}, description="http: headers that the request carries, nothing secret; absent: none"
    )
    ca: Certificates | None = Field(
        None, description="http: certificates (PEM) of the authority that signs; absent: those the machine trusts"
    )
    expect: Expect = Field(Expect(), description="what the reading must show; absent: status 200, or exit 0")
    on: On | None = Field(
        None,
        description="node, `group:NAME` or a list; absent: every node when the URL names one, else read once from here",
    )
    neighbour: Flag = Field(False, description="something that the release must not disturb")
    for_: Duration = Field(
        timedelta(), alias="for", description="how long it must pass without a break; 0s: one reading"
    )
    every: PositiveDuration = Field(timedelta(seconds=2), description="time between readings")
    timeout: PositiveDuration = Field(timedelta(seconds=10), description="a reading that takes longer is unknown")
    fail_after: Positive = Field(3, description="readings in a row that do not pass before it has failed")
    baseline: Flag | None = Field(
        None, description="whether it is read before the release; absent: machine criteria are, manual ones are not"
    )
    by: Text | None = Field(None, description="manual: user id of the person who tries it; absent: any who may answer")
    within: PositiveDuration = Field(timedelta(hours=1), description="manual: an answer later than this is unknown")

    @property
    def is_machine(self) -> bool:
        """Whether a program can read it."""
        return self.manual is None

    @property
    def per_node(self) -> bool:
        """Whether its URL differs from node to node."""
        return self.http is not None and names_a_node(self.http)

    def places(self) -> tuple[str, ...]:
        """Return what `on` names, as written; nothing when `on` is absent."""
        if self.on is None:
            return ()
        return (self.on,) if isinstance(self.on, str) else self.on

    @property
    def kind(self) -> Literal["http", "command", "manual"]:
        """Which of the three it is."""
        return "http" if self.http is not None else "command" if self.command is not None else "manual"

    def for_release(self, version_from: str, version_to: str) -> "Criterion":
        """Return the criterion for another version: expected values equal to `version_from` are replaced."""
        return self.model_copy(update={"expect": self.expect.with_version(version_from, version_to)})

    @model_validator(mode="after")
    def _one_question(self) -> "Criterion":
        asked = [key for key in ("http", "command", "manual") if getattr(self, key) is not None]
        if len(asked) != 1:
            state = f"has {' and '.join(asked)}" if asked else "asks nothing"
            raise value_error(
                "criterion-kind", f"criterion {self.name!r} {state}; exactly one of http, command and manual is wanted"
            )
        wrong = self._keys_of_other_kinds()
        if wrong:
            raise value_error(
                "criterion-kind",
                f"criterion {self.name!r} is of kind {self.kind}; {', '.join(wrong)} has no meaning there",
            )
        return self

    def _keys_of_other_kinds(self) -> list[str]:
        barred = {"http": COMMAND_KEYS, "command": HTTP_KEYS, "manual": HTTP_KEYS + COMMAND_KEYS}[self.kind]
        foreign = MACHINE_KEYS if self.kind == "manual" else MANUAL_KEYS
        asked = () if self.kind == "http" else REQUEST_KEYS
        return self.expect.other_than_default(barred) + [key.rstrip("_") for key in _changed(self, (*asked, *foreign))]
