"""How the engineer knows that the release succeeded: section 8 of a plan, a shape for each kind of criterion.

A new kind is a shape here, a check in `checks/`, and the case of `checks/read.py` that asks it.
"""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self, Union

from pydantic import AfterValidator, ConfigDict, Discriminator, Field, Tag, model_validator

from deployplan.plan.model.criterion import Criterion, Expect, MachineCriterion, On, choose_shape, shapes
from deployplan.plan.model.endpoint import Endpoint, address_endpoint, url_endpoint
from deployplan.plan.model.http_values import Certificates, Header, HeaderName, HostName, Status
from deployplan.plan.model.placeholders import names_a_node
from deployplan.plan.text import promql
from deployplan.plan.text.scalars import (
    Duration,
    Number,
    Pattern,
    Positive,
    PositiveDuration,
    Text,
    Value,
    Whole,
    quote_value,
    value_error,
)
from deployplan.plan.text.shapes import tag_of


class HttpExpect(Expect):
    """What an answer must show."""

    model_config = ConfigDict(json_schema_extra={"$comment": "http"})

    status: Status = Field(200, description="status code of the answer, or `2xx` for any of them")
    headers: dict[HeaderName, Header] = Field(
        {}, description="headers of the answer and their values, whole or up to their first `;`; absent: any"
    )
    json_: dict[str, Value] | None = Field(
        None,
        alias="json",
        description="keys of the JSON answer and their values, `nodes.every.state` for each element of a list; "
        "absent: the body is not read as JSON",
    )
    contains: Text | None = Field(None, description="text that the body contains; absent: any body")
    matches: Pattern | None = Field(
        None, description="pattern (RE2) that a line of the body matches, or a part of it; absent: any body"
    )


class CommandExpect(Expect):
    """How a command must end, and what it must print."""

    model_config = ConfigDict(json_schema_extra={"$comment": "command"})

    exit: Annotated[Whole, Field(ge=0, le=255)] = Field(0, description="exit code")
    stdout: Text | None = Field(None, description="its whole output, blanks at both ends aside; absent: any")
    stdout_min: Number | None = Field(None, description="its output is a number not below this; absent: any")
    stdout_max: Number | None = Field(None, description="its output is a number not above this; absent: any")


class HttpCriterion(MachineCriterion):
    """A URL and the answer that it must give, read from the controller."""

    telling: ClassVar[tuple[str, ...]] = ("http",)
    held_before: ClassVar[bool] = True

    http: Text = Field(description="URL; {node} and {host} are a node's address, {name} its name, {VAR} a variable")
    headers: dict[HeaderName, Header] = Field(
        {}, description="headers that the request carries, nothing secret; absent: none"
    )
    ca: Certificates | None = Field(
        None, description="certificates (PEM) of the authority that signs; absent: those the machine trusts"
    )
    host: HostName | None = Field(
        None,
        description="name that is asked for at the URL's address (`Host`, and in TLS the name of the certificate): "
        "`shop.example`; absent: the URL's own",
    )
    expect: HttpExpect = Field(HttpExpect(), description="what the answer must show; absent: status 200")

    @property
    def per_node(self) -> bool:
        return names_a_node(self.http)

    @property
    def from_node(self) -> bool:
        return False

    def endpoint(self, question: str) -> Endpoint:
        return url_endpoint(question)


class CommandCriterion(MachineCriterion):
    """A command and how it must end, run on the nodes of `on`."""

    telling: ClassVar[tuple[str, ...]] = ("command",)

    on: On | None = Field(None, description="node, `group:NAME` or a list; absent: refused")
    command: Text = Field(description="shell command to run on the nodes of `on`")
    expect: CommandExpect = Field(CommandExpect(), description="how it must end; absent: exit 0")


class TcpCriterion(MachineCriterion):
    """An address that takes TCP connections, from the controller or from the nodes of `on`; nothing is sent."""

    telling: ClassVar[tuple[str, ...]] = ("tcp",)
    passes: ClassVar[str] = "it takes connections"
    held_before: ClassVar[bool] = True

    tcp: Text = Field(
        description="HOST:PORT, an IPv6 address in brackets; {node} and {host} are a node's address, {name} its name, "
        "{VAR} a variable"
    )
    on: On | None = Field(
        None,
        description="node, `group:NAME` or a list: the nodes that connect, over SSH; absent: the controller connects, "
        "to every node when the address has placeholders, else once",
    )

    @property
    def per_node(self) -> bool:
        return names_a_node(self.tcp)

    @property
    def from_node(self) -> bool:
        return self.on is not None

    def endpoint(self, question: str) -> Endpoint:
        return address_endpoint(question)


def _check_query(query: str) -> str:
    try:
        promql.check_query(query)
    except promql.NoQuery as wrong:
        raise value_error("metric-query", f"{quote_value(query)} cannot be asked: {wrong}", wrong.hint) from wrong
    return query


Query = Annotated[Text, AfterValidator(_check_query)]


class MetricExpect(Expect):
    """Between which bounds every series of an answer must be; what is not a number is unknown."""

    model_config = ConfigDict(json_schema_extra={"$comment": "metric"})

    max: Number | None = Field(None, description="no value is above this; absent: any")
    min: Number | None = Field(None, description="no value is below this; absent: any")
    ratio_max: Number | None = Field(
        None, description="`compare`: no value is above so many times the other; absent: any"
    )
    ratio_min: Number | None = Field(
        None, description="`compare`: no value is below so many times the other; absent: any"
    )
    delta_max: Number | None = Field(
        None, description="`compare`: no value is above the other by more than this; absent: any"
    )
    delta_min: Number | None = Field(
        None, description="`compare`: no value less the other is below this, as -0.05; absent: any"
    )

    @property
    def has_ratio(self) -> bool:
        """Whether a ratio to another value is bound."""
        return (self.ratio_max, self.ratio_min) != (None, None)

    @property
    def has_delta(self) -> bool:
        """Whether a difference from another value is bound."""
        return (self.delta_max, self.delta_min) != (None, None)

    @property
    def compares(self) -> bool:
        """Whether it needs another value beside the one that is judged."""
        return self.has_ratio or self.has_delta


class MetricCriterion(MachineCriterion):
    """A query to the environment's Prometheus, or what speaks its API, and the bounds of its answer."""

    telling: ClassVar[tuple[str, ...]] = ("metric",)
    decides_unknown: ClassVar[bool] = False

    metric: Query = Field(
        description="query (PromQL); within quotes {node} and {host} are a node's address, {name} its name, {group} "
        "its group, {VAR} a variable"
    )
    expect: MetricExpect = Field(MetricExpect(), description="the bounds of the answer; absent: refused")
    over: PositiveDuration | None = Field(
        None, description="how far back each reading looks: every value of that time must hold; absent: the last value"
    )
    compare: Literal["before", "others"] | None = Field(
        None,
        description="with what: `before`, the same query when the wave began; `others`, the median of the nodes that "
        "do not have the release yet, while there are any; absent: with nothing",
    )
    min_samples: Positive | None = Field(
        None,
        description="how many values `over` must have, or what `samples` must come to; fewer are unknown; absent: any, "
        "but none may be missing",
    )
    samples: Query | None = Field(
        None,
        description="query (PromQL) that counts what the answer stands on, as requests; absent: values are counted",
    )
    stale_after: Duration = Field(
        timedelta(minutes=2),
        description="a series whose last sample is older is unknown; 0s: not looked at, for what is rightly absent",
    )
    every: PositiveDuration = Field(timedelta(seconds=10), description="time between readings, and values of `over`")

    @property
    def placeholders(self) -> tuple[str, ...]:
        return tuple(
            dict.fromkeys((*promql.query_placeholders(self.metric), *promql.query_placeholders(self.samples or "")))
        )

    @property
    def per_node(self) -> bool:
        return bool(self.placeholders)

    @property
    def from_node(self) -> bool:
        return False

    @model_validator(mode="after")
    def _bounds_agree(self) -> Self:
        if wrong := _wrong_bounds(self):
            message, hint = wrong
            raise value_error("metric-bounds", f"criterion {self.name!r} {message}", hint)
        return self


def _wrong_bounds(criterion: MetricCriterion) -> tuple[str, str] | None:
    """What keeps the bounds of a metric from being judged, and what would be right."""
    expect = criterion.expect
    if not expect.compares and expect.min is None and expect.max is None:
        return "expects nothing", "write expect: {max: 0.01}, or min"
    if expect.min is not None and expect.max is not None and expect.min > expect.max:
        return f"expects at least {expect.min:g} and at most {expect.max:g}", "no value is both"
    if expect.compares and criterion.compare is None:
        return "expects a ratio or a delta and compares with nothing", "write compare: before, or others"
    if criterion.compare is not None and not expect.compares:
        return f"compares with {criterion.compare} and expects no ratio or delta", "write expect: {ratio_max: 1.5}"
    if criterion.compare == "others" and not promql.query_placeholders(criterion.metric):
        return "compares with others and asks the same of every node", 'write {name} into the query: instance="{name}"'
    if criterion.compare == "others" and criterion.neighbour:
        return "compares with others and is a neighbour: read when every node has the release", "write compare: before"
    if criterion.min_samples is not None and criterion.over is None and criterion.samples is None:
        return "wants samples of one value", "write over: 5m, or samples: QUERY, which counts them"
    if criterion.samples is not None and criterion.min_samples is None:
        return "counts samples and wants none", "write min_samples: 100"
    return None


class ManualCriterion(Criterion):
    """Something that a person tries and judges."""

    telling: ClassVar[tuple[str, ...]] = ("manual",)

    manual: Text = Field(description="what a person tries and judges")
    by: Text | None = Field(None, description="user id of the person who tries it; absent: any who may answer")
    within: PositiveDuration = Field(timedelta(hours=1), description="an answer later than this is unknown")


if TYPE_CHECKING:
    AnyCriterion = Criterion
else:
    AnyCriterion = Annotated[
        Union[tuple(Annotated[shape, Tag(tag_of(shape))] for shape in shapes())],  # noqa: UP007 - made of a tuple
        Discriminator(choose_shape),
    ]
