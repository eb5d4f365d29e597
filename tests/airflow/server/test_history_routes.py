"""`GET /history` in the real API application: rights by plan, search, pages, 304, and windows that were missed."""

import json
from datetime import timedelta
from pathlib import Path
from time import sleep
from typing import Any

import pytest

from deployplan.airflow_glue.server.api import rights
from deployplan.airflow_glue.server.api.history_forms import CurrentAnswer, HistoryAnswer
from deployplan.runbook.timing.past_runs import remember
from signed_in import as_user
from unit.runbook.other_plans import OtherPlans, a_night
from unit.runbook.runs import NOON

pytestmark = pytest.mark.airflow

HISTORY = "/deployplan/api/v1/history"
SAMPLES = Path(__file__).parents[3] / "ui" / "src" / "history"
GONE = "schedule: {window: {opens: 2025-01-01 22:00, closes: 2025-01-01 23:00, timezone: UTC}}\n"


@pytest.fixture
def plans(other_plans: OtherPlans) -> OtherPlans:
    """`own` was released, `other` was backed out after it; `late` has missed its window."""
    for hours, (name, outcome) in enumerate((("own", "success"), ("other", "backed_out"))):
        run = other_plans.armed(name, a_night("tonight") + f"change: CHG-{hours}\n")
        run.clock.move_to(NOON + timedelta(hours=hours))  # type: ignore[attr-defined]
        run.ledger.record("outcome", outcome=outcome, because="")
        remember(other_plans.records, run.snapshot, run.run_id, run.ledger)
        other_plans.records.close_run(name, "run-1")
    other_plans.plan("late", GONE)
    return other_plans


def ask(api: Any, query: str = "") -> Any:
    answer = api.get(f"{HISTORY}{query}", headers=as_user("vic", "VIEWER"))
    assert answer.status_code == 200, answer.text
    HistoryAnswer.model_validate(answer.json())
    return answer.json()


def current(api: Any) -> Any:
    """What is where, once the windows that were missed are known."""
    for _ in range(60):
        answer = api.get(f"{HISTORY}/current", headers=as_user("vic", "VIEWER"))
        assert answer.status_code == 200, answer.text
        CurrentAnswer.model_validate(answer.json())
        if not answer.json()["reading"]:
            return answer.json()
        sleep(1)
    pytest.fail("the windows that were missed were not found within a minute")


def test_who_is_not_logged_in_is_told_nothing(airflow_api: Any, plans: OtherPlans) -> None:
    airflow_api.cookies.clear()
    for path in (HISTORY, f"{HISTORY}/current"):
        assert airflow_api.get(path).status_code == 401, path


def test_runs_that_are_over_are_searched_and_told_in_pages(airflow_api: Any, plans: OtherPlans) -> None:
    assert [run["plan"] for run in ask(airflow_api)["runs"]] == ["other", "own"]
    first = ask(airflow_api, "?limit=1")
    assert [run["plan"] for run in ask(airflow_api, f"?limit=1&after={first['next']}")["runs"]] == ["own"]
    (found,) = ask(airflow_api, "?q=chg-0&within=ticket")["runs"]
    assert (found["plan"], found["approved_by"], found["tickets"]) == ("own", ["mia"], ["CHG-0"])
    assert (
        ask(airflow_api, "?outcome=backed_out&product=shop&environment=production&q=web-1")["runs"][0]["released"]
        is False
    )
    for query in ("?limit=0", "?limit=201", "?within=all", f"?q={'x' * 251}"):
        assert airflow_api.get(f"{HISTORY}{query}", headers=as_user("mia")).status_code == 422, query


def test_what_is_where_and_what_has_missed_its_window(airflow_api: Any, plans: OtherPlans) -> None:
    found = current(airflow_api)
    (cell,) = found["current"]
    assert (cell["product"], cell["since"]["plan"], cell["later"]["plan"], cell["doubt"]) == (
        "shop",
        "own",
        "other",
        False,
    )
    missed = {each["plan"]: each for each in found["missed"]}
    assert (missed["late"]["owner"], missed["late"]["what_became_of_it"]) == ("erin", "no run")


def test_what_has_not_changed_is_304(airflow_api: Any, plans: OtherPlans) -> None:
    current(airflow_api)
    for path in (HISTORY, f"{HISTORY}/current"):
        first = airflow_api.get(path, headers=as_user("mia"))
        again = airflow_api.get(path, headers=as_user("mia") | {"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b""), path


def test_plans_that_one_may_not_read_are_in_no_answer(
    airflow_api: Any, plans: OtherPlans, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rights.Person, "may", lambda self, method, entity, plan=None: False)
    monkeypatch.setattr(rights.Person, "readable", lambda self: frozenset({"own"}))
    assert [run["plan"] for run in ask(airflow_api)["runs"]] == ["own"]
    found = current(airflow_api)
    assert (found["current"][0]["later"], found["missed"]) == (None, [])
    monkeypatch.setattr(rights.Person, "readable", lambda self: frozenset())
    assert ask(airflow_api)["choices"] == {"environment": [], "product": [], "outcome": []}
    assert current(airflow_api)["current"] == []


def test_a_damaged_record_is_told_in_its_row_and_hides_no_other(airflow_api: Any, plans: OtherPlans) -> None:
    (Path(str(plans.records.run("other", "run-1").folder)) / "ledger-000002.jsonl").write_text("{}\n")
    other, own = ask(airflow_api)["runs"]
    assert ("not intact" in other["problem"], own["problem"]) == (True, None)


def test_what_the_page_is_tested_with_is_what_the_routes_answer() -> None:
    HistoryAnswer.model_validate(json.loads((SAMPLES / "history.sample.json").read_text()))
    CurrentAnswer.model_validate(json.loads((SAMPLES / "current.sample.json").read_text()))
