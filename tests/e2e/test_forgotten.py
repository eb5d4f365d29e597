"""What Airflow would lose or forget: an answer that no task takes, a card without a run, a run that is deleted."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from deployplan.local.postgres_cluster import cluster_of
from deployplan.local.rest_session import AirflowRefused
from e2e.release import Release, a_component, until
from e2e.scenario import scenario

pytestmark = pytest.mark.e2e

MakeRelease = Callable[..., Release]
SEAT = "review.approve_1"


def in_airflows_database(release: Release, statement: str, **values: str) -> None:
    """Bring about what happens once in thousands of runs."""
    engine = create_engine(cluster_of(release.airflow.settings).url)
    with engine.begin() as connection:
        assert connection.execute(text(statement), values).rowcount == 1
    engine.dispose()


@scenario
def test_an_answer_that_was_accepted_and_that_no_task_took_is_handed_over_again(a_release: MakeRelease) -> None:
    release = a_release().write().trigger()
    release.wait_for_card(SEAT)
    in_airflows_database(
        release,
        "UPDATE hitl_detail SET responded_at = now() - interval '1 minute', "
        "responded_by = CAST(:person AS json), chosen_options = CAST(:chosen AS json) "
        "WHERE ti_id = (SELECT id FROM task_instance WHERE dag_id = :plan AND task_id = :task)",
        person=json.dumps({"id": "amir", "name": "amir"}),
        chosen=json.dumps(["Approve"]),
        plan=release.name,
        task=SEAT,
    )
    assert release.end() == "success"
    assert [entry.facts["person"] for entry in release.evidence("approved")] == ["amir"]


@scenario
def test_a_seat_marked_green_by_hand_approves_nothing_and_its_card_is_closed_and_takes_no_answer(
    a_release: MakeRelease,
) -> None:
    release = a_release().write().trigger()
    (node,) = release.nodes
    release.wait_for_card(SEAT)
    release.engineer.set_task_state(release.name, release.run_id, SEAT, "success")
    release.engineer.set_xcom(release.name, release.run_id, SEAT, "return_value", {"chosen_options": ["Approve"]})
    assert release.end() == "not_ready"
    assert release.jobs(node) == []
    assert "no recorded approval" in str(release.evidence("not_ready")[-1].facts["problems"])
    card = release.engineer.card
    until("the card is closed", lambda: card(release.name, release.run_id, SEAT)["response_received"], every=1.0)
    with pytest.raises(AirflowRefused, match="409"):
        release.api("amir").answer(release.name, release.run_id, SEAT, "Approve")
    assert release.evidence("card_answered") == []


@scenario
def test_a_run_under_way_can_be_deleted_by_nobody_and_one_that_was_rejected_has_done_nothing_and_can(
    a_release: MakeRelease,
) -> None:
    gone = whose_plan_is_removed_before_it_is_frozen(a_release())
    release = a_release().write().trigger()
    (node,) = release.nodes
    release.wait_for_card(SEAT)
    run, admin = f"/api/v2/dags/{release.name}/dagRuns/{release.run_id}", release.api("admin")
    for path in (run, f"/api/v2/dags/{release.name}"):
        with pytest.raises(AirflowRefused, match="is under way, and nobody would watch its scripts any more"):
            admin.call("DELETE", path)
    assert release.approve(option="Reject").end() == "rejected"
    assert release.state() == "failed"
    assert release.jobs(node) == []
    assert release.states()["backout.decide"] == "upstream_failed"
    admin.call("DELETE", run)
    assert release.run_id not in {each["dag_run_id"] for each in release.engineer.runs(release.name)}

    assert release.trigger().end() == "not_ready", "its id is given again"
    because = str(release.evidence("outcome")[-1].facts["because"])
    assert because.startswith(f"run id {release.run_id!r} was given before, and that run ended as rejected on ")

    # Whoever may write to the record store, and has no key, changes the script while people are asked.
    release.run_id = "run-3"
    release.trigger().wait_for_card(SEAT)
    for snapshot in (Path(release.airflow.settings.records) / "snapshots" / release.name).iterdir():
        snapshot.write_text(snapshot.read_text().replace("echo 2.0", "echo 6.6"))
    release.approve()
    until("the end of the third run", release.has_ended, instead=release.told)
    assert (release.state(), release.jobs(node), release.version(node)) == ("failed", [], "1.0")
    assert release.evidence("refused")
    assert release.evidence("arming") == []

    until("the end of the run without a plan", gone.has_ended, instead=gone.told)
    (told,) = gone.evidence("not_ready")
    assert "was removed before this run had frozen it" in str(told.facts["problems"])
    assert (gone.state(), gone.evidence("sealed")[-1:] != [], gone.jobs(*gone.nodes)) == ("failed", True, [])


def whose_plan_is_removed_before_it_is_frozen(release: Release) -> Release:
    """A run that Airflow has queued, and that can never begin."""
    release.name = f"{release.name[:50]}_gone"
    release.write()
    release.api("admin").call("PATCH", f"/api/v2/dags/{release.name}", {"is_paused": True})
    release.trigger()
    (release.include / "plans" / f"{release.name}.yaml").unlink()
    return release


@scenario
def test_a_run_that_airflow_has_forgotten_is_ended_by_the_next_one_which_then_releases(a_release: MakeRelease) -> None:
    release = a_release()
    (node,) = release.nodes
    script = "touch begun; while [ ! -e go ]; do sleep 0.2; done; echo 2.0 > version"
    release.write(components={"app": a_component([node], deploy=script, terminate_grace="2s")})
    release.trigger().approve().wait_for_file(node, "begun")
    in_airflows_database(release, "DELETE FROM dag_run WHERE dag_id = :plan", plan=release.name)

    release.run_id = "run-2"
    release.trigger().approve()
    until("the second run's script has begun", lambda: release.evidence("job_started"))
    begun = release.evidence("job_started")[0].at
    release.run_id = "run-1"
    (gone,) = [entry for entry in release.evidence("terminated") if entry.facts["gone"]]
    (ended,) = release.evidence("outcome")
    assert gone.at < ended.at < begun
    assert ended.facts["outcome"] == "unknown"
    assert "Airflow no longer knows this run" in str(ended.facts["because"])
    assert release.version(node) == "1.0"

    release.run_id = "run-2"
    (release.nodes[node].home / "go").touch()
    assert release.end() == "success"
    assert release.version(node) == "2.0"
