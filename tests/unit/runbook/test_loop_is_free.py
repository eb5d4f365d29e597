"""A store that is slow holds up the step that waits for it, and no other: evidence in coroutines is awaited."""

import ast
import asyncio
import time
from dataclasses import replace
from pathlib import Path

import pytest

import deployplan.runbook
from deployplan.evidence.entry import Entry
from deployplan.evidence.ledger import Ledger
from deployplan.runbook.outcome import conclude
from unit.runbook.runs import KEY, a_run, freeze

SLOW = 1.5
"""Seconds that each look at the store takes."""
LONGEST = 1.0
"""Seconds that the event loop may stand still meanwhile; a busy machine takes some of them."""
CALLS = {"run.record", "run.ledger.record", "run.ledger.entries", "run.ledger.seal", "run.ledger.head"}
LEFT = {
    ("admission.py", "admit_wave"),
    ("arm.py", "_wait_for"),
    ("keep_locked.py", "freeze_nodes"),
    ("terminate_job.py", "end"),
    ("terminate_job.py", "terminate_job"),
}
"""Coroutines that still block the loop for one entry each; no other may, and none of these may come back."""


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


def blocking(path: Path) -> set[tuple[str, str]]:
    """The coroutines of a module that call the evidence themselves instead of awaiting it."""
    found = set()
    for function in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(function, ast.AsyncFunctionDef) and any(_calls(function)):
            found.add((path.name, function.name))
    return found


def _calls(function: ast.AsyncFunctionDef) -> list[str]:
    """What the coroutine itself calls or reads of the evidence; functions within it are their own."""
    found: list[str] = []
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.Call) and ast.unparse(node.func) in CALLS:
            found.append(ast.unparse(node.func))
        waiting += ast.iter_child_nodes(node)
    return found


def test_no_coroutine_of_the_runbook_calls_the_evidence_without_awaiting_it_but_those_that_are_named() -> None:
    modules = Path(deployplan.runbook.__file__).parent.rglob("*.py")
    found = {each for path in modules for each in blocking(path)}
    assert found == LEFT


@pytest.mark.parametrize(
    "text", ["run.record('x')", "x = [e for e in run.ledger.entries()]", "if run.ledger.seal(): ..."]
)
def test_the_check_sees_what_it_is_for(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.py").write_text(f"async def f(run):\n    {text}\n")
    assert blocking(tmp_path / "x.py") == {("x.py", "f")}
    (tmp_path / "y.py").write_text("async def f(run):\n    await run.note('x')\n")
    assert blocking(tmp_path / "y.py") == set()
