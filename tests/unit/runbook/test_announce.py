"""Who is told what: at the plan's moments, once, and never at the release's expense."""

from pathlib import Path

from deployplan.comms.channel import SendError
from deployplan.comms.message import Message
from deployplan.plan.model.moment import Moment
from deployplan.runbook.announce import announce
from deployplan.runbook.run.run import Run
from unit.runbook.runs import a_run

PLAN = {
    "impact": {"stakeholders": {"warehouse": {"contact": "warehouse@acme.example", "effect": "read-only"}}},
    "communications": [{"to": "warehouse", "on": ["started", "success"], "via": ["mail"], "value": "orders at once"}],
}


class Kept:
    """A channel that keeps what it is given."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def send(self, message: Message) -> str:
        self.messages.append(message)
        return "kept"


class Down:
    """A channel whose server is down."""

    async def send(self, message: Message) -> str:
        raise SendError("mail.example:25 does not answer")


def kinds(run: Run) -> list[str]:
    return [entry.kind for entry in run.ledger.entries()]


async def test_a_group_is_told_at_its_moments_only(tmp_path: Path) -> None:
    run, mail = a_run(tmp_path, **PLAN), Kept()
    await announce(run, Moment.ANNOUNCED, {"mail": mail})
    assert mail.messages == []
    await announce(run, Moment.STARTED, {"mail": mail})
    assert [message.to for message in mail.messages] == ["warehouse@acme.example"]
    assert kinds(run) == ["message_sent"]


async def test_a_task_that_runs_twice_tells_once(tmp_path: Path) -> None:
    run, mail = a_run(tmp_path, **PLAN), Kept()
    for _ in range(2):
        await announce(run, Moment.STARTED, {"mail": mail})
    assert len(mail.messages) == 1


async def test_a_mail_server_that_is_down_is_shown_and_tried_again_next_time(tmp_path: Path) -> None:
    run, mail = a_run(tmp_path, **PLAN), Kept()
    await announce(run, Moment.STARTED, {"mail": Down()})
    await announce(run, Moment.STARTED, {"mail": mail})
    assert kinds(run) == ["message_failed", "message_sent"]


async def test_a_channel_that_is_not_there_is_recorded_and_harms_nothing(tmp_path: Path) -> None:
    run = a_run(tmp_path, **PLAN)
    await announce(run, Moment.STARTED, {})
    assert kinds(run) == ["message_failed"]


async def test_a_message_of_a_hold_tells_why_until_when_and_where_to_look(tmp_path: Path) -> None:
    waiting = {**PLAN, "communications": [{"to": "warehouse", "on": ["on_hold"], "via": ["mail"]}]}
    run, mail = a_run(tmp_path, **waiting), Kept()
    facts = {
        "reason": "held by olga: network works",
        "next_open": "Sunday 22:00",
        "url": "http://airflow.example/dags/x",
    }
    for occasion in ("first", "first", "second"):
        await announce(run, Moment.ON_HOLD, {"mail": mail}, occasion=occasion, **facts)
    assert len(mail.messages) == 2
    body = mail.messages[0].body
    for line in ("Why: held by olga: network works", "Continues: Sunday 22:00", "See: http://airflow.example/dags/x"):
        assert f"{line}\n" in body
