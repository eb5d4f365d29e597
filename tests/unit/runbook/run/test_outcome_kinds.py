"""An outcome is one row, and so is a moment: all that is said of them elsewhere follows from the row."""

import ast
from pathlib import Path

import pytest

from deployplan.evidence.kinds import KINDS
from deployplan.plan.model.moment import Moment
from deployplan.plan.pages.schema import schema_of
from deployplan.runbook.outcome import Outcome as Concluded
from deployplan.runbook.run import outcome_kinds
from deployplan.runbook.run.outcome_kinds import Outcome
from house_pages import outcomes_page

ROOT = Path(__file__).parents[4]
SOURCES = ROOT / "plugins" / "deployplan"
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text("utf-8")
ROWS = ("runbook/run/outcome_kinds.py", "plan/model/moment.py", "evidence/kinds.py")


@pytest.mark.parametrize(
    ("outcome", "moment"),
    [
        ("success", Moment.SUCCESS),
        ("success_with_issues", Moment.SUCCESS),
        ("backed_out", Moment.BACKED_OUT),
        ("window_missed", Moment.WINDOW_MISSED),
        ("nothing_to_do", Moment.NOTHING_TO_DO),
        ("backout_failed", Moment.FAILED),
        ("rejected", Moment.FAILED),
        ("expired", Moment.FAILED),
        ("not_ready", Moment.FAILED),
        ("terminated", Moment.FAILED),
        ("unknown", Moment.FAILED),
    ],
)
def test_each_outcome_is_told_at_its_moment(outcome: str, moment: Moment) -> None:
    assert Outcome(outcome).meaning.moment is moment


def test_what_an_outcome_means_is_what_it_has_always_meant() -> None:
    """Evidence and history hold the words, those of earlier versions too."""
    sets = {name: {str(each) for each in getattr(outcome_kinds, name)} for name in dir(outcome_kinds) if name.isupper()}
    assert sets == {
        "RELEASED": {"success", "success_with_issues"},
        "UNTOUCHED": {"rejected", "expired", "not_ready", "window_missed", "nothing_to_do"},
        "UNDECIDED": {"window_missed", "expired", "not_ready"},
        "LEAVES_LOCKED": {"backout_failed", "unknown"},
        "ENDED_BY": {"rejected", "expired", "window_missed", "not_ready", "nothing_to_do"},
    }
    assert "success" in outcome_kinds.RELEASED
    assert "an outcome of a later version" not in outcome_kinds.RELEASED


def test_no_row_contradicts_itself() -> None:
    for outcome in Outcome:
        meaning = outcome.meaning
        assert meaning.green or not meaning.released
        assert not (meaning.released and (meaning.untouched or meaning.leaves_locked))
        assert not (meaning.untouched and meaning.leaves_locked)
        assert meaning.untouched or not meaning.undecided
        assert outcome in KINDS or not meaning.ended_by, f"no evidence is called {outcome}"


def test_the_glossary_names_every_outcome_and_moment_as_the_rows_do() -> None:
    for word, rows in (("outcome", Outcome), ("moment", Moment)):
        (line,) = [line for line in GLOSSARY.splitlines() if line.startswith(f"| **{word}**")]
        assert [f"`{each}`" for each in rows] == [part for part in line.split("|")[2].split() if part.startswith("`")]


def test_the_page_of_outcomes_is_made_of_the_rows() -> None:
    assert (ROOT / "docs" / "reference" / "outcomes.md").read_text("utf-8") == outcomes_page(), (
        "run `python tests/house_pages.py outcomes > docs/reference/outcomes.md`"
    )


def test_an_editor_and_the_reference_know_the_moments_of_the_rows() -> None:
    on = schema_of("plan")["$defs"]["Communication"]["properties"]["on"]
    assert on["items"]["enum"] == [str(moment) for moment in Moment]
    for moment in Moment:
        assert moment.telling.when is None or f"`{moment}` {moment.telling.when}" in on["description"]


def test_no_other_module_spells_the_word_of_an_outcome() -> None:
    """Words that are evidence, too, are recorded and looked for as such; the rest stand in their row alone."""
    words = {str(outcome) for outcome in Outcome if "_" in outcome} - set(KINDS)
    assert words == {"success_with_issues", "backed_out", "backout_failed", "left_drained"}
    spelt = {
        f"{path.relative_to(SOURCES)}: {node.value}"
        for path in SOURCES.rglob("*.py")
        if str(path.relative_to(SOURCES)) not in ROWS
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and node.value in words
    }
    assert spelt == set()


def test_the_step_concludes_with_the_outcomes_of_the_rows() -> None:
    assert Concluded is Outcome
