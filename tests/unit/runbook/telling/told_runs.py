"""Runs in a record store of which people are to be told, with a real mail server to tell them by."""

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope

from builders import a_plan, a_snapshot
from deployplan.clock import Clock
from deployplan.comms.channel import Channel
from deployplan.comms.mail_channel import MailChannel, MailServer
from deployplan.evidence.kinds.end import OutcomeReached
from deployplan.evidence.kinds.review import BaselineTaken, PlanFrozen
from deployplan.evidence.kinds.window import RunArmed
from deployplan.evidence.record import Records, RunRecord
from deployplan.plan.model.roster import Roster
from deployplan.plan.snapshot import Snapshot
from deployplan.runbook.telling.courier import Courier
from deployplan.runbook.telling.due import RunPages

KEY = b"k" * 32
OPENS = datetime(2026, 11, 28, 21, 0, tzinfo=UTC)
WINDOW = {"window": {"opens": "2026-11-28 22:00", "closes": "2026-11-29 02:00", "timezone": "Europe/Paris"}}


def telling(*on: str, to: str = "warehouse@acme.example", via: str = "mail") -> dict[str, Any]:
    return {"to": to, "on": list(on), "via": [via]}


def begin(
    store: Path | str, clock: Clock, *communications: Mapping[str, Any], plan: str = "shop-2", **keys: Any
) -> tuple[RunRecord, Snapshot]:
    """A run under way whose plan is frozen."""
    keys = {"schedule": WINDOW, "communications": list(communications), "plan": plan, **keys}
    snapshot, records = a_snapshot(plan=a_plan(**keys)), Records(str(store), key=KEY, clock=clock)
    records.save_snapshot(plan, snapshot.digest, snapshot.to_json())
    records.open_run(plan, "run-1", snapshot.digest)
    record = records.run(plan, "run-1")
    record.ledger().keep(PlanFrozen(plan=plan, run="run-1", digest=snapshot.digest))
    return record, snapshot


def announced(snapshot: Snapshot) -> BaselineTaken:
    return BaselineTaken(digest=snapshot.digest)


def armed(snapshot: Snapshot) -> RunArmed:
    return RunArmed(generation=1, nodes=("web-1",), digest=snapshot.digest)


def ended(outcome: str = "success", because: str = "all is well") -> OutcomeReached:
    return OutcomeReached(outcome=outcome, because=because)


def told(record: RunRecord) -> list[str]:
    """The kinds of what was said to people, by the run's ledger and then by what is kept apart."""
    entries = (*record.ledger().entries(), *record.apart().entries())
    return [each.kind for each in entries if each.kind.startswith("message_")]


def pages(plan: str, _: str) -> RunPages:
    """Where people see a run, and answer it."""
    return RunPages(f"http://airflow.example/{plan}", f"http://airflow.example/m/{plan}")


@asynccontextmanager
async def courier_of(
    store: Path | str,
    clock: Clock,
    ways: Mapping[str, Channel],
    *,
    say: Callable[[str], None] = lambda _: None,
    roster: Callable[[], Roster | None] = lambda: None,
) -> AsyncIterator[Courier]:
    """One process's courier over the store, as the API server has one."""
    records = Records(str(store), key=KEY, clock=clock)
    courier = Courier(records, lambda: ways, clock, say, pages, roster)
    try:
        yield courier
    finally:
        await asyncio.wait_for(courier.settle(), 60)
        courier.close()


async def carry_once(courier: Courier) -> None:
    """One look, and all that it took up."""
    await asyncio.wait_for(courier.look(), 60)
    await asyncio.wait_for(courier.settle(), 60)


class Post:
    """What a mail server took; `taking` is waited for before it says that it took a mail."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []
        self.arrived = asyncio.Event()
        self.taking = asyncio.Event()
        self.taking.set()
        self.port = 0

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        self.taken.append(envelope)
        self.arrived.set()
        await self.taking.wait()
        return "250 2.0.0 Ok: queued"

    def channel(self, timeout: float = 30.0) -> MailChannel:
        return MailChannel(MailServer(host="127.0.0.1", port=self.port, sender="r@acme.example", timeout=timeout))

    def subjects(self) -> list[str]:
        return [
            str(email.message_from_bytes(_bytes(each), policy=email.policy.default)["Subject"]) for each in self.taken
        ]

    def bodies(self) -> list[str]:
        found = [email.message_from_bytes(_bytes(each), policy=email.policy.default) for each in self.taken]
        return [each.get_content().replace("\r\n", "\n") for each in found]  # type: ignore[attr-defined]


def _bytes(envelope: Envelope) -> bytes:
    assert isinstance(envelope.content, bytes)
    return envelope.content


@asynccontextmanager
async def a_post(post: Post | None = None) -> AsyncIterator[Post]:
    post = post or Post()
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(post, hostname="mail.test"), "127.0.0.1", 0, backlog=1024
    )
    async with server:
        post.port = server.sockets[0].getsockname()[1]
        yield post
        post.taking.set()
