"""Windows and freezes as authors write them: once, again and again, by holidays, from a calendar."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import INFRASTRUCTURE_TEXT, a_component, a_snapshot, an_include
from deployplan.plan.difference import difference
from deployplan.plan.include import Include
from deployplan.plan.load.loading import load, load_all, load_infrastructure
from deployplan.plan.pages.readable import essentials
from deployplan.plan.snapshot import Snapshot, freezes_for
from deployplan.plan.text.problem import PlanRejected
from deployplan.window import Freeze, WindowError

NIGHTS = "windows: [{name: nights, rule: FREQ=WEEKLY;BYDAY=SA, first: 2026-01-03 22:00, duration: 4h}]\n"
SATURDAY = "{rule: FREQ=WEEKLY;BYDAY=SA, first: 2026-01-03 22:00, duration: 4h}"
CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//operations//EN
BEGIN:VEVENT
UID:1
DTSTART;VALUE=DATE:20261224
DTEND;VALUE=DATE:20261227
SUMMARY:christmas
END:VEVENT
END:VCALENDAR
"""
START, END = datetime(2026, 11, 1, tzinfo=UTC), datetime(2027, 1, 31, tzinfo=UTC)


def loaded(include: Include, name: str = "shop-2") -> Snapshot:
    return load(include.plan_path(name), include)


def with_infrastructure(folder: Path, text: str, **plans: str) -> Include:
    include = an_include(folder, **(plans or {"shop_2": ""}))
    (include.infrastructure / "production.yaml").write_text(INFRASTRUCTURE_TEXT + text)
    return include


def freezes_of(include: Include) -> tuple[Freeze, ...]:
    return freezes_for(load_infrastructure("production", include), loaded(include))


def starts(freeze: Freeze) -> list[str]:
    return [f"{period.start:%Y-%m-%d %H:%M}" for period in freeze.occurrences(START, END)]


def test_a_window_may_come_back_by_a_rule_on_the_clock_of_its_environment(tmp_path: Path) -> None:
    include = an_include(tmp_path, shop_2=f"schedule: {{window: {SATURDAY}}}\n")

    (window,) = loaded(include).plan.schedule.windows()

    winter, summer = (
        next(window.occurrences(datetime(2026, month, 1, tzinfo=UTC), END)).start.hour for month in (1, 7)
    )
    assert (winter, summer) == (21, 20)


def test_several_windows_of_different_kinds_are_any_of_them(tmp_path: Path) -> None:
    once = "{name: once, opens: 2026-11-25 22:00, closes: 2026-11-26 02:00}"
    include = an_include(tmp_path, shop_2=f"schedule: {{windows: [{once}, {SATURDAY}]}}\n")

    assert [window.name for window in loaded(include).plan.schedule.windows()] == ["once", "release window"]


def test_next_stands_for_the_windows_of_the_environment(tmp_path: Path) -> None:
    include = with_infrastructure(tmp_path, NIGHTS, shop_2="schedule: {window: next}\n")
    snapshot = loaded(include)

    assert [window.name for window in snapshot.plan.schedule.windows()] == ["nights"]
    assert snapshot.plan.schedule.follows_environment
    assert "next of production: FREQ=WEEKLY;BYDAY=SA from 2026-01-03 22:00 on, 4h each" in essentials(snapshot)


def test_a_changed_window_of_the_environment_voids_what_was_approved_with_next(tmp_path: Path) -> None:
    include = with_infrastructure(tmp_path, NIGHTS, shop_2="schedule: {window: next}\n")
    before = loaded(include)
    (include.infrastructure / "production.yaml").write_text(INFRASTRUCTURE_TEXT + NIGHTS.replace("4h", "8h"))
    after = loaded(include)

    assert after.digest != before.digest
    assert [line.partition(":")[0] for line in difference(before, after)] == ["schedule.windows"]


def test_without_a_word_a_plan_has_the_same_windows_as_with_next(tmp_path: Path) -> None:
    include = with_infrastructure(tmp_path, NIGHTS, shop_2="", empty="schedule: {window: null}\n")

    for name in ("shop-2", "empty"):
        assert [window.name for window in loaded(include, name).plan.schedule.windows()] == ["nights"]


@pytest.mark.parametrize(
    ("procedure", "plan", "names"),
    [
        ("window: {name: theirs, opens: 2026-11-28 22:00, closes: 2026-11-29 02:00}", "window: next", ["nights"]),
        ("window: next", "window: {name: own, opens: 2026-11-28 22:00, closes: 2026-11-29 02:00}", ["own"]),
        ("window: next", "windows: [{name: own, opens: 2026-11-28 22:00, closes: 2026-11-29 02:00}]", ["own"]),
        ("windows: [{name: theirs, opens: 2026-11-28 22:00, closes: 2026-11-29 02:00}]", "window: next", ["nights"]),
        (
            "window: {name: theirs, opens: 2026-11-28 22:00, closes: 2026-11-29 02:00}",
            "window: {name: own, rule: FREQ=DAILY, first: 2026-01-03 22:00, duration: 4h}",
            ["own"],
        ),
        ("window: {name: theirs, timezone: Asia/Tokyo}", "window: " + SATURDAY, ["theirs"]),
    ],
)
def test_a_plan_has_no_window_of_its_procedure_beside_its_own(
    tmp_path: Path, procedure: str, plan: str, names: list[str]
) -> None:
    include = with_infrastructure(tmp_path, NIGHTS, shop_2=f"schedule: {{{plan}}}\n")
    with (include.procedures / "shop.yaml").open("a") as text:
        text.write(f"schedule: {{{procedure}}}\n")

    assert [window.name for window in loaded(include).plan.schedule.windows()] == names


def test_a_freeze_comes_back_by_a_rule(tmp_path: Path) -> None:
    text = "freezes: [{name: month end, rule: FREQ=MONTHLY;BYMONTHDAY=-1, first: 2026-01-31 18:00, duration: 1d}]\n"

    (freeze,) = freezes_of(with_infrastructure(tmp_path, text))

    assert starts(freeze) == ["2026-10-31 17:00", "2026-11-30 17:00", "2026-12-31 17:00"]


def test_a_freeze_is_the_public_holidays_of_a_country_or_a_part_of_it(tmp_path: Path) -> None:
    text = "freezes: [{name: fr, holidays: FR}, {name: alsace, holidays: FR, subdivision: 57}]\n"

    country, part = freezes_of(with_infrastructure(tmp_path, text))

    assert starts(country) == ["2026-10-31 23:00", "2026-11-10 23:00", "2026-12-24 23:00", "2026-12-31 23:00"]
    assert set(starts(part)) - set(starts(country)) == {"2026-12-25 23:00"}


def test_a_freeze_is_what_a_calendar_beside_the_environment_says(tmp_path: Path) -> None:
    include = with_infrastructure(tmp_path, "freezes: [{name: changes, calendar: teams/changes.ics}]\n")
    file = include.infrastructure / "teams" / "changes.ics"
    file.parent.mkdir()
    file.write_text(CALENDAR)

    (freeze,) = freezes_of(include)

    assert starts(freeze) == ["2026-12-23 23:00"]
    assert freeze.title_at(datetime(2026, 12, 25, tzinfo=UTC)) == "'changes' (christmas)"


def test_a_calendar_is_read_anew_each_time_and_is_no_part_of_the_record(tmp_path: Path) -> None:
    include = with_infrastructure(tmp_path, "freezes: [{name: changes, calendar: changes.ics}]\n")
    file = include.infrastructure / "changes.ics"
    file.write_text(CALENDAR)
    snapshot = loaded(include)
    file.write_text(CALENDAR.replace("20261224", "20261220"))

    (freeze,) = freezes_for(load_infrastructure("production", include), snapshot)

    assert starts(freeze) == ["2026-12-19 23:00"]
    assert "christmas" not in snapshot.to_json()
    recorded = Snapshot.from_json(snapshot.to_json())
    with pytest.raises(WindowError, match="load the environment"):
        freezes_for(recorded.infrastructure, recorded)


@pytest.mark.parametrize("content", [None, b"nonsense", b"\xff\xfe", b"x" * 2_000_000])
def test_a_calendar_that_cannot_be_read_is_a_problem_with_a_place_and_refuses_the_environment(
    tmp_path: Path, content: bytes | None
) -> None:
    include = with_infrastructure(tmp_path, "freezes: [{name: changes, calendar: changes.ics}]\n")
    if content is not None:
        (include.infrastructure / "changes.ics").write_bytes(content)

    with pytest.raises(PlanRejected) as of_plan:
        loaded(include)
    with pytest.raises(PlanRejected) as of_environment:
        load_infrastructure("production", include)

    (problem,) = of_plan.value.problems
    assert (problem.rule, problem.line, problem.column) == ("freeze-source", 5, 37)
    assert "changes.ics" in problem.message
    assert of_environment.value.problems == of_plan.value.problems


@pytest.mark.parametrize(
    ("scope", "held"),
    [
        ("", True),
        ("groups: [web]", True),
        ("nodes: [web-1]", True),
        ("nodes: [web-2]", False),
        ("groups: [web], nodes: [db-1]", True),
        ("nodes: [db-1]", False),
        ("products: [shop], nodes: [web-1]", True),
        ("products: [billing], nodes: [web-1]", False),
    ],
)
def test_a_freeze_of_nodes_holds_plans_with_a_component_there(tmp_path: Path, scope: str, held: bool) -> None:
    """The smallest plan brings the product `shop` to web-1."""
    include = with_infrastructure(tmp_path, f"freezes: [{{name: move, from: 2026-12-20 00:00, {scope}}}]\n")

    assert bool(freezes_of(include)) is held


def test_a_node_that_is_only_asked_about_its_health_is_not_touched(tmp_path: Path) -> None:
    plan = "success: {health: {on: db-1}}\n"
    include = with_infrastructure(
        tmp_path, "freezes: [{name: move, from: 2026-12-20 00:00, nodes: [db-1]}]\n", shop_2=plan
    )

    assert freezes_of(include) == ()


def an_emergency(
    authorities: list[str], quorum: int, second: list[str], *, reason: str = "emergency", **keys: Any
) -> Snapshot:
    release = {"product": "shop", "version": "2", "previous": "1"}
    return a_snapshot(
        scope={"release": release, "summary": "s", "reason": reason},
        approval={"authorities": dict.fromkeys(authorities, "authority"), "quorum": quorum},
        controls={"emergency": {"second_authority": second}},
        infrastructure={"freezes": [{"name": "flood", "from": "2026-12-20 00:00", "timezone": "UTC"}]},
        **keys,
    )


@pytest.mark.parametrize(
    ("snapshot", "passes"),
    [
        (an_emergency(["mia", "amir"], 2, ["mia"]), True),
        (an_emergency(["mia", "amir"], 2, ["mia", "ann"]), True),
        (an_emergency(["mia", "amir"], 2, ["mia"], reason="fix"), False),
        (an_emergency(["mia", "amir"], 2, []), False),
        (an_emergency(["mia", "amir"], 1, ["mia"]), False),
        (an_emergency(["mia"], 1, ["mia"]), False),
        (an_emergency(["mia", "amir", "ann"], 2, ["mia"]), False),
        (an_emergency(["mia", "amir", "ann"], 3, ["mia"]), True),
        (an_emergency(["mia", "amir", "erin"], 2, ["mia"]), True),
        (an_emergency(["erin", "amir", "ann"], 2, ["erin"]), False),
        (an_emergency(["amir", "ann"], 2, ["mia"]), False),
    ],
)
def test_an_emergency_passes_freezes_when_it_cannot_be_approved_without_a_second_authority(
    snapshot: Snapshot, passes: bool
) -> None:
    """erin is the author, and never approves."""
    assert snapshot.passes_freezes is passes
    assert (freezes_for(snapshot.infrastructure, snapshot) == ()) is passes
    assert ("| freezes | do not hold it" in essentials(snapshot)) is passes


PEOPLE = ["amir", "ann", "erin", "mia", "omar"]


@given(
    st.lists(st.sampled_from(PEOPLE), min_size=1, unique=True),
    st.integers(1, 5),
    st.lists(st.sampled_from(PEOPLE), unique=True),
)
def test_no_quorum_without_a_second_authority_ever_passes_a_freeze(
    authorities: list[str], quorum: int, second: list[str]
) -> None:
    snapshot = an_emergency(authorities, quorum, second)
    others = [user for user in snapshot.plan.may_approve() if user not in second]

    if snapshot.passes_freezes:
        assert quorum >= 2
        assert len(others) < quorum
        assert snapshot.second_authorities


def test_who_passes_freezes_is_part_of_what_is_approved() -> None:
    assert an_emergency(["mia", "amir"], 2, ["mia"]).digest != an_emergency(["mia", "amir"], 2, []).digest


def test_nodes_are_those_of_the_approved_plan_though_the_group_has_changed_since(tmp_path: Path) -> None:
    freeze = "freezes: [{name: move, from: 2026-12-20 00:00, nodes: [web-2]}]\n"
    include = with_infrastructure(tmp_path, freeze, shop_2="components: {web: {nodes: [group:web]}}\n")
    snapshot = loaded(include)
    path = include.infrastructure / "production.yaml"
    path.write_text(path.read_text().replace("{web: [web-1, web-2]}", "{web: [web-1]}"))

    assert freezes_for(load_infrastructure("production", include), snapshot)


def test_the_time_zone_of_a_release_is_that_of_its_window() -> None:
    window = {"rule": "FREQ=DAILY", "first": "2026-01-03 22:00", "duration": "4h", "timezone": "Asia/Tokyo"}

    assert a_snapshot(schedule={"window": window}).timezone == "Asia/Tokyo"
    assert a_snapshot(components={"web": a_component()}).timezone == "Europe/Paris"


PAGE = (Path(__file__).parents[3] / "docs/concepts/windows.md").read_text(encoding="utf-8")
BLOCKS = [block.partition("```")[0] for block in PAGE.split("```yaml\n")[1:]]


def test_what_the_page_about_windows_shows_can_be_written_so(tmp_path: Path) -> None:
    plans, infrastructure, controls, *others = BLOCKS
    schedules = [*plans.split("---\n"), *others]
    include = an_include(tmp_path, **{f"p{number}": text for number, text in enumerate(schedules)})
    base = INFRASTRUCTURE_TEXT.replace("timezone: Europe/Paris\n", "")
    (include.infrastructure / "production.yaml").write_text(base + infrastructure)
    (include.infrastructure / "change-freeze.ics").write_text(CALENDAR)
    (include.controls / "production.yaml").write_text(controls)

    found = {
        name: [window.name for window in loaded(include, name).plan.schedule.windows()] for name in ("p0", "p1", "p2")
    }

    environment = ["third saturday", "nights", "patch sunday"]
    assert found == {"p0": ["release window"], "p1": ["tuesdays", "after the sale"], "p2": environment}
    assert [loaded(include, f"p{number}").plan.name for number in range(3, len(schedules))]
    assert len(load_infrastructure("production", include).freezes) == 6


@pytest.mark.parametrize("rule", ["FREQ=SECONDLY", "FREQ=MINUTELY", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"])
def test_a_calendar_that_cannot_be_used_holds_its_own_environment_only(tmp_path: Path, rule: str) -> None:
    include = an_include(tmp_path, shop_2="", other_2="environment: other\n")
    freezes = "freezes: [{name: changes, calendar: changes.ics}]\n"
    (include.infrastructure / "other.yaml").write_text(INFRASTRUCTURE_TEXT + freezes)
    (include.infrastructure / "changes.ics").write_text(CALENDAR.replace("SUMMARY", f"RRULE:{rule}\nSUMMARY"))

    result = load_all(include)

    assert list(result.snapshots) == ["shop-2"]
    (problem,) = result.problems
    assert (problem.rule, Path(problem.path).name) == ("freeze-source", "other.yaml")
    assert "changes.ics: line " in problem.message


def test_a_calendar_of_eight_megabytes_is_read_and_a_larger_one_told(tmp_path: Path) -> None:
    include = with_infrastructure(tmp_path, "freezes: [{name: changes, calendar: changes.ics}]\n")
    file = include.infrastructure / "changes.ics"
    file.write_text(CALENDAR.replace("christmas", "x" * 7_000_000))
    assert starts(*freezes_of(include)) == ["2026-12-23 23:00"]

    file.write_text(CALENDAR.replace("christmas", "x" * 9_000_000))
    with pytest.raises(PlanRejected, match=r"changes\.ics is larger than 8 MiB"):
        loaded(include)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("", "duration is missing; state duration: 4h, or until: 06:00"),
        ("until: 06:00, duration: 1h", "until 06:00 and duration 1h both say when it ends"),
        ("until: 25:00", "25:00 is not shown by a clock"),
        ("until: 24:00", "24:00 is not shown by a clock"),
        ("until: 6", "'6' is not a time on a clock"),
        ("duration: 1h, plus: 90m", "plus 1h30m cannot be; it is whole days"),
    ],
)
def test_an_end_by_the_clock_that_cannot_be_is_a_problem_with_its_line(tmp_path: Path, keys: str, said: str) -> None:
    window = f"{{rule: FREQ=DAILY, first: 2026-01-03 22:00{', ' if keys else ''}{keys}}}"
    include = an_include(tmp_path, shop_2=f"schedule: {{window: {window}}}\n")

    with pytest.raises(PlanRejected, match=said) as refused:
        loaded(include)
    assert [problem.line > 1 for problem in refused.value.problems] == [True]
