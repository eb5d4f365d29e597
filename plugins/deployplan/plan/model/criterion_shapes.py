"""How the engineer knows that the release succeeded: section 8 of a plan, a shape for each kind of criterion.

A new kind is a shape here, a check in `checks/`, and the case of `checks/read.py` that asks it.
"""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, ClassVar, Union

from pydantic import ConfigDict, Discriminator, Field, Tag

from deployplan.plan.model.criterion import Criterion, Expect, MachineCriterion, On, choose_shape, shapes
from deployplan.plan.model.endpoint import Endpoint, address_endpoint, url_endpoint
from deployplan.plan.model.http_values import Certificates, Header, HeaderName, Status
from deployplan.plan.model.placeholders import names_a_node
from deployplan.plan.text.scalars import Number, PositiveDuration, Text, Value, Whole
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
