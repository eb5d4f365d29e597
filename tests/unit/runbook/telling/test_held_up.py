"""A record store, mail server or notifier that hangs or is slow holds up nobody else, and its messages come later."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from deployplan.comms.notifier_channel import Notifier, NotifierChannel
from deployplan.evidence.record import RunRecord
from deployplan.runbook.run.fold import fold_all
from deployplan.runbook.telling.courier import LANE
from deployplan.testing import FrozenClock
from unit.runbook.telling.test_courier import Takes
from unit.runbook.telling.told_runs import (
    OPENS,
    Post,
    a_post,
    armed,
    begin,
    carry_once,
    courier_of,
    telling,
    told,
)

pytestmark = pytest.mark.filterwarnings("ignore:UPath 'sleepy' filesystem")


class SleepyFileSystem(MemoryFileSystem):  # type: ignore[misc]
    """Object storage that does not answer for what has this in its path, until it wakes."""

    protocol = "sleepy"
    store: ClassVar[dict[str, Any]] = {}
    pseudo_dirs: ClassVar[list[str]] = [""]
    sleeps_on: ClassVar[str | None] = None
    awake: ClassVar[threading.Event] = threading.Event()
    asked: ClassVar[threading.Event] = threading.Event()

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return str(super()._strip_protocol(path.replace("sleepy://", "memory://")))

    @classmethod
    def fall_asleep(cls, on: str) -> None:
        cls.awake.clear()
        cls.asked.clear()
        cls.sleeps_on = on

    @classmethod
    def wake(cls) -> None:
        cls.sleeps_on = None
        cls.awake.set()

    def _answer(self, path: str) -> None:
        if self.sleeps_on is not None and self.sleeps_on in path:
            self.asked.set()
            self.awake.wait(300)

    def ls(self, path: str, detail: bool = True, **given: Any) -> Any:
        self._answer(path)
        return super().ls(path, detail=detail, **given)

    def cat_file(self, path: str, start: int | None = None, end: int | None = None, **given: Any) -> Any:
        self._answer(path)
        return super().cat_file(path, start, end, **given)

    def pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **given: Any) -> Any:
        self._answer(path)
        return super().pipe_file(path, value, mode=mode, **given)


@pytest.fixture
def store() -> Iterator[str]:
    """The address of a record store that may fall asleep."""
    fsspec.register_implementation("sleepy", SleepyFileSystem, clobber=True)
    yield f"sleepy://records/{uuid4().hex}"
    SleepyFileSystem.wake()


def a_run(store: str | Path, clock: FrozenClock, *communications: Any, plan: str = "shop-2") -> RunRecord:
    """A run that has begun, of which people are to be told."""
    record, snapshot = begin(store, clock, *communications, plan=plan)
    record.ledger().keep(armed(snapshot))
    return record


async def until(found: Any) -> None:
    async with asyncio.timeout(120):
        while not found():
            await asyncio.sleep(0.02)


async def test_a_run_whose_record_does_not_answer_holds_up_no_other_runs_messages_and_is_told_of_later(
    store: str,
) -> None:
    clock = FrozenClock(OPENS)
    a_run(store, clock, telling("started", to="slow@acme.example"), plan="shop-3")
    a_run(store, clock, telling("started", to="quick@acme.example"))
    async with a_post() as post, courier_of(store, clock, {"mail": post.channel()}) as courier:
        SleepyFileSystem.fall_asleep("runs/shop-3")
        carrying = asyncio.create_task(courier.carry())
        await until(lambda: post.taken)
        assert SleepyFileSystem.asked.is_set()
        assert [each.rcpt_tos for each in post.taken] == [["quick@acme.example"]]
        SleepyFileSystem.wake()
        await until(lambda: len(post.taken) == 2)
        carrying.cancel()
    assert sorted(each.rcpt_tos[0] for each in post.taken) == ["quick@acme.example", "slow@acme.example"]


async def test_a_store_that_hangs_as_a_whole_holds_up_no_loop_and_no_message_is_lost_or_sent_twice(store: str) -> None:
    clock = FrozenClock(OPENS)
    record = a_run(store, clock, telling("started"))
    async with a_post() as post, courier_of(store, clock, {"mail": post.channel()}) as courier:
        post.taking.clear()
        carrying = asyncio.create_task(courier.carry())
        await asyncio.wait_for(post.arrived.wait(), 120)
        SleepyFileSystem.fall_asleep("records")  # after the mail has gone, before its receipt is kept
        post.taking.set()
        await until(SleepyFileSystem.asked.is_set)
        turns = 0
        for _ in range(20):  # the loop turns, and whatever else lives in it goes on
            await asyncio.sleep(0)
            turns += 1
        SleepyFileSystem.wake()
        await until(lambda: told(record)[-1:] == ["message_sent"])
        await until(lambda: not courier._in_flight)
        carrying.cancel()
    assert (turns, len(post.taken), told(record)) == (20, 1, ["message_begun", "message_sent"])


class SlowPost(Post):
    """A mail server that thinks about each mail, and about the first ones for long."""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        await asyncio.sleep(0.1)
        return await super().handle_DATA(server, session, envelope)


async def test_a_slow_mail_server_gets_all_its_mails_and_a_chat_hears_before_it_has_them(tmp_path: Path) -> None:
    clock, chat = FrozenClock(OPENS), Takes()
    mails = [telling("started", to=f"a{n}@acme.example") for n in range(40)]
    a_run(tmp_path, clock, *mails, telling("started", to="#room", via="webhook"))
    async with a_post(SlowPost()) as post:
        post.taking.clear()
        ways = {"mail": post.channel(timeout=120), "webhook": chat}
        async with courier_of(tmp_path, clock, ways) as courier:
            await asyncio.wait_for(courier.look(), 120)
            await until(lambda: chat.taken)
            assert len(post.taken) <= LANE
            post.taking.set()
            await until(lambda: len(post.taken) == 40)
    assert len({each.rcpt_tos[0] for each in post.taken}) == 40


async def test_notifiers_that_never_end_are_given_up_and_uncertain_and_hold_up_no_mail(tmp_path: Path) -> None:
    clock = FrozenClock(OPENS)
    hang = [
        telling("started", "announced", to="#pager", via="notifier"),
        telling("started", to="#desk", via="notifier"),
    ]
    record = a_run(tmp_path, clock, *hang, telling("started"))
    notifier = Notifier("acme.Pager", {"x": "{text}"})
    never = NotifierChannel(
        {"pager": notifier, "desk": notifier}, timeout=-25.0, program="import time; time.sleep(600)"
    )
    async with a_post() as post, courier_of(tmp_path, clock, {"mail": post.channel(), "notifier": never}) as courier:
        await asyncio.wait_for(courier.look(), 120)
        await until(lambda: post.taken)
        await asyncio.wait_for(courier.settle(), 120)
        await carry_once(courier)
    traces = fold_all(record.ledger().entries()).messages
    became = {via: (each.sent, each.uncertain) for (_, via), each in traces.items()}
    assert became == {"mail": (True, False), "notifier": (False, True)}
    assert told(record).count("message_begun") == 3
