"""Who has a run in hand, which messages a plan will send, and what became of those of a run."""

from datetime import timedelta
from pathlib import Path

import pytest

from builders import a_plan, a_snapshot
from deployplan.evidence.kinds.people import MessageBegun, MessageFailed, MessageSent
from deployplan.evidence.record import Records, RunRecord
from deployplan.plan.model.moment import Moment
from deployplan.runbook.run.fold import fold_all
from deployplan.runbook.telling.ahead import messages_ahead
from deployplan.runbook.telling.alarms import alarms, is_acknowledged
from deployplan.runbook.telling.in_hand import NothingNeeded, acknowledge, messages_told, send_again
from deployplan.runbook.telling.occasions import opening_after
from deployplan.testing import FrozenClock
from unit.runbook.telling.test_calls import DECIDE, LADDER, MINUTE, a_roster
from unit.runbook.telling.told_runs import KEY, OPENS, WINDOW, armed, begin, ended, telling


def open_alarms(record: RunRecord) -> list[tuple[str, bool]]:
    """What of a run needs somebody now, each with whether somebody has said that they see to it."""
    state, late = fold_all(record.ledger().entries()), fold_all(record.apart().entries())
    return [(each.reason, is_acknowledged(each, state, late)) for each in alarms(state, None)]


def test_who_acknowledges_stands_in_the_evidence_with_what_needed_somebody(tmp_path: Path) -> None:
    clock = FrozenClock(OPENS)
    record, _ = begin(tmp_path, clock)
    records = Records(str(tmp_path), key=KEY, clock=clock)
    with pytest.raises(NothingNeeded, match="no run of shop-2 needs anybody now"):
        acknowledge(records, "shop-2", None, by="amir", note=None, now=OPENS)
    record.ledger().keep(DECIDE)
    assert open_alarms(record) == [("shop-2: back out?", False)]
    clock.move_to(OPENS + MINUTE)
    found = acknowledge(records, "shop-2", None, by="amir", note="on my way", now=clock.now())
    assert (found.run_id, found.reasons) == ("run-1", ("shop-2: back out?",))
    assert open_alarms(record) == [("shop-2: back out?", True)]
    said = fold_all(record.ledger().entries()).acknowledged
    assert said is not None
    assert (said.event.by, said.event.note, said.at) == ("amir", "on my way", OPENS + MINUTE)
    with pytest.raises(NothingNeeded, match="run run-2 of shop-2 needs nobody now"):
        acknowledge(records, "shop-2", "run-2", by="amir", note=None, now=OPENS)


def test_a_run_that_has_ended_badly_is_acknowledged_apart_from_its_seal(tmp_path: Path) -> None:
    clock = FrozenClock(OPENS)
    record, snapshot = begin(tmp_path, clock)
    for event in (armed(snapshot), ended("unknown", "web-1 does not answer")):
        record.ledger().keep(event)
    record.ledger().seal()
    records = Records(str(tmp_path), key=KEY, clock=clock)
    acknowledge(records, "shop-2", "run-1", by="amir", note=None, now=OPENS)
    assert [each.kind for each in record.apart().entries()] == ["acknowledged"]
    assert [done for _, done in open_alarms(record)] == [True]


def test_what_became_of_each_message_is_known_by_its_key_and_one_is_sent_again_by_name(tmp_path: Path) -> None:
    record, _ = begin(tmp_path, FrozenClock(OPENS))
    names = {"to": "warehouse", "moment": "started", "via": "mail"}
    ledger = record.ledger()
    for key, end in (
        ("aaaaaa1", MessageSent(key="aaaaaa1", attempt="1", receipt="250 OK", **names)),
        ("bbbbbb1", MessageFailed(key="bbbbbb1", attempt="1", why="it went away", uncertain=True, **names)),
        ("cccccc1", None),
    ):
        ledger.keep(MessageBegun(key=key, attempt="1", **names))
        if end is not None:
            ledger.keep(end)
    told = messages_told(record)
    assert [(each.sent, each.uncertain, each.told) for each in told.values()] == [
        (True, False, "250 OK"),
        (False, True, "it went away"),
        (False, False, None),
    ]
    for wrong in ("bbbbb", "dddddd"):
        with pytest.raises(NothingNeeded, match=f"has a key that begins with '{wrong}'; it has 3"):
            send_again(record, wrong, by="olga", now=OPENS)
    assert send_again(record, "bbbbbb", by="olga", now=OPENS) == 1
    assert not messages_told(record)["bbbbbb1", "mail"].uncertain


@pytest.mark.parametrize("sealed", [False, True])
def test_a_message_is_sent_again_once_a_minute_at_most_and_only_where_there_is_a_doubt(
    tmp_path: Path, sealed: bool
) -> None:
    clock = FrozenClock(OPENS)
    record, _ = begin(tmp_path, clock)
    names = {"to": "warehouse", "moment": "started", "via": "mail", "key": "bbbbbb1"}

    def refused() -> str:
        with pytest.raises(NothingNeeded) as caught:
            send_again(record, "bbbbbb", by="olga", now=clock.now())
        return str(caught.value).partition("is not sent again: ")[2]

    def again() -> int:
        return send_again(record, "bbbbbb", by="olga", now=clock.now())

    record.ledger().keep(MessageBegun(attempt="1", **names))
    assert refused() == "it is being sent"
    clock.move_to(OPENS + 6 * MINUTE)  # who sent it is gone
    if sealed:
        record.ledger().seal()
    assert again() == 1
    assert refused() == "it waits to be sent again already"
    clock.move_to(OPENS + 20 * MINUTE)
    assert refused() == "it waits to be sent again already"
    record.note(MessageBegun(attempt="2", **names))
    record.note(MessageFailed(attempt="2", why="it went away", uncertain=True, **names))
    assert again() == 1
    record.note(MessageBegun(attempt="3", **names))
    record.note(MessageFailed(attempt="3", why="it went away", uncertain=True, **names))
    assert refused() == "that was wanted less than a minute ago"
    clock.move_to(OPENS + 21 * MINUTE)
    assert again() == 1
    record.note(MessageBegun(attempt="4", **names))
    record.note(MessageSent(attempt="4", receipt="250 OK", **names))
    clock.move_to(OPENS + 30 * MINUTE)
    assert refused() == "it was sent, and there is no doubt of it (250 OK)"
    wanted = [each for ledger in (record.ledger(), record.apart()) for each in ledger.entries()]
    assert [each.kind for each in wanted].count("send_again") == 3


def test_all_that_will_be_told_is_known_beforehand_with_time_and_recipient() -> None:
    opened = telling("announced", "day_before", "hour_before", "success", to="warehouse@acme.example")
    plan = a_plan(schedule=WINDOW, communications=[opened], delivery=LADDER)
    snapshot, now = a_snapshot(plan=plan), OPENS - timedelta(hours=10)
    found = messages_ahead(snapshot, a_roster(), opening_after(snapshot, now), now=now)
    told = [(each.moment, each.at, each.to) for each in found]
    assert told == [
        (Moment.APPROVAL_ASKED, None, "mia@acme.example"),
        (Moment.ANNOUNCED, None, "warehouse@acme.example"),
        (Moment.HOUR_BEFORE, OPENS - timedelta(hours=1), "warehouse@acme.example"),  # the day before has passed
        (Moment.DECISION_ASKED, None, "mia@acme.example"),
        (Moment.ABOUT_TO_EXPIRE, None, "mia@acme.example"),
        (Moment.SUCCESS, None, "warehouse@acme.example"),
        (Moment.ESCALATED, None, "amir@acme.example"),
        (Moment.ESCALATED, None, "olga@acme.example"),
        (Moment.ESCALATED, None, "duty@acme.example"),
    ]
    assert found[-1].when == "call 3: 40m after a card, a hold or a bad end that nobody has in hand"
