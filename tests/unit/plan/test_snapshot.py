"""What was approved is what runs: one digest for the same meaning, another for any other."""

import json
import os
import random
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import PLAN, a_component, a_fleet, a_plan, a_snapshot
from deployplan.plan.difference import difference
from deployplan.plan.model.criterion_shapes import HttpCriterion
from deployplan.plan.snapshot import Snapshot

WINDOW = {"opens": "2026-11-28 22:00", "closes": "2026-11-29 02:00", "timezone": "Europe/Paris"}
RICH: dict[str, Any] = {
    "package": {"web": {"file": "shop-2.tar", "sha256": "0" * 64}, "db": {"file": "db-2.tar", "sha256": "1" * 64}},
    "components": {
        "database": a_component(nodes=["db-1"], env={"B": "2", "A": "1"}),
        "web": a_component(nodes=["group:web"], after=["database"], waves=[1, "50%"], timeout="20m"),
    },
    "approval": {"authorities": {"mia": "deployment manager", "amir": "product owner"}, "quorum": 2},
    "success": {
        "health": {
            "http": "http://{node}/",
            "expect": {"json": {"version": "2", "list": [1, {"a": None}]}},
            "for": "5m",
        },
        "locks": {"command": "./locks.sh", "on": ["db-1"], "expect": {"stdout_max": 5}},
        "order": {"manual": "Place an order", "by": "amir"},
    },
    "schedule": {
        "window": {"opens": "2026-11-28 22:00", "closes": "2026-11-29T02:00:00+01:00", "timezone": "Europe/Paris"}
    },
    "backout": {
        "when": {"health": "automatic", "order": "ask"},
        "tested": {"environment": "staging", "at": "2026-11-25"},
    },
    "risks": [{"id": "R1", "risk": "it breaks"}],
}
SCRIPTS = {"up.sh": b"exit 0\n", "binary": bytes(range(256))}


def shuffled(value: Any, order: random.Random, *, below: str = "") -> Any:
    """Return the same mapping with its keys in another order, except components, whose order has a meaning."""
    if isinstance(value, dict):
        keys = list(value)
        if below != "components":
            order.shuffle(keys)
        return {key: shuffled(value[key], order, below=key) for key in keys}
    return [shuffled(item, order) for item in value] if isinstance(value, list) else value


def digest(**keys: Any) -> str:
    return a_snapshot(**{**RICH, **keys}, scripts=SCRIPTS).digest


@given(st.randoms(use_true_random=False))
def test_the_order_of_keys_without_a_meaning_does_not_change_the_digest(order: random.Random) -> None:
    assert a_snapshot(**shuffled(RICH, order), scripts=SCRIPTS).digest == digest()


def test_the_order_of_components_changes_the_digest() -> None:
    components = {"a": a_component(), "b": a_component(nodes=["db-1"])}

    assert digest(components=components) != digest(components=dict(reversed(components.items())))


@given(st.randoms(use_true_random=False))
def test_a_record_gives_back_the_same_snapshot(order: random.Random) -> None:
    snapshot = a_snapshot(**shuffled(RICH, order), scripts=SCRIPTS)

    again = Snapshot.from_json(snapshot.to_json())

    assert again == snapshot
    assert again.digest == snapshot.digest
    assert list(again.plan.components) == list(snapshot.plan.components)


def test_another_process_computes_the_same_digest() -> None:
    snapshot = a_snapshot(**RICH, scripts=SCRIPTS)
    program = (
        "import sys; from deployplan.plan.snapshot import Snapshot; print(Snapshot.from_json(sys.stdin.read()).digest)"
    )

    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        ran = subprocess.run(
            [sys.executable, "-c", program],
            input=snapshot.to_json(),
            env=environment,
            text=True,
            capture_output=True,
            check=True,
        )
        assert ran.stdout.strip() == snapshot.digest


def test_a_default_that_is_written_out_is_the_same_plan() -> None:
    plain, written = {"web": a_component()}, {"web": a_component(timeout="10m", max_failures=0, waves=["100%"])}

    assert digest(components=written, success=PLAN["success"]) == digest(components=plain, success=PLAN["success"])


@pytest.mark.parametrize(
    "change",
    [
        {"author": "somebody"},
        {"change": "CHG2"},
        {"scope": {**PLAN["scope"], "summary": "another"}},
        {"package": {"web": {"file": "shop-2.tar", "sha256": "f" * 64}}},
        {
            "schedule": {
                "window": {"opens": "2026-11-28 22:00", "closes": "2026-11-29 03:00", "timezone": "Europe/Paris"}
            }
        },
        {"components": {"web": a_component(deploy="./up.sh --all")}},
        {"components": {"web": a_component(timeout="11m")}},
        {"approval": {"authorities": {"mia": "deployment manager"}, "quorum": 1}},
        {"success": {"health": {"http": "http://{node}/", "expect": {"status": 201}}}},
        {"risks": []},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_change_of_the_plan_changes_the_digest_and_is_told(change: dict[str, Any]) -> None:
    old, new = a_snapshot(**RICH, scripts=SCRIPTS), a_snapshot(**{**RICH, **change}, scripts=SCRIPTS)

    assert new.digest != old.digest
    assert any(line.startswith(next(iter(change))) for line in difference(old, new))


def test_a_changed_script_changes_the_digest() -> None:
    old, new = a_snapshot(scripts=SCRIPTS), a_snapshot(scripts={**SCRIPTS, "up.sh": b"exit 1\n"})

    assert new.digest != old.digest
    assert [line.partition(":")[0] for line in difference(old, new)] == ["script up.sh"]


def test_another_address_of_a_node_that_is_used_changes_the_digest() -> None:
    moved = {"nodes": {"web-1": "10.9.9.9"}, "groups": {}}
    old, new = a_snapshot(), a_snapshot(infrastructure=moved)

    assert new.digest != old.digest
    assert difference(old, new) == ["node web-1.host: '10.0.0.1' → '10.9.9.9'"]


def test_a_node_that_is_not_used_does_not_change_the_digest() -> None:
    assert (
        a_snapshot(infrastructure={"nodes": {"web-1": "10.0.0.1", "web-7": None}, "groups": {}}).digest
        == a_snapshot().digest
    )


def test_a_group_that_grows_changes_the_digest() -> None:
    component = {"web": a_component(nodes=["group:web"])}
    small = a_snapshot(infrastructure=a_fleet(2), components=component)
    large = a_snapshot(infrastructure=a_fleet(3), components=component)

    assert small.digest != large.digest


def test_controls_and_freezes_are_no_part_of_what_is_approved() -> None:
    frozen = a_snapshot(
        controls={"documented": {"quorum": 2}},
        infrastructure={"freezes": [{"name": "year end", "from": "2026-12-20 00:00", "timezone": "UTC"}]},
    )

    assert frozen.digest == a_snapshot().digest


def test_nothing_differs_from_itself() -> None:
    assert difference(a_snapshot(**RICH), a_snapshot(**RICH)) == []


def test_another_order_of_components_is_told() -> None:
    components = {"a": a_component(), "b": a_component()}
    old, new = a_snapshot(components=components), a_snapshot(components=dict(reversed(components.items())))

    assert difference(old, new) == ["order of components: a, b → b, a"]


def test_what_is_no_record_is_refused() -> None:
    for text in ("{}", "[]", "nonsense", json.dumps({"plan": {}, "infrastructure": {}, "controls": {}})):
        with pytest.raises(ValueError):
            Snapshot.from_json(text)


def test_a_criterion_without_a_place_is_read_on_every_node_when_its_url_names_one() -> None:
    snapshot = a_snapshot(components={"web": a_component(nodes=["group:web"]), "db": a_component(nodes=["db-1"])})

    nodes = snapshot.criteria_nodes(snapshot.plan.success["health"])

    assert [node and node.name for node in nodes] == ["web-1", "web-2", "db-1"]


def test_a_criterion_of_one_url_is_read_once_from_here() -> None:
    snapshot = a_snapshot(success={"shop": {"http": "http://shop.example/"}})

    assert snapshot.criteria_nodes(snapshot.plan.success["shop"]) == (None,)


def test_on_names_nodes_and_groups_and_each_node_counts_once() -> None:
    snapshot = a_snapshot(success={"health": {"http": "http://{node}/", "on": ["web-2", "group:web"]}})

    nodes = snapshot.criteria_nodes(snapshot.plan.success["health"])

    assert [node and node.name for node in nodes] == ["web-2", "web-1"]


def test_entries_know_their_names() -> None:
    plan = a_plan(**RICH)

    assert [component.name for component in plan.components.values()] == ["database", "web"]
    assert [criterion.name for criterion in plan.success.values()] == ["health", "locks", "order"]


def test_a_criterion_for_the_previous_release_expects_its_version_everywhere() -> None:
    expect = {
        "json": {"version": "4.3.0", "api": {"versions": ("4.3.0", "4.3.0-rc1")}, "count": 4},
        "contains": "4.3.0",
    }
    criterion = HttpCriterion(name="health", http="http://{node}/", expect=expect)

    before = criterion.for_release("4.3.0", "4.2.1")

    assert before.expect.json_ == {"version": "4.2.1", "api": {"versions": ("4.2.1", "4.3.0-rc1")}, "count": 4}
    assert before.expect.contains == "4.2.1"
    assert before.expect.status == 200
    assert criterion.expect.contains == "4.3.0"


def test_the_author_never_may_approve() -> None:
    plan = a_plan(approval={"authorities": {"erin": "developer", "mia": "manager", "amir": "owner"}})

    assert plan.may_approve() == ("mia", "amir")
    assert plan.may_approve(besides=["mia"]) == ("amir",)


def test_a_snapshot_cannot_be_changed() -> None:
    with pytest.raises(ValueError):
        a_snapshot().plan.author = "mallory"  # type: ignore[misc]
