"""A node's facts, read as a story."""

from dataclasses import replace
from typing import Any

import pytest

from deployplan.remote.job import JobState
from deployplan.remote.node_facts import NodeFacts
from deployplan.runbook.node.node_story import node_story, run_of
from remote_builders import NIGHT, a_holder, job_facts

FACTS = NodeFacts(now=NIGHT, free_bytes=1, home="/home/deploy", host="web-1")


def entry(event: str, version: str = "2", component: str = "web", **facts: Any) -> dict[str, Any]:
    return {"event": event, "product": "shop", "component": component, "version": version, "run": "run-1", **facts}


def verified(version: str = "2", run: str = "run-1", **facts: Any) -> dict[str, Any]:
    return {"event": "verified", "product": "shop", "version": version, "run": run, **facts}


def installed(*ledger: dict[str, Any]) -> list[tuple[str, str, str, str | None]]:
    """Component, release, event and who verified it, of what such a ledger says is installed."""
    story = node_story(replace(FACTS, ledger=ledger))
    return [(each.component, each.version, each.event, each.verified_by) for each in story.installed]


def test_the_last_word_about_a_component_counts() -> None:
    assert installed(entry("installed", "1"), entry("installed", "2")) == [("web", "2", "installed", None)]


def test_what_was_restored_is_installed_by_the_backout() -> None:
    assert installed(entry("installed", "2"), entry("restored", "1")) == [("web", "1", "restored", None)]


def test_a_release_is_verified_by_the_run_that_verified_it_afterwards() -> None:
    assert installed(entry("installed"), verified(run="run-7")) == [("web", "2", "installed", "run-7")]


@pytest.mark.parametrize(
    "ledger",
    [
        (verified(), entry("installed")),
        (entry("installed"), verified("3")),
        (entry("installed"), verified(product="other")),
        (entry("installed"), verified(), entry("installed")),
    ],
)
def test_what_was_verified_before_or_of_another_release_does_not_count(ledger: tuple[dict[str, Any], ...]) -> None:
    assert installed(*ledger) == [("web", "2", "installed", None)]


def test_components_and_products_are_told_apart() -> None:
    other = entry("installed", "9", product="desk")
    assert installed(entry("installed"), entry("installed", "5", "db"), other) == [
        ("web", "9", "installed", None),
        ("db", "5", "installed", None),
        ("web", "2", "installed", None),
    ]


def test_a_ledger_that_makes_no_sense_is_told_as_far_as_it_does() -> None:
    story = node_story(replace(FACTS, ledger=({"event": ["installed"]}, {}, {"event": "installed", "version": 2})))

    assert [(each.version, each.run, each.at) for each in story.installed] == [("2", "", "")]


def test_only_the_last_unlocking_is_told() -> None:
    first, second = ({"event": "unlocked", "run": run, "by": "mia", "reason": "why", "at": "now"} for run in "ab")

    unlocked = node_story(replace(FACTS, ledger=(first, second))).unlocked

    assert unlocked is not None
    assert (unlocked.run, unlocked.by, unlocked.reason) == ("b", "mia", "why")


def test_jobs_are_counted_by_state_and_those_that_run_are_named() -> None:
    running = job_facts(JobState.RUNNING, attempt=2)
    story = node_story(replace(FACTS, jobs=(job_facts(JobState.FAILED), running)))

    assert story.states == {JobState.FAILED: 1, JobState.RUNNING: 1}
    assert story.running == (running,)


def test_for_programs_nothing_is_left_out() -> None:
    facts = replace(FACTS, holder=a_holder("run-1#2", frozen="why"), jobs=(job_facts(JobState.RUNNING),))

    told = node_story(facts).as_json()

    assert told["holder"] == {
        "plan": "storefront-4.3",
        "run": "run-1",
        "token": "run-1#2",
        "digest": a_holder().digest,
        "since": NIGHT.isoformat(),
        "controller": "worker-1",
        "frozen": "why",
    }
    assert told["jobs"] == [
        {
            "job": job_facts().job_id,
            "component": "web",
            "step": "deploy",
            "attempt": 1,
            "state": "running",
            "exit": None,
            "run": "run-1",
            "started": NIGHT.isoformat(),
            "ended": None,
            "log_bytes": 0,
            "seen": [],
        }
    ]


@pytest.mark.parametrize(
    ("token", "run"),
    [
        ("shop-2/run-1#1", "run-1"),
        ("shop-2/run-1#1/backout", "run-1"),
        ("run-1#1", "run-1"),
        ("run-1#12/backout", "run-1"),
        ("a#b#3", "a#b"),
        ("run-1", "run-1"),
        ("#1", "#1"),
    ],
)
def test_the_run_is_read_from_what_a_lock_holds(token: str, run: str) -> None:
    assert run_of(token) == run
