"""How long the work may take: by the p90 of earlier runs with a margin, never by more than the plan's own limits."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import a_component, a_snapshot
from deployplan.runbook.timing.estimate import ENOUGH, LATEST, LEAST, Estimate, estimate, p90
from deployplan.runbook.timing.past_runs import PastRun, WaveTime
from unit.runbook.runs import NOON

TEN_MINUTES = {"web": a_component(nodes=["web-1", "web-2"], timeout="10m", bake="1m")}


def a_past_run(seconds: float, *, nodes: int = 2, of: int = 1, outcome: str = "success") -> PastRun:
    return PastRun("shop-1", f"run-{seconds}", "d", outcome, NOON, NOON, (WaveTime("web", 1, of, nodes, seconds),))


def told(*past: PastRun, **plan: Any) -> Estimate:
    snapshot = a_snapshot(**{"components": TEN_MINUTES, **plan})
    return estimate(snapshot, snapshot.waves, past)


def test_without_earlier_runs_the_declared_timeout_and_bake_count() -> None:
    found = told()
    assert found.work == timedelta(minutes=11)
    assert found.told == "11m of work: web wave 1 of 1 11m (declared)"


def test_enough_earlier_runs_count_with_a_margin_and_the_bake_of_today() -> None:
    found = told(*(a_past_run(seconds) for seconds in (100, 110, 120, 130, 200)))
    assert found.work == timedelta(seconds=300) + timedelta(minutes=1)
    assert found.told == "6m of work: web wave 1 of 1 6m (p90 of 5 runs)"


def test_four_earlier_runs_are_not_enough() -> None:
    assert told(*[a_past_run(60)] * (ENOUGH - 1)).work == timedelta(minutes=11)


def test_no_estimate_is_longer_than_the_declared_timeout_at_which_scripts_are_ended_anyway() -> None:
    assert told(*[a_past_run(3600)] * 9).work == timedelta(minutes=11)


def test_a_wave_of_seconds_is_planned_with_a_minute_for_connecting_and_for_airflow() -> None:
    assert told(*[a_past_run(2)] * 9).work == LEAST + timedelta(minutes=1)


def test_a_timeout_shorter_than_that_minute_stays_what_it_is() -> None:
    short = {"web": a_component(timeout="20s")}
    assert told(*[a_past_run(2, nodes=1)] * 9, components=short).work == timedelta(seconds=20)


@pytest.mark.parametrize(
    "unlike",
    [
        pytest.param({"nodes": 1}, id="on fewer nodes"),
        pytest.param({"of": 3}, id="in another number of waves"),
        pytest.param({"outcome": "backed_out"}, id="without a release"),
    ],
)
def test_runs_that_say_nothing_about_this_wave_do_not_count(unlike: dict[str, Any]) -> None:
    assert told(*[a_past_run(60, **unlike)] * 9).waves[0].runs == 0


def test_runs_on_more_nodes_do_count() -> None:
    assert told(*[a_past_run(60, nodes=50)] * 9).waves[0].runs == 9


def test_the_latest_runs_count_and_older_ones_do_not() -> None:
    slow, quick = [a_past_run(500)] * 30, [a_past_run(100)] * LATEST
    assert told(*slow, *quick).work == timedelta(seconds=150) + timedelta(minutes=1)


def test_for_programs_the_parts_and_their_basis_are_told() -> None:
    assert told(*[a_past_run(100)] * 7, success={"health": {"http": "http://{node}/", "for": "5m"}}).as_json() == {
        "seconds": 510.0,
        "soak_seconds": 300.0,
        "waves": [{"component": "web", "wave": 1, "seconds": 210.0, "runs": 7}],
    }


def test_the_p90_is_what_nine_in_ten_do_not_exceed() -> None:
    assert [p90(range(1, count + 1)) for count in (1, 5, 9, 10, 11, 20)] == [1, 5, 9, 9, 10, 18]


@given(st.lists(st.floats(0, 5000), max_size=30))
def test_whatever_was_measured_the_estimate_stays_between_the_bake_and_the_declared_limit(seconds: list[float]) -> None:
    work = told(*map(a_past_run, seconds)).work
    assert timedelta(minutes=1) < work <= timedelta(minutes=11)
    if len(seconds) >= ENOUGH:
        assert work >= min(timedelta(minutes=11), timedelta(seconds=p90(seconds[-LATEST:])) + timedelta(minutes=1))
