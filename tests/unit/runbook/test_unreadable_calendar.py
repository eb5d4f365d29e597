"""A calendar that cannot be read holds: at the review, at the opening and before each wave, with a reason."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from builders import INFRASTRUCTURE_TEXT
from deployplan.evidence.record import Records
from deployplan.plan.load.calendar_file import MAX_BYTES
from deployplan.runbook import review
from deployplan.runbook.admission import admit_wave
from deployplan.runbook.calendar.waiting_runs import Beside
from deployplan.runbook.run.run import Run
from deployplan.runbook.timing.verdict import verdict_of
from deployplan.runbook.window_wait import look
from deployplan.testing import FrozenClock
from unit.runbook.runs import NOON, a_run, freeze

WINDOW = {"opens": "2026-11-28 11:00", "closes": "2026-11-28 14:00", "timezone": "UTC"}
CALENDAR = (
    "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//operations//EN\n"
    "BEGIN:VEVENT\nUID:1\nDTSTART:20261220T000000Z\nDTEND:20261222T000000Z\nSUMMARY:books\nEND:VEVENT\nEND:VCALENDAR\n"
)
HELD = "held: the freezes of production cannot be read"


def deleted(file: Path) -> None:
    file.unlink()


def unreadable(file: Path) -> None:
    file.unlink()
    file.symlink_to(file)


def cut_short(file: Path) -> None:
    file.write_text(CALENDAR[: len(CALENDAR) // 2])


def a_sign_in_page(file: Path) -> None:
    file.write_text("<!DOCTYPE html><html>sign in</html>")


def garbled(file: Path) -> None:
    file.write_bytes(CALENDAR.encode("utf-16"))


def too_large(file: Path) -> None:
    file.write_text(CALENDAR + " " * MAX_BYTES)


def turned_round(file: Path) -> None:
    """It shows as `books` and as an event, and is neither."""
    file.write_text(CALENDAR.replace("UID:1", "UID:1\u200b").replace("books", "\u202eskoob"))


Harm = Callable[[Path], None]
harms = pytest.mark.parametrize(
    "harm", [deleted, unreadable, cut_short, a_sign_in_page, garbled, too_large, turned_round]
)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """It was reviewed and approved while the calendar could be read; its window is open."""
    found = a_run(tmp_path, schedule={"window": WINDOW})
    environment = found.include.infrastructure
    (environment / "production.yaml").write_text(
        INFRASTRUCTURE_TEXT + "freezes: [{name: changes, calendar: changes.ics}]\n"
    )
    (environment / "changes.ics").write_text(CALENDAR)
    freeze(found)
    assert verdict_of(found).open
    return found


def calendar_of(run: Run) -> Path:
    return run.include.infrastructure / "changes.ics"


@harms
def test_at_the_review_it_holds_and_the_card_says_why(run: Run, harm: Harm) -> None:
    harm(calendar_of(run))
    review.review_controls(run)
    (found,) = [entry for entry in run.ledger.entries() if entry.kind == "window_verdict"]
    assert (found.facts["open"], found.facts["missed"]) == (False, False)
    assert str(found.facts["reason"]).startswith(HELD)
    assert "changes.ics" in str(found.facts["reason"])
    assert f"**Window**: {HELD}" in review.offer_seat(run, 1).body


@harms
def test_at_the_opening_it_holds_and_goes_on_once_it_can_be_read(run: Run, harm: Harm, tmp_path: Path) -> None:
    beside = Beside(Records(tmp_path / "records"), run.clock)
    harm(calendar_of(run))
    held = look(run, beside, before="")
    assert (held.may_start, held.missed) == (False, False)
    assert held.reason.startswith(HELD)

    calendar_of(run).unlink(missing_ok=True)
    calendar_of(run).write_text(CALENDAR)
    assert not look(run, beside, before=held.reason).missed
    assert verdict_of(run).open


@harms
async def test_before_a_wave_it_holds_until_it_can_be_read_again(run: Run, harm: Harm) -> None:
    harm(calendar_of(run))

    class Mended(FrozenClock):
        """Somebody puts the calendar back after a minute."""

        async def sleep(self, seconds: float) -> None:
            await super().sleep(seconds)
            if self.now() >= NOON + timedelta(minutes=1) and not verdict_of(replaced).open:
                calendar_of(run).unlink(missing_ok=True)
                calendar_of(run).write_text(CALENDAR)

    replaced = replace(run, clock=Mended(NOON))
    order = run.snapshot.waves
    await admit_wave(replaced, order[0], order)
    assert replaced.clock.now() >= NOON + timedelta(minutes=1)
    waited = [str(entry.facts["reason"]) for entry in run.ledger.entries() if entry.kind == "wave_waited"]
    assert [reason.startswith(HELD) for reason in waited] == [True]
