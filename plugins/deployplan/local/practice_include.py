"""The practice documents with the ports and the hour of this run: a copy of include/, ready to be carried out now."""

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import yaml

from deployplan.local.practice_layout import PracticeLayout
from deployplan.local.settings import LocalError, LocalSettings
from deployplan.places import SHIPPED

ENVIRONMENT = "practice"
_OPEN_FOR = timedelta(hours=12)
_BEFORE = timedelta(minutes=5)


def documents_of_practice(settings: LocalSettings) -> Path:
    """The include folder that is made ready for the practice nodes: one's own or, for want of one, the shipped one."""
    return settings.include if settings.include.is_dir() else SHIPPED / "include"


def write_practice_include(layout: PracticeLayout, source: Path, now: datetime) -> Path:
    """Copy the include folder `source` for the practice nodes and return the copy.

    Its nodes have this run's ports, nothing is frozen, and the windows of all practice plans are open at `now`.
    """
    target = layout.include
    fresh = target.with_name(f"{target.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(source, fresh, ignore=shutil.ignore_patterns("__pycache__"))
    _rewrite(fresh / "infrastructure" / f"{ENVIRONMENT}.yaml", lambda document: _ports_of_now(document, layout))
    for path in sorted((fresh / "plans").glob("*.yaml")):
        _rewrite(path, lambda document: _open_now(document, now))
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)
    return target


def _rewrite(path: Path, change: Callable[[yaml.MappingNode], None]) -> None:
    """Change a document as the tree of its nodes: as data, the key `on` would come back as `true`."""
    document = _mapping(path.read_text(encoding="utf-8"))
    change(document)
    text = yaml.serialize(document, Dumper=yaml.SafeDumper, allow_unicode=True, width=1000)
    path.write_text(f"# Written for one practice run; the original is include/{path.parent.name}/{path.name}\n{text}")


def _mapping(text: str) -> yaml.MappingNode:
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(node, yaml.MappingNode):
        raise LocalError(f"a document of the practice environment holds no mapping: {text[:60]!r}")
    return node


def _ports_of_now(infrastructure: yaml.MappingNode, layout: PracticeLayout) -> None:
    for node in layout.nodes:
        numbers = {"port": node.ssh_port, "http_port": node.http_port, "billing_port": layout.neighbour_port}
        for path in (("port",), ("vars", "http_port"), ("vars", "billing_port")):
            value = _at(infrastructure, "nodes", node.name, *path)
            if value is not None:
                value.value = str(numbers[path[-1]])
    services = sorted({*(node.http_port for node in layout.nodes), layout.neighbour_port})
    reach = _at(infrastructure, "reach")
    if isinstance(reach, yaml.SequenceNode):
        reach.value[0].value = f"127.0.0.1:{services[0]}-{services[-1]}"
    infrastructure.value = [(key, value) for key, value in infrastructure.value if key.value != "freezes"]


def _open_now(plan: yaml.MappingNode, now: datetime) -> None:
    environment = _at(plan, "environment")
    schedule = _at(plan, "schedule")
    if environment is None or environment.value != ENVIRONMENT or schedule is None:
        return
    opens, closes = (f"{instant:%Y-%m-%d %H:%M}" for instant in (now - _BEFORE, now + _OPEN_FOR))
    window = _mapping(f"window: {{opens: {opens}, closes: {closes}, timezone: UTC}}")
    others = [(key, value) for key, value in schedule.value if not key.value.startswith("window")]
    schedule.value = window.value + others
    tested = _at(plan, "backout", "tested", "at")
    if tested is not None:
        tested.value = f"{now - timedelta(days=1):%Y-%m-%d}"


def _at(node: yaml.Node, *path: str) -> yaml.Node | None:
    """The value below a mapping, key by key; None when there is none."""
    for step in path:
        pairs = node.value if isinstance(node, yaml.MappingNode) else []
        found = [value for key, value in pairs if key.value == step]
        if not found:
            return None
        node = found[0]
    return node
