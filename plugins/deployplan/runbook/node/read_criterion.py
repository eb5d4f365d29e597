"""Ask production one question: a criterion read once, from here or on a node."""

from dataclasses import replace

from deployplan.checks.read import read_once
from deployplan.checks.reading import Reading
from deployplan.plan.model.component import Component
from deployplan.plan.model.criterion import Criterion
from deployplan.plan.model.criterion_shapes import CommandCriterion
from deployplan.plan.model.infrastructure import Node
from deployplan.plan.waves import component_order
from deployplan.remote.node_client import NodeClient
from deployplan.remote.transport import Result
from deployplan.runbook.node.metric_context import metric_context
from deployplan.runbook.node.staging import forget_placed, node_environment, placed_files
from deployplan.runbook.run.run import Run

NO_FOLDER = 126
"""How a command ends whose folder cannot be entered: what was placed on the node is there no more."""


async def read_criterion(run: Run, criterion: Criterion, node: Node | None) -> Reading:
    """Read the criterion once; what cannot be read is unknown. A command runs where the node's scripts lie."""

    async def on_node(command: str, seconds: float) -> Result:
        if node is None:
            raise AssertionError("what a node asks always has one")
        name = node.name
        env = {**node_environment(node), "DEPLOYPLAN_VERSION": run.snapshot.plan.scope.release.version}

        async def ask(client: NodeClient) -> Result:
            if not isinstance(criterion, CommandCriterion):  # nothing of the release's files is needed
                return await client.run(command, timeout=seconds)
            component = _component_with_package(run, name)
            package_dir, scripts_dir = await placed_files(run, component, client)
            result = await client.run(command, cwd=scripts_dir or package_dir, env=env, timeout=seconds)
            if result.exit == NO_FOLDER:
                forget_placed(component, client)
            return result

        return await run.fleet.ask(name, ask, tries=2)

    reading = await (run.reads or read_once)(
        criterion,
        node,
        reach=run.reach,
        run_on_node=on_node,
        metrics=lambda: metric_context(run, criterion, node),
        clock=run.clock,
    )
    observed = run.masks.cut(reading.observed)
    return reading if observed == reading.observed else replace(reading, observed=observed)


def _component_with_package(run: Run, node: str) -> Component | None:
    """The last component with a package that lands on the node: where `./check.sh` of a package is looked for."""
    components = run.snapshot.plan.components
    for name in reversed(component_order(components)):
        if components[name].package is not None and node in {each.name for each in run.snapshot.nodes_of(name)}:
            return components[name]
    return None
