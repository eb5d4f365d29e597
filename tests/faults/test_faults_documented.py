"""docs/reference/faults.md tells what the tests see: the same boundaries, the same faults, the same ends."""

import re
from pathlib import Path

from faults.matrix import BOUNDARIES, HOLDS, KILLERS

ROOT = Path(__file__).parents[2]
DOC = (ROOT / "docs/reference/faults.md").read_text()


def as_table() -> str:
    """The matrix as the document shows it."""
    lines = [f"| | {' | '.join(BOUNDARIES)} |", f"|---|{'---|' * len(BOUNDARIES)}"]
    for killer in KILLERS:
        ends = [_end(boundary, killer) for boundary in BOUNDARIES]
        lines.append(f"| {killer.replace('-', ' ')} | {' | '.join(ends)} |")
    return "\n".join(lines)


def _end(boundary: str, killer: str) -> str:
    if (boundary, killer) in HOLDS or (killer == "clock-stepped" and not BOUNDARIES[boundary].script_fails):
        return "**holds**"
    return "fails, named" if BOUNDARIES[boundary].script_fails else "goes on"


def test_the_documented_matrix_is_the_one_that_is_tested() -> None:
    assert as_table() in DOC


def test_every_boundary_is_explained() -> None:
    explained = dict(re.findall(r"^\| `(\w+)` \| (.+?) \|$", DOC, re.M))
    assert explained == {name: boundary.when for name, boundary in BOUNDARIES.items()}


def test_every_test_that_the_document_names_is_there() -> None:
    named = set(re.findall(r"`(test_\w+)`", DOC))
    sources = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    assert {name for name in named if f"def {name}(" not in sources} == set()


def test_every_strike_at_airflow_is_documented() -> None:
    text = (ROOT / "tests/faults/test_struck_airflow.py").read_text()
    assert {name for name in re.findall(r"^def (test_\w+)\(", text, re.M) if f"`{name}`" not in DOC} == set()
