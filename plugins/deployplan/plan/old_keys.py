"""What frozen plans hold of earlier versions: keys that said nothing and that their part has no more.

Until a criterion was a shape for each kind, every criterion had the keys of all kinds, and what was not asked stood
there as its default; so did what a requirement expects.
"""

from typing import Any

from deployplan.plan.model.criterion import shapes
from deployplan.plan.model.criterion_shapes import CommandExpect
from deployplan.plan.text.keys import yaml_keys

_CRITERION: dict[str, Any] = {
    "http": None,
    "command": None,
    "manual": None,
    "headers": {},
    "ca": None,
    "on": None,
    "neighbour": False,
    "for": "0s",
    "every": "2s",
    "timeout": "10s",
    "fail_after": 3,
    "baseline": None,
    "by": None,
    "within": "1h",
}
_EXPECT: dict[str, Any] = {
    "status": 200,
    "headers": {},
    "json": None,
    "contains": None,
    "exit": 0,
    "stdout": None,
    "stdout_min": None,
    "stdout_max": None,
}


def without_old_keys(stored: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON of a frozen plan, or of what was approved, as this version writes it.

    Only what stands there as its default goes: anything else is told as a key that is not known.
    """
    found = dict(stored)
    if "plan" in found:
        success = {name: _criterion(each) for name, each in found["plan"]["success"].items()}
        found["plan"] = {**found["plan"], "success": success}
    for part in ("infrastructure", "environment"):
        if part in found:
            found[part] = {**found[part], "requires": [_requirement(each) for each in found[part]["requires"]]}
    return found


def _criterion(written: dict[str, Any]) -> dict[str, Any]:
    shape = next((shape for shape in shapes() if written.get(shape.telling[0]) is not None), None)
    if shape is None:
        return written
    entry = _cut(written, _CRITERION, yaml_keys(shape))
    expect = shape.model_fields.get("expect")
    if expect is not None and isinstance(expect.annotation, type) and isinstance(entry.get("expect"), dict):
        return {**entry, "expect": _cut(entry["expect"], _EXPECT, yaml_keys(expect.annotation))}
    return {key: value for key, value in entry.items() if key != "expect" or value != _EXPECT}


def _requirement(written: dict[str, Any]) -> dict[str, Any]:
    return {**written, "expect": _cut(written["expect"], _EXPECT, yaml_keys(CommandExpect))}


def _cut(written: dict[str, Any], defaults: dict[str, Any], own: tuple[str, ...]) -> dict[str, Any]:
    """Leave out what has no place among its own keys and says what it did by default."""
    return {key: value for key, value in written.items() if key in own or key not in defaults or value != defaults[key]}
