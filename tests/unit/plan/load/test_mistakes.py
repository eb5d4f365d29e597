"""Whatever an author mistypes, the answer is a list of problems with places, soon."""

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders import an_include, write_plan
from deployplan.plan.include import Include
from deployplan.plan.load.examine import Examined, examine
from deployplan.plan.load.library import Library
from deployplan.plan.snapshot import Snapshot
from deployplan.plan.text.yaml_source import MAX_BYTES

WHOLE = (Path(__file__).parents[3] / "plans/ok/whole.yaml").read_text()
TOKENS = [
    "",
    " ",
    "\n",
    "  ",
    "\t",
    ":",
    "- ",
    "{",
    "}",
    "[",
    "]",
    ",",
    "no",
    "4.10",
    "null",
    "'",
    '"',
    "&a ",
    "*a",
    "!x ",
    "|",
    "#",
]
edits = st.lists(
    st.tuples(st.integers(0, len(WHOLE)), st.integers(0, 12), st.sampled_from(TOKENS) | st.text(max_size=4)),
    min_size=1,
    max_size=4,
)


@pytest.fixture(scope="module")
def include(tmp_path_factory: pytest.TempPathFactory) -> Include:
    include = an_include(tmp_path_factory.mktemp("include"))
    (include.procedures / "shop" / "install.sh").write_text("exit 0\n")
    return include


def examined(include: Include, text: str) -> Examined:
    path = include.plans / "whole.yaml"
    path.write_text(text, encoding="utf-8", errors="surrogatepass", newline="")
    return examine(path, Library(include))


def test_the_plan_that_is_going_to_be_spoilt_is_good(include: Include) -> None:
    assert examined(include, WHOLE).problems == ()


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits)
def test_a_spoilt_plan_is_a_plan_or_a_list_of_problems(include: Include, edits: list[tuple[int, int, str]]) -> None:
    text = WHOLE
    for place, length, token in edits:
        text = text[:place] + token + text[place + length :]

    found = examined(include, text)

    if not found.problems:
        assert found.draft is not None
        snapshot = found.draft.snapshot()
        assert snapshot is not None
        assert Snapshot.from_json(snapshot.to_json()).digest == snapshot.digest
    for problem in found.problems:
        assert problem.line >= 1
        assert problem.column >= 1
        assert "\n" not in problem.message
        assert Path(problem.path).exists()


LARGE = {
    "underscores": "1" + "_" * 500_000 + "x",
    "digits": "9" * 500_000,
    "colons": "1:" * 200_000 + "1",
    "letters": "a" * 900_000,
    "quoted": "'" + "%" * 900_000 + "'",
    "braces": "{" * 300_000,
}
PLACES = {
    "number": "approval: {{quorum: {}}}",
    "value": "success: {{health: {{expect: {{json: {{a: {}}}}}}}}}",
    "key": "? {}\n: 1",
    "text": "change: {}",
    "duration": "approval: {{within: {}}}",
}


@pytest.mark.parametrize("value", LARGE.values(), ids=LARGE)
@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_no_value_of_a_mebibyte_keeps_the_reader_busy(include: Include, place: str, value: str) -> None:
    text = f"{place.format(value)}\n"
    assert len(text) < MAX_BYTES
    path = write_plan(include, "large", text)
    before = time.process_time()

    found = examine(path, Library(include))

    assert time.process_time() - before < 3
    assert all(len(problem.message) < 1000 for problem in found.problems)


@pytest.mark.parametrize("name", ["../infrastructure/production", "/etc/passwd", "..", "shop/../shop"])
def test_names_never_lead_out_of_their_folder(include: Include, name: str) -> None:
    path = write_plan(include, "outside", f"follows: {name}\nenvironment: {name}\n")

    found = examine(path, Library(include))

    assert "name" in {problem.rule for problem in found.problems}
    assert {problem.path for problem in found.problems} == {str(path)}
