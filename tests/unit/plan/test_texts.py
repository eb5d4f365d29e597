"""What an author writes and cannot mean is told where it stands, once."""

from pathlib import Path

import pytest

from builders import INFRASTRUCTURE_TEXT, an_include
from deployplan.lint.runner import lint
from deployplan.plan.rules.url_readable import what_is_wrong


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
    message, hint = what_is_wrong(url) or ("", "")
    assert said in message
    assert "s3cret" not in message + hint


@pytest.mark.parametrize("url", ["http://web-1/", "https://10.0.0.1:8443/a?b=c@d", "http://[2001:db8::1]:8080/health"])
def test_a_url_that_can_be_read_is_not_told(url: str) -> None:
    assert what_is_wrong(url) is None


def test_a_url_is_judged_as_it_is_read_on_each_node(tmp_path: Path) -> None:
    first, second = "{host: 10.0.0.1, vars: {at: 8080}}", "{host: 10.0.0.2, vars: {at: 80800}}"
    nodes = f"nodes:\n  web-1: {first}\n  web-2: {second}\n  db-1: 10.0.0.9"
    infrastructure = INFRASTRUCTURE_TEXT.replace("nodes: {web-1: 10.0.0.1, web-2: 10.0.0.2, db-1: 10.0.0.9}", nodes)
    text = 'success:\n  health: {http: "http://{host}:{at}/health", on: group:web}\n'
    assert told(tmp_path, text, infrastructure) == [("shop-2.yaml", told_line(tmp_path), "url-readable")]


def told_line(folder: Path) -> int:
    (file,) = (folder / "plans").glob("shop-2.yaml")
    return next(number for number, line in enumerate(file.read_text().splitlines(), 1) if "{at}" in line)
