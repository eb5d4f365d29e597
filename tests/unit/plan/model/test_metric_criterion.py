"""What a metric may ask and expect, and what its placeholders stand for."""

from typing import Any

import pytest
from pydantic import ValidationError

from builders import a_criterion, a_snapshot, an_infrastructure
from deployplan.plan.model.criterion_shapes import MetricCriterion
from deployplan.plan.pages.readable import expected_reading

QUERY = 'load{instance="{host}"}'


def a_metric(query: str = QUERY, **keys: Any) -> MetricCriterion:
    made = a_criterion(**{"metric": query, "expect": {"max": 1}, **keys})
    assert isinstance(made, MetricCriterion)
    return made


@pytest.mark.parametrize(
    ("keys", "rule", "message"),
    [
        ({"expect": {}}, "metric-bounds", "criterion 'health' expects nothing"),
        ({"expect": {"min": 2, "max": 1}}, "metric-bounds", "expects at least 2 and at most 1"),
        ({"expect": {"ratio_max": 2}}, "metric-bounds", "expects a ratio or a delta and compares with nothing"),
        ({"compare": "before"}, "metric-bounds", "compares with before and expects no ratio or delta"),
        (
            {"metric": "load", "compare": "others", "expect": {"ratio_max": 2}},
            "metric-bounds",
            "compares with others and asks the same of every node",
        ),
        (
            {"compare": "others", "expect": {"ratio_max": 2}, "neighbour": True},
            "metric-bounds",
            "compares with others and is a neighbour: read when every node has the release",
        ),
        ({"min_samples": 10}, "metric-bounds", "wants samples of one value"),
        ({"samples": "load"}, "metric-bounds", "counts samples and wants none"),
        ({"metric": "load{node}"}, "metric-query", "cannot be asked: {node} stands outside of quotes"),
        ({"samples": "1", "min_samples": 1}, "metric-query", "names no series"),
        ({"expect": {"status": 200}}, "criterion-kind", "is of kind metric; expect.status has no meaning there"),
    ],
)
def test_what_cannot_be_judged_is_refused_with_its_reason(keys: dict[str, Any], rule: str, message: str) -> None:
    with pytest.raises(ValidationError) as raised:
        a_metric(**keys)
    (error,) = raised.value.errors()
    assert error["type"] == rule
    assert message in error["ctx"]["message"]


def test_what_it_wants_is_said_without_what_is_not_stated() -> None:
    assert expected_reading(a_metric(expect={"min": 0.5})) == "`min 0.5`"
    assert expected_reading(a_metric(expect={"max": 1, "min": 0.5})) == "`max 1`, `min 0.5`"


INFRASTRUCTURE = an_infrastructure(
    nodes={"web-1": {"host": "10.0.0.1", "vars": {"port": 9100}}, "web-2": {"vars": {"group": "mine"}}, "db-1": None},
    groups={"web": ["web-1", "web-2"], "eu": ["web-1"], "data": ["db-1"]},
)


@pytest.mark.parametrize(
    ("node", "on", "group"),
    [
        ("db-1", None, "data"),  # it is in one
        ("web-1", None, None),  # it is in two
        ("web-1", "group:eu", "eu"),  # it is named by one
        ("web-1", ("group:web", "group:eu"), None),
        ("web-2", None, "mine"),  # a variable of the node's own
        ("db-1", "db-1", "data"),
    ],
)
def test_group_is_the_one_by_which_a_node_is_named_else_the_one_that_it_is_in(
    node: str, on: str | tuple[str, ...] | None, group: str | None
) -> None:
    values = INFRASTRUCTURE.values_on(INFRASTRUCTURE.nodes[node], a_metric(on=on))
    assert values.get("group") == group
    assert values["name"] == node


def test_with_placeholders_it_is_read_on_every_node_and_without_once() -> None:
    snapshot = a_snapshot(
        components={"web": {"nodes": ["group:web"], "deploy": "x", "undo": "y"}},
        success={"each": {"metric": QUERY, "expect": {"max": 1}}, "all": {"metric": "load", "expect": {"max": 1}}},
    )
    each, once = (snapshot.criteria_nodes(criterion) for criterion in snapshot.plan.machine_criteria())
    assert [node.name for node in each if node] == ["web-1", "web-2"]
    assert once == (None,)


def test_where_metrics_are_asked_is_approved() -> None:
    before, after = (
        a_snapshot(infrastructure={"metrics": {"url": url}}) for url in ("https://a.example/", "https://b.example")
    )
    assert before.infrastructure.metrics is not None
    assert before.infrastructure.metrics.url == "https://a.example"
    assert before.digest != after.digest


@pytest.mark.parametrize(
    "url", ["prometheus:9090", "ftp://a", "https://tom:hunter2@a.example", "https://a.example/?x=1"]
)
def test_metrics_are_asked_at_an_address_without_a_password(url: str) -> None:
    with pytest.raises(ValidationError, match=r"metrics are asked at|more than a path") as raised:
        an_infrastructure(metrics={"url": url})
    assert "hunter2" not in str(raised.value.errors()[0]["ctx"]["message"])
