import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from builders import a_criterion
from deployplan.checks import read as module
from deployplan.checks.read import read_once as read_within
from deployplan.checks.reading import Answer, Reading
from deployplan.plan.model.criterion import Criterion
from deployplan.plan.model.infrastructure import Node
from deployplan.testing import FrozenClock
from unit.checks.http_site import HERE, Site

NIGHT = datetime(2026, 11, 28, 22, tzinfo=UTC)


async def read(criterion: Criterion, node: Node | None, **rest: Any) -> Reading:
    return await read_within(criterion, node, reach=HERE, **rest)


@dataclass
class Ended:
    exit: int | None = 0
    stdout: bytes = b""
    stderr: bytes = b""


def a_node(host: str = "127.0.0.1", **variables: str | int) -> Node:
    return Node(name="web-1", host=host, vars=variables)


async def test_a_url_is_read_on_the_nodes_own_address_and_port(site: Site) -> None:
    site.says('{"version": "4.3.0"}')
    criterion = a_criterion(http="http://{node}:{port}/health", expect={"json": {"version": "4.3.0"}})
    reading = await read(criterion, a_node(port=site.port), clock=FrozenClock(NIGHT))
    assert reading == Reading(
        "health", "web-1", Answer.PASS, "status 200, version 4.3.0", NIGHT, seconds=reading.seconds
    )


async def test_a_url_without_a_node_is_read_from_here(site: Site) -> None:
    site.says()
    reading = await read(a_criterion(http=site.url(), neighbour=True), None)
    assert (reading.node, reading.answer) == (None, Answer.PASS)


async def test_an_unknown_placeholder_is_unknown_and_says_which() -> None:
    reading = await read(a_criterion(http="http://{node}:{prot}/"), a_node())
    assert reading.answer is Answer.UNKNOWN
    assert reading.observed == "nothing stands for {prot} on web-1; known are host, name, node"


async def test_a_command_runs_on_the_node_with_the_criterions_timeout() -> None:
    asked = []

    async def on_node(command: str, seconds: float) -> Ended:
        asked.append((command, seconds))
        return Ended(stdout=b"3\n")

    criterion = a_criterion(command="./locks.sh", expect={"stdout_max": 5}, timeout=timedelta(seconds=7))
    reading = await read(criterion, a_node(), run_on_node=on_node)
    assert asked == [("./locks.sh", 7.0)]
    assert (reading.answer, reading.observed) == (Answer.PASS, "printed 3")


async def test_trouble_with_the_connection_is_unknown_not_fail() -> None:
    async def on_node(command: str, seconds: float) -> Ended:
        raise ConnectionError("db-1: connection lost")

    reading = await read(a_criterion(command="true"), a_node(), run_on_node=on_node)
    assert (reading.answer, reading.observed) == (Answer.UNKNOWN, "could not be read: db-1: connection lost")


async def test_an_error_without_a_text_is_named_by_its_type() -> None:
    async def on_node(command: str, seconds: float) -> Ended:
        raise EOFError

    assert (await read(a_criterion(command="true"), a_node(), run_on_node=on_node)).observed == (
        "could not be read: EOFError"
    )


async def test_a_connection_that_hangs_beyond_the_timeout_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SSH_GRACE", 0.0)

    async def on_node(command: str, seconds: float) -> Ended:
        await asyncio.Event().wait()
        raise AssertionError

    criterion = a_criterion(command="true", timeout=timedelta(milliseconds=50))
    reading = await read(criterion, a_node(), run_on_node=on_node)
    assert (reading.answer, reading.observed) == (Answer.UNKNOWN, "the command did not end within 0.05 s")


async def test_a_command_without_a_way_to_the_node_is_unknown() -> None:
    assert (await read(a_criterion(command="true"), None)).answer is Answer.UNKNOWN


async def test_what_only_a_person_can_answer_is_unknown() -> None:
    assert (await read(a_criterion(manual="Place an order"), None)).answer is Answer.UNKNOWN


async def test_a_reading_that_is_cancelled_is_cancelled() -> None:
    """Not turned into an answer: the step is being terminated."""
    started = asyncio.Event()

    async def on_node(command: str, seconds: float) -> Ended:
        started.set()
        await asyncio.Event().wait()
        raise AssertionError

    task = asyncio.create_task(read(a_criterion(command="true"), a_node(), run_on_node=on_node))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_reading_becomes_plain_values_for_the_evidence() -> None:
    reading = Reading("health", None, Answer.UNKNOWN, "no answer", NIGHT, 0.12345)
    assert reading.as_json() == {
        "criterion": "health",
        "node": None,
        "answer": "unknown",
        "observed": "no answer",
        "at": "2026-11-28T22:00:00+00:00",
        "seconds": 0.123,
    }
