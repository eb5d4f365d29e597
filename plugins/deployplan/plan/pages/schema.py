"""The JSON schema of each document, for editors."""

from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from deployplan.plan.model.controls import Controls
from deployplan.plan.model.infrastructure import Infrastructure
from deployplan.plan.model.plan import Plan
from deployplan.plan.model.roster import Roster
from deployplan.plan.text.scalars import spell_duration

DRAFT = "http://json-schema.org/draft-07/schema#"
DOCUMENTS = ("plan", "procedure", "infrastructure", "controls", "people")
_NOT_IN_A_PROCEDURE = ("plan", "follows")
Schema = dict[str, Any]


class _Generator(GenerateJsonSchema):
    def encode_default(self, dft: Any) -> Any:
        """Defaults as an author would write them."""
        if isinstance(dft, timedelta):
            return spell_duration(dft)
        return {} if isinstance(dft, BaseModel) else dft


def schema_of(document: str) -> Schema:
    """Return the schema of one of `DOCUMENTS`; raises KeyError for another name."""
    schemas: dict[str, Callable[[], Schema]] = {
        "plan": _plan,
        "procedure": _procedure,
        "infrastructure": _infrastructure,
        "controls": lambda: _generated(Controls),
        "people": _people,
    }
    return {"$schema": DRAFT, "title": f"deployplan {document}", **schemas[document]()}


def _generated(model: type[BaseModel]) -> Schema:
    schema = model.model_json_schema(by_alias=True, schema_generator=_Generator)
    _drop_titles(schema)
    _loosen(schema)
    return schema


def _plan() -> Schema:
    """A plan that follows a procedure need not repeat what the procedure states, so little is required of it."""
    whole = _generated(Plan)
    parts = whole.pop("$defs")
    following = {f"Following{name}": part for name, part in _optional(parts, "Following").items()}
    body = _optional({"Plan": whole}, "Following")["Plan"]
    body["required"] = ["plan", "follows"]
    return {
        "description": whole["description"],
        "if": {"required": ["follows"]},
        "then": {"$ref": "#/$defs/FollowingPlan"},
        "else": {"$ref": "#/$defs/Plan"},
        "$defs": {**parts, "Plan": whole, **following, "FollowingPlan": body},
    }


def _procedure() -> Schema:
    schema = _generated(Plan)
    schema["$defs"] = _optional(schema["$defs"], "")
    schema.pop("required")
    for key in _NOT_IN_A_PROCEDURE:
        schema["properties"].pop(key)
    schema["description"] = "What is normal for a product: any key of a plan, merged under the plans that follow it."
    return schema


def _infrastructure() -> Schema:
    schema = _generated(Infrastructure)
    node, requirement = {"$ref": "#/$defs/Node"}, {"$ref": "#/$defs/Requirement"}
    schema["properties"]["nodes"]["additionalProperties"] = {"anyOf": [node, {"type": "string"}, {"type": "null"}]}
    schema["properties"]["requires"]["items"] = {"anyOf": [requirement, {"type": "string"}]}
    schema["$defs"]["Node"].pop("required", None)
    return schema


def _people() -> Schema:
    schema = _generated(Roster)
    schema["properties"]["people"]["additionalProperties"] = {
        "anyOf": [{"$ref": "#/$defs/KnownPerson"}, {"type": "null"}]
    }
    schema["$defs"]["KnownPerson"].pop("required", None)
    return schema


def _optional(parts: Schema, prefix: str) -> Schema:
    """Return the definitions with nothing required, referring to each other under names with `prefix`."""
    parts = deepcopy(parts)
    for part in parts.values():
        part.pop("required", None)
        _rename(part, prefix)
    return parts


def _rename(schema: Any, prefix: str) -> None:
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            schema["$ref"] = schema["$ref"].replace("#/$defs/", f"#/$defs/{prefix}")
        for value in schema.values():
            _rename(value, prefix)
    elif isinstance(schema, list):
        for item in schema:
            _rename(item, prefix)


def _loosen(schema: Any) -> None:
    """With nothing required, as in a procedure, a value may have the shape of several; one is enough."""
    if isinstance(schema, dict):
        if "oneOf" in schema:
            schema["anyOf"] = schema.pop("oneOf")
        for value in schema.values():
            _loosen(value)
    elif isinstance(schema, list):
        for item in schema:
            _loosen(item)


def _drop_titles(schema: Any) -> None:
    """Titles repeat the key in other letters, and an editor shows them before what the key means."""
    if isinstance(schema, dict):
        if isinstance(schema.get("title"), str):
            del schema["title"]
        for value in schema.values():
            _drop_titles(value)
    elif isinstance(schema, list):
        for item in schema:
            _drop_titles(item)
