"""include/people.yaml: who is who, what others call them, who is on call; and everything that can be wrong with it."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from builders import an_include
from deployplan.lint.known import Known
from deployplan.lint.rules import ROSTER_RULES
from deployplan.plan.include import Include
from deployplan.plan.load.roster_file import load_roster, read_roster
from deployplan.plan.model.roster import Roster
from deployplan.plan.text.problem import PlanRejected
from deployplan.window.error import WindowError

TWO = """people:
  mia:
    ids: ["3"]
    mail: mia@shop.example
    roles: [deployment manager]
    addresses: [mia@old.example]
    handles: {slack: U02ABC}
    phone: "+33 1 23 45"
  amir:
"""
WEEKS = """BEGIN:VCALENDAR
BEGIN:VEVENT
DTSTART;TZID=Europe/Paris:20260105T080000
DURATION:P7D
RRULE:FREQ=WEEKLY;INTERVAL=2
SUMMARY:mia
END:VEVENT
BEGIN:VEVENT
DTSTART;VALUE=DATE:20260112
DURATION:P7D
RRULE:FREQ=WEEKLY;INTERVAL=2
SUMMARY: amir
END:VEVENT
BEGIN:VEVENT
DTSTART;VALUE=DATE:20260114
DURATION:P1D
SUMMARY:Zoe, as a guest
END:VEVENT
END:VCALENDAR
"""


def written(folder: Path, text: str, **calendars: str) -> Include:
    include = an_include(folder)
    (folder / "people.yaml").write_text(text)
    for name, calendar in calendars.items():
        (folder / f"{name}.ics").write_text(calendar)
    return include


def roster_in(folder: Path, text: str, **calendars: str) -> Roster:
    found = load_roster(written(folder, text, **calendars))
    assert found is not None
    return found


def wrong(folder: Path, text: str) -> list[tuple[int, str, str]]:
    with pytest.raises(PlanRejected) as rejected:
        load_roster(written(folder, text))
    return [(problem.line, problem.rule, problem.message) for problem in rejected.value.problems]


def test_without_a_file_nobody_says_who_is_who(tmp_path: Path) -> None:
    assert load_roster(an_include(tmp_path)) is None


def test_a_person_is_found_by_name_by_id_by_login_and_by_address(tmp_path: Path) -> None:
    roster = roster_in(tmp_path, TWO)
    mia, amir = roster.people["mia"], roster.people["amir"]

    assert (roster.by_id("3"), roster.by_login("mia"), roster.by_id("mia")) == (mia, mia, None)
    assert (roster.by_id("amir"), roster.by_login("amir"), roster.by_id(None)) == (amir, amir, None)
    assert [roster.by_address(each) for each in ("Mia@Shop.example", "mia@old.example")] == [mia, mia]
    assert roster.by_address("amir@shop.example") is None
    assert (mia.name, mia.handles, mia.phone) == ("mia", {"slack": "U02ABC"}, "+33 1 23 45")
    assert roster.holders("deployment manager") == (mia,)


@pytest.mark.parametrize("name", ["Mia", "MIA", "m\u0456a", "mia ", ""])
def test_nobody_is_found_by_a_name_that_only_looks_like_theirs(tmp_path: Path, name: str) -> None:
    roster = roster_in(tmp_path, TWO)

    assert (roster.person(name), roster.by_login(name), roster.by_id(name)) == (None, None, None)


@pytest.mark.parametrize(
    ("entry", "what"),
    [
        ('zoe: {ids: ["3"]}', "zoe is called '3', and so is mia"),
        ("zoe: {logins: [Mia]}", "zoe is called 'Mia', and so is mia"),
        ("MIA: {}", "MIA is called 'MIA', and so is mia"),
        ("zoe: {ids: [mia]}", "zoe is called 'mia', and so is mia"),
        ("zoe: {ids: [\uff4d\uff49\uff41]}", "zoe is called '\uff4d\uff49\uff41', and so is mia"),
    ],
)
def test_what_one_person_is_called_nobody_else_is(tmp_path: Path, entry: str, what: str) -> None:
    assert wrong(tmp_path, f"{TWO}  {entry}\n") == [(10, "person-twice", what)]


@pytest.mark.parametrize("entry", ["{mail: MIA@old.example}", "{addresses: [mia@shop.example]}"])
def test_one_address_belongs_to_one_person(tmp_path: Path, entry: str) -> None:
    [(line, rule, message)] = wrong(tmp_path, f"{TWO}  zoe: {entry}\n")

    assert (line, rule) == (10, "person-twice")
    assert message.endswith(", and so has mia")


@pytest.mark.parametrize(
    ("entry", "line", "rule"),
    [
        ("zoe: {mail: zoe}", 2, "address"),
        ("zoe: {addresses: ['zoe@a.example, mia@a.example']}", 2, "address"),
        ('m\u0456a: {ids: ["4"]}', 2, "name"),
        ('zoe: {logins: ["z\u03bfe"]}', 2, "name"),
        ('zo\u0065\u0301: {ids: ["4"]}', 2, "name"),
        ('" zoe": {ids: ["4"]}', 2, "name"),
        ("zoe: {id: 4}", 2, "unknown-key"),
        ("zoe: {ids: 4}", 2, "wrong-type"),
        ("zoe: {name: Zoe}", 2, "unknown-key"),
        ('zo\u200be: {ids: ["4"]}', 2, "hidden-character"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, entry: str, line: int, rule: str) -> None:
    found = wrong(tmp_path, f"people:\n  {entry}\n")

    assert (line, rule) in [(each[0], each[1]) for each in found]


def test_a_crowd_is_bounded(tmp_path: Path) -> None:
    crowd = "people:\n" + "".join(f"  p{number}:\n" for number in range(2_001))

    assert [rule for _, rule, _ in wrong(tmp_path, crowd)] == ["out-of-range"]


def test_a_file_that_is_a_link_is_there_and_cannot_be_read(tmp_path: Path) -> None:
    include = an_include(tmp_path / "include")
    (tmp_path / "elsewhere.yaml").write_text(TWO)
    (tmp_path / "include/people.yaml").symlink_to(tmp_path / "elsewhere.yaml")

    with pytest.raises(PlanRejected, match="link"):
        load_roster(include)


def test_an_empty_file_is_no_file_with_nobody_in_it(tmp_path: Path) -> None:
    assert [rule for _, rule, _ in wrong(tmp_path, "")] == ["yaml-syntax"]
    assert [rule for _, rule, _ in wrong(tmp_path, "people: {}\n")] == ["out-of-range"]


ON_CALL = TWO + "timezone: Europe/Paris\non_call: {web: {calendar: web.ics}, pay: {pager: pagerduty_pay}}\n"


def test_a_rota_says_who_is_on_call_at_an_instant(tmp_path: Path) -> None:
    roster = roster_in(tmp_path, ON_CALL, web=WEEKS)

    def at(day: int, hour: int = 12) -> tuple[list[str], tuple[str, ...]]:
        found = roster.on_call_at("web", datetime(2026, 1, day, hour, tzinfo=UTC))
        return [person.name for person in found.people], found.unknown

    assert at(6) == (["mia"], ())
    assert at(12, 2) == (["mia", "amir"], ())  # mia's week ends at eight, and the clock in Paris is at three
    assert at(13) == (["amir"], ())
    assert at(14) == (["amir"], ("Zoe, as a guest",))
    assert at(19, 2) == ([], ())


def test_a_pager_knows_itself_who_is_on_call(tmp_path: Path) -> None:
    found = roster_in(tmp_path, ON_CALL, web=WEEKS).on_call_at("pay", datetime(2026, 1, 6, tzinfo=UTC))

    assert (found.people, found.pager) == ((), "pagerduty_pay")


def test_a_rota_that_cannot_be_read_keeps_nobody_from_being_known(tmp_path: Path) -> None:
    roster = roster_in(tmp_path, ON_CALL)

    assert roster.by_id("3") is not None
    with pytest.raises(WindowError, match=r"there is no file .*web\.ics"):
        roster.on_call_at("web", datetime(2026, 1, 6, tzinfo=UTC))
    with pytest.raises(KeyError):
        roster.on_call_at("shop", datetime(2026, 1, 6, tzinfo=UTC))


def test_the_file_is_read_at_the_present_and_parsed_when_it_has_changed(tmp_path: Path) -> None:
    include = written(tmp_path, ON_CALL, web=WEEKS)
    first = load_roster(include)

    assert load_roster(include) is first
    (tmp_path / "web.ics").write_text(WEEKS.replace("SUMMARY:mia", "SUMMARY:amir"))
    second = load_roster(include)
    assert second is not first
    (tmp_path / "people.yaml").write_text("people: {amir: {}}\n")
    third = load_roster(include)
    assert third is not None
    assert list(third.people) == ["amir"]
    (tmp_path / "people.yaml").write_text("people: [\n")
    assert read_roster(include).roster is None
    (tmp_path / "people.yaml").unlink()
    assert load_roster(include) is None


def test_a_calendar_that_comes_later_is_seen(tmp_path: Path) -> None:
    include = written(tmp_path, ON_CALL)
    load_roster(include)
    (tmp_path / "web.ics").write_text(WEEKS)

    found = load_roster(include)
    assert found is not None
    assert found.on_call_at("web", datetime(2026, 1, 6, 12, tzinfo=UTC)).people


def test_the_example_of_the_guide_can_be_tried_as_it_stands(tmp_path: Path) -> None:
    guide = (Path(__file__).parents[4] / "docs/guides/deployment-manager.md").read_text()
    (people,) = re.findall(r"^```yaml\n(.*?people:.*?)^```", guide, re.M | re.S)
    (rota,) = re.findall(r"^```ics\n(.*?)^```", guide, re.M | re.S)
    (named,) = re.findall(r"`include/(on-call/\S+\.ics)`", guide)
    include = Include(tmp_path)
    include.people.write_text(people)
    (tmp_path / named).parent.mkdir()
    (tmp_path / named).write_text(rota)
    found = read_roster(include)
    assert (found.problems, found.is_whole) == ((), True)
    assert found.roster is not None
    turns = [found.roster.on_call_at("storefront", datetime(2026, 2, day, 12, tzinfo=UTC)) for day in (4, 11)]
    assert [[person.name for person in turn.people] for turn in turns] == [["mia"], ["amir"]]
    assert found.tree is not None
    known = Known(now=datetime(2026, 2, 4, tzinfo=UTC))
    assert [each for rule in ROSTER_RULES for each in rule.check_roster(found.roster, found.tree, known)] == []
