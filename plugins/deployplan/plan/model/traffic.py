"""How a node is taken out of service before it is worked on, and put back: `traffic` of a component."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from deployplan.plan.model.criterion_shapes import CommandExpect
from deployplan.plan.model.placeholders import fill
from deployplan.plan.text.scalars import PositiveDuration, Text, quote_value, value_error
from deployplan.plan.text.strict import Strict

_HAPROXY_NAME = re.compile(r"[A-Za-z0-9_.:-]{1,200}")
_SOCKET = re.compile(r"/[A-Za-z0-9_./@+-]{1,100}")


def _check_socket(text: str) -> str:
    if not _SOCKET.fullmatch(text):
        raise value_error("traffic", f"{quote_value(text)} is no socket's path", "write /run/haproxy/admin.sock")
    return text


def _check_backend(text: str) -> str:
    if not _HAPROXY_NAME.fullmatch(text):
        raise value_error("traffic", f"{quote_value(text)} is no name in HAProxy", "letters, digits and _ . : -")
    return text


class HaproxyServer(Strict):
    """A server of a backend of HAProxy, whose state is set and read over its socket; nothing else is run."""

    socket: Annotated[Text, AfterValidator(_check_socket)] = Field(
        description="path of HAProxy's socket, of `level admin`"
    )
    backend: Annotated[Text, AfterValidator(_check_backend)] = Field(description="name of the backend")
    server: Text = Field(
        description="name of the node's server in it; {node} and {name} are the node's name, {host} its address, "
        "{VAR} a variable"
    )

    def server_of(self, values: Mapping[str, str | int]) -> str:
        """Return the name of a node's server; `values` are those of the node's placeholders.

        Raises KeyError for a placeholder that has no value, ValueError where that is no name in HAProxy.
        """
        name = fill(self.server, {**values, "node": values["name"]})
        if not _HAPROXY_NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name in HAProxy: letters, digits and _ . : - only")
        return name


class DrainedExpect(CommandExpect):
    """How the command of `drained_when` must end, and what it must print."""

    model_config = ConfigDict(json_schema_extra={})


class DrainedWhen(Strict):
    """How it is known that a node serves nobody any more, and how long that may take."""

    command: Text = Field(description="shell command that is run again and again until it ends as expected")
    expect: DrainedExpect = Field(DrainedExpect(), description="how it must end; absent: exit 0")
    within: PositiveDuration = Field(
        timedelta(minutes=2), description="a node that still serves then has failed, and is put back"
    )


class Traffic(Strict):
    """How a node is taken out of service, waited for, and put back: by scripts of the plan, or in HAProxy."""

    on: Text | None = Field(
        None,
        description="node where all of it is run, as the balancer's; it is locked as long as the release lasts, so "
        "that plans take turns; absent: each on the node itself",
    )
    drain: Text | None = Field(
        None, description="shell command that takes the node $DEPLOYPLAN_NODE out of service; else `haproxy`"
    )
    put_back: Text | None = Field(
        None, description="shell command that brings the node $DEPLOYPLAN_NODE back into service; else `haproxy`"
    )
    drained_when: DrainedWhen | None = Field(
        None, description="what must be seen before it is worked on; absent: that `drain` has ended well is enough"
    )
    haproxy: HaproxyServer | None = Field(None, description="the node's server in HAProxy; else `drain` and `put_back`")
    timeout: PositiveDuration = Field(
        timedelta(minutes=2),
        description="`drain` or `put_back` that runs longer is terminated and has failed; for `haproxy` how long "
        "sessions may take to end, and a node to be up again",
    )

    @model_validator(mode="after")
    def _both_ways(self) -> "Traffic":
        if self.haproxy is not None:
            stated = [key for key in ("drain", "put_back", "drained_when") if getattr(self, key) is not None]
            if stated:
                raise value_error(
                    "traffic", f"`haproxy` drains, waits and puts back itself; `{stated[0]}` is too much", None
                )
        elif self.drain is None or self.put_back is None:
            lacking = "put_back" if self.drain is not None else "drain"
            raise value_error(
                "traffic",
                f"traffic has no `{lacking}`: a node that is taken out must be put back",
                "write `drain` and `put_back`, or `haproxy`",
            )
        return self

    def placed_commands(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """Yield what the plan wrote and is run, with the keys that lead to it."""
        for key, command in self.commands().items():
            yield ((key, "command") if key == "drained_when" else (key,)), command

    def commands(self) -> dict[str, str]:
        """Return what the plan wrote and is run, by the key that says it."""
        found: dict[str, Any] = {"drain": self.drain, "put_back": self.put_back}
        if self.drained_when is not None:
            found["drained_when"] = self.drained_when.command
        return {key: command for key, command in found.items() if command is not None}
