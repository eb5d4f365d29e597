"""The merged plan as people read it."""

from datetime import timedelta
from typing import Any

import pytest

from builders import a_component, a_snapshot
from deployplan.plan.pages.markdown import code, running_text, table
from deployplan.plan.pages.readable import essentials, plan_page

WINDOW = {"opens": "2026-11-28 22:00", "closes": "2026-11-29 02:00", "timezone": "Europe/Paris"}
WHOLE: dict[str, Any] = {
    "change": "CHG0041",
    "schedule": {"window": WINDOW},
    "package": {"web": {"file": "shop-2.tar", "sha256": "0" * 64, "source": "v2"}},
    "components": {
        "database": a_component(nodes=["db-1"], undo=None, irreversible="the old format is gone"),
        "web": a_component(nodes=["group:web"], after=["database"], waves=[1], env={"MODE": "fast"}),
    },
    "risks": [{"id": "R1", "risk": "it locks | a table", "owner": "dana"}],
    "impact": {
        "customer": "Acme",
        "stakeholders": {"warehouse": {"contact": "w@acme.example"}},
        "end_users": {"locations": ["Lyon"], "training_needed": True},
    },
    "delivery": {
        "team": {"chen": {"role": "developer", "phone": "+33 1"}},
        "handover": {"channel": "#shop", "support": {"tier1": "desk", "docs": ["https://wiki.example"]}},
        "escalation": [{"after": "10m", "contact": "mia"}],
    },
    "success": {
        "health": {"http": "http://{node}/", "expect": {"json": {"version": "2"}}, "for": "5m"},
        "locks": {"command": "./locks.sh | head -1", "expect": {"stdout_max": 5}, "on": "db-1"},
        "port": {"tcp": "{host}:5432"},
        "order": {"manual": "Place an order", "by": "amir"},
    },
    "backout": {"when": {"order": "ask"}, "authority": ["mia"], "expected_duration": "25m"},
    "communications": [{"to": "warehouse", "on": ["success", "backed_out"], "value": "orders the same day"}],
}


def test_the_essentials_tell_what_where_when_who_and_what_if() -> None:
    snapshot = a_snapshot(**WHOLE)

    rows = dict(line.strip("| ").split(" | ", 1) for line in essentials(snapshot).splitlines() if "---" not in line)

    assert rows == {
        "plan": "shop-2",
        "what": "shop 2: The shop, second edition",
        "instead of": "1",
        "why": "feature, CHG0041",
        "where": "production: db-1, web-1, web-2",
        "window": "2026-11-28 22:00 to 2026-11-29 02:00 Europe/Paris",
        "work": "at most 35m, and 30m kept for a backout",
        "approval": "1 of mia; not erin, the author",
        "on failure": "backout by itself; for order ask mia, back out after 15m without an answer",
        "digest": f"`{snapshot.digest}`",
    }


@pytest.mark.parametrize(
    "said",
    [
        "## 1 Scope",
        "## 8 Success",
        "| web | `shop-2.tar` |",
        "- **waves**: (web-1) → (web-2)",
        "- **undo**: irreversible: the old format is gone",
        "| R1 | it locks \\| a table | medium | none | dana |  |",
        "- **training**: needed, by no date set",
        "| chen | developer | +33 1 |",
        "- after 10m without an answer: mia",
        "| locks | `./locks.sh \\| head -1` | `exit 0`, `stdout_max 5` | db-1 |",
        '| health | `http://{node}/` | `status 200`, `json {"version": "2"}` |',
        "| port | `{host}:5432` | it takes connections |",
        "| order | Place an order (amir) |",
        "| warehouse | success, backed out | mail | orders the same day |",
        "- database cannot be undone: the old format is gone",
    ],
)
def test_the_document_says(said: str) -> None:
    assert said in plan_page(a_snapshot(**WHOLE))


def test_sections_without_content_say_so() -> None:
    document = plan_page(a_snapshot())

    assert document.count("Nothing stated.") == 4
    assert "## 1 Scope\n\nNo more than what stands above." in document
    assert document.count("\nNone.\n") == 2


def test_every_section_of_the_practice_stands_in_its_order() -> None:
    headings = [line for line in plan_page(a_snapshot()).splitlines() if line.startswith("## ")]

    assert [heading.split()[1] for heading in headings[:8]] == list("12345678")


def test_an_instant_is_shown_on_the_clock_of_its_zone() -> None:
    window = {"opens": "2026-11-28T21:00:00Z", "closes": "2026-11-28T23:30:00Z", "timezone": "Europe/Paris"}

    assert "2026-11-28 22:00 to 2026-11-29 00:30 Europe/Paris" in essentials(a_snapshot(schedule={"window": window}))


def test_a_window_within_a_day_names_the_day_once() -> None:
    (window,) = a_snapshot(schedule={"window": {**WINDOW, "closes": "2026-11-28 23:00"}}).plan.schedule.stated()

    assert window.spoken() == "2026-11-28 22:00 to 23:00 Europe/Paris"


def test_running_text_arrives_as_the_characters_it_is() -> None:
    assert running_text("a | b\n*c* <script> {{ x }}") == r"a \| b \*c\* \<script\> \{\{ x \}\}"


def test_code_may_hold_backticks_and_bars() -> None:
    assert code("echo `date` | cat") == "`` echo `date` \\| cat ``"
    assert code("two\nlines") == "`two lines`"


def test_a_table_without_rows_is_nothing() -> None:
    assert table(("a", "b"), []) == []


def test_times_in_documents_are_short() -> None:
    assert a_snapshot(schedule={"backout_reserve": "90m"}).plan.schedule.backout_reserve == timedelta(hours=1.5)
    assert "1h30m kept for a backout" in essentials(a_snapshot(schedule={"backout_reserve": "90m"}))


def test_an_approver_sees_every_key_that_changes_what_a_criterion_asks_or_is_judged_by() -> None:
    http = {"http": "http://{node}/", "host": "pay.example", "headers": {"X-Shop": "a|b"}, "fail_after": 5}
    metric = {
        "metric": 'errors{instance="{name}"}',
        "expect": {"ratio_max": 1.5},
        "over": "5m",
        "compare": "before",
        "samples": "requests",
        "min_samples": 100,
        "stale_after": "0s",
    }
    page = plan_page(a_snapshot(success={"pay": http, "errors": metric, "plain": {"http": "http://{node}/"}}))
    rows = {line.split(" | ")[0].strip("| "): line for line in page.splitlines() if line.startswith("| ")}
    for said in ('`host "pay.example"`', '`headers {"X-Shop": "a\\|b"}`', "`fail_after 5`"):
        assert said in rows["pay"]
    for said in ("over", "compare", "samples", "stale_after"):
        assert f'`{said} "{metric[said]}"`' in rows["errors"]
    assert "`min_samples 100`" in rows["errors"]
    assert rows["plain"].endswith("|  |")
