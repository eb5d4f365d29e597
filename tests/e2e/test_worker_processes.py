"""How many worker processes a release costs: Airflow's own audit log has an entry for each that takes a task up."""

from collections import Counter
from collections.abc import Callable

import pytest

from e2e.release import Release, a_component
from e2e.scenario import scenario

pytestmark = pytest.mark.e2e

MakeRelease = Callable[..., Release]


def processes(release: Release) -> Counter[str]:
    """Worker processes by task, the most in any one try: a busy Airflow starts some again."""
    events = release.api("admin").events(release.name, release.run_id, "running")
    by_try = Counter((str(event["task_id"]), event["try_number"]) for event in events)
    found: Counter[str] = Counter()
    for (task, _), count in by_try.items():
        found[task] = max(found[task], count)
    return found


@scenario
def test_a_good_release_starts_six_worker_processes_one_a_wave_and_two_a_card(a_release: MakeRelease) -> None:
    release = a_release(4)
    data, *web = release.nodes
    release.write(
        components={
            "data": a_component([data], deploy="echo data >> steps", undo="echo undo data >> steps"),
            "web": a_component(web, after=["data"], waves=[1, "100%"], bake="1s"),
        },
        approval={"authorities": {"amir": "product owner", "mia": "deployment manager"}, "quorum": 2},
        success={"version": {"command": "cat version", "expect": {"stdout": "2.0"}, "on": web, "for": "2s"}},
    )
    release.trigger().approve("amir").approve("mia", task="review.approve_2")

    assert release.end() == "success"
    found = processes(release)
    expected = {
        "review.controls": 1,
        "review.preflight": 1,
        "review.approve_1": 2,  # it parks, and takes the answer
        "review.approve_2": 2,
        "review.baseline": 1,
        "window": 1,  # one look: it is open
        "deploy.arm": 1,
        "deploy.data.wave_1": 1,
        "deploy.web.wave_1": 1,
        "deploy.web.wave_2": 1,
        "outcome": 1,
    }
    assert set(found) == set(expected)
    assert all(found[task] <= count for task, count in expected.items()), found
    waves, cards = 3, 2
    assert found.total() <= sum(expected.values()) == 6 + waves + 2 * cards
    states = release.states()
    assert states["verify.smoke"] == states["outcome"] == "success"


@scenario
def test_worker_processes_are_no_function_of_the_nodes(a_release: MakeRelease) -> None:
    one, four = a_release(1), a_release(4)
    four.name += "_4"
    for release in (one, four):
        release.write()
        release.trigger()
    for release in (one, four):
        assert release.approve().end() == "success"
    assert set(processes(one)) == set(processes(four))
    assert processes(four).total() <= 9  # controls, preflight, two for the card, baseline, window, arm, wave, outcome
