"""A plan that has its shape and is not yet accepted: what rules look at."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from deployplan.plan.include import Include
from deployplan.plan.model.controls import Controls
from deployplan.plan.model.criterion import MachineCriterion
from deployplan.plan.model.infrastructure import GROUP, Infrastructure, Node
from deployplan.plan.model.placeholders import fill
from deployplan.plan.model.plan import Plan
from deployplan.plan.model.script import Script
from deployplan.plan.snapshot import Snapshot
from deployplan.plan.text.located import Located


@dataclass(frozen=True, slots=True)
class Environment:
    """An infrastructure file: its model and its places."""

    model: Infrastructure
    tree: Located


@dataclass(frozen=True, slots=True)
class Draft:
    """A merged plan, its places, the documents around it; `complete` when no mistake was left out to judge the rest."""

    path: str
    plan: Plan
    tree: Located
    environment: Environment | None
    controls: Controls
    include: Include
    scripts: tuple[Script, ...]
    complete: bool

    def snapshot(self) -> Snapshot | None:
        """Return the plan as a run would see it, or None without an infrastructure."""
        if self.environment is None:
            return None
        return Snapshot(
            plan=self.plan, infrastructure=self.environment.model, controls=self.controls, scripts=self.scripts
        )

    @property
    def has_environments_windows(self) -> bool:
        """Whether its windows are those of its environment, because it states none itself."""
        own = self.tree.get("schedule", "windows")
        return own is not None and self.environment is not None and own is self.environment.tree.get("windows")

    def places_of_nodes(self) -> Iterator[tuple[str, tuple[str | int, ...]]]:
        """Yield each node or group as written, with the path of its place: those of components, then of criteria."""
        for name, component in self.plan.components.items():
            for number, written in enumerate(component.nodes):
                yield written, ("components", name, "nodes", number)
            if component.traffic is not None and component.traffic.on is not None:
                yield component.traffic.on, ("components", name, "traffic", "on")
        for criterion in self.plan.machine_criteria():
            for number, written in enumerate(criterion.places()):
                listed = () if isinstance(criterion.on, str) else (number,)
                yield written, ("success", criterion.name, "on", *listed)

    def known_nodes(self, written: str) -> tuple[Node, ...]:
        """Return the nodes of `NODE` or `group:NAME`; none for what is not known."""
        if self.environment is None:
            return ()
        model = self.environment.model
        if written.startswith(GROUP):
            names = model.groups.get(written.removeprefix(GROUP), ())
            return tuple(model.nodes[name] for name in names if name in model.nodes)
        return (model.nodes[written],) if written in model.nodes else ()

    def nodes_of(self, component: str) -> tuple[Node, ...]:
        """Return the known nodes of a component."""
        return self._all(self.plan.components[component].nodes)

    def nodes_read_by(self, criterion: MachineCriterion) -> tuple[Node, ...]:
        """Return the known nodes on which a criterion is read; none when it is read once from here."""
        if criterion.on is None and criterion.per_node:
            return self._all(name for component in self.plan.components.values() for name in component.nodes)
        return self._all(criterion.places())

    def questions(self, criterion: MachineCriterion) -> Iterator[str]:
        """Yield the question of a criterion as each node is asked it, as far as its placeholders have a value there."""
        wanted = criterion.placeholders if criterion.per_node else ()
        if not wanted:
            yield criterion.question
            return
        for node in self.nodes_read_by(criterion):
            values = self.values_on(node, criterion)
            if all(placeholder in values for placeholder in wanted):
                yield fill(criterion.question, values)

    def values_on(self, node: Node, criterion: MachineCriterion) -> Mapping[str, str | int]:
        """Return what each placeholder of a criterion stands for on a node."""
        return node.placeholders() if self.environment is None else self.environment.model.values_on(node, criterion)

    def _all(self, written: "tuple[str, ...] | Iterator[str]") -> tuple[Node, ...]:
        return tuple({node.name: node for name in written for node in self.known_nodes(name)}.values())
