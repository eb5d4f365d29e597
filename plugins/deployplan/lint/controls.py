"""The release controls: does a plan pass the seven gates that the deployment manager set?"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from deployplan.lint.times import opening_day
from deployplan.plan.model.people import Impact
from deployplan.plan.model.plan import Plan
from deployplan.plan.service import service_of
from deployplan.plan.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Gate:
    """One requirement of the controls, `gate.requirement`, and whether the plan meets it; `detail` says why."""

    name: str
    ok: bool
    detail: str


def check_controls(snapshot: Snapshot, *, at: datetime | None = None) -> tuple[Gate, ...]:
    """Return every requirement that applies, in the order of the gates; what is not required is not listed.

    `at` is when the release is judged: a window that comes back opens next after it. Without it, what depends on the
    day of such a window does not hold.
    For an emergency release the gates that the controls waive are listed as passed, and say so.
    """
    plan, controls = snapshot.plan, snapshot.controls
    emergency = plan.scope.reason == "emergency"
    found: list[Gate] = []
    for name, check in _GATES.items():
        if emergency and name in controls.emergency.waives:
            found.append(Gate(name, True, "waived for an emergency release"))
        else:
            found += check(snapshot, at)
    found += _service(snapshot)
    quorum = controls.emergency.quorum if emergency else None
    if controls.documented.named_approvers:
        found.insert(0, _approvers(snapshot))
    found.insert(0, _quorum(plan, quorum or controls.documented.quorum))
    if snapshot.passes_freezes:
        people = " or ".join(snapshot.second_authorities)
        found.append(
            Gate("emergency.second_authority", True, f"passes freezes; {people} must be among those who approve")
        )
    return tuple(found)


def _quorum(plan: Plan, least: int) -> Gate:
    quorum = plan.approval.quorum
    return Gate("documented.quorum", quorum >= least, f"{quorum} must approve; the least is {least}")


def _approvers(snapshot: Snapshot) -> Gate:
    """Who may approve, and decide on a backout, is not for the plan to say; no emergency waives it."""
    plan, allowed = snapshot.plan, snapshot.controls.documented.named_approvers
    people = {user for user, _ in allowed}
    strange = [f"{user} ({role})" for user, role in plan.approval.authorities.items() if (user, role) not in allowed]
    strange += [f"{user} (decides on a backout)" for user in plan.backout.authority if user not in people]
    able = ", ".join(f"{user} ({role})" for user, role in sorted(allowed))
    detail = f"all are among {able}" if not strange else f"{', '.join(strange)}: not among {able}"
    return Gate("documented.approvers", not strange, detail)


def _documented(snapshot: Snapshot, at: datetime | None) -> Iterator[Gate]:
    plan, asked = snapshot.plan, snapshot.controls.documented
    if asked.change_required:
        yield _stated("documented.change", "change ticket", plan.change)
    if asked.window_required:
        yield _stated("documented.window", "window", "; ".join(w.spoken() for w in plan.schedule.stated()))
    stated = {
        "risks": plan.risks,
        "impact": plan.impact != Impact(),
        "delivery": plan.delivery.team,
        "communications": plan.communications,
        "test_evidence": plan.scope.test_evidence,
        "security_impact": plan.scope.security_impact,
    }
    for section in asked.sections:
        there = bool(stated[section])
        yield Gate(f"documented.{section}", there, "stated" if there else f"{section} is not stated")
    for role in asked.roles:
        holders = [user for user in plan.may_approve() if plan.approval.authorities[user] == role]
        yield _stated(f"documented.role {role}", f"authority with the role {role!r}", ", ".join(holders))


def _components(snapshot: Snapshot, at: datetime | None) -> Iterator[Gate]:
    plan, asked = snapshot.plan, snapshot.controls.components
    machine = [criterion.name for criterion in plan.deciding_criteria()]
    if asked.machine_criteria == "one":
        yield _stated("components.machine_criteria", "criterion that a program can read", ", ".join(machine))
    elif asked.machine_criteria == "every_component":
        blind = [name for name in plan.components if not _is_watched(snapshot, name)]
        yield _none("components.machine_criteria", "read on the nodes of every component", "nothing is read on", blind)
    if asked.max_failures is not None:
        over = [name for name, part in plan.components.items() if part.max_failures > asked.max_failures]
        yield _none("components.max_failures", f"at most {asked.max_failures}", "more is tolerated by", over)


def _is_watched(snapshot: Snapshot, component: str) -> bool:
    """Whether a machine criterion that is no neighbour's is read on a node of the component."""
    own = [criterion for criterion in snapshot.plan.deciding_criteria() if not criterion.neighbour]
    read = {node.name for criterion in own for node in snapshot.criteria_nodes(criterion) if node}
    return not read.isdisjoint(node.name for node in snapshot.nodes_of(component))


def _package(snapshot: Snapshot, at: datetime | None) -> Iterator[Gate]:
    plan, asked = snapshot.plan, snapshot.controls.package
    if asked.required:
        bare = [name for name, component in plan.components.items() if component.package is None]
        yield _none("package.required", "every component installs a package", "no package for", bare)
    if asked.source_required:
        unknown = [name for name, package in plan.package.items() if package.source is None]
        yield _none("package.source", "every package names its source", "no source for", unknown)


def _configuration(snapshot: Snapshot, at: datetime | None) -> Iterator[Gate]:
    plan, asked = snapshot.plan, snapshot.controls.configuration
    if asked.items_required:
        yield _stated("configuration.items", "configuration item", ", ".join(plan.scope.configuration_items))
    if asked.ticket_for_fix and plan.scope.reason == "fix":
        yield _stated("configuration.ticket", "ticket for the fix", ", ".join(plan.scope.fixes) or plan.change)


def _service(snapshot: Snapshot) -> Iterator[Gate]:
    """How many nodes stay in service is no paper: no emergency waives it."""
    if snapshot.controls.min_in_service is None:
        return
    for name, component in snapshot.plan.components.items():
        if component.traffic is not None:
            service = service_of(snapshot, name)
            asked = f"{snapshot.controls.min_in_service} of {service.count} must stay in service"
            detail = f"{name}: {asked}; its largest wave takes {service.largest} out, {service.may_be_out} may be"
            yield Gate("min_in_service", not service.has_too_large_waves, detail)


def _customer(snapshot: Snapshot, at: datetime | None) -> Iterator[Gate]:
    impact, asked = snapshot.plan.impact, snapshot.controls.customer
    if asked.customer_required:
        yield _stated("customer.customer", "customer", impact.customer)
    if asked.end_users_required:
        where = ", ".join(impact.end_users.locations) if impact.end_users else ""
        yield _stated("customer.end_users", "end users", where or ("stated" if impact.end_users else None))
    if asked.training_before_window and impact.end_users and impact.end_users.training_needed:
        yield _training(snapshot.plan, at)


def _training(plan: Plan, at: datetime | None) -> Gate:
    day = plan.impact.end_users.training_date if plan.impact.end_users else None
    if day is None:
        return Gate("customer.training", False, "training is needed and has no date")
    opens = _opening_days(plan, at)
    ok = opens is not None and (not opens or day < min(opens))
    return Gate("customer.training", ok, f"training is done on {day}; the window opens on {_spoken(opens, first=True)}")


def _opening_days(plan: Plan, at: datetime | None) -> list[date] | None:
    """The days on which the windows open next; None when that cannot be told."""
    stated = plan.schedule.stated()
    days = [day for window in stated if (day := opening_day(window, at))]
    return days if len(days) == len(stated) or (days and at) else None


def _spoken(days: list[date] | None, *, first: bool) -> str:
    if days is None:
        return "a day that is not known"
    return str((min if first else max)(days)) if days else "any day"


def _backout(snapshot: Snapshot, at: datetime | None) -> Iterator[Gate]:
    plan, asked = snapshot.plan, snapshot.controls.backout
    if not asked.allow_irreversible:
        stuck = [name for name, component in plan.components.items() if component.irreversible]
        yield _none("backout.undo", "every component has an undo", "no undo for", stuck)
    if asked.tested or asked.tested_within is not None:
        yield _tested(plan, asked.tested_within, at)
    if asked.previous_required:
        yield _stated("backout.previous", "release to go back to", plan.scope.release.previous)
    if asked.neighbour_required:
        watched = [criterion.name for criterion in plan.deciding_criteria() if criterion.neighbour]
        yield _stated("backout.neighbour", "neighbour that is watched", ", ".join(watched))


def _tested(plan: Plan, within: timedelta | None, at: datetime | None) -> Gate:
    tested = plan.backout.tested
    if tested is None:
        return Gate("backout.tested", False, "the backout was not tested")
    opens = _opening_days(plan, at)
    detail = f"tested in {tested.environment} on {tested.at}"
    if within is None or opens == []:
        return Gate("backout.tested", True, detail)
    if opens is None:
        return Gate("backout.tested", False, f"{detail}; the window opens on {_spoken(opens, first=False)}")
    age = max(opens) - tested.at
    ok = timedelta() <= age <= within
    return Gate(
        "backout.tested", ok, f"{detail}, {_days(age.days)} before the window; at most {_days(within.days)} are allowed"
    )


def _handover(snapshot: Snapshot, at: datetime | None) -> Iterator[Gate]:
    delivery, asked = snapshot.plan.delivery, snapshot.controls.handover
    support = delivery.handover.support
    if asked.support_tiers:
        tiers = support.tiers()
        detail = f"{len(tiers)} support tiers named; the least is {asked.support_tiers}"
        yield Gate("handover.support_tiers", len(tiers) >= asked.support_tiers, detail)
    if asked.docs_required:
        yield _stated("handover.docs", "support document", ", ".join(support.docs))
    if asked.escalation_required:
        contacts = ", ".join(step.contact for step in delivery.escalation)
        yield _stated("handover.escalation", "escalation ladder", contacts)


def _stated(name: str, what: str, value: str | None) -> Gate:
    return Gate(name, bool(value), value or f"no {what} is named")


def _none(name: str, good: str, bad: str, found: list[str]) -> Gate:
    return Gate(name, not found, f"{bad} {', '.join(found)}" if found else good)


_GATES: dict[str, Callable[[Snapshot, datetime | None], Iterator[Gate]]] = {
    "documented": _documented,
    "components": _components,
    "package": _package,
    "configuration": _configuration,
    "customer": _customer,
    "backout": _backout,
    "handover": _handover,
}


def _days(count: int) -> str:
    return f"{count} day" if count == 1 else f"{count} days"
