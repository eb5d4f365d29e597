"""A criterion is a shape, told by the key that asks; frozen ones of earlier versions are read as they were meant."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from builders import a_criterion, a_snapshot
from deployplan.plan.difference import difference
from deployplan.plan.model.criterion import kinds, shapes
from deployplan.plan.model.criterion_shapes import CommandCriterion, HttpCriterion, ManualCriterion
from deployplan.plan.snapshot import Snapshot
from deployplan.plan.snapshot_error import SnapshotDamaged

BEFORE_SHAPES = (Path(__file__).parents[3] / "formats/second_snapshot.json").read_text()
ITS_DIGEST = "42485c7ad30f62e9662c95e289fbd33722a15632a0754813705475f5fb247f1b"


def refusal(**keys: Any) -> tuple[str, str, str]:
    with pytest.raises(ValidationError) as raised:
        a_criterion(**keys)
    (error,) = raised.value.errors()
    return error["type"], error["ctx"]["message"], error["ctx"]["hint"] or ""


def test_the_key_that_asks_is_the_kind() -> None:
    needed = {"metric": {"expect": {"max": 1}}}
    made = [a_criterion(**{kind: "x", **needed.get(kind, {})}) for kind in kinds()]
    assert [type(each) for each in made] == list(shapes())
    assert [each.kind for each in made] == list(kinds())
    assert [each.question for each in made] == ["x"] * len(kinds())


@pytest.mark.parametrize("keys", [{}, {"http": None}, {"for": "5m", "on": "db-1"}])
def test_a_criterion_that_asks_nothing_says_what_it_could_ask(keys: dict[str, Any]) -> None:
    rule, message, _ = refusal(**keys)

    assert rule == "criterion-kind"
    assert message.startswith("criterion 'health' asks nothing; exactly one of http, command")


def test_a_criterion_that_asks_twice_names_both() -> None:
    _, message, _ = refusal(http="http://{node}/", command="./locks.sh")

    assert message.startswith("criterion 'health' has http and command; exactly one of")


@pytest.mark.parametrize(
    ("keys", "strange", "kind", "right"),
    [
        ({"http": "http://a/", "expect": {"exit": 3}}, "expect.exit", "http", "expect.status, expect.headers"),
        ({"http": "http://a/", "expect": {"exit": 0}, "by": "mia"}, "expect.exit, by", "http", "http, headers, ca"),
        ({"command": "x", "on": "db-1", "headers": {"A": "b"}}, "headers", "command", "command, expect, on"),
        ({"manual": "Look", "on": "db-1"}, "on", "manual", "manual, by, within"),
        ({"manual": "Look", "expect": {"status": 200}}, "expect.status", "manual", "manual, by, within"),
        ({"manual": "Look", "expect": {}}, "expect", "manual", "manual, by, within"),
    ],
)
def test_a_key_of_another_kind_is_told_with_the_keys_that_would_be_right(
    keys: dict[str, Any], strange: str, kind: str, right: str
) -> None:
    rule, message, hint = refusal(**keys)

    assert rule == "criterion-kind"
    assert message == f"criterion 'health' is of kind {kind}; {strange} has no meaning there"
    assert hint.startswith(f"{kind} criteria have {right}")


def test_a_plan_takes_a_key_of_its_procedure_away_with_null() -> None:
    found = a_criterion(http=None, expect={"status": None, "stdout": "up"}, command="./state.sh", on="db-1", by=None)

    assert isinstance(found, CommandCriterion)
    assert found.expect.stdout == "up"
    assert isinstance(a_criterion(http=None, on=None, manual="Look"), ManualCriterion)


def test_a_misspelt_kind_is_an_unknown_key_and_not_a_question_that_is_missing() -> None:
    with pytest.raises(ValidationError) as raised:
        a_criterion(htpp="http://{node}/")

    assert {error["type"] for error in raised.value.errors()} == {"extra_forbidden", "missing"}


def test_a_plan_frozen_before_there_were_shapes_is_read_as_it_was_approved() -> None:
    found = Snapshot.from_json(BEFORE_SHAPES, ITS_DIGEST)

    assert found.digest == ITS_DIGEST
    assert found.to_json() == BEFORE_SHAPES
    health, locks, order = (found.plan.success[name] for name in ("health", "locks", "order"))
    assert isinstance(health, HttpCriterion)
    assert (health.expect.status, health.expect.contains, health.fail_after) == ("2xx", "ok", 2)
    assert isinstance(locks, CommandCriterion)
    assert (locks.on, locks.expect.stdout_max) == (("db-1",), 5)
    assert isinstance(order, ManualCriterion)
    assert order.by == "amir"
    assert [each.expect.stdout_min for each in found.infrastructure.requires] == [None, None, 2]


def test_a_plan_frozen_before_there_were_shapes_differs_in_nothing_from_the_same_plan_frozen_today() -> None:
    old = Snapshot.from_json(BEFORE_SHAPES)
    new = a_snapshot(plan=old.plan, infrastructure=old.infrastructure).model_copy(update={"scripts": old.scripts})

    assert difference(old, new) == []
    assert Snapshot.from_json(new.to_json(), new.digest) == old


def changed(find: str, replacement: str) -> str:
    """The frozen plan with this in place of that, in the JSON and, under a digest of its own, in the canonical text."""
    stored = json.loads(BEFORE_SHAPES)
    approved = stored["approved"].replace(find, replacement)
    rest = json.dumps({**stored, "approved": ""}, separators=(",", ":")).replace(find, replacement)
    return json.dumps({**json.loads(rest), "approved": approved})


def test_a_frozen_key_of_another_kind_that_says_something_is_refused() -> None:
    text = changed('"within":"1h"', '"within":"3h"')

    assert text.count("3h") > 2
    with pytest.raises(SnapshotDamaged, match="within"):
        Snapshot.from_json(text)


def test_a_frozen_requirement_that_is_not_what_was_approved_is_refused() -> None:
    stored = json.loads(BEFORE_SHAPES)
    stored["infrastructure"]["requires"][2]["expect"]["stdout_min"] = 1

    with pytest.raises(SnapshotDamaged, match="the environment"):
        Snapshot.from_json(json.dumps(stored))
