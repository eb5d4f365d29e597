"""Ten runs that are triggered at the same instant, beside the other scenarios; sixty are in tests/faults."""

from collections.abc import Callable

import pytest

from e2e.at_once import answers_of_version, approved_and_ended, triggered_at_once, written
from e2e.release import Release
from e2e.scenario import scenario

pytestmark = pytest.mark.e2e


@scenario
def test_ten_runs_triggered_at_once_all_end_well_and_no_component_ends(a_release: Callable[..., Release]) -> None:
    all_nodes = a_release(10)
    airflow = all_nodes.airflow
    releases = written(airflow, all_nodes.include, list(all_nodes.nodes.values()), "ten_at_once")
    before = {name: component.pid for name, component in airflow.components.items()}
    with answers_of_version(airflow) as took:
        triggered_at_once(releases)
        outcomes = approved_and_ended(releases, patience=900)
    assert set(outcomes.values()) == {"success"}, outcomes
    assert [release.lines(*release.nodes, "steps") for release in releases] == [["deploy"]] * len(releases)
    assert {name: component.pid for name, component in airflow.components.items()} == before
    # Five seconds on a quiet machine, as tests/faults measures it; here other tests share it: each answer came.
    assert max(took) < 60, sorted(took)[-20:]
