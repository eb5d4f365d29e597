"""What is done on which nodes: the components of a release."""

import re
from datetime import timedelta
from itertools import pairwise
from typing import Annotated, Any

from pydantic import AfterValidator, Field, PlainValidator, WithJsonSchema, model_validator

from deployplan.plan.model.backout import Decision
from deployplan.plan.model.traffic import Traffic
from deployplan.plan.text.scalars import (
    Count,
    Duration,
    Flag,
    Pattern,
    Plain,
    PositiveDuration,
    Text,
    parse_whole,
    quote_value,
    value_error,
)
from deployplan.plan.text.strict import EnvName, OwnName, ShortName, Strict

_PERCENT = re.compile(r"([1-9]\d?|100)%")


def parse_share(value: Any) -> int | str:
    """Return a wave's cumulative share: a count of nodes, or a text like `50%`."""
    if isinstance(value, str) and _PERCENT.fullmatch(value):
        return str(value)
    whole = parse_whole(value) if isinstance(value, Plain) and value.isdigit() else value
    if type(whole) is int and whole > 0:
        return whole
    raise value_error(
        "share", f"{quote_value(value)} is not a share of the nodes", "write a count like 1, or 1% to 100%"
    )


def percent_of(share: int | str) -> int | None:
    """Return 50 of `50%`, and nothing of a count."""
    return int(share.rstrip("%")) if isinstance(share, str) else None


def _check_growing(shares: tuple[int | str, ...]) -> tuple[int | str, ...]:
    counts = [share for share in shares if isinstance(share, int)]
    percents = [percent for share in shares if (percent := percent_of(share)) is not None]
    if any(later <= earlier for same in (counts, percents) for earlier, later in pairwise(same)):
        raise value_error(
            "share", "waves are cumulative shares; each must be more than the one before", "write [1, 50%, 100%]"
        )
    return shares


_SHARE_SCHEMA = {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string", "pattern": "^([1-9][0-9]?|100)%$"}]}
Share = Annotated[int | str, PlainValidator(parse_share), WithJsonSchema(_SHARE_SCHEMA)]
Shares = Annotated[tuple[Share, ...], Field(min_length=1), AfterValidator(_check_growing)]


def _check_env(name: str) -> str:
    if name.startswith("DEPLOYPLAN_"):
        raise value_error(
            "name", f"{name!r} begins with DEPLOYPLAN_, which is kept for the variables that are always set"
        )
    return name


OwnEnvName = Annotated[EnvName, AfterValidator(_check_env)]


class Component(Strict):
    """One deployable part of the release and the nodes it lands on."""

    name: OwnName
    nodes: Annotated[tuple[Text, ...], Field(min_length=1)] = Field(
        description="nodes, or groups as `group:NAME`, in order"
    )
    after: tuple[ShortName, ...] = Field((), description="components that must be done before; absent: none")
    waves: Shares = Field(("100%",), description="cumulative share of the nodes, count or percentage, for each wave")
    bake: Duration = Field(timedelta(), description="how long a wave's nodes must pass their criteria; 0s: one reading")
    max_failures: Count = Field(
        0,
        description="nodes of the component that may fail; an unreachable node is a failed one, and so is one that is"
        " left out because an earlier component failed there",
    )
    package: Text | None = Field(None, description="key of `package` that is unpacked for it; absent: scripts only")
    deploy: Text = Field(description="shell command that installs the release on a node")
    undo: Text | None = Field(
        None, description="shell command that brings the previous release back; else `irreversible`"
    )
    irreversible: Text | None = Field(None, description="why there is no undo; else `undo`")
    timeout: PositiveDuration = Field(
        timedelta(minutes=10), description="a script that runs longer on a node is terminated and has failed"
    )
    wave_timeout: PositiveDuration | None = Field(
        None,
        description="a wave that is not done on all its nodes after this long is terminated and has failed;"
        " absent: `timeout` and 15 minutes",
    )
    on_failure: Decision | None = Field(
        None,
        description="when a wave has failed: `automatic` ends it, `ask` asks people first whether to try again;"
        " absent: automatic",
    )
    no_progress: PositiveDuration | None = Field(
        None,
        description="no output and no new reading for this long is a significant error; absent: silence is no error",
    )
    significant_errors: tuple[Pattern, ...] = Field(
        (), description="patterns (RE2); a line of output that matches one terminates the component; absent: none"
    )
    current: Text | None = Field(None, description="shell command that prints the installed release; absent: not asked")
    current_wins: Flag = Field(
        False,
        description="whether `current` is believed where the node's ledger says otherwise; false: then nothing starts",
    )
    undo_needs_previous: Flag = Field(
        True,
        description="whether the undo has to know the release to bring back; false: it removes what was installed",
    )
    traffic: Traffic | None = Field(
        None, description="how a node is taken out of service before its scripts, and put back; absent: it is not"
    )
    terminate_grace: Duration = Field(
        timedelta(seconds=10), description="time between asking a script to stop (TERM) and stopping it (KILL)"
    )
    env: dict[OwnEnvName, Text] = Field({}, description="environment variables for the scripts; absent: none")
    secrets: dict[OwnEnvName, Text] = Field(
        {},
        description="environment variable to Airflow connection id, whose password is read at run time; absent: none",
    )

    @model_validator(mode="after")
    def _undo_or_reason(self) -> "Component":
        if (self.undo is None) == (self.irreversible is None):
            state = "both `undo` and `irreversible`" if self.undo else "neither `undo` nor `irreversible`"
            raise value_error("undo-or-irreversible", f"component {self.name!r} has {state}; exactly one is wanted")
        return self
