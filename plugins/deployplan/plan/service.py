"""How many nodes of a component may be out of service at once, and what takes them out, in words."""

from dataclasses import dataclass
from datetime import timedelta

from deployplan.plan.model.component import Component, percent_of
from deployplan.plan.model.traffic import Traffic
from deployplan.plan.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Service:
    """The nodes of a component with `traffic`: `count` in all, of which `largest` are in its largest wave.

    `least` must stay in service by the controls, None when they do not say.
    """

    count: int
    largest: int
    least: int | None

    @property
    def may_be_out(self) -> int:
        """How many may be out of service at once."""
        return self.count if self.least is None else max(0, self.count - self.least)

    @property
    def has_too_large_waves(self) -> bool:
        """Whether a wave can never be taken out as a whole."""
        return self.largest > self.may_be_out


def service_of(snapshot: Snapshot, component: str) -> Service:
    """Return how many nodes of a component there are, and how many may be out of service at once."""
    count = len(snapshot.nodes_of(component))
    largest = max((len(wave.nodes) for wave in snapshot.waves if wave.component == component), default=0)
    return Service(count, largest, _least(snapshot.controls.min_in_service, count))


def _least(share: int | str | None, count: int) -> int | None:
    """Return the least number in service: a percentage is rounded up."""
    if share is None:
        return None
    percent = percent_of(share)
    return int(share) if percent is None else -(-count * percent // 100)


def service_words(snapshot: Snapshot, component: str) -> str:
    """Return what the worst case says of a component with `traffic`."""
    service, traffic = service_of(snapshot, component), snapshot.plan.components[component].traffic
    if traffic is None:
        raise AssertionError(f"{component} has no traffic")
    asked = f"; the controls ask for {snapshot.controls.min_in_service} in service" if service.least is not None else ""
    out = min(service.largest, service.may_be_out)
    return (
        f"{component}: at most {out} of {service.count} nodes are out of service at once{asked}; "
        f"they are drained {where(traffic)}, and one whose deploy fails stays out until it is back at a known release"
    )


def draining_time(component: Component) -> timedelta:
    """Return the longest that it may take by the plan's own word to take a node out of service."""
    traffic = component.traffic
    if traffic is None:
        return timedelta()
    return traffic.timeout + (traffic.drained_when.within if traffic.drained_when else timedelta())


def where(traffic: Traffic) -> str:
    """Say by what nodes are drained, and where that is run."""
    by = "by the plan's scripts" if traffic.haproxy is None else f"in HAProxy's backend {traffic.haproxy.backend}"
    return f"{by} on {traffic.on or 'each node itself'}"


def traffic_words(component: Component) -> dict[str, str]:
    """Return what a component's `traffic` runs, by the key that says it; nothing when it has none."""
    traffic = component.traffic
    if traffic is None:
        return {}
    place = f"on {traffic.on}: " if traffic.on else ""
    if traffic.haproxy is not None:
        server = traffic.haproxy
        return {"traffic": f"{place}server {server.backend}/{server.server} of HAProxy at {server.socket}"}
    return {key: f"{place}{command}" for key, command in traffic.commands().items()}
