"""Every key of every document with meaning, type and default, as docs/reference/plan.md."""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from deployplan.plan.model.controls import Controls
from deployplan.plan.model.infrastructure import Infrastructure
from deployplan.plan.model.plan import Plan
from deployplan.plan.model.roster import Roster
from deployplan.plan.pages.schema import Schema, schema_of

_HEAD = """# The documents, key by key

A plan states what is unique to one release. What is normal for a product stands in the procedure it `follows`, and the
two are merged: mappings merge by key, lists and scalars replace. `deployplan show PLAN` prints the result. A plan that
follows nothing states everything itself. One that states `schedule.window` or `schedule.windows` has no other window of
its procedure.

Values are what the author typed: `version: 4.10` is the text `4.10`, `DEBUG: on` is the text `on`. Only `true` and
`false` are true and false, and what YAML readers disagree about is refused where it would matter.

| type | written as |
|---|---|
| text | anything; quote it when it begins with a special character or contains `: ` |
| name | letters, digits, `-` and `_`; names of plans, procedures and nodes also have dots |
| whole number, number | `8080`, `0.5`, without quotes |
| flag | `true` or `false` |
| duration | `90s`, `30m`, `1h30m`, `2d`, or whole seconds |
| time | wall time `2026-11-28 22:00` in the `timezone` beside it, or an instant `2026-11-28T21:00:00Z`, `…+01:00` |
| day | `2026-11-25` |
| value | any JSON value |

A wall time that clocks show twice, or skip, has one meaning: a window opens and closes at the first instant at which
the clock shows that time or a later one; a freeze ends when the clock will never again show an earlier time.

This page is written by `deployplan schema --markdown`.
"""
_PROCEDURE = """## Procedure: include/procedures/NAME.yaml

Any key of a plan but `plan` and `follows`, with nothing required: what is missing must be in the plans that follow it.
A procedure follows no other procedure. Files in include/procedures/NAME/ are its scripts.
"""
_TITLES = {
    "plan": "Plan: include/plans/NAME.yaml",
    "infrastructure": "Infrastructure: include/infrastructure/ENVIRONMENT.yaml",
    "controls": "Controls: include/controls/ENVIRONMENT.yaml",
    "people": "People: include/people.yaml",
}
_MODELS: dict[str, type[BaseModel]] = {
    "plan": Plan,
    "infrastructure": Infrastructure,
    "controls": Controls,
    "people": Roster,
}
_AFTER = {
    "plan": ["Files in include/plans/NAME/ are the plan's scripts; they win over those of its procedure.", ""],
    "infrastructure": [],
    "controls": ["Without a file the defaults hold. A run whose plan lacks something ends as `not_ready`.", ""],
    "people": [
        "Without the file people are called as the auth manager calls them. "
        "[How it is used](../guides/deployment-manager.md)."
    ],
}


def field_reference() -> str:
    """Return the page."""
    lines = [_HEAD]
    for document, title in _TITLES.items():
        lines += [f"## {title}", "", *_document(document), *_AFTER[document]]
        if document == "plan":
            lines.append(_PROCEDURE)
    return "\n".join(lines).rstrip("\n") + "\n"


def _document(document: str) -> Iterator[str]:
    schema = schema_of(document)
    parts = schema["$defs"]
    root = _MODELS[document].__name__
    whole = parts.get(root, schema)
    yield from (str(whole["description"]), "", *_table(whole), "")
    for path, name in _reached(whole, parts):
        part = parts[name]
        shape = f" ({part['$comment']})" if "$comment" in part else ""
        yield from (f"### {path}{shape}", "", str(part["description"]), "", *_table(part), "")


def _reached(schema: Schema, parts: Schema, path: str = "", seen: set[str] | None = None) -> Iterator[tuple[str, str]]:
    """Yield the path and name of each part below, each part at the first path that leads to it."""
    seen = set() if seen is None else seen
    for key, value in schema["properties"].items():
        for name, suffix in _references(value):
            below = f"{path}.{key}{suffix}" if path else f"{key}{suffix}"
            if name not in seen:
                seen.add(name)
                yield below, name
                yield from _reached(parts[name], parts, below, seen)


def _references(value: Any, suffix: str = "") -> Iterator[tuple[str, str]]:
    if "$ref" in value:
        yield value["$ref"].rpartition("/")[2], suffix
    for choice in value.get("anyOf", ()):
        yield from _references(choice, suffix)
    if isinstance(value.get("additionalProperties"), dict):
        yield from _references(value["additionalProperties"], f"{suffix}.NAME")
    if isinstance(value.get("items"), dict):
        yield from _references(value["items"], f"{suffix}[]")


def _table(part: Schema) -> Iterator[str]:
    yield from ("| key | type | default | meaning |", "|---|---|---|---|")
    for key, value in part["properties"].items():
        default = "required" if key in part.get("required", ()) else _default(value.get("default"))
        yield f"| `{key}` | {_type(value)} | {default} | {value['description']} |"


def _default(value: Any) -> str:
    if value in (None, [], {}):
        return "absent"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`[{', '.join(map(str, value))}]`" if isinstance(value, list) else f"`{value}`"


def _type(value: Schema) -> str:
    if "anyOf" in value:
        return " or ".join(dict.fromkeys(_type(choice) for choice in value["anyOf"] if choice != {"type": "null"}))
    if "const" in value:
        return f"`{value['const']}`"
    if "enum" in value:
        return ", ".join(f"`{word}`" for word in value["enum"])
    if value.get("type") == "array":
        return f"list of {_type(value['items'])}"
    if value.get("type") == "object" or "$ref" in value:
        inner = value.get("additionalProperties")
        return f"mapping of name to {_type(inner)}" if isinstance(inner, dict) else "mapping"
    return _scalar(value)


def _scalar(value: Schema) -> str:
    if "before" in value.get("pattern", ""):
        return "duration and `before`"
    if "pattern" in value:
        return "percentage" if "%" in value["pattern"] else "duration"
    if value.get("format") == "date":
        return "day"
    if "examples" in value:
        return "time"
    names = {"integer": "whole number", "number": "number", "boolean": "flag", "string": "text"}
    kind = value.get("type")
    if isinstance(kind, list):
        return "whole number or text" if "integer" in kind else "text"
    return names.get(str(kind), "value")
