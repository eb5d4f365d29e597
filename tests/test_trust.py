"""The table of docs/concepts/trust.md rests on tests, each of which is there."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs/concepts/trust.md").read_text()
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in PAGE.splitlines()
    if line.startswith("| ") and not line.startswith("| who ")
]
NOT_HELD = "not held back, see below"


def names_of_tests() -> set[str]:
    return {
        node.name
        for path in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    }


def test_every_test_that_the_page_names_is_there() -> None:
    assert set(re.findall(r"`(test_\w+)`", PAGE)) - names_of_tests() == set()


def test_every_cell_names_the_test_that_holds_it_or_says_that_nothing_does() -> None:
    assert len(ROWS) > 10
    bare = [cell for _, *cells in ROWS for cell in cells if "`test_" not in cell and NOT_HELD not in cell]
    assert bare == []


def test_what_is_not_held_back_is_told_below() -> None:
    told = PAGE.split("## What is not protected")[1]
    for who in ("signing key", "administrators", "connections", "`include/`"):
        assert who in told
