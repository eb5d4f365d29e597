"""`deployplan messages PLAN`: what a plan will tell, and of whom nobody will be told."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from builders import an_include

Run = Callable[..., Result]
TOLD = """approval: {authorities: {mia: deployment manager}}
communications: [{to: approvers, "on": [announced], via: [mail, notifier]}]
delivery: {team: {mia: {role: manager, mail: mia@acme.example}}, escalation: [{after: 10m, contact: zoe}]}
"""
PASSED = "schedule: {window: {opens: 2020-11-28 23:00, closes: 2020-11-29 01:00}}\n"
AHEAD = "schedule: {window: {opens: 2096-11-28 23:00, closes: 2096-11-29 01:00}}\n"


@pytest.mark.parametrize(
    ("schedule", "said"),
    [
        (AHEAD, "for the opening Wed 2096-11-28 23:00 to Thu 01:00"),
        (PASSED, "its only window has passed: Sat 2020-11-28 23:00 to Sun 01:00"),
    ],
)
def test_the_opening_is_named_or_that_there_is_none_any_more_and_whom_nobody_can_reach(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, deployplan: Run, schedule: str, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DEPLOYPLAN_INCLUDE", raising=False)
    an_include(tmp_path / "include", own=TOLD + schedule)
    told = deployplan("messages", "own")
    assert told.exit_code == 0, told.output
    assert told.stderr.splitlines()[0].startswith(said)
    assert told.stderr.splitlines()[1:] == [
        "nobody is told: mia of approvers: nobody knows a handle of theirs, so that notifier tells them nothing",
        "nobody is told: 'zoe' is called by the escalation, and nobody knows an address of theirs",
    ]
    rows = [line.split() for line in told.stdout.splitlines() if "announced" in line]
    assert [row[-4:] for row in rows] == [["announced", "mia", "mail", "mia@acme.example"]]
