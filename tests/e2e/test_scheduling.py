"""Runs and their windows on a real Airflow: created ahead, for a chosen opening, one after another on one node."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deployplan.local.rest_session import AirflowRefused
from e2e.release import Release, a_component, task_processes, until
from e2e.scenario import scenario

pytestmark = pytest.mark.e2e

MakeRelease = Callable[..., Release]


LEFT = "the triggerer waits from here on"


def in_seconds(seconds: float) -> datetime:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).replace(microsecond=0)


def a_window(opens: datetime, closes: datetime, name: str = "night") -> dict[str, Any]:
    wall = "%Y-%m-%d %H:%M:%S"
    return {"name": name, "opens": opens.strftime(wall), "closes": closes.strftime(wall), "timezone": "UTC"}


def started(release: Release) -> datetime:
    return release.evidence("job_started")[0].at


@scenario
def test_airflow_creates_one_run_ahead_of_the_window_and_none_after_it(a_release: MakeRelease) -> None:
    release = a_release()
    opens = in_seconds(150)
    window = a_window(opens, opens + timedelta(hours=2))
    release.write(schedule={"window": window, "create": "90s before"})
    assert release.engineer.runs(release.name) == ()

    (run,) = until("the run", lambda: release.engineer.runs(release.name), every=1.0)
    assert datetime.now(UTC) >= opens - timedelta(seconds=90)
    assert run["run_type"] == "scheduled"
    assert run["dag_run_id"] == f"release-{opens - timedelta(seconds=90):%Y-%m-%d-%H%M%S}"
    assert run["triggering_user_name"] is None
    release.run_id = run["dag_run_id"]
    card = release.wait_for_card("review.approve_1")
    assert [user["id"] for user in card["assigned_users"]] == ["amir", "mia"]  # olga, the author, is not among them
    with pytest.raises(AirflowRefused, match="403"):
        release.api("olga").answer(release.name, release.run_id, "review.approve_1", "Approve")

    assert release.approve().end() == "success"
    assert started(release) >= opens
    dag = until("no next run", lambda: _without_next_run(release), every=1.0)
    assert dag["timetable_summary"] == "by hand"
    assert len(release.engineer.runs(release.name)) == 1


@scenario
def test_a_chosen_opening_is_waited_for_although_an_earlier_one_is_open(a_release: MakeRelease) -> None:
    release = a_release()
    (node,) = release.nodes
    opens = in_seconds(110)
    windows = [
        a_window(in_seconds(-3600), opens - timedelta(seconds=5), "first"),
        a_window(opens, opens + timedelta(hours=2), "second"),
    ]
    release.write(
        schedule={"windows": windows, "backout_reserve": "1s"},
        components={"app": a_component([node], timeout="20s")},
    )
    value = f"{opens:%Y-%m-%dT%H:%M:%S}+00:00" if opens.second else f"{opens:%Y-%m-%dT%H:%M}+00:00"
    with pytest.raises(AirflowRefused, match=r"400.*window"):
        release.trigger(window="2026-01-01T00:00+00:00")
    release.trigger(window=value)
    card = release.wait_for_card("review.approve_1")
    assert "to start in" in card["body"]
    assert "second, and in no other window" in card["body"]

    assert release.approve().end() == "success"
    assert started(release) >= opens
    (approved,) = release.evidence("approved")
    assert approved.facts["window"] == value


@scenario
def test_plans_that_wait_for_one_node_go_one_after_another_in_the_stated_order(a_release: MakeRelease) -> None:
    one = a_release()
    (node,) = one.nodes
    others = [Release(one.airflow, one.include, one.nodes, f"{one.name}_{number}") for number in (2, 3)]
    opens = in_seconds(300)  # until then three reviews are over, also beside all other scenarios
    for release, priority in zip([one, *others], (0, 5, 0), strict=True):
        release.write(
            environment=one.name,
            schedule={"window": a_window(opens, opens + timedelta(hours=2)), "priority": priority},
            components={"app": a_component([node], deploy="sleep 2; echo 2.0 > version")},
        )
        release.trigger()
    third, second, first = one, others[1], others[0]
    second.approve()
    second.wait_for_state("window", "deferred")
    third.approve()
    first.approve()  # last of all, and first by its priority
    for release in (one, *others):
        release.wait_for_state("window", "deferred")
    assert datetime.now(UTC) < opens, "this machine is too slow for this test: nothing waited for the opening"
    until("the opening", lambda: datetime.now(UTC) >= opens, patience=600)

    assert [release.end() for release in (first, second, third)] == ["success"] * 3
    assert opens <= started(first) < started(second) < started(third)
    held, opened = (entry.at for entry in first.evidence("window_verdict")[1:3])
    assert held < opens <= opened < opens + timedelta(seconds=30)
    assert first.evidence("outcome")[0].at <= started(second)
    assert second.evidence("outcome")[0].at <= started(third)
    waited = [str(entry.facts["held"]) for entry in third.evidence("window_verdict") if entry.facts.get("held")]
    assert waited[0].startswith(f"waits for {first.name} (priority 5")
    assert third.evidence("lock_waited") == []


def _arming(release: Release) -> str:
    return release.engineer.log(release.name, release.run_id, "deploy.arm")


def _without_next_run(release: Release) -> dict[str, Any] | None:
    dag = release.engineer.dag(release.name)
    return dag if dag["next_dagrun_run_after"] is None else None


@scenario
def test_a_node_another_run_holds_is_waited_for_without_a_worker(
    a_release: MakeRelease,
) -> None:
    """One machine in two environments: neither the review nor the window knows, so that the node's lock decides."""
    first = a_release()
    (node,) = first.nodes
    second = Release(first.airflow, first.include, first.nodes, f"{first.name}_2")
    script = "echo first >> steps; touch begun; while [ ! -e go ]; do sleep 0.2; done; echo 2.0 > version"
    first.write(components={"app": a_component([node], deploy=script)})
    second.write(components={"app": a_component([node], deploy="echo second >> steps; echo 2.0 > version")})
    first.trigger().approve().wait_for_file(node, "begun")

    second.trigger().approve().wait_for_state("deploy.arm", "deferred")
    holder = f"the node is held by run {first.name}/{first.run_id}#1 of plan {first.name} (since "
    until(
        "the triggerer says who holds the node",
        lambda: f"{node} | waiting: {holder}" in _arming(second).rpartition(LEFT)[2],
        every=2.0,
    )
    arm = second.engineer.tasks(second.name, second.run_id)["deploy.arm"]
    assert arm["trigger"]["classpath"].endswith(".LocksTrigger")
    until("no worker process is left of the arming", lambda: task_processes(arm["id"]) == ([], []), every=0.5)
    (waited,) = second.evidence("lock_waited")
    assert waited.facts["node"] == node
    assert f"run {first.name}/{first.run_id}#1 of plan {first.name}" in str(waited.facts["holder"])
    assert second.evidence("armed") == []
    assert (first.lines(node, "steps"), len(first.jobs(node))) == (["first"], 1)

    (first.nodes[node].home / "go").touch()
    assert [release.end() for release in (first, second)] == ["success", "success"]
    assert first.lines(node, "steps") == ["first", "second"]
    assert first.evidence("outcome")[0].at <= started(second)
    arm = second.engineer.tasks(second.name, second.run_id)["deploy.arm"]
    assert (arm["state"], arm["try_number"]) == ("success", 1)
