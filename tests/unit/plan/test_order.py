"""Components run in dependency order, nodes in waves that never exceed the shares stated."""

from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import a_component, a_fleet, a_snapshot
from deployplan.plan.snapshot import Snapshot
from deployplan.plan.text.scalars import spell_duration
from deployplan.plan.waves import Wave, component_order, split
from deployplan.plan.worst_case import declared_work, worst_case

counts = st.lists(st.integers(1, 300), unique=True).map(sorted)
percents = st.lists(st.integers(1, 100), unique=True).map(lambda found: [f"{percent}%" for percent in sorted(found)])
shares = st.tuples(counts, percents).map(lambda both: (*both[0], *both[1]))
fleets = st.integers(1, 250).map(lambda count: tuple(f"web-{number}" for number in range(count)))


Nodes = tuple[str, ...]
Shares = tuple[int | str, ...]


def a_fleet_snapshot(count: int, **component: object) -> Snapshot:
    return a_snapshot(infrastructure=a_fleet(count), components={"web": a_component(nodes=["group:web"], **component)})


def sizes(count: int, *stated: int | str) -> list[int]:
    return [len(part) for part in split(tuple(map(str, range(count))), stated)]


@given(fleets, shares)
def test_every_node_is_in_exactly_one_wave_and_in_the_order_written(nodes: Nodes, stated: Shares) -> None:
    parts = split(nodes, stated)

    assert [node for part in parts for node in part] == list(nodes)


@given(fleets, shares)
def test_no_wave_is_empty(nodes: Nodes, stated: Shares) -> None:
    assert all(split(nodes, stated))


@given(fleets, shares)
def test_no_wave_before_the_last_ends_beyond_a_share_that_was_stated(nodes: Nodes, stated: Shares) -> None:
    """A percentage of the nodes is never rounded up, but for the one node that there must be."""
    ends = list(accumulate(len(part) for part in split(nodes, stated)))[:-1]
    allowed = {share for share in stated if isinstance(share, int)}
    for share in stated:
        if isinstance(share, str):
            exact = len(nodes) * int(share[:-1]) / 100
            allowed |= {1} if exact < 1 else {int(exact)}

    assert set(ends) <= allowed


@pytest.mark.parametrize(
    ("count", "stated", "expected"),
    [
        (4, (1, "50%", "100%"), [1, 1, 2]),
        (400, (1, "50%", "100%"), [1, 199, 200]),
        (10, ("95%",), [9, 1]),
        (3, ("1%",), [1, 2]),
        (1, (1, "50%", "100%"), [1]),
        (2, (1, "50%", "100%"), [1, 1]),
        (10, (2,), [2, 8]),
        (3, (5, 10), [3]),
        (200, ("33%", "66%"), [66, 66, 68]),
    ],
)
def test_shares_are_cumulative(count: int, stated: Shares, expected: list[int]) -> None:
    assert sizes(count, *stated) == expected


def test_waves_come_in_the_order_they_run() -> None:
    snapshot = a_snapshot(
        components={
            "web": a_component(nodes=["group:web"], waves=[1], after=["database"]),
            "database": a_component(nodes=["db-1"]),
        }
    )

    assert snapshot.waves == (
        Wave("database", 1, 1, ("db-1",)),
        Wave("web", 1, 2, ("web-1",)),
        Wave("web", 2, 2, ("web-2",)),
    )


def test_a_node_named_twice_is_worked_on_once() -> None:
    snapshot = a_snapshot(components={"web": a_component(nodes=["web-2", "group:web", "web-2"])})

    assert snapshot.waves == (Wave("web", 1, 1, ("web-2", "web-1")),)


@given(st.data())
def test_each_component_comes_after_all_it_depends_on_and_in_file_order_among_equals(data: st.DataObject) -> None:
    names = [f"c{number}" for number in range(data.draw(st.integers(1, 8)))]
    written = data.draw(st.permutations(names))
    after = {
        name: data.draw(st.sets(st.sampled_from(names[:place]))) if place else set() for place, name in enumerate(names)
    }
    components = {name: a_component(after=sorted(after[name])) for name in written}
    plan = a_snapshot(components=components).plan

    order = component_order(plan.components)

    assert sorted(order) == sorted(names)
    for place, name in enumerate(order):
        assert after[name] <= set(order[:place])
        ready = [other for other in written if other not in order[:place] and after[other] <= set(order[:place])]
        assert name == ready[0]


def test_declared_work_is_every_waves_timeout_and_bake_and_the_longest_soak() -> None:
    snapshot = a_snapshot(
        components={"web": a_component(nodes=["group:web"], waves=[1], timeout="10m", bake="1m")},
        success={"fast": {"http": "http://{node}/", "for": "30s"}, "slow": {"http": "http://{node}/", "for": "5m"}},
    )

    assert spell_duration(declared_work(snapshot)) == "27m"


@pytest.mark.parametrize(
    ("count", "stated", "tolerated", "sentence"),
    [
        (
            4,
            (1, "50%", "100%"),
            0,
            "4 nodes in 3 waves of 1, 1, 2; the first failure stops it, with at most 2 failed and 4 of 4 touched",
        ),
        (
            10,
            (1, "50%"),
            0,
            "10 nodes in 3 waves of 1, 4, 5; the first failure stops it, with at most 5 failed and 10 of 10 touched",
        ),
        (10, (5, 6), 2, "10 nodes in 3 waves of 5, 1, 4; at most 6 may fail before it stops, with 10 of 10 touched"),
        (1, ("100%",), 0, "1 node in one wave; the first failure stops it, with at most 1 failed and 1 of 1 touched"),
    ],
)
def test_the_worst_case_counts_a_whole_wave(count: int, stated: Shares, tolerated: int, sentence: str) -> None:
    snapshot = a_fleet_snapshot(count, waves=list(stated), max_failures=tolerated)

    assert worst_case(snapshot)[0] == f"web: {sentence}"


@given(st.lists(st.integers(1, 6), min_size=1, max_size=6), st.integers(0, 8), st.data())
def test_no_run_is_worse_than_the_worst_case(parts: list[int], tolerated: int, data: st.DataObject) -> None:
    """A run goes on to the next wave while no more than `max_failures` nodes have failed."""
    count = sum(parts)
    snapshot = a_fleet_snapshot(count, waves=list(accumulate(parts)), max_failures=tolerated)
    failed = 0
    for size in parts:
        failed += data.draw(st.integers(0, size))
        if failed > tolerated:
            break
    stated = int(worst_case(snapshot)[0].partition("at most ")[2].partition(" ")[0])

    assert failed <= stated


def test_the_worst_case_names_what_cannot_be_undone() -> None:
    component = {"nodes": ["db-1"], "deploy": "./up.sh", "irreversible": "the old format is gone"}

    assert "db cannot be undone: the old format is gone" in worst_case(a_snapshot(components={"db": component}))


@pytest.mark.parametrize(("shadow", "told"), [(False, True), (True, False)])
def test_the_worst_case_says_that_a_metric_without_an_answer_waits_for_people(shadow: bool, told: bool) -> None:
    load = {"metric": "load", "expect": {"max": 1}, "shadow": shadow}
    sentence = "when load gives no answer, it holds without a deadline until it is said how it goes on, by mia"
    assert (sentence in worst_case(a_snapshot(success={"load": load}))) is told
