"""The release controls, requirement by requirement."""

from typing import Any

import pytest

from builders import a_component, a_snapshot
from deployplan.lint.controls import Gate, check_controls
from deployplan.plan.snapshot import Snapshot

WINDOW = {"window": {"opens": "2026-11-28 22:00", "closes": "2026-11-29 02:00", "timezone": "Europe/Paris"}}


def gates(controls: dict[str, Any], **plan: Any) -> dict[str, bool]:
    return {gate.name: gate.ok for gate in check_controls(a_snapshot(controls=controls, **plan))}


def package(**keys: Any) -> dict[str, Any]:
    return {"web": {"file": "shop-2.tar", "sha256": "0" * 64, **keys}}


def a_test_on(at: str) -> dict[str, Any]:
    return {"tested": {"environment": "staging", "at": at}}


def test_the_default_controls_ask_for_little_and_the_smallest_plan_meets_them() -> None:
    assert gates({}) == {"documented.quorum": True, "components.machine_criteria": True}


TRAFFIC = {"drain": "./drain.sh", "put_back": "./restore.sh"}
CASES: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    (
        "documented.quorum",
        {"documented": {"quorum": 2}},
        {"approval": {"authorities": {"mia": "manager", "amir": "owner"}, "quorum": 2}},
        {"approval": {"authorities": {"mia": "manager", "amir": "owner"}, "quorum": 1}},
    ),
    ("documented.change", {"documented": {"change_required": True}}, {"change": "CHG1"}, {}),
    ("documented.window", {"documented": {"window_required": True}}, {"schedule": WINDOW}, {}),
    ("documented.risks", {"documented": {"sections": ["risks"]}}, {"risks": [{"id": "R1", "risk": "it breaks"}]}, {}),
    ("documented.impact", {"documented": {"sections": ["impact"]}}, {"impact": {"downtime": "none"}}, {"impact": {}}),
    (
        "documented.delivery",
        {"documented": {"sections": ["delivery"]}},
        {"delivery": {"team": {"chen": {"role": "developer"}}}},
        {"delivery": {"handover": {"channel": "#shop"}}},
    ),
    (
        "documented.communications",
        {"documented": {"sections": ["communications"]}},
        {"communications": [{"to": "a@b.example", "on": ["success"]}]},
        {},
    ),
    (
        "documented.role product owner",
        {"documented": {"roles": ["product owner"]}},
        {"approval": {"authorities": {"amir": "product owner"}}},
        {"approval": {"authorities": {"erin": "product owner", "mia": "deployment manager"}}},
    ),
    (
        "components.machine_criteria",
        {"components": {"machine_criteria": "every_component"}},
        {"success": {"health": {"http": "http://{node}/"}}},
        {"success": {"shop": {"http": "http://shop.example/"}}},
    ),
    (
        "components.machine_criteria",
        {"components": {"machine_criteria": "every_component"}},
        {"success": {"health": {"http": "http://{node}/"}}},
        {"success": {"other": {"http": "http://{node}/other", "neighbour": True}}},
    ),
    (
        "components.max_failures",
        {"components": {"max_failures": 1}},
        {"components": {"web": a_component(max_failures=1)}},
        {"components": {"web": a_component(max_failures=2)}},
    ),
    (
        "min_in_service",
        {"min_in_service": "50%"},
        {"components": {"web": a_component(nodes=["group:web"], waves=[1, "100%"], traffic=TRAFFIC)}},
        {"components": {"web": a_component(nodes=["group:web"], traffic=TRAFFIC)}},
    ),
    (
        "package.required",
        {"package": {"required": True}},
        {"package": package(), "components": {"web": a_component(package="web")}},
        {"package": package()},
    ),
    (
        "package.source",
        {"package": {"source_required": True}},
        {"package": package(source="v2")},
        {"package": package()},
    ),
    (
        "configuration.items",
        {"configuration": {"items_required": True}},
        {"scope": {"release": {"product": "s", "version": "2"}, "summary": "s", "configuration_items": ["s-web"]}},
        {},
    ),
    (
        "configuration.ticket",
        {},
        {"scope": {"release": {"product": "s", "version": "2"}, "summary": "s", "reason": "fix", "fixes": ["BUG-7"]}},
        {"scope": {"release": {"product": "s", "version": "2"}, "summary": "s", "reason": "fix"}},
    ),
    ("customer.customer", {"customer": {"customer_required": True}}, {"impact": {"customer": "Acme"}}, {}),
    ("customer.end_users", {"customer": {"end_users_required": True}}, {"impact": {"end_users": {}}}, {}),
    (
        "customer.training",
        {},
        {"schedule": WINDOW, "impact": {"end_users": {"training_needed": True, "training_date": "2026-11-27"}}},
        {"schedule": WINDOW, "impact": {"end_users": {"training_needed": True, "training_date": "2026-11-28"}}},
    ),
    (
        "backout.undo",
        {"backout": {"allow_irreversible": False}},
        {},
        {"components": {"web": a_component(undo=None, irreversible="the old format is gone")}},
    ),
    ("backout.tested", {"backout": {"tested": True}}, {"backout": a_test_on("2026-01-01")}, {}),
    (
        "backout.tested",
        {"backout": {"tested_within": "7d"}},
        {"schedule": WINDOW, "backout": a_test_on("2026-11-21")},
        {"schedule": WINDOW, "backout": a_test_on("2026-11-20")},
    ),
    (
        "backout.tested",
        {"backout": {"tested_within": "7d"}},
        {"schedule": WINDOW, "backout": a_test_on("2026-11-28")},
        {"schedule": WINDOW, "backout": a_test_on("2026-11-29")},
    ),
    (
        "backout.previous",
        {"backout": {"previous_required": True}},
        {},
        {"scope": {"release": {"product": "shop", "version": "2"}, "summary": "the shop"}},
    ),
    (
        "backout.neighbour",
        {"backout": {"neighbour_required": True}},
        {"success": {"billing": {"http": "http://bill-1/", "neighbour": True}}},
        {},
    ),
    (
        "handover.support_tiers",
        {"handover": {"support_tiers": 2}},
        {"delivery": {"handover": {"support": {"tier1": "desk", "tier3": "chen"}}}},
        {"delivery": {"handover": {"support": {"tier1": "desk"}}}},
    ),
    (
        "handover.docs",
        {"handover": {"docs_required": True}},
        {"delivery": {"handover": {"support": {"docs": ["https://wiki.example"]}}}},
        {},
    ),
    (
        "handover.escalation",
        {"handover": {"escalation_required": True}},
        {"delivery": {"escalation": [{"after": "10m", "contact": "mia"}]}},
        {},
    ),
]


@pytest.mark.parametrize(("name", "controls", "good", "bad"), CASES, ids=[case[0] for case in CASES])
def test_a_requirement_tells_the_good_plan_from_the_bad(
    name: str, controls: dict[str, Any], good: dict[str, Any], bad: dict[str, Any]
) -> None:
    assert gates(controls, **good)[name] is True
    assert gates(controls, **bad)[name] is False


@pytest.mark.parametrize(("name", "controls", "good", "bad"), CASES, ids=[case[0] for case in CASES])
def test_gates_are_the_same_for_the_snapshot_of_the_record(
    name: str, controls: dict[str, Any], good: dict[str, Any], bad: dict[str, Any]
) -> None:
    for keys in (good, bad):
        snapshot = a_snapshot(controls=controls, **keys)
        assert check_controls(Snapshot.from_json(snapshot.to_json())) == check_controls(snapshot)


def test_a_gate_says_why() -> None:
    controls = {"documented": {"change_required": True, "quorum": 2}}

    assert check_controls(a_snapshot(controls=controls))[:2] == (
        Gate("documented.quorum", False, "1 must approve; the least is 2"),
        Gate("documented.change", False, "no change ticket is named"),
    )


def test_an_emergency_passes_the_gates_that_the_controls_waive_and_says_so() -> None:
    scope = {"release": {"product": "s", "version": "2"}, "summary": "s", "reason": "emergency"}
    controls = {
        "documented": {"change_required": True},
        "customer": {"customer_required": True},
        "emergency": {"waives": ["customer"], "quorum": 2},
    }

    found = {gate.name: gate for gate in check_controls(a_snapshot(controls=controls, scope=scope))}

    assert found["customer"] == Gate("customer", True, "waived for an emergency release")
    assert found["documented.change"].ok is False
    assert found["documented.quorum"].detail == "1 must approve; the least is 2"


def test_other_releases_get_nothing_waived() -> None:
    controls = {"customer": {"customer_required": True}, "emergency": {"waives": ["customer"], "quorum": 1}}

    assert gates(controls)["customer.customer"] is False


NAMED = {"documented": {"roles": {"product owner": ["amir"], "deployment manager": ["mia", "olga"]}}}


@pytest.mark.parametrize(
    ("authorities", "backout", "strange"),
    [
        ({"amir": "product owner", "mia": "deployment manager"}, ["olga"], None),
        ({"amir": "product owner", "mia": "deployment manager", "ghost": "product owner"}, [], "ghost (product owner)"),
        ({"amir": "deployment manager", "mia": "deployment manager"}, [], "amir (deployment manager)"),
        ({"amir": "product owner", "mia": "deployment manager"}, ["erin"], "erin (decides on a backout)"),
    ],
)
@pytest.mark.parametrize("reason", ["feature", "emergency"])
def test_who_may_approve_is_said_by_the_controls_and_not_by_the_plan(
    authorities: dict[str, str], backout: list[str], strange: str | None, reason: str
) -> None:
    snapshot = a_snapshot(
        controls={**NAMED, "emergency": {"waives": ["documented"]}},
        scope={"release": {"product": "shop", "version": "2"}, "summary": "s", "reason": reason},
        approval={"authorities": authorities},
        backout={"authority": backout},
    )
    gate = {gate.name: gate for gate in check_controls(snapshot)}["documented.approvers"]
    assert gate.ok == (strange is None)
    assert strange is None or gate.detail.startswith(f"{strange}: not among amir (product owner), mia (deployment")


def test_roles_as_a_list_leave_the_people_to_the_plan() -> None:
    assert "documented.approvers" not in gates({"documented": {"roles": ["product owner"]}})
