"""What people read about a release that its window left half done."""

from pathlib import Path
from typing import Any

from builders import INFRASTRUCTURE_TEXT, a_component
from deployplan.runbook.close_card import GO_ON, close_card
from deployplan.runbook.run.run import Run
from unit.runbook.runs import a_run, armed, wave_ended

TONIGHT = {"name": "tonight", "opens": "2026-11-28 11:00", "closes": "2026-11-28 12:00", "timezone": "UTC"}
TOMORROW = {"name": "tomorrow", "opens": "2026-11-29 11:00", "closes": "2026-11-29 14:00", "timezone": "UTC"}
TWO_WAVES = {"web": a_component(nodes=["web-1", "web-2"], waves=[1, "100%"], timeout="20m")}


def after_the_canary(tmp_path: Path, *windows: dict[str, Any], on_close: str = "finish_wave") -> Run:
    """It is noon: the window has just closed, and the first of two waves is done."""
    run = a_run(tmp_path, schedule={"windows": list(windows), "on_close": on_close}, components=TWO_WAVES)
    armed(run)
    wave_ended(run)
    return run


def test_the_rest_is_for_the_next_window_and_the_card_says_when_and_how(tmp_path: Path) -> None:
    card = close_card(after_the_canary(tmp_path, TONIGHT, TOMORROW))
    assert card.subject == "shop-2: the rest is for the next window, 2026-11-29 11:00 UTC"
    assert card.lines == (
        "Done: web wave 1 of 2. Left: web wave 2 of 2.",
        "20m of work: web wave 2 of 2 20m (declared).",
        "The next opening that takes what is left: 2026-11-29 11:00 UTC.",
        GO_ON,
    )


def test_a_release_that_is_held_is_put_to_people_as_it_stands(tmp_path: Path) -> None:
    card = close_card(after_the_canary(tmp_path, TONIGHT, TOMORROW, on_close="hold"))
    assert card.subject == "shop-2: its window closed before it was done; back out?"
    assert GO_ON in card.lines


def test_without_a_later_window_it_can_only_be_backed_out_and_the_card_says_so(tmp_path: Path) -> None:
    card = close_card(after_the_canary(tmp_path, TONIGHT))
    assert card.subject == "shop-2: its window closed before it was done; back out?"
    assert card.lines[-1] == (
        "No later window takes what is left (closed: window 'tonight' closed 2026-11-28 12:00 UTC and does not open "
        "again): it can only be backed out."
    )


def test_a_freeze_without_known_end_leaves_the_next_opening_unknown(tmp_path: Path) -> None:
    run = after_the_canary(tmp_path, TONIGHT, TOMORROW)
    freeze = "freezes: [{name: flood, from: 2026-11-28 11:30, timezone: UTC}]\n"
    (run.include.infrastructure / "production.yaml").write_text(INFRASTRUCTURE_TEXT + freeze)
    assert "not known (frozen by 'flood' with no known end)" in close_card(run).lines[2]
