"""Who goes first of the runs that wait: a stated order in which nobody is overtaken for ever."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from deployplan.evidence.waiting import WaitingRun
from deployplan.runbook.calendar.queue import (
    LAST_MINUTE,
    SETTLE,
    SILENT,
    ahead_of,
    describe_queue,
    order,
    settles,
    waits_for_nobody,
)

OPENING = datetime(2026, 11, 28, 21, 0, tzinfo=UTC)
NOW = OPENING + timedelta(seconds=1)
SECOND = timedelta(seconds=1)


def waiting(plan: str, *nodes: str, **changes: Any) -> WaitingRun:
    """A run that waits for the opening on these nodes, web-1 by default, approved an hour ago."""
    facts = {
        "plan": plan,
        "run_id": f"{plan}-run",
        "environment": "production",
        "works_on": nodes or ("web-1",),
        "watches": (),
        "priority": 0,
        "approved_at": OPENING - timedelta(hours=1),
        "came_at": OPENING - timedelta(hours=1),
        "opens_at": OPENING,
        "ready_at": OPENING,
        "heard_at": OPENING - timedelta(hours=1),
    }
    return WaitingRun(**facts | changes)


def first(me: WaitingRun, *others: WaitingRun, now: datetime = NOW) -> list[str]:
    """The plans that `me` lets go first, all of their runs under way."""
    return [run.plan for run, _ in ahead_of(me, others, {run.plan: run.run_id for run in others}, now)]


def test_the_higher_priority_goes_first_then_the_earlier_approval_then_the_name() -> None:
    low, high = waiting("a"), waiting("b", priority=5)
    early, late = waiting("d", approved_at=OPENING - 2 * timedelta(hours=1)), waiting("c")
    assert first(low, high) == ["b"]
    assert first(high, low) == []
    assert first(late, early) == ["d"]
    assert first(waiting("b"), waiting("a")) == ["a"]
    assert first(waiting("z"), late, high, early, low) == ["b", "d", "a", "c"]


def test_runs_that_share_no_node_do_not_wait_for_each_other() -> None:
    assert first(waiting("a", "web-1"), waiting("b", "web-2", priority=5)) == []
    assert first(waiting("a"), waiting("b", environment="staging", priority=5)) == []


def test_a_neighbour_that_is_watched_is_shared_and_two_watchers_share_nothing() -> None:
    watcher = waiting("a", "web-2", watches=("web-1",))
    assert first(watcher, waiting("b", "web-1", priority=5)) == ["b"]
    assert first(watcher, waiting("b", "web-3", watches=("web-1",), priority=5)) == []


def test_a_run_that_has_started_is_waited_for_until_it_is_over_whatever_its_priority() -> None:
    started, me = waiting("b", started=True, priority=-9), waiting("a", priority=9)
    assert first(me, started, now=NOW + timedelta(hours=3)) == ["b"]
    assert ahead_of(me, [started], {}, NOW) == ()
    assert ahead_of(me, [started], {"b": "another run"}, NOW) == ()


def test_a_run_that_waits_for_a_later_opening_holds_nobody_up() -> None:
    assert first(waiting("a"), waiting("b", priority=9, ready_at=OPENING + timedelta(days=7))) == []


def test_a_newcomer_after_the_opening_does_not_overtake_those_who_were_there() -> None:
    newcomer = waiting("n", priority=99, came_at=NOW, ready_at=NOW, heard_at=NOW)
    assert first(waiting("a"), newcomer) == []
    assert first(newcomer, waiting("a")) == ["a"]


def test_those_who_wait_for_one_freeze_start_by_priority_whenever_they_came() -> None:
    after = OPENING + timedelta(minutes=90)
    early, late = waiting("b", ready_at=after), waiting("a", came_at=NOW, ready_at=after, priority=9)
    assert first(early, late, now=after) == ["a"]
    assert first(late, early, now=after) == []
    newcomer = waiting("n", came_at=after + SECOND, ready_at=after + SECOND, heard_at=after + SECOND, priority=99)
    assert first(newcomer, early, late, now=after + SECOND) == ["a", "b"]


def test_those_who_wait_for_one_freeze_start_by_priority_when_it_is_lifted_out_of_the_blue() -> None:
    lifted = OPENING + timedelta(minutes=90)
    facts = {"expected": False, "heard_at": lifted}
    early = waiting("b", ready_at=lifted, **facts)
    late = waiting("a", came_at=NOW, ready_at=lifted + SECOND, priority=9, **facts)
    assert first(early, late, now=lifted + SECOND) == ["a"]
    always = {"opens_at": datetime(1970, 1, 1, tzinfo=UTC)}  # plans without a window
    early, late = (
        waiting("b", ready_at=lifted, **facts | always),
        waiting("a", ready_at=lifted, priority=9, **facts | always),
    )
    assert first(early, late, now=lifted) == ["a"]


def test_one_that_becomes_ready_out_of_the_blue_lets_those_on_its_nodes_find_out_whether_they_are_too() -> None:
    lifted = NOW + timedelta(hours=1)
    me, other = waiting("a", ready_at=lifted, expected=False), waiting("b", ready_at=OPENING + timedelta(days=9))
    active = {"b": other.run_id}
    assert settles(me, [other], active, lifted)
    assert not settles(me, [other], active, lifted + SETTLE)
    assert not settles(me, [waiting("b", "web-2")], active, lifted)
    assert not settles(me, [other], {}, lifted)
    assert not settles(waiting("a"), [other], active, OPENING)


def test_a_run_that_is_heard_of_no_more_holds_nobody_up() -> None:
    silent = waiting("b", priority=9)
    assert first(waiting("a"), silent, now=OPENING + SILENT - SECOND) == ["b"]
    assert first(waiting("a"), silent, now=OPENING + SILENT) == []
    heard = waiting("b", priority=9, heard_at=OPENING + SILENT - SECOND)
    assert first(waiting("a"), heard, now=OPENING + SILENT) == ["b"]


def test_nobody_waits_in_the_last_minute_before_its_last_safe_start() -> None:
    assert not waits_for_nobody(NOW, NOW + LAST_MINUTE + SECOND)
    assert waits_for_nobody(NOW, NOW + LAST_MINUTE)
    assert not waits_for_nobody(NOW, None)


def test_the_reason_names_who_goes_first_with_priority_and_nodes() -> None:
    me = waiting("a", "web-1", "web-2")
    others = [waiting("shop-2", "web-1", "web-2", "db-1", priority=5), waiting("shop-3", started=True)]
    ahead = ahead_of(me, others, {run.plan: run.run_id for run in others}, NOW)
    assert describe_queue(ahead) == (
        "waits for shop-3 (priority 0, under way) on web-1; shop-2 (priority 5) on web-1, web-2"
    )


seconds = st.integers(0, 3)
runs = st.lists(
    st.builds(
        lambda number, nodes, priority, approved, ready: waiting(
            f"p{number}",
            *nodes,
            priority=priority,
            approved_at=OPENING - approved * SECOND,
            came_at=OPENING + (ready - 2) * SECOND,
            ready_at=OPENING - SECOND,
        ),
        st.integers(0, 99),
        st.lists(st.sampled_from(["n1", "n2", "n3"]), min_size=1, unique=True),
        st.integers(-1, 1),
        seconds,
        seconds,
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda run: run.plan,
)


@given(runs)
def test_somebody_may_always_start_and_all_get_their_turn_one_at_a_time_on_a_node(found: list[WaitingRun]) -> None:
    left, went = list(found), []
    while left:
        able = [run for run in left if not first(run, *(other for other in left if other is not run), now=NOW)]
        assert able, "nobody may start: they wait for each other in a circle"
        for one in able:
            for other in able:
                assert one is other or not set(one.works_on) & set(other.works_on)
        went += sorted(able, key=order)
        left = [run for run in left if run not in able]
    for node in ("n1", "n2", "n3"):
        there = [run for run in went if node in run.works_on]
        assert there == sorted(there, key=order)
