"""`deployplan windows` and `deployplan calendar` as their users meet them."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import icalendar
import pytest
import recurring_ical_events
from typer.testing import Result

from builders import INFRASTRUCTURE_TEXT, an_include, write_plan
from deployplan.evidence.record import Records
from deployplan.plan.include import Include
from deployplan.plan.load.loading import load
from deployplan.runbook.timing.past_runs import remember
from deployplan.testing import FrozenClock

Run = Callable[..., Result]
NIGHTS = "windows: [{name: saturdays, rule: FREQ=WEEKLY;BYDAY=SA, first: 2026-01-03 22:00, duration: 4h}]\n"
FREEZES = "freezes: [{name: year end, from: 2026-12-20 00:00, to: 2027-01-04 06:00}]\n"
OWN = "schedule: {window: {opens: 2026-11-28 23:00, closes: 2026-11-29 01:00}}\n"
NOVEMBER = ("--from", "2026-11-22", "--to", "2026-12-25", "--at", "2026-11-22")


@pytest.fixture
def include(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Include:
    """Two plans for web-1, one with a night of its own and one with the next window of the environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DEPLOYPLAN_INCLUDE", raising=False)
    monkeypatch.setenv("DEPLOYPLAN_RECORDS", str(tmp_path / "records"))
    made = an_include(tmp_path / "include", own=OWN, next="schedule: {window: next}\n")
    (made.infrastructure / "production.yaml").write_text(INFRASTRUCTURE_TEXT + NIGHTS + FREEZES)
    return made


def test_windows_prints_the_next_openings_with_their_zone(include: Include, deployplan: Run) -> None:
    result = deployplan("windows", "next", "--next", "2", "--at", "2026-12-12 12:00")

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "opens                 closes                last safe start       window",
        "2026-12-12 22:00 CET  2026-12-13 02:00 CET  2026-12-13 01:20 CET  saturdays",
        "2026-12-19 22:00 CET  2026-12-20 00:00 CET  2026-12-19 23:20 CET  saturdays",
    ]


def test_windows_for_programs_is_a_list(include: Include, deployplan: Run) -> None:
    (first,) = json.loads(deployplan("windows", "own", "--json", "--at", "2026-11-22").stdout)

    assert first == {
        "opens": "2026-11-28T23:00:00+01:00",
        "closes": "2026-11-29T01:00:00+01:00",
        "last_safe_start": "2026-11-29T00:20:00+01:00",
        "window": "release window",
        "timezone": "Europe/Paris",
    }


def test_windows_of_a_plan_that_has_none_left_says_why_and_exits_with_1(include: Include, deployplan: Run) -> None:
    result = deployplan("windows", "own", "--at", "2026-11-29")
    missed = deployplan("windows", "own", "--at", "2026-11-30", "--json")

    assert result.exit_code == 0
    assert (missed.exit_code, json.loads(missed.stdout)) == (1, [])
    assert "closed 2026-11-29 01:00 CET and does not open again" in missed.stderr


def test_windows_of_a_bad_plan_tells_its_problems(include: Include, deployplan: Run) -> None:
    write_plan(include, "bad", "skope: {}\n")

    result = deployplan("windows", "bad")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "unknown key 'skope'" in result.stderr


def test_calendar_prints_windows_freezes_plans_conflicts_and_free_slots_in_order(
    include: Include, deployplan: Run
) -> None:
    result = deployplan("calendar", *NOVEMBER)

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "production, times in Europe/Paris",
        "  2026-11-21 22:00 CET  2026-11-22 02:00 CET  window  saturdays",
        "  2026-11-22 00:00 CET  2026-11-22 02:00 CET  plan    next on web-1",
        "  2026-11-28 22:00 CET  2026-11-29 02:00 CET  window  saturdays",
        "  2026-11-28 22:00 CET  2026-11-28 23:00 CET  free",
        "  2026-11-28 23:00 CET  2026-11-29 01:00 CET  plan    own on web-1",
        "  2026-11-29 01:00 CET  2026-11-29 02:00 CET  free",
        "  2026-12-05 22:00 CET  2026-12-06 02:00 CET  window  saturdays",
        "  2026-12-05 22:00 CET  2026-12-06 02:00 CET  free",
        "  2026-12-12 22:00 CET  2026-12-13 02:00 CET  window  saturdays",
        "  2026-12-12 22:00 CET  2026-12-13 02:00 CET  free",
        "  2026-12-19 22:00 CET  2026-12-20 02:00 CET  window  saturdays",
        "  2026-12-19 22:00 CET  2026-12-20 00:00 CET  free",
        "  2026-12-20 00:00 CET  2027-01-04 06:00 CET  freeze  year end",
    ]


def test_calendar_names_the_first_of_many_that_are_in_the_way(include: Include, deployplan: Run) -> None:
    for number in range(5):
        write_plan(include, f"p{number}", OWN)

    result = deployplan("calendar", "--from", "2026-11-22 12:00", "--to", "2026-12-01", "--at", "2026-11-22 12:00")

    assert "next on web-1; conflict with own (web-1), p0 (web-1), p1 (web-1), 3 more" in result.stdout


def test_calendar_for_programs_tells_every_conflict(include: Include, deployplan: Run) -> None:
    (found,) = json.loads(
        deployplan("calendar", "--from", "2026-11-23", "--to", "2026-12-01", "--at", "2026-11-22", "--json").stdout
    )

    assert (found["environment"], found["timezone"]) == ("production", "Europe/Paris")
    assert (found["from"], found["to"]) == ("2026-11-23T00:00:00+01:00", "2026-12-01T00:00:00+01:00")
    assert found["plans"][1] == {
        "start": "2026-11-28T23:00:00+01:00",
        "end": "2026-11-29T01:00:00+01:00",
        "plan": "own",
        "state": "scheduled",
        "owner": "erin",
        "run": None,
        "outcome": None,
        "last_safe_start": "2026-11-29T00:20:00+01:00",
        "nodes": ["web-1"],
        "conflicts": [{"plan": "next", "nodes": ["web-1"]}],
    }
    assert found["free"] == []


def test_calendar_for_an_office_calendar_can_be_read_back(include: Include, deployplan: Run) -> None:
    result = deployplan("calendar", *NOVEMBER, "--ics")
    file = icalendar.Calendar.from_ical(result.stdout_bytes)
    events = {str(event["SUMMARY"]): event for event in file.walk("VEVENT")}

    plan, freeze, window = (
        events[f"{name} (production)"] for name in ("plan own", "freeze year end", "window saturdays")
    )
    assert (plan.start, plan.end) == (datetime(2026, 11, 28, 22, tzinfo=UTC), datetime(2026, 11, 29, tzinfo=UTC))
    assert "nodes: web-1" in plan["DESCRIPTION"]
    assert (plan["TRANSP"], window["TRANSP"]) == ("OPAQUE", "TRANSPARENT")
    assert freeze.end == datetime(2027, 1, 4, 5, tzinfo=UTC)
    assert b"\r\nEND:VCALENDAR\r\n" in result.stdout_bytes
    assert {str(key) for key in file} == {"PRODID", "VERSION", "METHOD"}


def test_the_office_file_is_folded_stamped_and_ends_every_event_after_it_starts(
    include: Include, deployplan: Run
) -> None:
    name = "Nächte; " * 30
    window = f'{{name: "{name}", rule: FREQ=DAILY, first: 2026-11-22 22:00, duration: 2h}}'
    (include.infrastructure / "production.yaml").write_text(f"{INFRASTRUCTURE_TEXT}windows: [{window}]\n")
    released(include, Records(include.root.parent / "records"), "success")
    file = deployplan("calendar", *NOVEMBER, "--ics").stdout_bytes

    assert b"\n" not in file.replace(b"\r\n", b"")
    assert max(map(len, file.split(b"\r\n"))) <= 75
    events = icalendar.Calendar.from_ical(file).walk("VEVENT")
    assert all(event.start < event.end for event in events)
    assert all(event["DTSTAMP"].to_ical().endswith(b"Z") for event in events)
    assert len({str(event["UID"]) for event in events}) == len(events)
    asked = recurring_ical_events.of(icalendar.Calendar.from_ical(file)).between((2026, 11, 1), (2026, 12, 31))
    assert len(asked) == len(events)


def test_events_keep_their_identity_and_a_plan_that_moves_too(include: Include, deployplan: Run) -> None:
    def identities() -> dict[str, str]:
        file = icalendar.Calendar.from_ical(deployplan("calendar", *NOVEMBER, "--ics").stdout_bytes)
        return {f"{event['SUMMARY']} {event.start}": str(event["UID"]) for event in file.walk("VEVENT")}

    before = identities()
    write_plan(include, "own", OWN.replace("23:00", "22:00"))
    after = identities()

    assert len(set(before.values())) == len(before)
    moved = [{uid for told, uid in each.items() if told.startswith("plan own")} for each in (before, after)]
    assert moved[0] == moved[1]
    assert {told: uid for told, uid in before.items() if "own" not in told}.items() <= after.items()


def released(include: Include, records: Records, outcome: str) -> None:
    """The plan `own` has had a run, on 2026-11-29 at 00:12 in Paris."""
    snapshot, clock = load(include.plan_path("own"), include), FrozenClock(datetime(2026, 11, 28, 23, 12, tzinfo=UTC))
    ledger = records.run("own", "run-1").ledger(clock=clock)
    ledger.record("plan_frozen", plan="own", run="run-1", digest=snapshot.digest)
    ledger.record("outcome", outcome=outcome, because="")
    remember(records, snapshot, "run-1", ledger)
    records.save_snapshot("own", snapshot.digest, snapshot.to_json())


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        ("success", "own on web-1; released 2026-11-29 00:12 CET"),
        ("success_with_issues", "own on web-1; released with issues 2026-11-29 00:12 CET"),
        ("backed_out", "own on web-1; backed_out 2026-11-29 00:12 CET, owner erin"),
        ("window_missed", "own on web-1; missed 2026-11-29 00:12 CET, owner erin"),
    ],
)
def test_a_plan_whose_run_is_over_is_shown_by_what_became_of_it(
    include: Include, deployplan: Run, tmp_path: Path, outcome: str, told: str
) -> None:
    released(include, Records(tmp_path / "records"), outcome)
    afterwards = ("--from", "2026-11-22", "--to", "2026-12-25", "--at", "2026-12-01")

    lines, file = deployplan("calendar", *afterwards).stdout, deployplan("calendar", *afterwards, "--ics").stdout_bytes
    (found,) = json.loads(deployplan("calendar", *afterwards, "--json").stdout)

    assert told in lines
    assert "conflict" not in lines
    (plan,) = [each for each in found["plans"] if each["plan"] == "own"]
    assert (plan["run"], plan["outcome"]) == ("run-1", outcome)
    (event,) = [each for each in icalendar.Calendar.from_ical(file).walk("VEVENT") if "plan own" in each["SUMMARY"]]
    assert event["DESCRIPTION"].startswith(told.partition("; ")[2])


def test_a_plan_that_missed_its_window_is_shown_there_with_its_owner(include: Include, deployplan: Run) -> None:
    lines = deployplan("calendar", "--from", "2026-11-22", "--to", "2026-12-25", "--at", "2026-12-01").stdout

    assert "2026-11-28 23:00 CET  2026-11-29 01:00 CET  plan    own on web-1; missed, owner erin" in lines


def test_a_freeze_without_known_end_ends_with_the_file(include: Include, deployplan: Run) -> None:
    (include.infrastructure / "production.yaml").write_text(
        INFRASTRUCTURE_TEXT + "freezes: [{name: flood, from: 2026-12-20 00:00}]\n"
    )

    lines, file = deployplan("calendar", *NOVEMBER).stdout, deployplan("calendar", *NOVEMBER, "--ics").stdout_bytes

    assert "2026-12-20 00:00 CET  no known end          freeze  flood" in lines
    (freeze,) = [event for event in icalendar.Calendar.from_ical(file).walk("VEVENT") if "flood" in event["SUMMARY"]]
    assert freeze.end == datetime(2026, 12, 24, 23, tzinfo=UTC)
    assert freeze["DESCRIPTION"] == "no known end"


def test_calendar_of_one_environment_alone(include: Include, deployplan: Run) -> None:
    (include.infrastructure / "staging.yaml").write_text(INFRASTRUCTURE_TEXT.replace("Europe/Paris", "Asia/Tokyo"))

    both, one = deployplan("calendar"), deployplan("calendar", "--environment", "staging")

    assert "production, times in Europe/Paris" in both.stdout
    assert "staging, times in Asia/Tokyo" in both.stdout
    assert one.stdout == "staging, times in Asia/Tokyo\n  nothing\n"


def test_a_bad_plan_or_environment_is_told_and_hides_no_other(include: Include, deployplan: Run) -> None:
    write_plan(include, "bad", "skope: {}\n")
    (include.infrastructure / "staging.yaml").write_text("nodes: {}\n")

    result = deployplan("calendar", *NOVEMBER)

    assert result.exit_code == 1
    assert "own on web-1" in result.stdout
    assert "unknown key 'skope'" in result.stderr
    assert "staging.yaml:1:" in result.stderr
    assert "staging" not in result.stdout


def test_plans_without_a_place_are_told_below(include: Include, deployplan: Run) -> None:
    write_plan(include, "late", "schedule: {window: {opens: 2026-12-21 22:00, closes: 2026-12-22 02:00}}\n")
    (include.infrastructure / "staging.yaml").write_text(INFRASTRUCTURE_TEXT)
    write_plan(include, "free", "environment: staging\n")

    lines = deployplan("calendar", *NOVEMBER).stdout.splitlines()

    assert "  no opening that fits: late" in lines
    assert "  at any time: free" in lines


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["calendar", "--environment", "nowhere"], "there is no environment 'nowhere'; there are production"),
        (["calendar", "--from", "tomorrow"], "--from 'tomorrow' is not a time"),
        (["calendar", "--from", "2026-12-01", "--to", "2026-12-01"], "--to 2026-12-01 00:00 is not after --from"),
        (["calendar", "--json", "--ics"], "--json and --ics exclude each other"),
        (["windows", "nothing"], "there is no plan 'nothing'"),
        (["windows", "own", "--at", "soon"], "--at 'soon' is not a time"),
        (["windows", "own", "--next", "0"], "greater than or equal to 1"),
    ],
)
def test_wrong_usage_exits_with_2_and_prints_to_stderr_alone(
    include: Include, deployplan: Run, words: list[str], said: str
) -> None:
    result = deployplan(*words)

    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_calendar_says_where_a_plan_fits_beside_the_others_or_that_it_fits_nowhere(
    include: Include, deployplan: Run
) -> None:
    fits = deployplan("calendar", "--fits", "next", "--at", "2026-11-23")
    assert (fits.exit_code, fits.stdout) == (
        0,
        "next fits from 2026-12-05 22:00 CET to 2026-12-06 02:00 CET, last safe start 2026-12-06 01:20 CET; "
        "an earlier opening is taken, by own\n",
    )
    nowhere = deployplan("calendar", "--fits", "own", "--at", "2026-11-23")
    assert (nowhere.exit_code, nowhere.stdout) == (
        1,
        "no slot for own in 90 days: its one opening is taken, by next\n",
    )
    assert deployplan("calendar", "--fits", "nobody").exit_code == 2
