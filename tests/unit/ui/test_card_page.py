"""The pages of cards: what asks whom, what may be chosen, and that whatever others wrote is shown as text."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deployplan.ui.card_page import CardContent, path_of_card, render_card, render_list, render_markdown
from deployplan.ui.progress import OpenQuestion
from deployplan.ui.tonight import TonightRow
from unit.runbook.other_plans import OtherPlans, a_night
from unit.runbook.runs import NOON
from unit.ui.test_tonight import ask, look, progress_in

HOSTILE = "</title><script>harm()</script><img src=x onerror=harm()>\u202e\x1b[31m\"'"


@pytest.fixture
def row(tmp_path: Path) -> TonightRow:
    """A run that asks mia."""
    plans = OtherPlans(tmp_path)
    ask(plans.run("own", a_night("tonight")))
    (found,) = look(plans, NOON).rows
    return found


def asking(row: TonightRow, question: OpenQuestion) -> TonightRow:
    return replace(row, progress=replace(progress_in(row), question=question))


def test_the_list_names_what_is_asked_by_when_and_leads_to_it(row: TonightRow) -> None:
    page = render_list("mia", [row])
    assert "Approve own? Seat 1 of 1" in page
    assert "By 2026-11-28 22:50 UTC" in page
    assert 'href="m/own/run-1"' in page
    assert "Nothing asks you now." in render_list("mia", [])


def test_a_card_offers_what_may_be_chosen_and_a_note_where_it_takes_one(row: TonightRow) -> None:
    page = render_card(row, CardContent("**Does it work?**", ("Approve", "Reject"), True))
    assert "<strong>Does it work?</strong>" in page
    assert page.count('name="choice"') == 2
    assert 'name="note"' in page
    assert "Asked: mia." in page
    looked = render_card(row, CardContent("text", (), False))
    assert "You may not answer this." in looked
    assert "<form" not in looked
    assert "<form" not in render_card(row, None, "Airflow says no (404): gone")


def test_a_card_says_when_silence_is_an_answer(row: TonightRow) -> None:
    until = datetime(2026, 11, 28, 22, 30, 1, 5, tzinfo=UTC)
    asked = asking(row, OpenQuestion("deploy.web.wave_1", ("mia",), "own: web wave 1 failed", until))
    told = "Silence is taken for an answer at 2026-11-28 22:30:01 UTC."
    assert told in render_card(asked, None)
    assert "Without an answer nothing happens by itself" in render_card(row, None)


def test_who_may_choose_what_is_what_the_card_says() -> None:
    rights = {"Try again": ("chen", "mia"), "Back out": ("mia",)}
    asked = OpenQuestion("deploy.web.wave_1", ("chen", "mia"), "?", None, rights)
    assert [asked.may_choose(who, "Back out") for who in ("chen", "mia", "vic")] == [False, True, False]
    assert asked.may_choose("chen", "Try again")
    assert not OpenQuestion("x", ("mia",), "?").may_choose("vic", "Approve")


@pytest.mark.parametrize("place", ["subject", "plan", "person", "option", "body"])
def test_what_others_wrote_is_text(row: TonightRow, place: str) -> None:
    question = OpenQuestion("t", (HOSTILE,) if place == "person" else ("mia",), HOSTILE if place == "subject" else "?")
    asked = asking(replace(row, plan=HOSTILE) if place == "plan" else row, question)
    content = CardContent(HOSTILE if place == "body" else "", (HOSTILE if place == "option" else "Approve",), True)
    for page in (render_card(asked, content, HOSTILE), render_list("mia", [asked], HOSTILE)):
        assert "<script" not in page
        assert "<img" not in page
        assert page.count("<title>") == page.count("</title>") == 1
        assert "\x1b" not in page.replace(HOSTILE, "")


@pytest.mark.parametrize(
    "text",
    [
        "<script>harm()</script>",
        "[x](javascript:harm())",
        "[x](data:text/html,harm)",
        "![x](https://evil.example/x.png)",
        "<https://evil.example/><img src=x>",
        "| a |\n|---|\n| <b onclick=harm()>x</b> |",
    ],
)
def test_markdown_runs_nothing_and_fetches_nothing(text: str) -> None:
    page = render_markdown(text)
    assert not any(each in page for each in ("<script", "<img", "<b ", 'href="javascript', 'href="data'))


def test_names_with_any_characters_make_one_path() -> None:
    assert path_of_card("shop 2/3", "manual__2026-11-28T21:00:00+00:00") == (
        "m/shop%202%2F3/manual__2026-11-28T21%3A00%3A00%2B00%3A00"
    )
