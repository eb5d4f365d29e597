"""Carries what is due to the channels: again and again, a few at a time for each way, and holds nobody up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from deployplan.clock import Clock
from deployplan.comms.channel import Channel, SendError
from deployplan.comms.message import Message
from deployplan.comms.named_channel import NamingChannel, TellsWhoAcknowledged
from deployplan.evidence.hold import Hold, HoldSwitch
from deployplan.evidence.record import Records, RunRecord
from deployplan.plan.model.address_book import NAMED
from deployplan.plan.model.roster import Roster
from deployplan.runbook.telling.due import DueMessage, RunPages, write_message
from deployplan.runbook.telling.outbox import LONGEST, RunOutbox
from deployplan.runbook.telling.runs import runs_to_tell_of

EVERY = 5.0
"""Seconds between two looks."""
QUIET = 6
"""Of so many looks one is at the runs that are over and had nothing to tell when they were looked at last."""
LOOKS = 8
"""Runs that are looked at together."""
LANE = 8
NAME_LANE = 3
"""… and of those that go to one #name: each may be a process of its own, as those of notifiers are."""
"""Messages that are on the same way together: what hangs there holds up nobody who goes another."""
ASK_PAGERS_EVERY = timedelta(seconds=15)
MOST_IN_FLIGHT = 2000
"""Messages that are taken up; the others come with a later look."""
THREADS = 64
ASKED_OF_PAGER = "asked of the pager"
ROSTER = ("people.yaml", "")
NO_CHANNEL = "there is no such channel here"

T = TypeVar("T")
Ways = Callable[[], Mapping[str, Channel]]
Pages = Callable[[str, str], RunPages]


class Courier:
    """Looks at the runs of a record store and sends what is due. Lives in an event loop of its own.

    `ways` are the channels by the word that plans use, `pages` are those of a run, `say` writes a line to a
    log, `roster` is who is who now. `looked_at` is when it last looked at all runs.
    """

    looked_at: datetime | None = None

    def __init__(
        self,
        records: Records,
        ways: Ways,
        clock: Clock,
        say: Callable[[str], None],
        pages: Pages,
        roster: Callable[[], Roster | None] = lambda: None,
    ) -> None:
        self._roster = roster
        self._records, self._ways, self._clock, self._say, self._pages = records, ways, clock, say, pages
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="deployplan-outbox")
        self._boxes: dict[tuple[str, str], RunOutbox] = {}
        self._looking: set[tuple[str, str]] = set()
        self._in_flight: dict[tuple[str, str, str, str], asyncio.Task[None]] = {}
        self._lanes: dict[str, asyncio.Semaphore] = {}
        self._looks = asyncio.Semaphore(LOOKS)
        self._quiet: set[tuple[str, str]] = set()
        self._turn = 0
        self._said: dict[tuple[str, str], str] = {}
        self._asked_at: dict[tuple[str, str, str, str], datetime] = {}

    async def carry(self) -> None:
        """Go on until cancelled."""
        while True:
            try:
                await self.look()
            except Exception as error:
                self._say(f"the runs could not be looked at for messages, and will be again: {error}")
            await self._clock.sleep(EVERY)

    async def look(self) -> None:
        """Look once at every run, and take up what is due; a run whose record does not answer is waited for by none."""
        found = {(each.plan, each.run_id): each for each in await self._in_thread(self._runs)}
        self._asked_at = {flight: at for flight, at in self._asked_at.items() if flight[:2] in found}
        self._boxes = {name: self._boxes.get(name) or self._box(record) for name, record in found.items()}
        ways, hold = await self._in_thread(self._ways), await self._in_thread(HoldSwitch(self._records.root).state)
        roster = await self._in_thread(self._who_is_who)
        under_way = await self._in_thread(self._under_way)
        self._turn += 1
        quiet = set() if self._turn % QUIET == 0 else self._quiet - under_way
        fresh = [name for name in found if name not in self._looking and name not in quiet]
        looks = [asyncio.create_task(self._look_at(name, ways, roster, hold)) for name in fresh]
        if looks:
            await asyncio.wait(looks, timeout=EVERY)
        if self._looking.isdisjoint(found):  # else a look hangs, and who watches this must see it
            self.looked_at = self._clock.now()

    async def settle(self) -> None:
        """Wait until all that was taken up is done."""
        while self._in_flight:
            await asyncio.wait(self._in_flight.values())

    def close(self) -> None:
        """Let the threads end; what is under way goes on to its own time limit."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _who_is_who(self) -> Roster | None:
        """None where there is no such file, and where it cannot be used, which is said once."""
        try:
            return self._roster()
        except Exception as error:
            if self._said.get(ROSTER) != str(error):
                self._say(f"nobody is looked up in people.yaml: {error}")
            self._said[ROSTER] = str(error)
            return None

    def _under_way(self) -> set[tuple[str, str]]:
        return {(plan, run_id) for plan, (run_id, _) in self._records.active_plans().items()}

    def _runs(self) -> Iterable[RunRecord]:
        return runs_to_tell_of(self._records, self._clock.now())

    def _box(self, record: RunRecord) -> RunOutbox:
        return RunOutbox(self._records, record, self._clock)

    async def _look_at(
        self, name: tuple[str, str], ways: Mapping[str, Channel], roster: Roster | None, hold: Hold | None
    ) -> None:
        self._looking.add(name)
        try:
            async with self._looks:
                due = await self._in_thread(self._boxes[name].to_send, roster, hold)
                await self._ask_pagers(name, ways, roster, hold)
            self._said.pop(name, None)
            (self._quiet.discard if due else self._quiet.add)(name)
        except Exception as error:  # a record that is damaged, or a store that fails: the other runs are told of
            if self._said.get(name) != str(error):
                self._say(f"{'/'.join(name)}: nobody can be told of it now: {error}")
            self._said[name] = str(error)
            return
        finally:
            self._looking.discard(name)
        for each in due:
            if each.is_courtesy and not _goes_there(each, ways):
                continue
            flight = (*name, *each.name)
            if flight not in self._in_flight and len(self._in_flight) < MOST_IN_FLIGHT:
                task = asyncio.create_task(self._send(self._boxes[name], each, ways.get(each.via)))
                self._in_flight[flight] = task
                task.add_done_callback(partial(self._landed, flight))

    async def _ask_pagers(
        self, name: tuple[str, str], ways: Mapping[str, Channel], roster: Roster | None, hold: Hold | None
    ) -> None:
        """Look, where a pager can tell, whether somebody there has acknowledged a call; that is waited for apart."""
        way, now = ways.get(NAMED), self._clock.now()
        if not isinstance(way, TellsWhoAcknowledged) or not (pagers := way.pagers):
            return
        for call in await self._in_thread(self._boxes[name].calls_made, roster, hold):
            pager = call.recipient.to.removeprefix("#")
            flight = (*name, call.key, ASKED_OF_PAGER)
            asked_at = self._asked_at.get(flight)
            is_early = asked_at is not None and abs(now - asked_at) < ASK_PAGERS_EVERY
            if pager in pagers and not is_early and flight not in self._in_flight:
                self._asked_at[flight] = now
                task = asyncio.create_task(self._ask_pager(self._boxes[name], call, way, pager))
                self._in_flight[flight] = task
                task.add_done_callback(partial(self._landed, flight))

    async def _ask_pager(self, box: RunOutbox, call: DueMessage, way: TellsWhoAcknowledged, pager: str) -> None:
        name = (box.record.name, call.recipient.to)
        try:
            async with asyncio.timeout(LONGEST):
                who = await way.acknowledged_by(pager, call.key)
            if who is not None:
                await self._in_thread(box.take_in_hand, call, who)
            self._said.pop(name, None)
        except Exception as error:
            if self._said.get(name) != str(error):
                self._say(f"{box.record.name}: whether somebody has acknowledged at #{pager} is not known: {error}")
            self._said[name] = str(error)

    def _landed(self, flight: tuple[str, str, str, str], _: object) -> None:
        self._in_flight.pop(flight, None)

    async def _send(self, box: RunOutbox, due: DueMessage, channel: Channel | None) -> None:
        async with self._lanes.setdefault(_lane(due), asyncio.Semaphore(NAME_LANE if _is_named(due) else LANE)):
            try:
                await self._send_now(box, due, channel)
            except Exception as error:
                self._say(f"{box.record.name}: the message to {due.recipient.to} was left: {error}")

    async def _send_now(self, box: RunOutbox, due: DueMessage, channel: Channel | None) -> None:
        # Written first: what cannot be read now leaves no doubtful attempt, and the next look tries again.
        message = await self._in_thread(self._write, box, due)
        attempt = await self._in_thread(box.claim, due)
        if attempt is None:
            return
        why, uncertain = "", True
        try:
            if channel is None:
                raise SendError(NO_CHANNEL)
            async with asyncio.timeout(LONGEST):
                receipt = await channel.send(message)
        except SendError as error:
            why, uncertain = str(error), error.uncertain
        except TimeoutError:
            why = f"nobody took it within {LONGEST:g} s; it may have arrived"
        except Exception as error:
            why = f"{type(error).__name__}: {error}"
        if why:
            await self._in_thread(box.failed, due, attempt, why, uncertain)
        else:
            await self._in_thread(box.sent, due, attempt, receipt)

    def _write(self, box: RunOutbox, due: DueMessage) -> Message:
        found = box.read()
        assert found is not None
        snapshot, state = found
        plan, run_id = box.record.plan, box.record.run_id
        return write_message(due, snapshot, run_id, state, pages=self._pages(plan, run_id))

    async def _in_thread(self, work: Callable[..., T], *given: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *given)


def _goes_there(due: DueMessage, ways: Mapping[str, Channel]) -> bool:
    """Whether its channel is there and, where that finds somebody by a handle, knows one of theirs."""
    way = ways.get(due.via)
    if way is None or not due.recipient.to.startswith("@"):
        return way is not None
    return isinstance(way, NamingChannel) and way.reaches(due.handles.get(due.recipient.group, {}))


def _lane(due: DueMessage) -> str:
    """All mail goes one way; each #name has its own, and each person who is told by a handle."""
    return f"{due.via} {due.recipient.to}" if _is_named(due) else due.via


def _is_named(due: DueMessage) -> bool:
    return due.recipient.to.startswith(("#", "@"))
