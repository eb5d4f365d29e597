"""Who acts in Airflow from a terminal: by a token, or a password that is there or asked for; and on which card."""

from typing import Any

import pytest

from deployplan.local.person import NoLogin, PersonApi, find_card, has_login, person_api
from deployplan.local.settings import LocalError

HERE = {"DEPLOYPLAN_HOST": "127.0.0.1", "DEPLOYPLAN_PORT": "8180"}


def seen(api: PersonApi) -> tuple[str, str, str | None, bool]:
    return str(api._client.base_url).rstrip("/"), api.user, api._token, api._may_log_in


def test_the_airflow_that_is_up_here_is_found_unless_another_one_is_named() -> None:
    login = {**HERE, "DEPLOYPLAN_PASSWORD": "p"}
    assert seen(person_api(user="mia", environ=login))[0] == "http://127.0.0.1:8180"
    assert seen(person_api(user="mia", environ={**login, "DEPLOYPLAN_URL": "https://af.example/x"}))[0] == (
        "https://af.example/x"
    )
    assert seen(person_api("https://b.example", "mia", environ=login))[0] == "https://b.example"


def test_a_token_needs_no_password_and_is_never_exchanged_for_one() -> None:
    token = {**HERE, "DEPLOYPLAN_TOKEN": "t"}
    assert seen(person_api(environ=token))[2:] == ("t", False)
    assert seen(person_api(user="mia", environ={**token, "DEPLOYPLAN_PASSWORD": "p"}))[1:3] == ("mia", None)
    assert [has_login(None, each) for each in (token, {"DEPLOYPLAN_USER": "mia"}, {})] == [True, True, False]


def test_a_password_is_asked_for_by_name_and_place_and_without_a_terminal_nobody_is_logged_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def ask(prompt: str) -> str:
        asked.append(prompt)
        return "p"

    person_api(user="mia", environ=HERE, ask=ask)
    assert asked == ["password of mia at http://127.0.0.1:8180: "]
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)
    with pytest.raises(NoLogin, match="DEPLOYPLAN_TOKEN, or --user"):
        person_api(user="mia", environ=HERE)


def a_card(task: str, *options: str, people: tuple[str, ...] = ("mia",)) -> dict[str, Any]:
    asked = [{"id": each, "name": each} for each in people]
    return {"task_instance": {"task_id": task}, "options": list(options), "assigned_users": asked}


def test_a_choice_answers_the_one_card_that_offers_it_however_it_is_spelt() -> None:
    seat, test = a_card("review.approve_1", "Approve", "Reject"), a_card("verify.manual_x", "Passed", "Failed")
    assert find_card((seat, test), " passed ", user="amir", task=None) == (test, "Passed")
    mine, other = a_card("a", "Passed"), a_card("b", "Passed", people=("amir",))
    assert find_card((mine, other), "Passed", user="amir", task=None)[0] is other
    assert find_card((mine, other), "Passed", user="amir", task="a")[0] is mine


def test_what_answers_no_card_or_several_is_told_in_words() -> None:
    seat = a_card("review.approve_1", "Approve", "Reject")
    with pytest.raises(LocalError, match="no card waits for an answer"):
        find_card((), "Approve", user="mia", task=None)
    with pytest.raises(LocalError, match=r"no card offers 'yes'; there are review\.approve_1: Approve, Reject"):
        find_card((seat,), "yes", user="mia", task=None)
    with pytest.raises(LocalError, match="2 cards offer 'Passed': say which with --task: a, b"):
        find_card((a_card("a", "Passed"), a_card("b", "Passed")), "Passed", user="mia", task=None)
