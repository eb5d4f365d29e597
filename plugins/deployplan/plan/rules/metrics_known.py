"""A criterion that asks for a metric needs an environment that says where its metrics are asked.

PASS
    success:
      errors: {metric: 'sum(rate(errors_total{instance="{host}"}[5m]))', expect: {max: 0.1}}
    # include/infrastructure/production.yaml
    metrics: {url: "https://prometheus.shop.example:9090"}

FAIL
    success:
      errors: {metric: 'sum(rate(errors_total{instance="{host}"}[5m]))', expect: {max: 0.1}}
"""

from collections.abc import Iterator
from typing import Final

from deployplan.plan.draft import Draft
from deployplan.plan.model.criterion_shapes import MetricCriterion
from deployplan.plan.text.problem import Problem

ID: Final = "metrics-known"
SEVERITY: Final = "error"


def check(draft: Draft) -> Iterator[Problem]:
    if draft.environment is None or draft.environment.model.metrics is not None:
        return
    name, where = draft.plan.environment, draft.environment.tree.at.path
    for criterion in draft.plan.machine_criteria():
        if isinstance(criterion, MetricCriterion):
            message = f"criterion {criterion.name!r} asks for a metric, and {name} names no server for it"
            hint = f"have operations write `metrics: {{url: https://…}}` into {where}"
            yield Problem.at(draft.tree.key_place("success", criterion.name, criterion.kind), ID, message, hint)
