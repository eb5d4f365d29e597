"""The merged plan as a document for people, in the order of the practice."""

import hashlib
import json
from collections.abc import Callable, Iterable

from deployplan.plan.model.component import Component
from deployplan.plan.model.criterion import Criterion, Expect, MachineCriterion
from deployplan.plan.model.criterion_shapes import ManualCriterion
from deployplan.plan.pages.markdown import code, fact_list, running_text, table
from deployplan.plan.service import traffic_words
from deployplan.plan.snapshot import Snapshot
from deployplan.plan.text.scalars import spell_ahead, spell_duration
from deployplan.plan.waves import component_order
from deployplan.plan.worst_case import declared_work, worst_case

_IN_COLUMNS = frozenset({"name", "expect", "by", "on", "for", "neighbour", "shadow"})
"""Keys of a criterion that its row says in columns of their own, beside the one that asks."""


def essentials(snapshot: Snapshot) -> str:
    """Return a short markdown table: what, where, when, who approves, what happens on failure, digest."""
    plan = snapshot.plan
    release, schedule = plan.scope.release, plan.schedule
    work, reserve = spell_duration(declared_work(snapshot)), spell_duration(schedule.backout_reserve)
    able = ", ".join(map(running_text, plan.may_approve()))
    rows = [
        (
            "what",
            f"{running_text(release.product)} {running_text(release.version)}: {running_text(plan.scope.summary)}",
        ),
        ("instead of", running_text(release.previous or "not stated")),
        ("why", _words(plan.scope.reason) + (f", {running_text(plan.change)}" if plan.change else "")),
        ("where", f"{running_text(plan.environment)}: {_nodes(snapshot)}"),
        ("window", _windows(snapshot)),
        *_created(snapshot),
        *_emergency(snapshot),
        ("work", f"at most {work}, and {reserve} kept for a backout"),
        ("approval", f"{plan.approval.quorum} of {able}; not {running_text(plan.author)}, the author"),
        ("on failure", _on_failure(snapshot)),
        ("digest", code(snapshot.digest)),
    ]
    return "\n".join(table(("plan", running_text(plan.name)), rows))


def _created(snapshot: Snapshot) -> list[tuple[str, str]]:
    """Nobody has triggered such a run, and nobody need look for who did."""
    create = snapshot.plan.schedule.create
    return [("run", f"created by Airflow, {spell_ahead(create)} its window opens")] if create else []


def _emergency(snapshot: Snapshot) -> list[tuple[str, str]]:
    """An approver must know that no freeze will hold this release."""
    if not snapshot.passes_freezes:
        return []
    people = " or ".join(map(running_text, snapshot.second_authorities))
    return [("freezes", f"do not hold it: an emergency, which {people} must approve too")]


def _on_failure(snapshot: Snapshot) -> str:
    backout = snapshot.plan.backout
    asked = [running_text(name) for name, who in backout.when.items() if who == "ask"]
    if not asked:
        return "backout by itself"
    silence = f"{_words(backout.on_silence)} after {spell_duration(backout.decide_within)} without an answer"
    return f"backout by itself; for {', '.join(asked)} ask {', '.join(map(running_text, backout.authority))}, {silence}"


def plan_page(snapshot: Snapshot) -> str:
    """Return the whole merged plan as a markdown document."""
    sections: list[tuple[str, Callable[[Snapshot], Iterable[str]]]] = [
        ("Scope", _scope),
        ("Timing and dependencies", _timing),
        ("Risks and issues", _risks),
        ("Customer, stakeholders and end users", _impact),
        ("Approval", _approval),
        ("Team", _team),
        ("Handover and escalation", _handover),
        ("Success", _success),
    ]
    lines = [f"# {running_text(snapshot.plan.name)}", "", essentials(snapshot)]
    for number, (title, section) in enumerate(sections, start=1):
        lines += [
            "",
            f"## {number} {title}",
            "",
            *(list(section(snapshot)) or ["Nothing stated." if number > 1 else "No more than what stands above."]),
        ]
    for title, section in (("Backout", _backout), ("Communications", _communications), ("Scripts", _scripts)):
        lines += ["", f"## {title}", "", *(list(section(snapshot)) or ["None."])]
    lines += ["", "## Worst case", "", *(f"- {running_text(sentence)}" for sentence in worst_case(snapshot))]
    return "\n".join(lines) + "\n"


def _words(value: str) -> str:
    return value.replace("_", " ")


def _nodes(snapshot: Snapshot) -> str:
    return ", ".join(running_text(node.name) for node in snapshot.target_nodes())


def _windows(snapshot: Snapshot) -> str:
    schedule = snapshot.plan.schedule
    next_of = f"next of {running_text(snapshot.plan.environment)}: " if schedule.follows_environment else ""
    return next_of + ("; ".join(running_text(window.spoken()) for window in schedule.stated()) or "at any time")


def _joined(values: Iterable[str]) -> str | None:
    return "; ".join(map(running_text, values)) or None


def _below(lines: list[str]) -> list[str]:
    """A table that follows a list needs a line between them."""
    return ["", *lines] if lines else []


def _scope(snapshot: Snapshot) -> Iterable[str]:
    plan, scope = snapshot.plan, snapshot.plan.scope
    yield from fact_list(
        (
            ("features", _joined(f"{key} {feature}" for key, feature in scope.features.items())),
            ("fixes", _joined(scope.fixes)),
            ("out of scope", _joined(scope.out_of_scope)),
            ("configuration items", _joined(scope.configuration_items)),
            ("assumptions", _joined(scope.assumptions)),
            ("test evidence", _joined(scope.test_evidence)),
            ("security impact", scope.security_impact and running_text(scope.security_impact)),
            ("procedure", plan.follows and running_text(plan.follows)),
        )
    )
    rows = [(key, code(p.file), code(p.sha256), running_text(p.source or "")) for key, p in plan.package.items()]
    yield from _below(table(("package", "file", "sha256", "built from"), rows))


def _timing(snapshot: Snapshot) -> Iterable[str]:
    schedule = snapshot.plan.schedule
    yield from fact_list(
        (
            ("window", _windows(snapshot)),
            ("when it closes", _words(schedule.on_close)),
            ("reserve for backout", spell_duration(schedule.backout_reserve)),
            ("priority", str(schedule.priority) if schedule.priority else None),
        )
    )
    for name in component_order(snapshot.plan.components):
        yield from ("", f"### {running_text(name)}", "")
        yield from _component(snapshot, snapshot.plan.components[name])


def _component(snapshot: Snapshot, component: Component) -> Iterable[str]:
    undo = code(component.undo) if component.undo else f"irreversible: {running_text(component.irreversible or '')}"
    parts = [", ".join(map(running_text, wave.nodes)) for wave in snapshot.waves if wave.component == component.name]
    yield from fact_list(
        (
            ("after", _joined(component.after)),
            ("waves", " → ".join(f"({part})" for part in parts)),
            ("bake", spell_duration(component.bake) if component.bake else None),
            ("failures tolerated", str(component.max_failures)),
            ("package", component.package and running_text(component.package)),
            ("deploy", code(component.deploy)),
            ("undo", undo),
            ("release now installed", component.current and code(component.current)),
            *((key.replace("_", " "), code(words)) for key, words in traffic_words(component).items()),
            ("timeout", spell_duration(component.timeout)),
            ("no progress", component.no_progress and spell_duration(component.no_progress)),
            ("significant errors", "; ".join(map(code, component.significant_errors))),
            ("environment", "; ".join(code(f"{key}={value}") for key, value in component.env.items())),
            ("secrets", "; ".join(code(f"{key} from {value}") for key, value in component.secrets.items())),
        )
    )


def _risks(snapshot: Snapshot) -> Iterable[str]:
    head = ("id", "risk", "impact", "mitigation", "owner", "watched by")
    rows = [
        (
            running_text(r.id),
            running_text(r.risk),
            r.impact,
            running_text(r.mitigation or "none"),
            running_text(r.owner or ""),
            running_text(r.watched_by or ""),
        )
        for r in snapshot.plan.risks
    ]
    return table(head, rows)


def _impact(snapshot: Snapshot) -> Iterable[str]:
    impact = snapshot.plan.impact
    users = impact.end_users
    yield from fact_list(
        (
            ("customer", impact.customer and running_text(impact.customer)),
            ("downtime", impact.downtime and running_text(impact.downtime)),
            ("end users in", users and _joined(users.locations)),
            (
                "training",
                users
                and (f"needed, by {users.training_date or 'no date set'}" if users.training_needed else "not needed"),
            ),
        )
    )
    rows = [
        (running_text(name), running_text(s.contact), running_text(s.effect or ""))
        for name, s in impact.stakeholders.items()
    ]
    yield from _below(table(("stakeholder", "contact", "effect"), rows))


def _approval(snapshot: Snapshot) -> Iterable[str]:
    approval = snapshot.plan.approval
    yield from table(
        ("authority", "role"), [(running_text(user), running_text(role)) for user, role in approval.authorities.items()]
    )
    yield from ("", f"{approval.quorum} must approve; a seat expires after {spell_duration(approval.within)}.")


def _team(snapshot: Snapshot) -> Iterable[str]:
    rows = [
        (
            running_text(user),
            running_text(m.role),
            running_text(m.phone or ""),
            running_text(m.mail or ""),
            "yes" if m.on_call else "no",
        )
        for user, m in snapshot.plan.delivery.team.items()
    ]
    return table(("who", "role", "phone", "mail", "on call"), rows)


def _handover(snapshot: Snapshot) -> Iterable[str]:
    handover = snapshot.plan.delivery.handover
    yield from fact_list(
        (
            ("channel", handover.channel and running_text(handover.channel)),
            ("support", _joined(handover.support.tiers())),
            ("documents", _joined(handover.support.docs)),
        )
    )
    for step in snapshot.plan.delivery.escalation:
        yield f"- after {spell_duration(step.after)} without an answer: {running_text(step.contact)}"


def _success(snapshot: Snapshot) -> Iterable[str]:
    rows = [
        (
            running_text(name),
            _question(c),
            expected_reading(c) + _decides(c),
            *_where_and_how_long(c),
            _also_stated(c),
        )
        for name, c in snapshot.plan.success.items()
    ]
    return table(("criterion", "question", "passes", "on", "for", "neighbour", "also stated"), rows)


def _decides(criterion: Criterion) -> str:
    return "; a shadow: it decides nothing" if isinstance(criterion, MachineCriterion) and criterion.shadow else ""


def _where_and_how_long(criterion: Criterion) -> tuple[str, str, str]:
    if not isinstance(criterion, MachineCriterion):
        return "", "", ""
    neighbour = "yes" if criterion.neighbour else ""
    return _joined(criterion.places()) or "", spell_duration(criterion.for_), neighbour


def _also_stated(criterion: Criterion) -> str:
    """Every key that no other column says and that is not its default: it changes what is asked, or judged by what."""
    stated = criterion.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    shown = {key: value for key, value in stated.items() if key not in _IN_COLUMNS and key != criterion.kind}
    if "ca" in shown:
        shown["ca"] = f"sha256 {hashlib.sha256(str(shown['ca']).encode()).hexdigest()}"
    return ", ".join(code(f"{key} {json.dumps(value, ensure_ascii=False)}") for key, value in shown.items())


def _question(criterion: Criterion) -> str:
    if not isinstance(criterion, ManualCriterion):
        return code(criterion.question)
    by = f" ({running_text(criterion.by)})" if criterion.by else ""
    return running_text(criterion.manual) + by


def expected_reading(criterion: Criterion, spell: Callable[[str], str] = code) -> str:
    """What must be seen; the first key of what a kind expects is said though it is not stated, where it has a value.

    `spell` writes each key and value.
    """
    expect = getattr(criterion, "expect", None)
    if not isinstance(expect, Expect):
        return criterion.passes
    first, stated = next(iter(type(expect).model_fields)), expect.model_dump(mode="json", exclude_defaults=True)
    wanted = {first: getattr(expect, first), **stated}
    if wanted[first] is None:
        del wanted[first]
    return ", ".join(spell(f"{key} {json.dumps(value, ensure_ascii=False)}") for key, value in wanted.items())


def _backout(snapshot: Snapshot) -> Iterable[str]:
    backout = snapshot.plan.backout
    tested = backout.tested
    when = [f"{running_text(name)}: {who}" for name, who in backout.when.items()]
    yield from fact_list(
        (
            ("when", ", ".join([*when, "all else: automatic"])),
            ("who decides", _joined(backout.authority)),
            ("nobody answers", f"{_words(backout.on_silence)} after {spell_duration(backout.decide_within)}"),
            ("takes", backout.expected_duration and spell_duration(backout.expected_duration)),
            ("still possible after success for", spell_duration(backout.until)),
            ("tested", tested and running_text(f"in {tested.environment} on {tested.at} {tested.evidence or ''}")),
        )
    )


def _communications(snapshot: Snapshot) -> Iterable[str]:
    rows = [
        (running_text(c.to), ", ".join(map(_words, c.on)), ", ".join(c.via), running_text(c.value or ""))
        for c in snapshot.plan.communications
    ]
    return table(("to", "when", "via", "value"), rows)


def _scripts(snapshot: Snapshot) -> Iterable[str]:
    return table(("script", "sha256"), [(code(script.path), code(script.sha256)) for script in snapshot.scripts])
