"""The calendar of an environment: what is when, who is in whose way, what is free."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from builders import a_component, a_plan, a_snapshot, an_infrastructure
from deployplan.plan.model.infrastructure import Infrastructure
from deployplan.plan.snapshot import Snapshot
from deployplan.runbook.calendar.calendar import Calendar, calendar_of
from deployplan.window.interval import FOREVER, Interval

SPAN = Interval(datetime(2026, 11, 22, 12, tzinfo=UTC), datetime(2026, 12, 22, tzinfo=UTC))
UTC_ZONE = {"timezone": "UTC"}
SATURDAYS = {
    "name": "saturdays",
    "rule": "FREQ=WEEKLY;BYDAY=SA",
    "first": "2026-01-03 22:00",
    "duration": "4h",
    **UTC_ZONE,
}


def a_night(day: str, opens: str = "22:00", closes: str = "23:30") -> dict[str, Any]:
    return {"window": {"opens": f"{day} {opens}", "closes": f"{day} {closes}", **UTC_ZONE}}


def a_plan_of(name: str, schedule: dict[str, Any], *nodes: str) -> Snapshot:
    plan = a_plan(plan=name, schedule=schedule, components={"web": a_component(nodes=list(nodes))})
    return a_snapshot(plan=plan)


def of(*snapshots: Snapshot, **infrastructure: Any) -> Calendar:
    by_name = {each.plan.name: each for each in snapshots}
    return calendar_of("production", an_infrastructure(**infrastructure), by_name, SPAN, at=SPAN.start)


def test_a_plan_stands_in_its_own_window_or_in_the_first_of_its_environment_that_takes_it() -> None:
    follower = a_plan_of("b", {"windows": [SATURDAYS]}, "web-2")
    calendar = of(a_plan_of("a", a_night("2026-12-01"), "web-1"), follower, windows=[SATURDAYS])

    assert [(each.name, f"{each.at.start:%m-%d %H}", each.rivals) for each in calendar.plans] == [
        ("b", "11-28 22", ()),
        ("a", "12-01 22", ()),
    ]


def test_two_plans_on_one_node_in_overlapping_openings_conflict() -> None:
    calendar = of(
        a_plan_of("a", a_night("2026-12-01"), "web-1", "db-1"),
        a_plan_of("b", a_night("2026-12-01", "23:00", "23:59"), "db-1"),
        a_plan_of("c", a_night("2026-12-01", "23:00", "23:59"), "web-2"),
        a_plan_of("d", a_night("2026-12-02"), "web-1"),
    )

    assert [(each.name, each.rivals) for each in calendar.plans] == [("a", (1,)), ("b", (0,)), ("c", ()), ("d", ())]
    assert calendar.plans[0].claim.shares_with(calendar.plans[1].claim) == ("db-1",)


def test_a_freeze_moves_a_plan_to_its_next_opening_and_a_plan_without_one_is_homeless() -> None:
    freezes = [{"name": "audit", "from": "2026-11-27 00:00", "to": "2026-12-02 00:00", **UTC_ZONE}]
    calendar = of(
        a_plan_of("a", {"window": SATURDAYS}, "web-1"), a_plan_of("b", a_night("2026-12-01"), "web-1"), freezes=freezes
    )

    assert [(each.name, f"{each.at.start:%m-%d}") for each in calendar.plans] == [("a", "12-05")]
    assert calendar.without_opening == ("b",)


def test_a_freeze_of_some_nodes_moves_the_plans_that_touch_them_alone() -> None:
    freezes = [{"name": "move", "from": "2026-11-27 00:00", "to": "2026-12-02 00:00", "nodes": ["db-1"], **UTC_ZONE}]
    calendar = of(
        a_plan_of("a", {"window": SATURDAYS}, "web-1"), a_plan_of("b", {"window": SATURDAYS}, "db-1"), freezes=freezes
    )

    assert [(each.name, f"{each.at.start:%m-%d}") for each in calendar.plans] == [("a", "11-28"), ("b", "12-05")]


def test_a_plan_without_windows_may_come_at_any_time_and_one_of_another_month_is_not_told() -> None:
    calendar = of(a_plan_of("a", {}, "web-1"), a_plan_of("b", a_night("2027-03-01"), "web-1"))

    assert (calendar.plans, calendar.any_time, calendar.without_opening) == ((), ("a",), ())


def test_a_freeze_without_known_end_is_told_as_such() -> None:
    (freeze,) = of(freezes=[{"name": "flood", "from": "2026-12-01 00:00", **UTC_ZONE}]).freezes

    assert (freeze.name, freeze.at.end) == ("flood", FOREVER)


def test_holidays_have_their_names() -> None:
    (freeze,) = of(freezes=[{"name": "fr", "holidays": "US", **UTC_ZONE}]).freezes

    assert freeze.name == "fr: Thanksgiving Day"


def test_what_is_free_is_the_environments_windows_without_freezes_and_plans() -> None:
    freezes = [
        {"name": "backup", "from": "2026-12-05 23:00", "to": "2026-12-06 00:00", **UTC_ZONE},
        {"name": "bills", "from": "2026-12-12 00:00", "to": "2026-12-14 00:00", "products": ["billing"], **UTC_ZONE},
    ]
    calendar = of(a_plan_of("a", {"window": SATURDAYS}, "web-1"), windows=[SATURDAYS], freezes=freezes)

    assert [f"{slot.start:%m-%d %H}-{slot.end:%H}" for slot in calendar.free] == [
        "12-05 22-23",
        "12-06 00-02",
        "12-12 22-02",
        "12-19 22-02",
    ]


def test_without_windows_of_the_environment_nothing_is_called_free() -> None:
    assert of().free == ()


nights = st.builds(
    lambda day, hour, length: {
        "window": {
            "opens": f"2026-12-{day:02} {hour:02}:00",
            "closes": f"2026-12-{day:02} {hour + length:02}:00",
            **UTC_ZONE,
        }
    },
    st.integers(1, 6),
    st.integers(0, 19),
    st.integers(1, 4),
)


@settings(max_examples=50, deadline=None)
@given(st.lists(nights, max_size=6), st.lists(nights, max_size=3))
def test_free_time_meets_no_plan_and_no_freeze_and_with_them_makes_up_the_windows(
    plans: list[dict[str, Any]], freezes: list[dict[str, Any]]
) -> None:
    whole = {"name": "all", "opens": "2026-12-01 00:00", "closes": "2026-12-07 00:00", **UTC_ZONE}
    frozen = [
        {"name": "f", "from": each["window"]["opens"], "to": each["window"]["closes"], **UTC_ZONE} for each in freezes
    ]
    calendar = of(
        *(a_plan_of(f"p{number}", each, "web-1") for number, each in enumerate(plans)), windows=[whole], freezes=frozen
    )
    taken = [each.at for each in calendar.plans] + [each.at for each in calendar.freezes]

    minute = datetime(2026, 12, 1, tzinfo=UTC)
    while minute < datetime(2026, 12, 7, tzinfo=UTC):
        is_free = any(minute in slot for slot in calendar.free)
        assert is_free is not any(minute in each for each in taken)
        minute += timedelta(minutes=30)


def test_an_environment_without_plans_has_a_calendar() -> None:
    today: Infrastructure = an_infrastructure(windows=[SATURDAYS])

    calendar = calendar_of("production", today, {}, SPAN, at=SPAN.start)

    assert [each.name for each in calendar.windows] == ["saturdays"] * 4
    assert calendar.timezone == "Europe/Paris"
