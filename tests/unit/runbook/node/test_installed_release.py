"""Which release is on a node, by its ledger, whoever came and went since."""

import pytest

from deployplan.runbook.node.installed_release import brought_by, brought_since, recorded_release, release_before
from unit.runbook.runs import NOON

Entry = dict[str, object]


def entry(event: str, version: str | None, digest: str, **known: object) -> Entry:
    found = {"event": event, "version": version, "digest": digest, "product": "shop", "component": "web"}
    return found | {"plan": f"plan-{digest}", "run": f"run-{digest}", **known}


BEFORE, MINE = entry("installed", "1", "z"), entry("installed", "2", "mine")
OTHER, OTHER_UNDONE = entry("installed", "3", "other"), entry("restored", "2", "other")


@pytest.mark.parametrize(
    ("ledger", "is_mine", "version", "before"),
    [
        ([BEFORE, MINE], True, "2", "1"),
        ([BEFORE, MINE, OTHER], False, "3", "3"),
        ([BEFORE, MINE, OTHER, OTHER_UNDONE], True, "2", "1"),
        ([BEFORE, MINE, OTHER, OTHER, OTHER_UNDONE], True, "2", "1"),
        ([BEFORE, MINE, OTHER, entry("restored", "1.9", "other")], False, "1.9", "1.9"),  # to what nobody had brought
        ([BEFORE, MINE, OTHER, OTHER_UNDONE, entry("restored", "1", "mine")], False, "1", "1"),
        ([BEFORE, MINE, OTHER, entry("installed", "4", "third"), OTHER_UNDONE], False, "2", "2"),  # out of turn
        ([BEFORE, MINE, OTHER_UNDONE], True, "2", "1"),  # the other one failed there before it was installed
        ([BEFORE, MINE, entry("restored", "1.9", "other")], False, "1.9", "1.9"),
        ([BEFORE, entry("restored", "1", "mine"), entry("restored", "1", "mine")], False, "1", "1"),
        ([MINE, entry("restored", None, "mine")], False, None, None),
        ([MINE, entry("installed", "2", "mine")], True, "2", None),
        ([], False, None, None),
    ],
)
def test_a_release_that_was_backed_out_leaves_the_one_before_it_as_it_was(
    ledger: list[Entry], is_mine: bool, version: str | None, before: str | None
) -> None:
    assert brought_by("mine", ledger, "shop", "web") is is_mine
    assert recorded_release(ledger, "shop", "web") == version
    assert release_before(ledger, "mine", "shop", "web") == before


@pytest.mark.parametrize(
    ("known", "counts"),
    [
        ({"at": "2026-11-28T12:00:01+00:00"}, True),
        ({"at": "2026-11-28T11:59:59+00:00"}, False),
        ({"at": "whenever"}, True),
        ({}, True),
        ({"at": "2026-11-28T12:00:01+00:00", "run": "run-1", "plan": "shop-2"}, False),
        ({"at": "2026-11-28T12:00:01+00:00", "product": "another"}, False),
        ({"at": "2026-11-28T12:00:01+00:00", "event": "verified"}, False),
    ],
)
def test_what_other_runs_brought_since_is_named_and_in_doubt_it_was_since(known: Entry, counts: bool) -> None:
    found = brought_since([OTHER | known], "shop", NOON, but_by=("shop-2", "run-1"))
    assert (found == "web 3 (plan plan-other, run run-other)") is counts


@pytest.mark.parametrize(
    ("plan", "run", "counts"), [("shop-2", "r", False), ("shop-3", "r", True), ("shop-2", "s", True)]
)
def test_a_run_of_another_plan_is_another_also_when_a_timetable_gave_both_one_id(
    plan: str, run: str, counts: bool
) -> None:
    found = brought_since([OTHER | {"plan": plan, "run": run}], "shop", NOON, but_by=("shop-2", "r"))
    assert (found == f"web 3 (plan {plan}, run {run})") is counts
