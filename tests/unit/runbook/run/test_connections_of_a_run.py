"""What Airflow's connections contain is what it was when people were asked, or nothing is armed."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deployplan.evidence.kinds.review import ConnectionSeen
from deployplan.runbook.arm import arm
from deployplan.runbook.run.connections import changed_connections, note_connections
from deployplan.runbook.run.run import NotReady, Run
from unit.runbook.runs import a_run, freeze

FACTS: dict[str, Any] = {
    "host": None,
    "port": 22,
    "login": "deploy",
    "password": False,
    "keys": ["SHA256:one"],
    "host_key": None,
    "any_host_key": False,
    "proxy_command": None,
}


def with_connections(run: Run, **connections: Mapping[str, object]) -> Run:
    seen = tuple(ConnectionSeen.of({"connection": name, **facts}) for name, facts in connections.items())
    return replace(run, connections=lambda: seen)


def approve(run: Run, seat: int = 1) -> None:
    run.ledger.record("seat_asked", seat=seat, people=["mia"], digest=run.snapshot.digest, window=None)
    run.ledger.record("approved", seat=seat, person="mia", digest=run.snapshot.digest, window=None)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run whose one connection was looked at before its seat was asked."""
    run = with_connections(a_run(tmp_path), ssh_production=FACTS)
    freeze(run)
    note_connections(run)
    approve(run)
    return run


def test_connections_that_are_as_they_were_hinder_nothing(run: Run) -> None:
    assert changed_connections(run) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("host", "10.6.6.6"),
        ("port", 2222),
        ("login", "root"),
        ("password", True),
        ("keys", ["SHA256:two"]),
        ("keys", []),
        ("host_key", "ssh-ed25519 AAAA"),
        ("any_host_key", True),
        ("proxy_command", "nc evil 22"),
        ("missing", True),
    ],
)
async def test_a_connection_that_was_changed_since_the_approval_is_not_armed(run: Run, key: str, value: object) -> None:
    changed = with_connections(run, ssh_production={**FACTS, key: value})
    with pytest.raises(NotReady, match=f"'ssh_production' is not what it was .*{key} was"):
        await arm(changed, 1)


async def test_a_connection_that_nobody_had_looked_at_is_not_armed(run: Run) -> None:
    more = with_connections(run, ssh_production=FACTS, ssh_jump=FACTS)
    with pytest.raises(NotReady, match="'ssh_jump' was not looked at before the approval was asked"):
        await arm(more, 1)


def test_a_look_after_the_seat_was_asked_does_not_count(run: Run) -> None:
    changed = with_connections(run, ssh_production={**FACTS, "login": "root"})
    note_connections(changed)
    assert "login was 'deploy', is 'root'" in str(changed_connections(changed))


def test_a_seat_that_is_asked_again_is_about_the_connection_as_it_is_then(run: Run) -> None:
    changed = with_connections(run, ssh_production={**FACTS, "login": "root"})
    note_connections(changed)
    approve(changed)
    assert changed_connections(changed) == []


def test_every_seat_counts(run: Run) -> None:
    changed = with_connections(run, ssh_production={**FACTS, "login": "root"})
    note_connections(changed)
    approve(changed, seat=2)
    assert changed_connections(changed)
    assert changed_connections(run)


def test_a_new_review_begins_anew(run: Run) -> None:
    freeze(run)
    approve(run)
    assert "was not looked at" in str(changed_connections(run))
