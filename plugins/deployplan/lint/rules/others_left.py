"""A metric that compares with others is read at the end of a wave that leaves nodes without the release, or never.

PASS
    components:
      web: {nodes: [web-1, web-2], waves: [1, "100%"]}
    success:
      load: {metric: 'load{instance="{host}"}', compare: others, expect: {ratio_max: 2}}
    # include/infrastructure/production.yaml
    metrics: {url: "https://prometheus.shop.example:9090"}

FAIL
    components:
      web: {nodes: [web-1, web-2]}
    success:
      load: {metric: 'load{instance="{host}"}', compare: others, expect: {ratio_max: 2}}
    # include/infrastructure/production.yaml
    metrics: {url: "https://prometheus.shop.example:9090"}
"""

from collections.abc import Iterator
from typing import Final

from deployplan.plan.draft import Draft
from deployplan.plan.model.criterion_shapes import MetricCriterion
from deployplan.plan.snapshot import Snapshot
from deployplan.plan.text.problem import Problem

ID: Final = "others-left"
SEVERITY: Final = "warning"


def check(draft: Draft) -> Iterator[Problem]:
    snapshot = draft.snapshot()
    if snapshot is None:
        return
    for criterion in draft.plan.machine_criteria():
        if not isinstance(criterion, MetricCriterion) or criterion.compare != "others":
            continue
        if not _is_read(snapshot, {node.name for node in draft.nodes_read_by(criterion)}):
            message = f"criterion {criterion.name!r} compares with others, and no wave leaves any: it is never read"
            hint = "give the component waves: [1, 100%], or write compare: before"
            yield Problem.at(draft.tree.key_place("success", criterion.name, "compare"), ID, message, hint, SEVERITY)


def _is_read(snapshot: Snapshot, nodes: set[str]) -> bool:
    """Whether at the end of some wave a node of these has the whole release, and another has nothing of it."""
    last = {node: wave.component for wave in snapshot.waves for node in wave.nodes}
    touched: set[str] = set()
    for wave in snapshot.waves:
        touched |= set(wave.nodes)
        if any(node in nodes and last[node] == wave.component for node in wave.nodes) and nodes & set(last) - touched:
            return True
    return False
