"""Schemas and the reference page are those of the models, and editors accept what loading accepts."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from deployplan.cli.schema import schema_text
from deployplan.plan.model.controls import Controls
from deployplan.plan.model.infrastructure import Infrastructure
from deployplan.plan.model.plan import Plan
from deployplan.plan.pages.field_reference import field_reference
from deployplan.plan.pages.schema import DOCUMENTS, schema_of
from deployplan.plan.text.keys import keys_at, yaml_keys

ROOT = Path(__file__).parents[4]
GOOD = {
    "plan": [*(ROOT / "tests/plans/ok").glob("*.yaml"), *(ROOT / "include/plans").glob("*.yaml")],
    "procedure": [ROOT / "tests/plans/procedures/shop.yaml", *(ROOT / "include/procedures").glob("*.yaml")],
    "infrastructure": [
        path for path in (ROOT / "tests/plans/infrastructure").glob("*.yaml") if path.stem not in ("odd", "odd-freezes")
    ],
    "controls": [*(ROOT / "include/controls").glob("*.yaml")],
}
FILES = [(document, path) for document, paths in GOOD.items() for path in paths]


def as_an_editor_reads_it(path: Path) -> Any:
    """YAML 1.2 has no dates and no yes; JSON has text keys only."""

    class Loader(yaml.SafeLoader):
        pass

    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag.rpartition(":")[2] in ("int", "float", "null")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    Loader.add_implicit_resolver("tag:yaml.org,2002:bool", __import__("re").compile("^(true|false)$"), list("tf"))
    return json.loads(json.dumps(yaml.load(path.read_text(), Loader)))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_committed_schema_is_that_of_the_models(document: str) -> None:
    assert (ROOT / f"include/schema/{document}.schema.json").read_text() == schema_text(document), (
        f"run `deployplan schema {document} > include/schema/{document}.schema.json`"
    )


def test_the_committed_reference_is_that_of_the_models() -> None:
    assert (ROOT / "docs/reference/plan.md").read_text() == field_reference(), (
        "run `deployplan schema --markdown > docs/reference/plan.md`"
    )


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_schema_is_a_schema(document: str) -> None:
    jsonschema.Draft7Validator.check_schema(schema_of(document))


@pytest.mark.parametrize(("document", "path"), FILES, ids=lambda value: getattr(value, "stem", value))
def test_an_editor_accepts_what_loading_accepts(document: str, path: Path) -> None:
    jsonschema.Draft7Validator(schema_of(document)).validate(as_an_editor_reads_it(path))


@pytest.mark.parametrize(
    "plan",
    [
        {"plan": "a", "follows": "shop", "skope": {}},
        {"plan": "a", "follows": "shop", "components": {"web": {"timout": "5m"}}},
        {"plan": "a", "follows": "shop", "schedule": {"on_close": "stop"}},
        {"plan": "a", "environment": "production", "author": "erin"},
    ],
)
def test_an_editor_refuses_what_loading_refuses(plan: dict[str, Any]) -> None:
    assert not jsonschema.Draft7Validator(schema_of("plan")).is_valid(plan)


def test_a_plan_that_follows_a_procedure_need_not_repeat_it() -> None:
    jsonschema.Draft7Validator(schema_of("plan")).validate({"plan": "a", "follows": "shop"})


def every_key(schema: dict[str, Any]) -> set[tuple[str, str]]:
    parts = {**schema.get("$defs", {}), "": schema}
    return {(name, key) for name, part in parts.items() for key in part.get("properties", {})}


@pytest.mark.parametrize("document", ["plan", "infrastructure", "controls"])
def test_every_key_has_a_meaning_and_stands_in_the_reference(document: str) -> None:
    schema, page = schema_of(document), field_reference()
    parts = {**schema["$defs"], "": schema}

    for part, key in every_key(schema):
        assert parts[part]["properties"][key].get("description"), f"{part}.{key} has no description"
        assert f"| `{key}` |" in page


@pytest.mark.parametrize("model", [Plan, Infrastructure, Controls])
def test_every_optional_key_says_what_its_absence_means(model: type[Any]) -> None:
    schema = model.model_json_schema(by_alias=True)
    for name, part in {**schema["$defs"], model.__name__: schema}.items():
        for key, value in part.get("properties", {}).items():
            silent = key not in part.get("required", ()) and value.get("default") in (None, [], {})
            told = "absent:" in value["description"] or "else `" in value["description"]
            assert told or not silent, f"{name}.{key} does not say what its absence means"


def test_the_keys_at_a_path_are_those_an_author_may_write() -> None:
    assert "timeout" in keys_at(Plan, ("components", "web"))
    assert "name" not in keys_at(Plan, ("components", "web"))
    assert "for" in keys_at(Plan, ("success", "health"))
    assert keys_at(Plan, ("schedule", "windows", 0)) == (
        *("name", "opens", "closes", "timezone"),
        *("rule", "first", "duration", "until", "plus"),
    )
    assert keys_at(Plan, ("scope", "features")) == ()
    assert "plan" in yaml_keys(Plan)
