"""What is a metric asked with: the environment's server, and what a node's values are compared with."""

from datetime import datetime

from deployplan.checks.metric_check import MetricContext
from deployplan.checks.prometheus import Server
from deployplan.checks.read import NoAnswer
from deployplan.plan.model.criterion import Criterion
from deployplan.plan.model.criterion_shapes import MetricCriterion
from deployplan.plan.model.infrastructure import Node
from deployplan.runbook.run.run import Run
from deployplan.runbook.run.state import RunState


def metrics_server(run: Run) -> Server:
    """Return the server that the environment names, and who logs in there.

    Raises NoAnswer when there is none, or Airflow does not have its connection.
    """
    metrics = run.snapshot.infrastructure.metrics
    if metrics is None:
        raise NoAnswer(f"{run.snapshot.plan.environment} names no server of metrics")
    if metrics.connection is None:
        return Server(metrics.url, metrics.ca)
    if run.metrics_login is None:
        raise NoAnswer(f"there is no Airflow connection {metrics.connection!r}; add it, or name another one")
    login, password = run.metrics_login
    return Server(metrics.url, metrics.ca, login, password)


async def metric_context(run: Run, criterion: Criterion, node: Node | None) -> MetricContext:
    """Return what the metric is asked with on a node. Raises NoAnswer when it cannot be asked."""
    if not isinstance(criterion, MetricCriterion):
        raise NoAnswer("it is no metric")
    server, infrastructure = metrics_server(run), run.snapshot.infrastructure
    values = {} if node is None else infrastructure.values_on(node, criterion)
    if criterion.compare is None:
        return MetricContext(server, values)
    state = await run.state()
    others = {each.name: infrastructure.values_on(each, criterion) for each in nodes_without(run, criterion, state)}
    return MetricContext(server, values, began=_began(run, node, state), others=others)


def nodes_without(run: Run, criterion: MetricCriterion, state: RunState) -> tuple[Node, ...]:
    """Return the nodes of a criterion on which no wave of this pass has begun: they have what was there before."""
    begun = state.review.first_starts
    touched = {name for wave in run.snapshot.waves if (wave.component, wave.number) in begun for name in wave.nodes}
    left = {node.name for node in run.snapshot.target_nodes()} - touched
    return tuple(node for node in run.snapshot.criteria_nodes(criterion) if node is not None and node.name in left)


def has_others(run: Run, criterion: Criterion, state: RunState) -> bool:
    """Whether there are nodes with which the criterion compares, if it does with any."""
    if isinstance(criterion, MetricCriterion) and criterion.compare == "others":
        return bool(nodes_without(run, criterion, state))
    return True


def _began(run: Run, node: Node | None, state: RunState) -> datetime | None:
    """When the first wave with this node began, without one the first of all."""
    waves = [wave for wave in run.snapshot.waves if node is None or node.name in wave.nodes]
    starts = (state.review.first_starts.get((wave.component, wave.number)) for wave in waves)
    return min((start for start in starts if start is not None), default=None)
