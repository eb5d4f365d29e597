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

FOR_PEOPLE = {"Scope.assumptions", "Member.phone", "Member.on_call", "Risk.risk", "Risk.mitigation", "Tested.evidence"}
"""Keys that are there to be read by people, and promise nothing else."""
NOT_YET = {"Backout.until", "Escalation.after", "Escalation.contact"}
"""Keys that are shown to people until something acts on them; their own words say so."""
BY_VARIABLE = {"approved", "rejected", "card_answered", "connection", "intervened", "sealed"}
"""Kinds that are recorded by a name that is chosen first, so that the call does not show which."""


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


def test_a_key_on_which_nothing_acts_yet_says_so() -> None:
    told = {
        f"{model.__name__}.{name}": field.description or ""
        for model in models(Plan)
        for name, field in model.model_fields.items()
    }
    assert [key for key in sorted(NOT_YET) if "nothing acts on it" not in told[key]] == []


def recorded() -> Iterator[tuple[str, set[str], bool, str]]:
    """Each place where an entry is recorded: its kind, the facts by name, whether there may be others, and where."""
    for path, tree in SOURCES.items():
        for call in ast.walk(tree):
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
                continue
            if call.func.attr not in {"record", "note", "_leave_evidence", "leave_evidence"}:
                continue
            kinds = [each.value for each in call.args if isinstance(each, ast.Constant) and each.value in KINDS]
            for kind in kinds[:1]:
                names = {each.arg for each in call.keywords if each.arg is not None}
                yield str(kind), names, any(each.arg is None for each in call.keywords), f"{path.name}:{call.lineno}"


def test_every_kind_of_evidence_is_recorded_somewhere() -> None:
    elsewhere = {
        node.value
        for path, tree in SOURCES.items()
        if path.name != "kinds.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert set(KINDS) - {kind for kind, *_ in recorded()} == BY_VARIABLE
    assert elsewhere >= BY_VARIABLE


def test_what_is_recorded_are_the_facts_of_its_kind_and_no_others() -> None:
    strange = {where: names - set(KINDS[kind].facts) for kind, names, _, where in recorded()}
    assert {where: names for where, names in strange.items() if names} == {}
    found: dict[str, set[str]] = {}
    open_ended = {kind for kind, _, others, _ in recorded() if others}
    for kind, names, _, _ in recorded():
        found.setdefault(kind, set()).update(names)
    missing = {kind: set(KINDS[kind].facts) - names for kind, names in found.items() if kind not in open_ended}
    assert {kind: names for kind, names in missing.items() if names} == {}
