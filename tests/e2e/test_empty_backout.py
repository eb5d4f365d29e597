"""A release that went well never walks through its backout; and a later pass that goes badly finds it armed."""

from collections.abc import Callable

import pytest

from deployplan.local.person import PersonApi
from deployplan.local.rest_session import AirflowRefused
from e2e.release import Release, a_component, passed_by
from e2e.scenario import scenario

pytestmark = pytest.mark.e2e

MakeRelease = Callable[..., Release]


@scenario
def test_a_verification_cleared_after_success_that_fails_then_is_backed_out_and_undone(a_release: MakeRelease) -> None:
    release = a_release()
    (node,) = release.nodes
    undo = 'rm -f broken; echo "undo to $DEPLOYPLAN_PREVIOUS" >> steps; echo "$DEPLOYPLAN_PREVIOUS" > version'
    release.write(
        success={"alive": {"command": "test ! -e broken", "on": node}},
        components={"app": a_component([node], undo=undo)},
    )
    assert release.trigger().approve().end() == "success"
    assert passed_by(release)
    assert [entry.facts["decision"] for entry in release.evidence("decision")] == ["nothing"]
    assert release.lines(node, "steps") == ["deploy 1"]

    (release.nodes[node].home / "broken").touch()
    release.engineer.clear(release.name, release.run_id, ["verify.smoke"], downstream=True)
    assert release.end_again() == "backed_out"
    assert release.lines(node, "steps") == ["deploy 1", "undo to 1.0"]
    assert release.version(node) == "1.0"
    states = release.states()
    assert {states[task] for task in ("backout.decide", "backout.app", "backout.verify")} == {"success"}


@scenario
def test_a_manual_test_cleared_after_success_and_failed_then_is_backed_out_and_undone(a_release: MakeRelease) -> None:
    release = a_release()
    (node,) = release.nodes
    release.write(
        success={
            "version": {"command": "true", "on": node},
            "order": {"manual": "Place an order", "by": "mia"},
        },
        backout={"when": {"order": "automatic"}},
    )
    assert release.trigger().approve().approve("mia", "Pass", "verify.manual_order").end() == "success"
    assert passed_by(release)

    release.engineer.clear(release.name, release.run_id, ["verify.manual_order"], downstream=True)
    release.wait_for_state("verify.manual_order", "awaiting_input", attempt=2)
    release.approve("mia", "Fail", "verify.manual_order")
    assert release.end_again() == "backed_out"
    assert release.lines(node, "steps") == ["deploy 1", "undo to 1.0"]


@scenario
def test_a_release_that_ended_green_is_taken_back_by_its_authority_in_the_same_run(a_release: MakeRelease) -> None:
    release = a_release()
    (node,) = release.nodes
    release.write(backout={"authority": ["amir"]})
    assert release.trigger().approve().end() == "success"
    assert passed_by(release)

    airflow = release.airflow
    people = {name: PersonApi(airflow.settings.api_url, name, airflow.users[name].password) for name in airflow.users}
    with pytest.raises(AirflowRefused, match="may not ask for the backout"):
        people["vic"].take_back(release.name, release.run_id, "orders are lost")
    asked = people["erin"].take_back(release.name, release.run_id, "orders are lost")
    assert asked["sentence"] == "asked of amir: a card waits for the answer"
    release.approve("amir", "Back out", "backout.decide")
    assert release.end_again() == "backed_out"
    assert release.state() == "failed"
    assert release.lines(node, "steps") == ["deploy 1", "undo to 1.0"]
    assert release.version(node) == "1.0"
    last = release.evidence("outcome")[-1].facts["because"]
    assert str(last).startswith("erin asks for the backout of the release: orders are lost; amir decided to back out; ")
    assert len(release.evidence("sealed")) == 2
    with pytest.raises(AirflowRefused, match="has ended in backed_out"):
        people["amir"].take_back(release.name, release.run_id, "again")
