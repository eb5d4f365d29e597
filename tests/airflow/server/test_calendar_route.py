"""`GET /calendar`, the file for office calendars and the next slot of a plan, in the real API application."""

from datetime import datetime
from threading import Event
from typing import Any

import icalendar
import pytest
from fastapi import HTTPException

from deployplan.airflow_glue.server.api import rights
from deployplan.airflow_glue.server.api.answers_kept import AnswersKept
from deployplan.airflow_glue.server.api.calendar_forms import CalendarAnswer, SlotAnswer
from signed_in import as_user
from unit.runbook.other_plans import OtherPlans

pytestmark = pytest.mark.airflow

API = "/deployplan/api/v1"
WEEKLY = "schedule: {window: {rule: FREQ=WEEKLY;BYDAY=SA, first: 2026-01-03 22:00, duration: 4h, timezone: UTC}}\n"


@pytest.fixture
def plans(other_plans: OtherPlans) -> OtherPlans:
    """Two plans that want the same node every Saturday."""
    other_plans.plan("own", WEEKLY)
    other_plans.plan("secret", WEEKLY)
    return other_plans


@pytest.fixture
def ask(airflow_api: Any, plans: OtherPlans) -> Any:
    def asked(path: str, expect: int = 200, **headers: str) -> Any:
        answer = airflow_api.get(f"{API}{path}", headers=as_user("vic", "VIEWER") | headers)
        assert answer.status_code == expect, answer.text
        return answer

    return asked


def test_a_month_is_told_in_its_environments_zone_or_in_any_other(ask: Any) -> None:
    found = ask("/calendar?scale=month").json()
    CalendarAnswer.model_validate(found)
    assert (found["environment"], found["timezone"], found["zone"]) == ("production", "Europe/Paris", "Europe/Paris")
    assert {entry["plan"]["name"] for entry in found["entries"] if entry["plan"]} <= {"own", "secret"}
    elsewhere = ask("/calendar?scale=month&zone=Asia/Tokyo").json()
    assert (elsewhere["timezone"], elsewhere["zone"]) == ("Europe/Paris", "Asia/Tokyo")
    assert all(entry["begins"].endswith("JST") for entry in elsewhere["entries"])


def test_what_cannot_be_asked_is_told_in_a_sentence(ask: Any) -> None:
    assert "nearest: Europe/Paris" in ask("/calendar?zone=Paris", 422).json()["detail"]
    assert "days away from today" in ask("/calendar?around=2199-01-01", 422).json()["detail"]
    assert "there is no environment 'moon'" in ask("/calendar?environment=moon", 404).json()["detail"]
    assert "there is no plan 'moon'" in ask("/plans/moon/slot", 404).json()["detail"]
    assert ask("/calendar?scale=year", 422)


def test_a_calendar_that_has_not_changed_is_304(ask: Any) -> None:
    first = ask("/calendar")
    assert ask("/calendar", 304, **{"If-None-Match": first.headers["etag"]}).content == b""


def test_where_a_plan_fits_is_told_with_who_is_in_its_way(ask: Any) -> None:
    found = ask("/plans/own/slot").json()
    SlotAnswer.model_validate(found)
    assert found["fits"]
    assert found["sentence"].startswith("own fits from ")
    assert found["sentence"].endswith("an earlier opening is taken, by secret")
    assert found["slots"][0]["taken_by"] == ["secret"]
    assert found["slots"][1]["taken_by"] == []


def test_of_plans_that_somebody_may_not_read_nothing_is_told_but_that_they_are_in_the_way(
    ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rights.Person, "may", lambda self, method, entity, plan=None: False)
    monkeypatch.setattr(rights.Person, "readable", lambda self: frozenset({"own"}))
    opens = ask("/plans/own/slot").json()["slots"][0]["opens"]
    day = datetime.fromisoformat(opens).date()
    answers = [ask(f"/calendar?around={day}"), ask("/plans/own/slot"), ask("/calendar.ics")]
    for answer in answers:
        assert "secret" not in answer.text
    assert "a plan that you may not read" in answers[0].text
    assert ask("/plans/secret/slot", 404)
    monkeypatch.setattr(rights.Person, "readable", lambda self: frozenset())
    assert ask("/calendar", 404).json()["detail"] == "there is no environment of which you may read a plan"
    assert ask("/calendar.ics", 404)


def test_nobody_sees_a_calendar_without_a_login(airflow_api: Any, plans: OtherPlans) -> None:
    airflow_api.cookies.clear()
    for path in ("/calendar", "/calendar.ics", "/plans/own/slot"):
        assert airflow_api.get(f"{API}{path}").status_code == 401


def test_the_file_for_office_calendars_is_one(ask: Any) -> None:
    answer = ask("/calendar.ics?environment=production")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="releases-production.ics"'
    events = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    assert {str(event["SUMMARY"]) for event in events} == {"plan own (production)", "plan secret (production)"}


def test_what_takes_too_long_holds_up_nobody_who_asks_for_something_else() -> None:
    over, kept = Event(), AnswersKept[str]("test", waits=0.2, most=2)
    with pytest.raises(HTTPException, match="ask again") as later:
        kept.ask("slow", lambda: str(over.wait(60)))
    assert (later.value.status_code, later.value.headers) == (503, {"Retry-After": "1"})
    assert AnswersKept[str]("other").ask("quick", lambda: "known") == "known"
    with pytest.raises(HTTPException, match="ask again"):
        kept.ask("slow", lambda: "asked only once")
    over.set()
    assert kept.ask("slow", lambda: "asked only once") in ("True", "asked only once")
