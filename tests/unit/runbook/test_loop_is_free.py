"""A store that is slow holds up the step that waits for it, and no other: evidence in coroutines is awaited.

That no coroutine does otherwise is held by the whole suite: see tests/loop_guard.py.
"""

import asyncio
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deployplan.evidence.entry import Entry
from deployplan.evidence.ledger import Ledger
from deployplan.runbook.outcome import conclude
from deployplan.runbook.run.run import Run
from loop_guard import PACKAGE, OnTheLoop
from unit.runbook.runs import KEY, a_run, freeze

SLOW = 1.5
"""Seconds that each look at the store takes."""
LONGEST = 1.0
"""Seconds that the event loop may stand still meanwhile; a busy machine takes some of them."""


class SlowLedger(Ledger):
    """Evidence in a store that takes its time."""

    def record(self, kind: str, /, **facts: object) -> Entry:
        time.sleep(SLOW)
        return super().record(kind, **facts)

    def entries(self) -> tuple[Entry, ...]:
        time.sleep(SLOW)
        return super().entries()

    def seal(self, **facts: object) -> Entry:
        time.sleep(SLOW)
        return super().seal(**facts)


async def test_a_slow_store_does_not_stop_the_loop_at_the_end_of_a_run(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    freeze(run)
    run = replace(run, ledger=SlowLedger(run.ledger.folder, key=KEY))
    longest, last = 0.0, time.monotonic()

    async def watch() -> None:
        nonlocal longest, last
        while True:
            await asyncio.sleep(0.01)
            now = time.monotonic()
            longest, last = max(longest, now - last), now

    watching = asyncio.create_task(watch())
    await conclude(run)
    watching.cancel()
    assert longest < LONGEST


async def _through(run: Run) -> None:
    """What a coroutine of the product would do, by its place in the package."""
    code = compile("async def step(run, call):\n    call(run)\n", f"{PACKAGE}/runbook/step.py", "exec")
    found: dict[str, Any] = {}
    exec(code, found)
    await found["step"](run, lambda run: [run.ledger.record("ready"), run.ledger.entries()])


async def test_a_coroutine_of_the_product_that_waits_for_the_store_fails_its_test_however_far_away_the_store_is(
    tmp_path: Path,
) -> None:
    run = a_run(tmp_path)
    with pytest.raises(OnTheLoop, match=r"step.py:2 step → .* waits for the record store on its event loop"):
        await _through(run)
    run.ledger.record("ready")  # a test's own coroutine may
    run.ledger.record("ready")
    assert (await run.state()).entries == 2


def test_without_a_loop_the_store_is_waited_for_by_whoever_wants(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    run.ledger.record("ready")
    assert [entry.kind for entry in run.ledger.entries()] == ["ready"]
