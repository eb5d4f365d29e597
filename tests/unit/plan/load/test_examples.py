"""The example plans of this repository load, and survive being frozen."""

from pathlib import Path

import pytest

from deployplan.plan.include import Include
from deployplan.plan.load.loading import load_all
from deployplan.plan.snapshot import Snapshot

EXAMPLES = load_all(Include(Path(__file__).parents[4] / "include"))


def test_the_example_plans_have_no_problem() -> None:
    assert [problem.text() for problem in EXAMPLES.problems] == []
    assert len(EXAMPLES.snapshots) >= 2


@pytest.mark.parametrize("snapshot", EXAMPLES.snapshots.values(), ids=list(EXAMPLES.snapshots))
def test_an_example_is_the_same_after_it_was_frozen(snapshot: Snapshot) -> None:
    again = Snapshot.from_json(snapshot.to_json())
    assert again == snapshot
    assert again.digest == snapshot.digest
