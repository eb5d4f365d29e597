"""What people are to be told of and no other entry tells is in the evidence, once an occasion."""

from pathlib import Path

from deployplan.evidence.kinds.people import MomentReached
from deployplan.plan.model.moment import Moment
from deployplan.runbook.announce import announce
from unit.runbook.runs import a_run


async def test_a_task_that_runs_twice_leaves_once_that_its_moment_has_come(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    for occasion in ("first", "first", "second"):
        await announce(run, Moment.ON_HOLD, occasion=occasion, reason="held by olga: works", next_open="Sunday 22:00")
    found = [MomentReached.of(entry.facts) for entry in run.ledger.entries()]
    assert [each.occasion for each in found] == ["first", "second"]
    (seen, _) = run.read_state().moments.values()
    assert seen.facts == {"reason": "held by olga: works", "next_open": "Sunday 22:00"}
