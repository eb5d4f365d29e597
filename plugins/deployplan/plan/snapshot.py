"""Everything a run needs but the bytes of its packages, frozen under one digest; as it is kept, and back."""

import hashlib
import json
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from pydantic import Field

from deployplan.canonical_json import canonical
from deployplan.plan.digest import FORMAT, agrees, first_digest, plan_facts, ways
from deployplan.plan.model.controls import Controls
from deployplan.plan.model.criterion import Criterion, MachineCriterion
from deployplan.plan.model.freezes import holds
from deployplan.plan.model.infrastructure import Infrastructure, Node
from deployplan.plan.model.plan import Plan
from deployplan.plan.model.script import Script
from deployplan.plan.old_keys import without_old_keys
from deployplan.plan.snapshot_error import SnapshotDamaged
from deployplan.plan.text.strict import Strict, freeze_lists
from deployplan.plan.waves import Wave, waves_of
from deployplan.window.release_window import Freeze


class Snapshot(Strict):
    """A plan with the environment it is for; what review freezes and what every later step reads."""

    plan: Plan
    infrastructure: Infrastructure
    controls: Controls
    scripts: tuple[Script, ...] = Field(())

    @cached_property
    def approved(self) -> str:
        """The canonical text that approvals bind to; one that was frozen keeps its own, whatever is added later."""
        return canonical(approved_facts(self)).decode()

    @cached_property
    def digest(self) -> str:
        """The sha256, in hexadecimal, of what approvals bind to; neither controls nor freezes are part of it."""
        return hashlib.sha256(self.approved.encode()).hexdigest()

    @cached_property
    def content_digest(self) -> str:
        """The sha256 of what runs on nodes, wherever they are: the components' commands, packages and scripts."""
        facts = {
            "components": [
                [name, component.model_dump(mode="json", exclude={"nodes", "waves", "max_failures"})]
                for name, component in self.plan.components.items()
            ],
            "packages": {name: package.model_dump(mode="json") for name, package in self.plan.package.items()},
            "release": self.plan.scope.release.model_dump(mode="json"),
            "scripts": {script.path: script.sha256 for script in self.scripts},
        }
        return hashlib.sha256(canonical(facts)).hexdigest()

    @cached_property
    def kept(self) -> str:
        """The text in which the snapshot is kept."""
        return _text_of(self)

    @cached_property
    def waves(self) -> tuple[Wave, ...]:
        """All waves of all components in the order they run."""
        return waves_of(self.plan.components, lambda name: tuple(node.name for node in self.nodes_of(name)))

    def wave(self, component: str, number: int) -> Wave:
        """Return one wave of the plan. Raises LookupError when it has no such wave."""
        for wave in self.waves:
            if (wave.component, wave.number) == (component, number):
                return wave
        raise LookupError(f"plan {self.plan.name} has no wave {number} of {component}")

    @property
    def timezone(self) -> str:
        """The IANA zone in which people think of this release: that of its first window, else its environment's."""
        zones = [window.timezone for window in self.plan.schedule.stated()]
        return next((zone for zone in zones if zone), None) or self.infrastructure.timezone or "UTC"

    @property
    def second_authorities(self) -> tuple[str, ...]:
        """The people of whom at least one must have approved before the release passes freezes; else nobody."""
        named = self.controls.emergency.second_authority if self.plan.scope.reason == "emergency" else ()
        return tuple(user for user in self.plan.may_approve() if user in named)

    @property
    def passes_freezes(self) -> bool:
        """Whether freezes do not hold it: an emergency that no quorum can approve without a second authority."""
        able, quorum = self.plan.may_approve(), self.plan.approval.quorum
        # So many seats that they cannot all be taken by others: this needs no look at who answered.
        return bool(self.second_authorities) and quorum >= 2 and quorum > len(able) - len(self.second_authorities)

    def nodes_of(self, component: str) -> tuple[Node, ...]:
        """Return the nodes of a component in the order written, each once."""
        return self._resolved(self.plan.components[component].nodes)

    def nodes(self) -> tuple[Node, ...]:
        """Return every node the plan touches or asks, each once: those of components first."""
        parts = [component.nodes for component in self.plan.components.values()]
        parts += [criterion.places() for criterion in self.plan.machine_criteria()]
        return self._resolved([*(name for part in parts for name in part), *self._traffic_hosts()])

    def target_nodes(self) -> tuple[Node, ...]:
        """Return every node that a component lands on, each once, in the order written."""
        return self._resolved(name for component in self.plan.components.values() for name in component.nodes)

    def held_nodes(self) -> tuple[Node, ...]:
        """Return every node that is locked for the release: those it lands on, then those that direct their traffic."""
        landed = (name for component in self.plan.components.values() for name in component.nodes)
        return self._resolved([*landed, *self._traffic_hosts()])

    def _traffic_hosts(self) -> list[str]:
        traffic = (component.traffic for component in self.plan.components.values())
        return [each.on for each in traffic if each is not None and each.on is not None]

    def criteria_nodes(self, criterion: Criterion) -> tuple[Node | None, ...]:
        """Return the nodes on which a criterion is read; None stands for once, from here."""
        if isinstance(criterion, MachineCriterion):
            if criterion.on is not None:
                return self._resolved(criterion.places())
            if criterion.per_node:
                return self.target_nodes()
        return (None,)

    def to_json(self) -> str:
        """Return the text in which the snapshot is kept; one that was read is kept as it was."""
        return self.kept

    @classmethod
    def from_json(cls, text: str | bytes, digest: str | None = None) -> "Snapshot":
        """Return the snapshot that `to_json` wrote; with `digest` it must be that one.

        Raises SnapshotDamaged, a ValueError, when it is not, or when anything in it is not what was approved.
        """
        return _snapshot_in(text, digest)

    def _resolved(self, written: Iterable[str]) -> tuple[Node, ...]:
        found = {node.name: node for name in written for node in self.infrastructure.resolve(name)}
        return tuple(found.values())


def freezes_for(infrastructure: Infrastructure, snapshot: Snapshot) -> tuple[Freeze, ...]:
    """Return the freezes of an environment that hold a release: those for its product and a node it is brought to.

    An emergency release that passes freezes has none. Raises WindowError for a freeze that cannot be.
    """
    if snapshot.passes_freezes:
        return ()
    product, touched = snapshot.plan.scope.release.product, {node.name for node in snapshot.target_nodes()}
    found = (each for each in infrastructure.freezes if holds(each, product, touched, infrastructure.groups))
    return tuple(each.freeze() for each in found)


def approved_facts(snapshot: Snapshot) -> dict[str, Any]:
    """Return what approvals bind to: everything that decides what runs, where, and by whose word.

    Every default is written out, so that another version with other defaults cannot mean something else by it. The
    order of components counts; the order of other keys does not.
    """
    infrastructure = snapshot.infrastructure
    return {
        "format": FORMAT,
        "plan": plan_facts(snapshot.plan.model_dump(mode="json")),
        "nodes": {node.name: node.model_dump(mode="json") for node in snapshot.nodes()},
        "ways": ways(infrastructure, snapshot.nodes()),
        "targets": {name: [node.name for node in snapshot.nodes_of(name)] for name in snapshot.plan.components},
        "places": {
            name: [None if node is None else node.name for node in snapshot.criteria_nodes(criterion)]
            for name, criterion in snapshot.plan.success.items()
        },
        "environment": infrastructure.model_dump(
            mode="json", include={"requires", "min_free_mb", "max_clock_skew", "metrics"}
        )
        | {"timezone": snapshot.timezone},
        "second_authorities": list(snapshot.second_authorities),
        "passes_freezes": snapshot.passes_freezes,
        "scripts": {script.path: script.sha256 for script in snapshot.scripts},
    }


def _disagreement(approved: dict[str, Any], stored: dict[str, Any], snapshot: Snapshot) -> str | None:
    """Say in which part a snapshot is not what was approved; None when it is.

    `approved` is what the canonical text says, `stored` the JSON beside it that the snapshot was made from. What this
    version adds to the canonical text is no disagreement.
    """
    if plan_facts(stored["plan"]) != approved["plan"]:
        return "the plan"
    if {script.path: script.sha256 for script in snapshot.scripts} != approved["scripts"]:
        return "the scripts"
    approved, now = without_old_keys(approved), json.loads(canonical(approved_facts(snapshot)))
    parts = {
        "nodes": "a node",
        "ways": "the way to a node",
        "targets": "the nodes of a component",
        "places": "the nodes of a criterion",
        "environment": "the environment",
        "second_authorities": "a second authority",
        "passes_freezes": "whether freezes hold it",
    }
    return next((told for part, told in parts.items() if not agrees(approved[part], now[part])), None)


def _text_of(snapshot: Snapshot) -> str:
    """Return the JSON in which a snapshot is kept: what was approved, and what it is made of, in file order."""
    stored = {
        "format": FORMAT,
        "approved": snapshot.approved,
        "plan": snapshot.plan.model_dump(mode="json"),
        "infrastructure": snapshot.infrastructure.model_dump(mode="json"),
        "controls": snapshot.controls.model_dump(mode="json"),
        "scripts": [script.model_dump(mode="json") for script in snapshot.scripts],
    }
    return json.dumps(stored, ensure_ascii=False, separators=(",", ":"))


def _snapshot_in(text: str | bytes, digest: str | None) -> Snapshot:
    """Return the snapshot that a text holds, which must have this digest; None takes whatever it has.

    Raises SnapshotDamaged when the text is none, or anything in it is not what its digest stands for.
    """
    try:
        text = text if isinstance(text, str) else text.decode()
        stored = json.loads(text)
        version = stored.get("format", 1)
        if version not in (1, FORMAT):
            raise SnapshotDamaged(f"the frozen plan has format {version!r}; this version reads 1 and {FORMAT}")
        found = _first(stored, digest) if version == 1 else _second(stored, digest)
        found.__dict__["kept"] = text  # a later version would write more; frozen again, it must stay what was approved
        return found
    except SnapshotDamaged:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise SnapshotDamaged(f"the frozen plan cannot be read: {type(error).__name__}: {error}") from error


def _second(stored: dict[str, Any], digest: str | None) -> Snapshot:
    text = stored["approved"]
    found = hashlib.sha256(text.encode()).hexdigest()
    if digest is not None and found != digest:
        raise SnapshotDamaged(f"the frozen plan has digest {found[:12]}, asked for was {digest[:12]}")
    snapshot = _made_of(stored)
    if part := _disagreement(json.loads(text), stored, snapshot):
        raise SnapshotDamaged(f"{part} in the frozen plan {found[:12]} is not what was approved")
    snapshot.__dict__["approved"] = text
    return snapshot


def _first(stored: dict[str, Any], digest: str | None) -> Snapshot:
    """The first format kept the models alone; its digest left out what equals its default."""
    snapshot = _made_of(stored)
    found = first_digest(snapshot.plan, snapshot.nodes(), snapshot.scripts)
    if digest is not None and found != digest:
        raise SnapshotDamaged(
            f"the frozen plan, of the first format, has digest {found[:12]}, asked for was {digest[:12]}"
        )
    snapshot.__dict__["digest"] = found
    return snapshot


def _made_of(stored: dict[str, Any]) -> Snapshot:
    stored = without_old_keys(stored)
    scripts = tuple(Script.model_validate(freeze_lists(each)) for each in stored["scripts"])
    for script in scripts:
        if hashlib.sha256(script.content).hexdigest() != script.sha256:
            raise SnapshotDamaged(f"script {script.path} in the frozen plan is not what was approved")
    return Snapshot(
        plan=Plan.model_validate(freeze_lists(stored["plan"])),
        infrastructure=Infrastructure.model_validate(freeze_lists(stored["infrastructure"])),
        controls=Controls.model_validate(freeze_lists(stored["controls"])),
        scripts=scripts,
    )
