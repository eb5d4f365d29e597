"""Who is asked is told, and the ladder climbs until somebody answers or says that they see to it."""

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from deployplan.comms.message import Message
from deployplan.comms.named_channel import ByName
from deployplan.evidence.hold import HoldSwitch
from deployplan.evidence.kinds.people import (
    Acknowledged,
    AllResumed,
    Intervened,
    MessageBegun,
    MessageFailed,
    MessageSent,
    MomentReached,
    SendAgain,
)
from deployplan.evidence.kinds.verify import CardAnswered, CardClosed, CardPut
from deployplan.evidence.record import Records, RunRecord
from deployplan.plan.model.roster import CalendarRota, Roster
from deployplan.plan.text.strict import freeze_lists
from deployplan.runbook.run.fold import fold_all
from deployplan.runbook.telling.outbox import RunOutbox
from deployplan.testing import FrozenClock
from unit.runbook.telling.told_runs import (
    KEY,
    OPENS,
    Post,
    a_post,
    announced,
    armed,
    begin,
    carry_once,
    courier_of,
    ended,
    telling,
)

MINUTE = timedelta(minutes=1)
ROSTER = {
    "people": {
        "mia": {"mail": "mia@acme.example", "phone": "+33 1"},
        "amir": {"mail": "amir@acme.example"},
        "olga": {"mail": "olga@acme.example"},
    },
    "on_call": {"ops": {"calendar": "ops.ics"}, "pager": {"pager": "pd_ops"}},
}
ON_CALL = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:x
BEGIN:VEVENT
UID:1
DTSTART:20261101T000000Z
DTEND:20261201T000000Z
SUMMARY:olga
END:VEVENT
END:VCALENDAR
"""
LADDER = {
    "escalation": [
        {"after": "10m", "contact": "amir"},
        {"after": "25m", "contact": "ops"},
        {"after": "40m", "contact": "duty@acme.example"},
    ]
}
DECIDE = CardPut(task="backout.decide", people=("mia",), subject="shop-2: back out?")


def a_roster() -> Roster:
    roster = Roster.model_validate(freeze_lists(ROSTER))
    rota = roster.on_call["ops"]
    assert isinstance(rota, CalendarRota)
    return roster.model_copy(update={"on_call": {**roster.on_call, "ops": rota.with_text(ON_CALL)}})


@pytest.fixture
async def post() -> AsyncIterator[Post]:
    async with a_post() as opened:
        yield opened


class Night:
    """A run at night, and what is sent of it as time passes."""

    def __init__(self, store: Path, post: Post, *communications: Any, **keys: Any) -> None:
        self.store, self.post = store, post
        self.clock = FrozenClock(OPENS)
        self.record, self.snapshot = begin(store, self.clock, *communications, delivery=LADDER, **keys)

    async def at(self, minutes: float) -> list[str]:
        """The addresses to which mail was sent up to so many minutes after the opening."""
        self.clock.move_to(OPENS + minutes * MINUTE)
        async with courier_of(self.store, self.clock, {"mail": self.post.channel()}, roster=a_roster) as courier:
            await carry_once(courier)
            await carry_once(courier)
        return [each.rcpt_tos[0].partition("@")[0] for each in self.post.taken]


async def test_who_is_asked_is_told_and_the_ladder_climbs_rung_by_rung(tmp_path: Path, post: Post) -> None:
    night = Night(tmp_path, post)
    night.record.ledger().keep(DECIDE)
    assert await night.at(0) == ["mia"]
    assert await night.at(9) == ["mia"]
    assert await night.at(10) == ["mia", "amir"]
    assert await night.at(24) == ["mia", "amir"]
    assert await night.at(25) == ["mia", "amir", "olga"]
    assert await night.at(40) == ["mia", "amir", "olga", "duty"]
    assert await night.at(400) == ["mia", "amir", "olga", "duty"]
    assert post.subjects()[:2] == ["shop 2: waits for a decision", "shop 2: somebody is needed"]
    asked, called = post.bodies()[:2]
    assert "Question: shop-2: back out?\n" in asked
    assert "See: http://airflow.example/m/shop-2\n" in asked
    for line in ("Asked: mia (+33 1)", "Call: 1 of 3, 10m after it began", "Why: shop-2: back out?"):
        assert f"{line}\n" in called
    assert "To say that you see to it: deployplan ack shop-2\n" in called
    rungs = [each for each in night.record.ledger().entries() if each.facts.get("moment") == "escalated"]
    assert [each.kind for each in rungs] == ["message_begun", "message_sent"] * 3


ANSWERS: dict[str, Callable[[RunRecord], object]] = {
    "an acknowledgement": lambda run: run.note(Acknowledged(by="amir", note="on my way")),
    "an answer": lambda run: run.note(CardAnswered(task="backout.decide", person="mia", option="Back out")),
    "silence that was taken for one": lambda run: run.note(CardClosed(task="backout.decide")),
    "a mark by hand": lambda run: run.note(
        Intervened(who="mia", action="mark", tasks=("backout.decide",), state="failed", accepted=True)
    ),
    "a clear": lambda run: run.note(
        Intervened(who="mia", action="clear", tasks=("deploy.web.wave_1", "backout.decide"), accepted=True)
    ),
}


@pytest.mark.parametrize("rung", [0, 1, 2])
@pytest.mark.parametrize("answer", ANSWERS)
async def test_it_climbs_no_further_when_somebody_answers_or_acknowledges(
    tmp_path: Path, post: Post, answer: str, rung: int
) -> None:
    night = Night(tmp_path, post)
    night.record.ledger().keep(DECIDE)
    told = await night.at((0, 10, 25)[rung])
    ANSWERS[answer](night.record)
    assert await night.at(400) == told


async def test_a_new_question_climbs_anew_after_an_acknowledged_one(tmp_path: Path, post: Post) -> None:
    night = Night(tmp_path, post)
    night.record.ledger().keep(DECIDE)
    await night.at(10)
    night.record.note(Acknowledged(by="amir"))
    night.clock.move_to(OPENS + 60 * MINUTE)
    night.record.ledger().keep(DECIDE)
    post.taken.clear()
    assert await night.at(60) == ["mia"]
    assert await night.at(70) == ["mia", "amir"]


@pytest.mark.parametrize("outcome", ["backout_failed", "unknown"])
async def test_a_run_that_ended_with_its_nodes_locked_calls_until_somebody_has_it_in_hand(
    tmp_path: Path, post: Post, outcome: str
) -> None:
    night = Night(tmp_path, post)
    ledger = night.record.ledger()
    ledger.keep(armed(night.snapshot))
    ledger.keep(ended(outcome, "web-1 does not answer"))
    ledger.seal()
    assert await night.at(9) == []
    assert await night.at(10) == ["amir"]
    assert "its nodes stay locked: web-1 does not answer" in post.bodies()[0]
    night.record.note(Acknowledged(by="amir"))
    assert await night.at(60) == ["amir"]
    assert night.record.verify().sealed


async def test_a_run_that_is_held_calls_until_it_goes_on_and_then_people_hear_that(tmp_path: Path, post: Post) -> None:
    night = Night(tmp_path, post, telling("on_hold", "resumed"))
    switch = HoldSwitch(str(tmp_path))
    hold = switch.hold("network works", by="olga", at=OPENS)
    night.record.ledger().keep(MomentReached(moment="on_hold", occasion=str(hold), reason=str(hold)))
    assert await night.at(0) == ["warehouse"]
    assert await night.at(10) == ["warehouse", "amir"]
    switch.resume()  # by the command, on another machine: that leaves nothing in the run's evidence
    assert await night.at(60) == ["warehouse", "amir", "warehouse"]
    assert post.subjects()[-1] == "shop 2: the release goes on"
    night.record.note(AllResumed(by="olga", was=str(hold)))
    assert len(await night.at(61)) == 3


async def test_before_silence_is_taken_for_an_answer_who_is_asked_is_told_again(tmp_path: Path, post: Post) -> None:
    night = Night(tmp_path, post)
    until = (OPENS + 60 * MINUTE).isoformat()
    night.record.ledger().keep(CardPut(task="review.approve_1", people=("mia",), subject="Approve?", until=until))
    assert await night.at(0) == ["mia"]
    night.record.note(Acknowledged(by="amir"))
    assert await night.at(44) == ["mia"]
    assert await night.at(45) == ["mia", "mia"]
    assert await night.at(61) == ["mia", "mia"]
    assert post.subjects() == ["shop 2: waits for an approval", "shop 2: an answer is needed soon"]


async def test_the_approvers_and_the_team_are_told_each_by_their_own_mail(tmp_path: Path, post: Post) -> None:
    approval = {"authorities": {"mia": "manager", "amir": "owner", "nobody-knows": "owner"}}
    night = Night(tmp_path, post, telling("announced", to="approvers"), approval=approval)
    night.record.ledger().keep(announced(night.snapshot))
    assert sorted(await night.at(0)) == ["amir", "mia"]


class Dm:
    """A chat that tells one person by a handle, and keeps whom it told and whom a message was about."""

    names = frozenset({"dm", "room"})

    def __init__(self) -> None:
        self.told: list[tuple[str, list[str]]] = []

    def reaches(self, handles: Mapping[str, str]) -> bool:
        return "dm" in handles

    async def send(self, message: Message) -> str:
        self.told.append((message.to, sorted(message.handles)))
        return "took it"


async def test_who_is_asked_and_has_no_mail_address_is_told_by_a_handle_where_a_channel_takes_it(
    tmp_path: Path,
) -> None:
    people = {"mia": {"handles": {"dm": "U1"}}, "amir": {"handles": {"pager": "7"}}, "olga": {"handles": {"dm": "U2"}}}
    roster = Roster.model_validate(freeze_lists({"people": people}))
    delivery = {"escalation": [{"after": "10m", "contact": "olga"}]}
    clock, dm = FrozenClock(OPENS), Dm()
    record, _ = begin(tmp_path, clock, telling("decision_asked", to="#room", via="notifier"), delivery=delivery)
    record.ledger().keep(CardPut(task="backout.decide", people=("mia", "amir"), subject="back out?"))
    ways = {"notifier": dm, "named": ByName([dm])}
    for minutes in (0, 10):
        clock.move_to(OPENS + minutes * MINUTE)
        async with courier_of(tmp_path, clock, ways, roster=lambda: roster) as courier:
            await carry_once(courier)
    assert sorted(dm.told) == [
        ("#room", ["amir", "mia"]),
        ("@mia", ["amir", "mia"]),
        ("@olga", ["amir", "mia", "olga"]),
    ]
    assert {each.kind for each in record.ledger().entries()} >= {"message_begun", "message_sent"}
    assert [each for each in record.ledger().entries() if each.kind == "message_failed"] == []


@pytest.mark.parametrize("end", ["message_sent", "message_begun", "message_failed"])
@pytest.mark.parametrize("via", [["notifier"], ["notifier", "mail"]])
async def test_what_an_earlier_version_told_a_group_by_mail_is_not_told_again_by_the_channel_of_the_plan(
    tmp_path: Path, post: Post, end: str, via: list[str]
) -> None:
    """That version sent `via: [notifier]` by mail; with mail in `via`, the notifier is a way of its own."""
    clock, dm = FrozenClock(OPENS), Dm()
    roster = Roster.model_validate(
        freeze_lists({"people": {"mia": {"mail": "mia@x.example", "handles": {"dm": "U1"}}}})
    )
    plan = {"delivery": {"team": {"mia": {"role": "engineer"}}}}
    record, snapshot = begin(tmp_path, clock, {"to": "team", "on": ["started"], "via": via}, **plan)
    record.ledger().keep(armed(snapshot))
    boxes = RunOutbox(Records(str(tmp_path), key=KEY, clock=clock), record, clock)
    (due,) = (each for each in boxes.to_send(roster) if each.via == "notifier")
    mail = {"to": "mia", "moment": "started", "via": "mail", "key": due.key, "attempt": "a"}
    record.ledger().keep(MessageBegun(**mail, by="old"))
    if end == "message_sent":
        record.ledger().keep(MessageSent(**mail, receipt="250"))
    elif end == "message_failed":
        record.ledger().keep(MessageFailed(**mail, why="refused"))
    ways = {"notifier": dm, "mail": post.channel()}
    for wanted in (int(end == "message_failed" or "mail" in via), 1):
        async with courier_of(tmp_path, clock, ways, roster=lambda: roster) as courier:
            await carry_once(courier)
        assert len(dm.told) == wanted
        record.note(SendAgain(to="mia", moment="started", key=due.key, via="notifier", by="mia"))
        dm.told.clear()


async def test_a_contact_whom_nobody_knows_how_to_reach_is_evidence(tmp_path: Path, post: Post) -> None:
    night = Night(tmp_path, post)
    night.record, night.snapshot = begin(
        tmp_path, night.clock, plan="shop-9", delivery={"escalation": [{"after": "0s", "contact": "zoe"}]}
    )
    night.record.ledger().keep(DECIDE)
    await night.at(0)
    (failed,) = [each for each in night.record.ledger().entries() if each.kind == "message_failed"]
    assert failed.facts["why"] == "'zoe' is not a mail address, so zoe was not told by mail"


async def test_what_is_uncertain_or_was_sent_goes_again_when_a_person_wants_it(tmp_path: Path, post: Post) -> None:
    night = Night(tmp_path, post)
    night.record.ledger().keep(DECIDE)
    await night.at(0)
    ((key, via),) = fold_all(night.record.ledger().entries()).messages
    assert await night.at(5) == ["mia"]
    night.record.note(SendAgain(to="mia", moment="decision_asked", key=key, via=via, by="olga"))
    assert await night.at(6) == ["mia", "mia"]
    assert await night.at(7) == ["mia", "mia"]


async def test_how_a_run_ended_goes_again_when_a_person_wants_it_although_its_time_is_over(
    tmp_path: Path, post: Post
) -> None:
    night = Night(tmp_path, post, telling("announced"))
    night.record.ledger().keep(announced(night.snapshot))
    await night.at(0)
    night.record.ledger().keep(ended("rejected"))
    night.record.ledger().seal()
    ((key, via),) = fold_all(night.record.ledger().entries()).messages
    assert await night.at(600) == ["warehouse"]
    night.record.note(SendAgain(to="warehouse", moment="announced", key=key, via=via, by="olga"))
    for minutes in (601, 602, 1300):
        assert await night.at(minutes) == ["warehouse", "warehouse"]


async def test_a_seat_is_told_again_before_the_time_that_the_plan_gives_it_is_over(tmp_path: Path, post: Post) -> None:
    approval = {"authorities": {"mia": "manager"}, "within": "2h"}
    night = Night(tmp_path, post, approval=approval)
    night.record.ledger().keep(CardPut(task="review.approve_1", people=("mia",), subject="Approve?"))
    night.record.note(Acknowledged(by="amir"))
    assert await night.at(89) == ["mia"]
    assert await night.at(90) == ["mia", "mia"]
    assert "Answer until: 2026-11-29 00:00 CET\n" in post.bodies()[-1]
