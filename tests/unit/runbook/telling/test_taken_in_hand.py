"""The ladder stops at each rung for whatever needs somebody: by `deployplan ack`, and by the pager's own word."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from deployplan.comms.channel import Channel
from deployplan.comms.named_channel import ByName
from deployplan.comms.notifier_channel import Notifier, NotifierChannel
from deployplan.comms.pager_desk import PagerDesk
from deployplan.evidence.hold import HoldSwitch
from deployplan.evidence.kinds.people import MomentReached
from deployplan.evidence.record import Records, RunRecord
from deployplan.plan.model.roster import Roster
from deployplan.plan.snapshot import Snapshot
from deployplan.plan.text.strict import freeze_lists
from deployplan.runbook.telling.in_hand import acknowledge
from deployplan.testing import FrozenClock
from notifier_server import Service, a_service
from unit.comms.test_notifier_channel import TOOK
from unit.comms.test_pager_desk import KEY as DESK_KEY
from unit.comms.test_pager_desk import PAGERDUTY, USER, incident
from unit.runbook.telling.test_calls import DECIDE, MINUTE
from unit.runbook.telling.told_runs import KEY, OPENS, Post, a_post, armed, begin, carry_once, courier_of, ended

AT = (10, 25, 40)
"""Minutes after which each rung is called: two pagers, then a mail."""
LADDER = {
    "escalation": [
        {"after": "10m", "contact": "first"},
        {"after": "25m", "contact": "second"},
        {"after": "40m", "contact": "duty@acme.example"},
    ]
}
ROSTER = Roster.model_validate(
    freeze_lists({"people": {"mia": {}}, "on_call": {"first": {"pager": "one"}, "second": {"pager": "two"}}})
)


def _asks(run: RunRecord, _: Snapshot, __: Path) -> None:
    run.ledger().keep(DECIDE)


def _is_held(run: RunRecord, _: Snapshot, store: Path) -> None:
    hold = HoldSwitch(str(store)).hold("network works", by="olga", at=OPENS)
    run.ledger().keep(MomentReached(moment="on_hold", occasion=str(hold), reason=str(hold)))


def _ends(outcome: str) -> Callable[[RunRecord, Snapshot, Path], None]:
    def end(run: RunRecord, snapshot: Snapshot, _: Path) -> None:
        run.ledger().keep(armed(snapshot))
        run.ledger().keep(ended(outcome, "web-1 does not answer"))
        run.ledger().seal()

    return end


NEEDS: dict[str, Callable[[RunRecord, Snapshot, Path], None]] = {
    "an open question": _asks,
    "a hold": _is_held,
    "backout_failed": _ends("backout_failed"),
    "unknown": _ends("unknown"),
}


class Ladder:
    """A run that needs somebody, two pagers that can be asked, and who was called as time passes."""

    def __init__(self, store: Path, post: Post, pager: Service, needs: str) -> None:
        self.store, self.post, self.clock = store, post, FrozenClock(OPENS)
        self.run, snapshot = begin(store, self.clock, delivery=LADDER)
        NEEDS[needs](self.run, snapshot, store)
        desk = PagerDesk("pagerduty", pager.url, DESK_KEY)
        notifier = Notifier(PAGERDUTY, {}, desk=desk)
        named = NotifierChannel({"one": notifier, "two": notifier}, program=TOOK)
        self.ways: Mapping[str, Channel] = {"mail": post.channel(), "notifier": named, "named": ByName([named])}

    async def at(self, minutes: float) -> set[str]:
        """Whom the ladder has called up to so many minutes after it began, each of them once."""
        await self.go_on(minutes)
        sent = self.sent()
        assert len(set(sent)) == len(sent)
        return set(sent)

    async def go_on(self, minutes: float) -> None:
        self.clock.move_to(OPENS + minutes * MINUTE)
        async with courier_of(self.store, self.clock, self.ways, roster=lambda: ROSTER) as courier:
            await carry_once(courier)
            await carry_once(courier)
            self.clock.move_to(self.clock.now() + timedelta(seconds=20))
            await carry_once(courier)

    def sent(self) -> list[str]:
        return [str(each.facts["to"]) for each in self.entries() if each.kind == "message_sent"]

    def entries(self) -> list[Any]:
        return [*self.run.ledger().entries(), *self.run.apart().entries()]


RUNGS = ["first", "second", "duty@acme.example"]


@pytest.mark.parametrize("needs", NEEDS)
@pytest.mark.parametrize("rung", [1, 2, 3])
async def test_who_acknowledges_at_a_terminal_stops_the_ladder_at_this_rung(
    tmp_path: Path, needs: str, rung: int
) -> None:
    with a_service(answer=incident("triggered")) as pager:
        async with a_post() as post:
            ladder = Ladder(tmp_path, post, pager, needs)
            assert await ladder.at(AT[rung - 1]) == set(RUNGS[:rung])
            store = Records(str(tmp_path), key=KEY, clock=ladder.clock)
            found = acknowledge(store, "shop-2", None, by="amir", note=None, now=ladder.clock.now())
            assert found.run_id == "run-1"
            assert await ladder.at(400) == set(RUNGS[:rung])


@pytest.mark.parametrize("needs", NEEDS)
@pytest.mark.parametrize("rung", [1, 2])
async def test_who_acknowledges_at_the_pager_stops_the_ladder_at_this_rung_and_is_evidence(
    tmp_path: Path, needs: str, rung: int
) -> None:
    with a_service(answer=incident("triggered")) as pager:
        async with a_post() as post:
            ladder = Ladder(tmp_path, post, pager, needs)
            assert await ladder.at(AT[rung - 1]) == set(RUNGS[:rung])
            keys = {each.facts["key"] for each in ladder.entries() if each.kind == "message_sent"}
            pager.answer = incident("acknowledged", acknowledgements=[{"acknowledger": USER}])
            await ladder.at(AT[rung - 1] + 1)
            assert await ladder.at(400) == set(RUNGS[:rung])
    said = [each.facts for each in ladder.entries() if each.kind == "acknowledged"]
    assert {each["by"] for each in said} <= {"Olga Petrova (by #one)", "Olga Petrova (by #two)"}
    assert said
    assert {path.rpartition("=")[2] for _, path, _, _ in pager.asked} <= keys
    assert ladder.run.verify().ok


async def test_who_acknowledges_at_the_pager_has_in_hand_only_the_card_of_that_call(tmp_path: Path) -> None:
    """A card that opened before the pager could be asked has been seen by nobody, and has its own ladder."""
    with a_service(answer=incident("triggered")) as pager:
        async with a_post() as post:
            ladder = Ladder(tmp_path, post, pager, "an open question")
            assert await ladder.at(10) == {"first"}
            ladder.clock.move_to(OPENS + 12 * MINUTE)
            ladder.run.ledger().keep(replace(DECIDE, task="verify.manual_look"))
            pager.answer = incident("acknowledged", acknowledgements=[{"acknowledger": USER}])
            await ladder.go_on(20)
            pager.answer = incident("triggered")
            await ladder.go_on(400)
    (about,) = [each.facts["about"] for each in ladder.entries() if each.kind == "acknowledged"]
    assert about == f"card {next(each.seq for each in ladder.entries() if each.kind == 'card_put')}"
    assert sorted(ladder.sent()) == sorted(["first", *RUNGS])


async def test_a_pager_that_cannot_be_asked_stops_nothing_and_is_said_once(tmp_path: Path) -> None:
    said = list[str]()
    with a_service(status=500) as pager:
        async with a_post() as post:
            ladder = Ladder(tmp_path, post, pager, "an open question")
            assert await ladder.at(10) == {"first"}
            async with courier_of(
                tmp_path, ladder.clock, ladder.ways, say=said.append, roster=lambda: ROSTER
            ) as courier:
                for minutes in (11, 12, 13):
                    ladder.clock.move_to(OPENS + minutes * MINUTE)
                    await carry_once(courier)
                    await asyncio.sleep(0)
            assert await ladder.at(60) == set(RUNGS)
    why = "pagerduty does not say who acknowledged: status 500"
    assert said == [f"shop-2/run-1: whether somebody has acknowledged at #one is not known: {why}"]
