"""What an author writes and cannot mean is told where it stands, once."""

from pathlib import Path

import pytest

from builders import INFRASTRUCTURE_TEXT, an_include
from deployplan.lint.runner import lint
from deployplan.plan.load.loading import load_all
from deployplan.plan.model.endpoint import Endpoint, NoEndpoint, url_endpoint
from deployplan.plan.text.hidden import MOST_TOLD, hidden_in_calendar, hidden_in_script


def told(folder: Path, text: str, infrastructure: str = INFRASTRUCTURE_TEXT) -> list[tuple[str, int, str]]:
    include = an_include(folder, shop_2=text)
    (include.infrastructure / "production.yaml").write_text(infrastructure)
    return [(Path(each.path).name, each.line, each.rule) for each in lint(include) if each.severity == "error"]


WINDOW = "schedule:\n  window: {opens: 2026-12-28 22:00, closes: 2026-12-29 02:00%s}\n"


def test_a_misspelt_zone_of_a_window_is_one_problem(tmp_path: Path) -> None:
    text = WINDOW % ", timezone: Europ/Paris"
    assert [rule for _, _, rule in told(tmp_path, text)] == ["zone"]


def test_a_misspelt_zone_of_an_environment_is_one_problem_where_it_stands(tmp_path: Path) -> None:
    freezes = "freezes: [{name: a, from: 2026-12-20 00:00, to: 2026-12-21 00:00}, {name: b, holidays: FR}]\n"
    infrastructure = INFRASTRUCTURE_TEXT.replace("Europe/Paris", "Europe/Pariss") + freezes
    assert told(tmp_path, WINDOW % "", infrastructure) == [("production.yaml", 2, "zone")]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://10.0.0.1:99999/health", "whose port is no number from 1 to 65535"),
        ("http://10.0.0.1:0/health", "whose port is no number from 1 to 65535"),
        ("http://10.0.0.1:eighty/", "whose port is no number from 1 to 65535"),
        ("10.0.0.1:8080/health", "has no scheme http or https"),
        ("10.0.0.1/health", "has no scheme http or https"),
        ("http:/10.0.0.1/health", "has no scheme http or https"),
        ("ftp://10.0.0.1/health", "has no scheme http or https"),
        ("http:///health", "names no host"),
        ("http://[::1/health", "is no URL"),
        ("http://bob:s3cret@10.0.0.1/health", "'http://10.0.0.1/health' with a user or password in it"),
        ("https://token@10.0.0.1/health", "'https://10.0.0.1/health' with a user or password in it"),
    ],
)
def test_a_url_that_cannot_be_read_is_told_and_its_password_is_not(url: str, said: str) -> None:
    with pytest.raises(NoEndpoint) as raised:
        url_endpoint(url)
    assert said in str(raised.value)
    assert "s3cret" not in f"{raised.value} {raised.value.hint}"


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("http://web-1/", "web-1", 80),
        ("https://Shop.Example/", "shop.example", 443),
        ("https://10.0.0.1:8443/a?b=c@d", "10.0.0.1", 8443),
        ("http://[2001:db8::1]:8080/health", "2001:db8::1", 8080),
    ],
)
def test_a_url_that_can_be_read_leads_to_its_host_and_port(url: str, host: str, port: int) -> None:
    assert url_endpoint(url) == Endpoint(host, port)


def test_a_url_is_judged_as_it_is_read_on_each_node(tmp_path: Path) -> None:
    first, second = "{host: 10.0.0.1, vars: {at: 8080}}", "{host: 10.0.0.2, vars: {at: 80800}}"
    nodes = f"nodes:\n  web-1: {first}\n  web-2: {second}\n  db-1: 10.0.0.9"
    infrastructure = INFRASTRUCTURE_TEXT.replace("nodes: {web-1: 10.0.0.1, web-2: 10.0.0.2, db-1: 10.0.0.9}", nodes)
    text = 'success:\n  health: {http: "http://{host}:{at}/health", on: group:web}\n'
    assert told(tmp_path, text, infrastructure) == [("shop-2.yaml", told_line(tmp_path), "url-readable")]


def told_line(folder: Path) -> int:
    (file,) = (folder / "plans").glob("shop-2.yaml")
    return next(number for number, line in enumerate(file.read_text().splitlines(), 1) if "{at}" in line)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("#!/bin/sh\nrm -rf old # \u202e tidy\n".encode(), [(2, 14, "U+202E")]),
        (b"echo one\necho \xff \xe2\x80\x8b\n", [(2, 8, "U+200B")]),  # one byte that is not UTF-8 makes it no binary
        (b"echo ok \x1b[2K\x08\n", [(1, 9, "U+001B"), (1, 13, "U+0008")]),
        ("\ufeff#!/bin/sh\necho\n".encode(), [(1, 1, "U+FEFF")]),
        ("\ufefftitle: Café ☕\r\n\tdone\n".encode(), []),
        (b"\x7fELF\x02\0\0\xe2\x80\x8b", []),
        (b"", []),
    ],
)
def test_a_script_that_reads_otherwise_than_it_runs_is_a_problem_with_its_place(
    content: bytes, found: list[tuple[int, int, str]]
) -> None:
    problems = list(hidden_in_script(content, "up.sh"))
    assert [(problem.line, problem.column, problem.message.split()[1]) for problem in problems] == found


def test_characters_that_do_not_show_are_found_in_every_text_beside_a_plan_or_its_procedure(tmp_path: Path) -> None:
    include = an_include(tmp_path, shop_2="", shop_3="")
    own = include.plans / "shop-2"
    (own / "conf").mkdir(parents=True)
    (own / "conf" / "limits.ini").write_text("[a]\nmost = 1\u20660⁩\n")
    script = include.procedures / "shop" / "up.sh"
    script.write_text("exit 0 # \u200f\n" * 30)

    problems = [problem for problem in load_all(include).problems if problem.rule == "hidden-character"]

    assert {(problem.path, problem.severity) for problem in problems} == {
        (str(own / "conf" / "limits.ini"), "error"),
        (str(script), "error"),
    }
    assert len(problems) == 2 + MOST_TOLD


@pytest.mark.parametrize(
    ("line", "character"),
    [
        ("DTST\u200bART:20261224T220000Z", "U+200B"),
        ("DTSTART;TZID=Europe/Par\u00adis:20261224T220000", "U+00AD"),
        ("X-WR-TIMEZONE:Europe/Paris\u200d", "U+200D"),
        ("RRULE:FREQ=DAILY\r\n ;UNTIL=2027\u20600101", "U+2060"),
        ("SUMMARY:no \u202eezeerf", "U+202E"),
        ("SUMMARY:no\r\n\tfreeze \u2067x", "U+2067"),
        ("DESCRIPTION:it\u2028BEGIN:VEVENT", "U+2028"),
        ("DESCRIPTION:it\x1b[2K", "U+001B"),
        ("END:VEVENT\x00", "U+0000"),
    ],
)
def test_a_character_that_does_not_show_in_a_calendar_is_named_by_its_line(line: str, character: str) -> None:
    number = 2 + line.count("\n")
    found = hidden_in_calendar(f"BEGIN:VCALENDAR\r\n{line}\r\nEND:VCALENDAR\r\n")
    assert found == f"line {number}: character {character} does not show, or turns the text round"


@pytest.mark.parametrize(
    "line",
    [
        "SUMMARY:\U0001f468\u200d\U0001f469\u200d\U0001f467 day",
        "SUMMARY;LANGUAGE=fa:\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "DESCRIPTION:\u200f\u05d7\u05d2\r\n \u200e (2026)",
        "X-ALT-DESC;FMTTYPE=text/html:<b>soft\u00adware</b>",
        "ATTENDEE;CN=\u200bmia:mailto:mia@example.org",
    ],
)
def test_what_languages_and_emoji_need_may_stand_in_what_people_wrote_in_a_calendar(line: str) -> None:
    assert hidden_in_calendar(f"BEGIN:VCALENDAR\r\n{line}\r\nEND:VCALENDAR\r\n") is None
