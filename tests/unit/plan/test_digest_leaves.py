"""Whatever decides what runs, or where, is in the digest: each leaf of every document is changed, one at a time."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from builders import a_component, a_snapshot
from deployplan.plan.digest import NOT_APPROVED
from deployplan.plan.model.infrastructure import Infrastructure
from deployplan.plan.model.plan import Plan
from deployplan.plan.model.script import Script
from deployplan.plan.snapshot import Snapshot
from deployplan.plan.text.strict import freeze_lists

Path = tuple[str | int, ...]

INFRASTRUCTURE: dict[str, Any] = {
    "connection": "ssh_production",
    "jump": "edge,bastion",
    "base_dir": "/srv/deployplan",
    "timezone": "Europe/Paris",
    "access": {"Shop engineers": "engineer"},
    "requires": ["curl", {"command": "test -w /srv", "expect": {"exit": 0}}],
    "nodes": {
        "web-1": {"host": "10.0.0.1", "port": 22, "user": "deploy", "connection": "ssh_web", "vars": {"slot": "a"}},
        "web-2": "10.0.0.2",
        "db-1": {"host": "10.0.0.9", "jump": "none"},
        "bastion": {"host": "10.0.0.7", "port": 2222},
        "unused": "10.0.0.99",
    },
    "groups": {"web": ["web-1", "web-2"]},
    "metrics": {"url": "https://prometheus.example", "connection": "prometheus"},
    "windows": [{"opens": "2026-11-28 22:00", "closes": "2026-11-29 02:00", "timezone": "Europe/Paris"}],
    "freezes": [{"name": "year end", "from": "2026-12-20 00:00", "timezone": "UTC"}],
}
SCRIPTED: dict[str, Any] = {
    "on": "web-1",
    "drain": "./locks.sh",
    "drained_when": {"command": "./locks.sh", "expect": {"stdout_max": 0}, "within": "3m"},
    "put_back": "./up.sh",
}
PLAN: dict[str, Any] = {
    "follows": "shop",
    "change": "CHG1",
    "package": {"web": {"file": "shop-2.tar", "sha256": "0" * 64}},
    "components": {
        "database": a_component(nodes=["db-1"], env={"A": "1"}, secrets={"PASSWORD": "db_password"}, traffic=SCRIPTED),
        "web": a_component(
            traffic={"haproxy": {"socket": "/run/haproxy.sock", "backend": "web", "server": "{node}"}},
            nodes=["group:web"],
            package="web",
            after=["database"],
            waves=[1, "50%"],
            significant_errors=["^ERROR"],
        ),
    },
    "approval": {"authorities": {"mia": "deployment manager", "amir": "product owner"}, "quorum": 2},
    "success": {
        "health": {"http": "http://{node}/", "expect": {"json": {"version": "2"}}, "for": "5m"},
        "locks": {"command": "./locks.sh", "on": ["db-1"], "expect": {"stdout_max": 5}},
        "port": {"tcp": "{host}:5432", "on": "web-1"},
        "load": {
            "metric": 'load{instance="{host}"}',
            "compare": "before",
            "expect": {"ratio_max": 2, "max": 7},
            "over": "5m",
            "samples": "count(load)",
            "min_samples": 9,
        },
        "order": {"manual": "Place an order", "by": "amir"},
    },
    "schedule": {"windows": [{"opens": "2026-11-28 22:00", "closes": "2026-11-29 02:00", "timezone": "Europe/Paris"}]},
    "impact": {
        "stakeholders": {"desk": {"contact": "desk@example.com"}},
        "end_users": {"locations": ["Paris"], "training_date": "2026-11-25"},
    },
    "delivery": {
        "team": {"erin": {"role": "developer"}},
        "handover": {"channel": "#shop"},
        "escalation": [{"after": "15m", "contact": "ops"}],
    },
    "backout": {"when": {"order": "ask"}, "tested": {"environment": "staging", "at": "2026-11-25"}},
    "risks": [{"id": "R1", "risk": "it breaks"}],
    "communications": [{"to": "ops", "on": ["started"]}],
}
NEXT: dict[str, Any] = {"schedule": {"window": "next", "create": "24h before"}}
FOR_EVER: dict[str, Any] = {"components": {"web": {"nodes": ["web-1"], "deploy": "./up.sh", "irreversible": "data"}}}
SCRIPTS = {"up.sh": b"exit 0\n", "sub/locks.sh": b"echo 0\n"}
OTHERS: tuple[Any, ...] = (
    "other", "7m", "PT7M", 7, 3, 0.5, True, False, "f" * 64, "2026-11-28T21:30:00", "2026-11-24", "Asia/Tokyo", "ask",
    "automatic", "hold", "back_out", "finish_wave", "FREQ=DAILY", "db-1", "web-2", "none", "http://other/", "emergency",
    ["other"], ["db-1"], ["web-2"], ["7m"], [7], {"other": "other"}, {"OTHER": "other"}, [{"id": "other", "risk": "r"}],
    "staging", "mia", "amir", "viewer", "announced", "webhook", "wait", "high", "48h before", "P2D", "next", "others",
    None,
)  # fmt: skip
"""What a leaf is changed to: the first of them that the models take, and that is not what stood there."""
REASONS = {key.removeprefix("infrastructure."): why for key, why in NOT_APPROVED.items()}


def leaves(value: Any, path: Path = ()) -> Iterator[Path]:
    """Every place of a JSON value that holds no further places."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from leaves(item, (*path, key))
    elif isinstance(value, list) and value:
        for number, item in enumerate(value):
            yield from leaves(item, (*path, number))
    else:
        yield path


def changed(value: Any, path: Path, new: Any) -> Any:
    """The JSON value with another leaf."""
    copy = json.loads(json.dumps(value))
    place = copy
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = new
    return copy


def an_authority() -> str:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode("ascii")


AUTHORITY = an_authority()


def others(value: Any) -> Iterator[Any]:
    if isinstance(value, str):
        yield from (f"{value}x", f"{value}9")
    if value is None:
        yield AUTHORITY
    if isinstance(value, int) and not isinstance(value, bool):
        yield from (value + 1, value - 1)
    yield from OTHERS


def at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


SNAPSHOT = a_snapshot(infrastructure=INFRASTRUCTURE, scripts=SCRIPTS, **PLAN)
SNAPSHOTS = {
    "one that says all": SNAPSHOT,
    "one for the next window": a_snapshot(infrastructure=INFRASTRUCTURE, scripts=SCRIPTS, **PLAN | NEXT),
    "one for ever": a_snapshot(infrastructure=INFRASTRUCTURE, scripts=SCRIPTS, **FOR_EVER),
}
NAMED = {
    "access",
    "components",
    "success",
    "nodes",
    "groups",
    "vars",
    "env",
    "secrets",
    "when",
    "team",
    "stakeholders",
    "package",
}
"""Keys below which each entry is called as people like."""


def kind_of(path: Path) -> str:
    """The path without the names and numbers that people choose."""
    kept = ["*" if before in NAMED or isinstance(step, int) else str(step) for before, step in pairwise(("", *path))]
    return ".".join(kept)


def others_of(base: Snapshot, document: str, whole: Any, path: Path) -> Iterator[Snapshot]:
    """The snapshots that the models take with another value in this place."""
    for new in others(at(whole, path)):
        if type(new) is type(at(whole, path)) and new == at(whole, path):
            continue
        try:
            data = freeze_lists(changed(whole, path, new))
            plan = Plan.model_validate(data) if document == "plan" else base.plan
            infrastructure = base.infrastructure if document == "plan" else Infrastructure.model_validate(data)
            other = Snapshot(plan=plan, infrastructure=infrastructure, controls=base.controls, scripts=base.scripts)
            if other == base:
                continue
            other.digest  # noqa: B018  (raises KeyError where the leaf names a node that is none)
        except (ValueError, KeyError):
            continue
        yield other


def left(untried: set[str], tried: set[str]) -> set[str]:
    """The kinds of which neither a leaf nor one below was tried."""
    return {kind for kind in untried - tried if not any(other.startswith(f"{kind}.") for other in tried)}


def test_every_leaf_of_plan_and_procedure_is_in_the_digest() -> None:
    missed, untried = [], set[str]()
    tried = set[str]()
    for base in SNAPSHOTS.values():
        whole = base.plan.model_dump(mode="json")
        for path in leaves(whole):
            other = next(others_of(base, "plan", whole, path), None)
            if other is None:  # another key beside it forbids every other value here
                untried.add(kind_of(path))
                continue
            tried.add(kind_of(path))
            if other.digest == base.digest:
                missed.append(path)
    assert missed == []
    assert left(untried, tried) == set()


def test_every_leaf_of_an_environment_is_in_the_digest_or_it_is_stated_why_not() -> None:
    missed, untried = set[str](), set[str]()
    tried = set[str]()
    whole = SNAPSHOT.infrastructure.model_dump(mode="json")
    for path in leaves(whole):
        found = list(others_of(SNAPSHOT, "infrastructure", whole, path))
        (tried if found else untried).add(kind_of(path))
        if found and all(other.digest == SNAPSHOT.digest for other in found):
            missed.add(".".join(map(str, path[:2] if path[0] == "nodes" else path[:1])))
    # A jump host is reached by its address, its port, its user and its connection; its own jump and vars say nothing.
    assert missed - {"nodes.unused", "nodes.bastion"} <= set(REASONS)
    assert left(untried, tried) == set()


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_script_is_in_the_digest_by_name_and_content(name: str) -> None:
    kept = {other: content for other, content in SCRIPTS.items() if other != name}
    for scripts in ({**kept, name: b"exit 1\n"}, {**kept, f"other-{name}": SCRIPTS[name]}, kept):
        assert a_snapshot(infrastructure=INFRASTRUCTURE, scripts=scripts, **PLAN).digest != SNAPSHOT.digest


def test_a_script_is_its_bytes() -> None:
    assert Script.of("a", b"1").sha256 != Script.of("a", b"2").sha256
