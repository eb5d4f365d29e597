"""`GET /plans` and the rejected files in the real API application: only what one may read, and 304 while unchanged."""

from time import monotonic, sleep
from typing import Any

import pytest

from builders import write_plan
from deployplan.airflow_glue.server.api import rights
from deployplan.airflow_glue.server.api.plan_forms import PlanAnswer, PlansAnswer, RejectedAnswer
from signed_in import as_user
from unit.runbook.other_plans import OtherPlans, a_night

pytestmark = pytest.mark.airflow

API = "/deployplan/api/v1"


@pytest.fixture
def plans(other_plans: OtherPlans) -> OtherPlans:
    """A plan, a rejected one, and a procedure that cannot be used."""
    other_plans.plan("own", a_night("tonight"))
    write_plan(other_plans.include, "bad", "approvel: {}\n")
    (other_plans.include.procedures / "broken.yaml").write_text("componets: {}\n")
    write_plan(other_plans.include, "uses-broken", "follows: broken\n")
    return other_plans


@pytest.fixture
def ask(airflow_api: Any, plans: OtherPlans) -> Any:
    def asked(path: str, expect: int = 200, **headers: str) -> Any:
        answer = airflow_api.get(f"{API}{path}", headers=as_user("vic", "VIEWER") | headers)
        assert answer.status_code == expect, answer.text
        return answer

    return asked


def linted(ask: Any) -> Any:
    """The plan, once lint has been through."""
    until = monotonic() + 60
    while (found := ask("/plans/own").json())["findings"] is None:
        assert monotonic() < until, "lint did not come to its end"
        sleep(0.2)
    return found


def test_a_plan_says_what_it_says_what_lint_says_and_what_window_says(ask: Any) -> None:
    found = linted(ask)
    PlanAnswer.model_validate(found)
    assert found["errors"] == 0
    assert found["verdict"].startswith(("closed: window", "missed", "open"))
    assert found["against"]["told"] == "nothing: no release of shop in production is known"
    listed = ask("/plans").json()
    PlansAnswer.model_validate(listed)
    assert [each["plan"] for each in listed["plans"]] == ["own"]
    assert "there is no plan 'bad'" in ask("/plans/bad", 404).json()["detail"]


def test_of_a_plan_that_one_may_not_read_a_comparison_says_neither_lines_nor_digest_nor_run(
    ask: Any, plans: OtherPlans, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans.ended("secret", a_night("tonight"), "success")
    shown = ask("/plans/own").json()["against"]
    assert shown["told"].startswith("secret, which run run-1 released")
    assert shown["lines"] == ["plan: 'secret' → 'own'"]
    monkeypatch.setattr(rights.Person, "readable", lambda self: frozenset({"own"}))
    monkeypatch.setattr(rights.Person, "may", lambda self, method, entity, plan=None: plan == "own")
    hidden = ask("/plans/own").json()["against"]
    assert hidden == {"told": "a plan that you may not read", "digest": None, "lines": [], "left_out": 0}


def test_a_plan_that_has_not_changed_is_304(ask: Any) -> None:
    linted(ask)
    for path in ("/plans/own", "/plans", "/rejected-plans"):
        tag = ask(path).headers["etag"]
        assert ask(path, 304, **{"If-None-Match": tag}).content == b""


def test_rejected_files_are_shown_with_their_line_to_who_may_read_what_they_are_of(
    ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = ask("/rejected-plans").json()
    RejectedAnswer.model_validate(found)
    assert [each["path"] for each in found["files"]] == [
        "plans/bad.yaml",
        "plans/uses-broken.yaml",
        "procedures/broken.yaml",
    ]
    first = found["files"][0]["findings"][0]
    assert first["snippet"] == ["3 | approvel: {}", "  | ^~~~~~~~"]
    assert "approval" in first["hint"]
    # Who may not read every plan sees no shared file, and of plans those that are theirs.
    monkeypatch.setattr(rights.Person, "may", lambda self, method, entity, plan=None: plan in (None, "bad"))
    monkeypatch.setattr(rights.Person, "readable", lambda self: frozenset())
    assert [each["path"] for each in ask("/rejected-plans").json()["files"]] == ["plans/bad.yaml"]
    monkeypatch.setattr(rights.Person, "may", lambda self, method, entity, plan=None: False)
    assert ask("/rejected-plans").json()["files"] == []
    assert ask("/plans").json()["plans"] == []
    assert ask("/plans/own", 404)


def test_nobody_sees_a_plan_without_a_login(airflow_api: Any, plans: OtherPlans) -> None:
    airflow_api.cookies.clear()
    for path in ("/plans", "/plans/own", "/rejected-plans"):
        assert airflow_api.get(f"{API}{path}").status_code == 401
