"""An environment: its nodes, how to reach them, what must be installed, when nothing may start."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from deployplan.plan.model.criterion import MachineCriterion
from deployplan.plan.model.criterion_shapes import CommandExpect, MetricCriterion
from deployplan.plan.model.freezes import FreezePeriod
from deployplan.plan.model.metrics import Metrics
from deployplan.plan.model.reach import Reach, parse_allowed
from deployplan.plan.model.schedule import Window
from deployplan.plan.text.scalars import Count, Duration, Text, Variable, Whole, Zone, quote_value, value_error
from deployplan.plan.text.strict import EnvName, LongName, OwnLongName, ShortName, Strict

GROUP = "group:"
DIRECT = "none"
"""What `jump` of a node says when there is no jump host before it, as OpenSSH's ProxyJump has it."""


def _check_hops(text: str) -> str:
    found = hops(text)
    if not all(found) or len(set(found)) < len(found):
        raise value_error("jump", f"{quote_value(text)} is no way through jump hosts", "write one, or `first,second`")
    return text


def hops(jump: str) -> tuple[str, ...]:
    """Return the jump hosts that `a,b` names, in the order in which they are passed."""
    return tuple(hop.strip() for hop in jump.split(","))


Hops = Annotated[Text, AfterValidator(_check_hops)]


class Node(Strict):
    """A machine. Written short, a node is its address alone, or nothing when its name is its address."""

    name: OwnLongName
    host: Text = Field(description="address or host name; absent: the node's name")
    port: Annotated[Whole, Field(ge=1, le=65535)] | None = Field(None, description="SSH port; absent: the connection's")
    user: Text | None = Field(None, description="login name; absent: the connection's")
    connection: Text | None = Field(None, description="Airflow connection id; absent: the environment's")
    jump: Hops | None = Field(
        None, description="jump hosts, as the environment's; `none`: reached directly; absent: the environment's"
    )
    vars: dict[EnvName, Variable] = Field({}, description="values for {VAR} in criteria; absent: none")

    def placeholders(self) -> dict[str, str | int]:
        """Return what each placeholder stands for on it; {node}, {host} and {name} cannot be redefined."""
        return {**self.vars, "node": self.host, "host": self.host, "name": self.name}


def name_nodes(value: Any) -> Any:
    """Give each node its name, and its name as address where none is written."""
    if not isinstance(value, dict):
        return value
    return {key: _node(str(key), entry) for key, entry in value.items()}


def _node(name: str, entry: Any) -> Any:
    if entry is None:
        return {"name": name, "host": name}
    if isinstance(entry, str):
        return {"name": name, "host": entry}
    return {"name": name, "host": name, **entry} if isinstance(entry, dict) else entry


class Requirement(Strict):
    """Something that must be there on every node. Written short, the name of a program."""

    program: Text | None = Field(None, description="a program that must be found on the PATH; else `command`")
    command: Text | None = Field(None, description="shell command to run; else `program`")
    expect: CommandExpect = Field(
        CommandExpect(), description="command: exit code and output that mean it is there; absent: exit 0"
    )

    @property
    def label(self) -> str:
        """What people call it."""
        return self.program or self.command or ""


def _requirement(value: Any) -> Any:
    if isinstance(value, str):
        return {"program": value}
    if isinstance(value, dict) and (value.get("program") is None) == (value.get("command") is None):
        raise value_error("requirement", "a requirement has exactly one of `program` and `command`")
    return value


Requirements = tuple[Annotated[Requirement, BeforeValidator(_requirement)], ...]
Nodes = Annotated[dict[LongName, Node], Field(min_length=1), BeforeValidator(name_nodes)]


Access = Literal["engineer", "approver", "viewer"]


@dataclass(frozen=True, slots=True)
class Jump:
    """A jump host: a node of the environment, or else what its Airflow connection says; `before` leads to it."""

    name: str
    node: Node | None
    connection: str
    before: "Jump | None" = None

    @property
    def connections(self) -> tuple[str, ...]:
        """The Airflow connections that it takes to get here."""
        return (*(self.before.connections if self.before else ()), self.connection)


def _check_reach(text: str) -> str:
    try:
        parse_allowed(text)
    except ValueError as error:
        hint = "write a host name, an address or a network, with `:PORT` if not all ports are meant"
        raise value_error("reach", f"{quote_value(text)} is nothing that can be reached: {error}", hint) from error
    return text


class Infrastructure(Strict):
    """What operations know about one environment."""

    environment: ShortName | None = Field(
        None, description="name of the environment, = the file's name; absent: the file's name"
    )
    connection: Text = Field(description="Airflow connection id for SSH to the nodes")
    jump: Hops | None = Field(
        None,
        description="host through which the nodes are reached (ProxyJump): one of `nodes`, else an Airflow connection"
        " id; several as `first,second`; absent: they are reached directly",
    )
    base_dir: Text = Field(
        "~/.deployplan", description="directory on the nodes for packages, jobs and the node's ledger"
    )
    timezone: Zone | None = Field(
        None, description="IANA zone for wall times without one; absent: each must state its own"
    )
    nodes: Nodes = Field(description="the machines by name")
    groups: dict[ShortName, tuple[LongName, ...]] = Field(
        {}, description="nodes by group, used as `group:NAME`; absent: none"
    )
    requires: Requirements = Field((), description="what must be installed on every node; absent: nothing is checked")
    reach: tuple[Annotated[Text, AfterValidator(_check_reach)], ...] = Field(
        (),
        description="what http and tcp criteria may read besides the nodes: names (`*.shop.example`), addresses, "
        "networks, each with `:PORT` or `:FIRST-LAST` if not all; loopback and link-local only when they stand here; "
        "absent: nothing",
    )
    metrics: Metrics | None = Field(None, description="server that metric criteria ask; absent: a plan has none here")
    access: dict[Text, Access] | None = Field(
        None,
        description="what people of each role of Airflow's auth manager (FAB) may do with the releases for this"
        " environment: `engineer`, `approver` or `viewer`; `{}`: administrators alone see them; absent: administrators"
        " grant it",
    )
    min_free_mb: Count = Field(100, description="MB that must be free on every node besides the package")
    max_clock_skew: Duration = Field(timedelta(seconds=30), description="how far a node's clock may be off")
    windows: tuple[Window, ...] = Field(
        (), description="windows for plans that state none, or `window: next`; absent: none"
    )
    freezes: tuple[FreezePeriod, ...] = Field((), description="periods in which nothing may start; absent: none")

    def resolve(self, written: str) -> tuple[Node, ...]:
        """Return the nodes of `NODE` or `group:NAME`; raises KeyError with the name that is not known."""
        if written.startswith(GROUP):
            return tuple(self.nodes[name] for name in self.groups[written.removeprefix(GROUP)])
        return (self.nodes[written],)

    def values_on(self, node: Node, criterion: MachineCriterion) -> dict[str, str | int]:
        """Return what each placeholder of a criterion stands for on a node.

        {group} is the group by which a metric names the node, else the one that it is in; a variable so called wins.
        """
        values = node.placeholders()
        if not isinstance(criterion, MetricCriterion):
            return values
        named = [place.removeprefix(GROUP) for place in criterion.places() if place.startswith(GROUP)]
        groups = [group for group in named or self.groups if node.name in self.groups.get(group, ())]
        return {"group": groups[0], **values} if len(groups) == 1 else values

    def connection_of(self, node: Node) -> str:
        """Return the id of the Airflow connection by which a node is reached."""
        return node.connection or self.connection

    def jump_of(self, node: Node) -> "Jump | None":
        """Return the last jump host before a node; None when it is reached directly, as the first jump host is."""
        named = node.jump or self.jump
        last: Jump | None = None
        for hop in () if named is None or named == DIRECT else hops(named):
            if hop == node.name:
                break
            machine = self.nodes.get(hop)
            last = Jump(hop, machine, hop if machine is None else self.connection_of(machine), last)
        return last

    def reachable(self) -> Reach:
        """Return which addresses the criteria of a plan may read from the controller."""
        hosts = frozenset(name.lower() for node in self.nodes.values() for name in (node.host, node.name))
        return Reach(hosts, tuple(map(parse_allowed, self.reach)))
