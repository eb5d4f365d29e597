"""Documented is done: every key of the documents is acted upon or said to be for people; every kind is recorded."""

import ast
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

from deployplan.evidence.kinds import KINDS
from deployplan.plan.model.controls import Controls
from deployplan.plan.model.infrastructure import Infrastructure
from deployplan.plan.model.plan import Plan

ROOT = Path(__file__).resolve().parents[1]
SOURCES = {path: ast.parse(path.read_text("utf-8")) for path in sorted((ROOT / "plugins/deployplan").rglob("*.py"))}
SHOWS = {"plan/pages/readable.py", "plan/pages/field_reference.py", "plan/difference.py"}
"""Modules that only show what stands in a plan."""

FOR_PEOPLE = {"Scope.assumptions", "Risk.risk", "Risk.mitigation", "Tested.evidence"}
"""Keys that are there to be read by people, and promise nothing else."""
EVIDENCE = ROOT / "plugins/deployplan/evidence"


def models(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """The model and all below it."""
    seen, waiting = set[type[BaseModel]](), [model]
    while waiting:
        each = waiting.pop()
        if each in seen:
            continue
        seen.add(each)
        yield each
        waiting += [found for field in each.model_fields.values() for found in in_annotation(field.annotation)]


def in_annotation(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in getattr(annotation, "__args__", ()):
        yield from in_annotation(part)


def read_by_what_acts() -> set[str]:
    """Names of attributes that are read anywhere but where a plan is only shown."""
    return {
        node.attr
        for path, tree in SOURCES.items()
        if str(path.relative_to(ROOT / "plugins/deployplan")) not in SHOWS
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
    }


def test_every_key_is_read_by_something_that_acts_or_is_said_to_be_for_people() -> None:
    acted = read_by_what_acts()
    idle = {
        f"{model.__name__}.{name}"
        for document in (Plan, Infrastructure, Controls)
        for model in models(document)
        for name in model.model_fields
        if name not in acted
    }
    assert idle == FOR_PEOPLE


def test_no_key_says_that_nothing_acts_on_it_yet() -> None:
    told = [
        f"{model.__name__}.{name}"
        for model in models(Plan)
        for name, field in model.model_fields.items()
        if "nothing acts on it" in (field.description or "")
    ]
    assert told == []


def test_every_kind_of_evidence_is_left_by_something() -> None:
    named = {
        node.id
        for path, tree in SOURCES.items()
        if EVIDENCE not in path.parents
        for node in ast.walk(tree)
        if isinstance(node, ast.Name)
    }
    assert {name for name, kind in KINDS.items() if kind.__name__ not in named} == {"sealed"}  # by the ledger itself


def test_no_step_reads_or_writes_evidence_by_the_names_of_facts() -> None:
    """mypy proves the facts of a typed event; of a text it could prove nothing."""
    by_name = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path, tree in SOURCES.items()
        if EVIDENCE not in path.parents
        for node in ast.walk(tree)
        if _reads_a_fact(node) or _records_by_name(node)
    ]
    assert by_name == []


def _reads_a_fact(node: ast.AST) -> bool:
    """`entry.facts["ok"]` and `entry.facts.get("ok")`."""
    inner = node.value if isinstance(node, ast.Subscript | ast.Attribute) else None
    asks = isinstance(node, ast.Subscript) or (isinstance(node, ast.Attribute) and node.attr == "get")
    return asks and isinstance(inner, ast.Attribute) and inner.attr == "facts"


def _records_by_name(node: ast.AST) -> bool:
    """`ledger.record("wave_ended", …)`."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or not node.args:
        return False
    first = node.args[0]
    return node.func.attr in {"record", "note"} and isinstance(first, ast.Constant) and first.value in KINDS
