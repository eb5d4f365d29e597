"""Everything a run needs but the bytes of its packages, frozen under one digest."""

import hashlib
from collections.abc import Iterable
from functools import cached_property

from pydantic import Field

from deployplan.plan.digest import approved_text
from deployplan.plan.frozen_text import snapshot_in, text_of
from deployplan.plan.model.controls import Controls
from deployplan.plan.model.criterion import Criterion
from deployplan.plan.model.infrastructure import Infrastructure, Node
from deployplan.plan.model.plan import Plan
from deployplan.plan.model.script import Script
from deployplan.plan.text.strict import Strict
from deployplan.plan.waves import Wave, waves_of


class Snapshot(Strict):
    """A plan with the environment it is for; what review freezes and what every later step reads."""

    plan: Plan
    infrastructure: Infrastructure
    controls: Controls
    scripts: tuple[Script, ...] = Field(())

    @cached_property
    def approved(self) -> str:
        """The canonical text that approvals bind to; one that was frozen keeps its own, whatever is added later."""
        return approved_text(self)

    @cached_property
    def digest(self) -> str:
        """The sha256, in hexadecimal, of what approvals bind to; neither controls nor freezes are part of it."""
        return hashlib.sha256(self.approved.encode()).hexdigest()

    @cached_property
    def kept(self) -> str:
        """The text in which the snapshot is kept."""
        return text_of(self)

    @cached_property
    def waves(self) -> tuple[Wave, ...]:
        """All waves of all components in the order they run."""
        return waves_of(self)

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
        parts += [criterion.places() for criterion in self.plan.success.values()]
        return self._resolved(name for part in parts for name in part)

    def target_nodes(self) -> tuple[Node, ...]:
        """Return every node that a component lands on, each once, in the order written."""
        return self._resolved(name for component in self.plan.components.values() for name in component.nodes)

    def criteria_nodes(self, criterion: Criterion) -> tuple[Node | None, ...]:
        """Return the nodes on which a criterion is read; None stands for once, from here."""
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
        return snapshot_in(text, digest)

    def _resolved(self, written: Iterable[str]) -> tuple[Node, ...]:
        found = {node.name: node for name in written for node in self.infrastructure.resolve(name)}
        return tuple(found.values())
