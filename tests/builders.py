"""The smallest valid plan, snapshot and include folder; a test overrides its subject and nothing else."""

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from deployplan.plan.include import Include
from deployplan.plan.model.controls import Controls
from deployplan.plan.model.criterion_shapes import AnyCriterion
from deployplan.plan.model.infrastructure import Infrastructure
from deployplan.plan.model.plan import Plan
from deployplan.plan.model.script import Script
from deployplan.plan.snapshot import Snapshot
from deployplan.plan.text.strict import freeze_lists

_CRITERION: TypeAdapter[AnyCriterion] = TypeAdapter(AnyCriterion)
PLAN: dict[str, Any] = {
    "plan": "shop-2",
    "environment": "production",
    "author": "erin",
    "scope": {"release": {"product": "shop", "version": "2", "previous": "1"}, "summary": "The shop, second edition"},
    "components": {"web": {"nodes": ["web-1"], "deploy": "./up.sh", "undo": "./down.sh"}},
    "approval": {"authorities": {"mia": "deployment manager"}},
    "success": {"health": {"http": "http://{node}/health"}},
    "backout": {"authority": ["mia"]},
}
INFRASTRUCTURE: dict[str, Any] = {
    "connection": "ssh_production",
    "timezone": "Europe/Paris",
    "nodes": {"web-1": "10.0.0.1", "web-2": "10.0.0.2", "db-1": "10.0.0.9"},
    "groups": {"web": ["web-1", "web-2"]},
}


def a_component(**keys: Any) -> dict[str, Any]:
    """Return a component's YAML keys; those given win."""
    return {"nodes": ["web-1"], "deploy": "./up.sh", "undo": "./down.sh", **keys}


def a_plan(**keys: Any) -> Plan:
    """Return a plan; each given top-level key replaces that of the smallest plan (`plan` is its name)."""
    return Plan.model_validate(freeze_lists({**PLAN, **keys}))


def a_criterion(**keys: Any) -> AnyCriterion:
    """Return the criterion `health` of these keys."""
    return _CRITERION.validate_python(freeze_lists({"name": "health", **keys}))


def an_infrastructure(**keys: Any) -> Infrastructure:
    """Return an environment with web-1, web-2 and db-1; each given key replaces the whole key."""
    return Infrastructure.model_validate(freeze_lists({**INFRASTRUCTURE, **keys}))


def a_snapshot(
    *,
    infrastructure: Infrastructure | dict[str, Any] | None = None,
    controls: Controls | dict[str, Any] | None = None,
    scripts: dict[str, bytes] | None = None,
    plan: Plan | None = None,
    **keys: Any,
) -> Snapshot:
    """Return a snapshot; `keys` go to the plan, mappings to the other documents, `scripts` are contents by name."""
    if not isinstance(infrastructure, Infrastructure):
        infrastructure = an_infrastructure(**(infrastructure or {}))
    if not isinstance(controls, Controls):
        controls = Controls.model_validate(freeze_lists(controls or {}))
    found = tuple(Script.of(name, content) for name, content in sorted((scripts or {}).items()))
    return Snapshot(plan=plan or a_plan(**keys), infrastructure=infrastructure, controls=controls, scripts=found)


def a_fleet(count: int) -> dict[str, Any]:
    """Return the infrastructure keys for nodes web-1 to web-N in the group `web`."""
    names = [f"web-{number}" for number in range(1, count + 1)]
    return {"nodes": dict.fromkeys(names), "groups": {"web": names}}


PROCEDURE_TEXT = """\
environment: production
author: erin
scope: {release: {product: shop, version: "2", previous: "1"}, summary: "The shop, second edition"}
components: {web: {nodes: [web-1], deploy: ./up.sh, undo: ./down.sh}}
approval: {authorities: {mia: deployment manager}}
success: {health: {http: "http://{node}/health"}}
"""
INFRASTRUCTURE_TEXT = """\
connection: ssh_production
timezone: Europe/Paris
nodes: {web-1: 10.0.0.1, web-2: 10.0.0.2, db-1: 10.0.0.9}
groups: {web: [web-1, web-2]}
"""


def an_include(folder: Path, **plans: str) -> Include:
    """Write an include folder whose plans follow the procedure `shop`, which states all of the smallest plan.

    Each plan is the YAML text of what differs; `plan` and `follows` are added where it does not state them. The plan's
    name is the argument's with `-` for `_`.
    """
    include = Include(folder)
    for path in (
        include.plans,
        include.procedures / "shop",
        include.infrastructure,
        include.controls,
        include.packages,
    ):
        path.mkdir(parents=True, exist_ok=True)
    (include.procedures / "shop.yaml").write_text(PROCEDURE_TEXT)
    for script in ("up.sh", "down.sh", "locks.sh"):
        (include.procedures / "shop" / script).write_text("exit 0\n")
    (include.infrastructure / "production.yaml").write_text(INFRASTRUCTURE_TEXT)
    (include.packages / "shop-2.tar").write_bytes(an_archive("install.sh"))
    hidden = {"install.sh": "#!/bin/sh\n# \u202e\n".encode()}
    (include.packages / "hidden.tar").write_bytes(an_archive("install.sh", contents=hidden))
    for name, text in plans.items():
        write_plan(include, name.replace("_", "-"), text)
    return include


def write_plan(include: Include, name: str, text: str = "") -> Path:
    """Write a plan that follows `shop` and return its file."""
    own = "" if text.startswith("plan:") else f"plan: {name}\n"
    path = include.plans / f"{name}.yaml"
    path.write_text(f"{own}follows: shop\n{text}" if "follows:" not in text else f"{own}{text}")
    return path


def an_archive(*names: str, contents: Mapping[str, bytes] | None = None) -> bytes:
    """Return a tar archive of files, empty but for `contents`, byte for byte the same each time."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name in names:
            entry, content = tarfile.TarInfo(name), (contents or {}).get(name, b"")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return archive.getvalue()
