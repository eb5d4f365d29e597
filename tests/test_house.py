"""The house itself: what a machine can hold it to besides layers, types and style."""

import ast
import sys
from collections import Counter
from pathlib import Path

import pytest

import house_pages
from deployplan.errors import DeployPlanError

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "plugins" / "deployplan"
MODULES = sorted(PACKAGE.rglob("*.py"))


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_every_module_says_in_a_sentence_what_it_is_for(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text("utf-8")))
    assert docstring
    assert docstring.splitlines()[0].endswith((".", "?"))


def test_no_module_of_a_room_shares_a_name_with_the_standard_library_at_the_top() -> None:
    tops = {path.stem for path in (ROOT / "plugins").glob("*.py")} | {
        path.stem for path in (ROOT / "dags").glob("*.py")
    }
    assert not tops & set(sys.stdlib_module_names)


def test_test_files_have_names_of_their_own() -> None:
    names = Counter(path.name for path in (ROOT / "tests").rglob("test_*.py"))
    assert [each for each, count in names.items() if count > 1] == []


def test_every_error_stands_in_the_drawn_tree_or_below_one_that_does() -> None:
    drawn = DeployPlanError.__doc__ or ""
    tops = {
        node.name
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef)
        and any(isinstance(base, ast.Name) and base.id == "DeployPlanError" for base in node.bases)
    }
    assert sorted(each for each in tops if each not in drawn) == []


def test_only_the_clock_reads_the_wall_time() -> None:
    readers = [
        name(path)
        for path in MODULES
        if path.name != "clock.py"
        and any(call in path.read_text("utf-8") for call in ("datetime.now(", "time.time(", "utcnow("))
    ]
    assert readers == []


def test_the_page_of_modules_is_what_they_say_of_themselves() -> None:
    written = (ROOT / "docs" / "reference" / "modules.md").read_text("utf-8")
    assert house_pages.page() == written, "write it anew: python tests/house_pages.py > docs/reference/modules.md"


def test_every_step_of_the_runbook_is_named_in_running_order_where_the_room_begins() -> None:
    begins = (PACKAGE / "runbook" / "__init__.py").read_text("utf-8")
    steps = [path.stem for path in (PACKAGE / "runbook").glob("*.py") if path.stem != "__init__"]
    assert sorted(step for step in steps if f"{step} " not in begins) == []


def test_no_public_name_means_two_things() -> None:
    found: dict[str, list[str]] = {}
    for path in MODULES:
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith(
                "_"
            ):
                found.setdefault(node.name, []).append(str(path.relative_to(PACKAGE)))
    twice = {each: places for each, places in found.items() if len(places) > 1}
    unlike = {
        each: [place for place in places if not place.startswith(PEERS.get(each, ()))] for each, places in twice.items()
    }
    assert {each: places for each, places in unlike.items() if len(places) > 1} == {}


PEERS: dict[str, tuple[str, ...]] = {
    # Each rule has one function of this name: the rooms' lists of rules call it.
    "check": ("plan/rules/", "lint/rules/"),
    "check_environment": ("plan/rules/",),
    "check_roster": ("lint/rules/",),
    "check_with": ("lint/rules/",),
    # A command's function is called as people type it.
    **dict.fromkeys(("approve", "lint", "load", "missed", "show", "simulate", "verify"), ("cli/",)),
}
"""Names that may stand in several modules, and where: there they mean the same, or what people type."""
