"""What changed between two snapshots, for the person who has to approve again."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from deployplan.plan.digest import ways

if TYPE_CHECKING:
    from deployplan.plan.snapshot import Snapshot


def difference(old: "Snapshot", new: "Snapshot") -> list[str]:
    """Return a line for everything that counts for the digest and differs; empty when the digests are the same."""
    before, after = dict(_facts(old)), dict(_facts(new))
    lines = [
        _line(key, before.get(key), after.get(key)) for key in _keys(before, after) if before.get(key) != after.get(key)
    ]
    orders = [", ".join(snapshot.plan.components) for snapshot in (old, new)]
    if orders[0] != orders[1] and set(old.plan.components) == set(new.plan.components):
        lines.append(f"order of components: {orders[0]} → {orders[1]}")
    return lines


def _keys(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    return list(dict.fromkeys((*before, *after)))


def _line(key: str, old: str | None, new: str | None) -> str:
    if old is None:
        return f"{key}: added, {new}"
    return f"{key}: removed, was {old}" if new is None else f"{key}: {old} → {new}"


def _facts(snapshot: "Snapshot") -> Iterator[tuple[str, str]]:
    yield from _flat("", snapshot.plan.model_dump(mode="json", exclude_defaults=True))
    reached = ways(snapshot.infrastructure, snapshot.nodes())
    for node in snapshot.nodes():
        yield from _flat(f"node {node.name}", node.model_dump(mode="json", exclude_defaults=True))
        way = reached[node.name]
        yield from _flat(f"way to {node.name}", {key: way[key] for key in ("connection", "base_dir", "jump")})
    approved = {"requires", "min_free_mb", "max_clock_skew", "metrics"}
    yield from _flat("environment", snapshot.infrastructure.model_dump(mode="json", include=approved))
    yield "timezone", snapshot.timezone
    for name in snapshot.plan.components:
        yield f"nodes of {name}", _listed([node.name for node in snapshot.nodes_of(name)])
    yield "second authorities", _listed(list(snapshot.second_authorities))
    for script in snapshot.scripts:
        yield f"script {script.path}", f"sha256 {script.sha256[:12]}"


def _flat(key: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and value:
        for name, item in value.items():
            yield from _flat(f"{key}.{name}" if key else name, item)
    else:
        yield key, repr(value) if isinstance(value, str) else _listed(value)


def _listed(value: Any) -> str:
    return "[" + ", ".join(map(str, value)) + "]" if isinstance(value, list) else str(value)
