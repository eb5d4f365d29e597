"""Messages leave once, in time, whoever dies, and hold nobody up: with a real mail server."""

import asyncio
import os
import sys
import threading
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from deployplan.comms.channel import SendError
from deployplan.comms.message import Message
from deployplan.runbook.run.fold import fold_all
from deployplan.runbook.telling import courier as courier_module
from deployplan.runbook.telling.courier import LANE, MOST_IN_FLIGHT
from deployplan.runbook.telling.outbox import RunOutbox
from deployplan.testing import FrozenClock
from unit.runbook.telling.told_runs import (
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
    told,
)

ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(each for each in sys.path if each)}
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
async def post() -> AsyncIterator[Post]:
    async with a_post() as opened:
        yield opened


async def test_an_hour_before_the_opening_people_are_told_by_mail_once_and_not_before(
    tmp_path: Path, post: Post
) -> None:
    clock = FrozenClock(OPENS - 2 * DAY)
    record, snapshot = begin(tmp_path, clock, telling("hour_before", "day_before"))
    record.ledger().keep(announced(snapshot))
    async with courier_of(tmp_path, clock, {"mail": post.channel()}) as courier:
        clock.move_to(OPENS - DAY - timedelta(seconds=1))
        await carry_once(courier)
        assert post.subjects() == []
        clock.move_to(OPENS - DAY)
        await carry_once(courier)
        assert post.subjects() == ["shop 2: starts in a day"]
        clock.move_to(OPENS - HOUR)
        for _ in range(3):
            await carry_once(courier)
    assert post.subjects() == ["shop 2: starts in a day", "shop 2: starts in an hour"]
    assert told(record) == ["message_begun", "message_sent"] * 2


async def test_what_was_due_before_the_announcement_is_not_told_after_it(tmp_path: Path, post: Post) -> None:
    clock = FrozenClock(OPENS - timedelta(hours=10))
    record, snapshot = begin(tmp_path, clock, telling("announced", "day_before"))
    record.ledger().keep(announced(snapshot))
    async with courier_of(tmp_path, clock, {"mail": post.channel()}) as courier:
        await carry_once(courier)
    assert post.subjects() == ["shop 2: planned"]


async def test_nobody_is_told_that_a_release_starts_in_an_hour_when_it_has_begun_or_ended(
    tmp_path: Path, post: Post
) -> None:
    clock = FrozenClock(OPENS - 2 * DAY)
    record, snapshot = begin(tmp_path, clock, telling("hour_before"))
    record.ledger().keep(announced(snapshot))
    record.ledger().keep(armed(snapshot))
    clock.move_to(OPENS - HOUR)
    async with courier_of(tmp_path, clock, {"mail": post.channel()}) as courier:
        await carry_once(courier)
        assert post.subjects() == []
        record.ledger().keep(ended("rejected"))
        await carry_once(courier)
    assert post.subjects() == []


async def test_two_api_servers_and_five_clears_send_each_message_once(tmp_path: Path, post: Post) -> None:
    clock = FrozenClock(OPENS)
    record, snapshot = begin(tmp_path, clock, *(telling("started", to=f"a{n}@acme.example") for n in range(20)))
    ways = {"mail": post.channel()}
    async with courier_of(tmp_path, clock, ways) as one, courier_of(tmp_path, clock, ways) as other:
        for _ in range(5):  # each clear arms again
            record.ledger().keep(armed(snapshot))
            await asyncio.gather(carry_once(one), carry_once(other))
    assert sorted(each.rcpt_tos[0] for each in post.taken) == sorted(f"a{n}@acme.example" for n in range(20))
    assert told(record).count("message_sent") == 20


async def test_five_clears_of_a_good_release_tell_once_that_it_is_live_and_a_backout_after_it_is_told(
    tmp_path: Path, post: Post
) -> None:
    clock = FrozenClock(OPENS)
    record, snapshot = begin(tmp_path, clock, telling("success", "backed_out"))
    async with courier_of(tmp_path, clock, {"mail": post.channel()}) as courier:
        for outcome in ("success", "success", "success", "backed_out", "success", "success"):
            record.ledger().keep(armed(snapshot))
            record.ledger().keep(ended(outcome))
            record.ledger().seal()
            await carry_once(courier)
    assert post.subjects() == ["shop 2: live", "shop 2: backed out", "shop 2: live"]


async def test_a_mail_server_that_is_down_is_tried_again_with_growing_pauses(tmp_path: Path, post: Post) -> None:
    clock = FrozenClock(OPENS)
    record, snapshot = begin(tmp_path, clock, telling("started"))
    record.ledger().keep(armed(snapshot))
    port, post.port = post.port, 1
    async with courier_of(tmp_path, clock, {"mail": post.channel()}) as courier:
        await carry_once(courier)
        await carry_once(courier)
        assert told(record) == ["message_begun", "message_failed"]
        clock.move_to(OPENS + timedelta(seconds=20))
        await carry_once(courier)
        assert told(record).count("message_failed") == 2
        clock.move_to(OPENS + timedelta(seconds=59))
        await carry_once(courier)
        assert told(record).count("message_failed") == 2
    post.port = port
    clock.move_to(OPENS + timedelta(seconds=60))
    async with courier_of(tmp_path, clock, {"mail": post.channel()}) as courier:
        await carry_once(courier)
    assert post.subjects() == ["shop 2: the release has started"]


async def test_how_a_run_ended_is_told_when_its_evidence_is_sealed_and_its_record_closed(
    tmp_path: Path, post: Post
) -> None:
    clock = FrozenClock(OPENS)
    record, snapshot = begin(tmp_path, clock, telling("success"))
    record.ledger().keep(armed(snapshot))
    async with courier_of(tmp_path, clock, {"mail": post.channel()}) as courier:
        await carry_once(courier)
        last = record.ledger().keep(ended())
        record.ledger().seal()
        await carry_once(courier)
        await carry_once(courier)
    assert post.subjects() == ["shop 2: live"]
    assert f"Evidence head: {last.hash}\n" in post.bodies()[0]
    assert record.verify().sealed
    assert [each.kind for each in record.apart().entries()] == ["message_begun", "message_sent"]


async def test_a_kill_between_the_sending_and_the_receipt_leaves_one_mail_and_says_that_it_is_uncertain(
    tmp_path: Path, post: Post
) -> None:
    clock = FrozenClock(OPENS)
    record, snapshot = begin(tmp_path, clock, telling("started"))
    record.ledger().keep(armed(snapshot))
    post.taking.clear()
    program = Path(__file__).with_name("carry_here.py")
    sender = await asyncio.create_subprocess_exec(
        sys.executable, str(program), str(tmp_path), str(post.port), OPENS.isoformat(), env=ENVIRONMENT
    )
    await asyncio.wait_for(post.arrived.wait(), 120)
    sender.kill()
    await sender.wait()
    post.taking.set()
    async with courier_of(tmp_path, clock, {"mail": post.channel()}) as courier:
        for minutes in (0, 4, 6, 60):
            clock.move_to(OPENS + timedelta(minutes=minutes))
            record.ledger().keep(armed(snapshot))
            await carry_once(courier)
    assert len(post.taken) == 1
    assert told(record) == ["message_begun", "message_failed"]
    (trace,) = fold_all(record.ledger().entries()).messages.values()
    assert trace.uncertain


async def test_a_damaged_ledger_is_said_and_the_others_get_their_messages(tmp_path: Path, post: Post) -> None:
    clock, said = FrozenClock(OPENS), list[str]()
    good, snapshot = begin(tmp_path, clock, telling("started"))
    bad, other = begin(tmp_path, clock, telling("started"), plan="shop-3")
    good.ledger().keep(armed(snapshot))
    bad.ledger().keep(armed(other))
    first = Path(str(bad.folder)) / "ledger-000001.jsonl"
    first.write_bytes(first.read_bytes().replace(b"run-1", b"run-2"))
    async with courier_of(tmp_path, clock, {"mail": post.channel()}, say=said.append) as courier:
        await carry_once(courier)
        await carry_once(courier)
    assert post.subjects() == ["shop 2: the release has started"]
    assert len(said) == 1
    assert "shop-3/run-1: nobody can be told of it now" in said[0]


class Hangs:
    """A channel whose server never answers."""

    def __init__(self) -> None:
        self.asked = 0
        self.over = asyncio.Event()

    async def send(self, message: Message) -> str:
        self.asked += 1
        await self.over.wait()
        raise SendError("nobody answered", uncertain=True)


class Takes:
    """A channel that keeps what it is given."""

    def __init__(self) -> None:
        self.taken = list[str]()

    async def send(self, message: Message) -> str:
        self.taken.append(message.to)
        return "took it"


async def test_a_mail_server_that_hangs_holds_up_nobody_but_itself(tmp_path: Path) -> None:
    clock, mail, chat = FrozenClock(OPENS), Hangs(), Takes()
    mails = [telling("started", to=f"a{n}@acme.example") for n in range(40)]
    record, snapshot = begin(tmp_path, clock, *mails, telling("started", to="#room", via="webhook"))
    other, its = begin(tmp_path, clock, telling("started", to="#ops", via="webhook"), plan="shop-3")
    for each, plan in ((record, snapshot), (other, its)):
        each.ledger().keep(armed(plan))
    async with courier_of(tmp_path, clock, {"mail": mail, "webhook": chat}) as courier:
        await asyncio.wait_for(courier.look(), 60)
        while len(chat.taken) < 2 or mail.asked < LANE:
            await asyncio.sleep(0.02)
        other.ledger().keep(ended("rejected"))
        await asyncio.wait_for(courier.look(), 60)
        assert (sorted(chat.taken), mail.asked) == (["#ops", "#room"], LANE)
        mail.over.set()


async def test_a_look_at_a_record_that_hangs_is_no_look_at_all_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courier_module, "EVERY", 0.1)
    clock, answers = FrozenClock(OPENS), threading.Event()
    record, snapshot = begin(tmp_path, clock, telling("started", via="log"))
    record.ledger().keep(armed(snapshot))
    real = RunOutbox.to_send

    def hang(self: RunOutbox, *words: Any) -> Any:
        answers.wait(60)
        return real(self, *words)

    monkeypatch.setattr(RunOutbox, "to_send", hang)
    async with courier_of(tmp_path, clock, {"log": Takes()}) as courier:
        for _ in range(3):
            await courier.look()
            assert courier.looked_at is None
        answers.set()
        async with asyncio.timeout(60):
            while courier.looked_at is None:
                await courier.look()
        assert courier.looked_at == clock.now()


@pytest.mark.chaos  # 20 s, with both sides in this process
async def test_a_thousand_messages_that_are_due_at_once_leave_within_a_minute(tmp_path: Path, post: Post) -> None:
    clock = FrozenClock(OPENS)
    record, snapshot = begin(tmp_path, clock, *(telling("started", to=f"a{n}@acme.example") for n in range(1000)))
    record.ledger().keep(armed(snapshot))
    began = monotonic()
    async with courier_of(tmp_path, clock, {"mail": post.channel()}) as courier:
        await courier.look()
        while len(post.taken) < 1000 and monotonic() - began < 300:
            await asyncio.sleep(0.05)
    took = monotonic() - began
    assert len({each.rcpt_tos[0] for each in post.taken}) == len(post.taken) == 1000
    assert took < 300  # 60 on a machine that does nothing else


async def test_a_list_of_ten_thousand_is_taken_up_bit_by_bit(tmp_path: Path) -> None:
    clock, chat = FrozenClock(OPENS), Hangs()
    everybody = [telling("started", to=f"a{n}@acme.example", via="log") for n in range(10_000)]
    record, snapshot = begin(tmp_path, clock, *everybody)
    record.ledger().keep(armed(snapshot))
    async with courier_of(tmp_path, clock, {"log": chat}) as courier:
        async with asyncio.timeout(120):
            await courier.look()  # which waits some seconds at most for the record
            while len(courier._in_flight) < MOST_IN_FLIGHT:
                await asyncio.sleep(0.02)
        assert len(courier._in_flight) == MOST_IN_FLIGHT
        for task in list(courier._in_flight.values()):
            task.cancel()


async def test_a_clock_that_is_set_doubles_nothing(tmp_path: Path, post: Post) -> None:
    clock = FrozenClock(OPENS)
    record, snapshot = begin(tmp_path, clock, telling("started"), telling("started", to="#nowhere", via="webhook"))
    record.ledger().keep(armed(snapshot))
    async with courier_of(tmp_path, clock, {"mail": post.channel()}) as courier:
        for at in (OPENS, OPENS - HOUR, OPENS + HOUR, OPENS - DAY, OPENS + 2 * HOUR, OPENS):
            clock.move_to(at)
            await carry_once(courier)
    assert post.subjects() == ["shop 2: the release has started"]
    assert told(record).count("message_failed") <= 6
