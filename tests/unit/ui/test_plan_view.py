"""A plan as people read it: its document as text, lint at its line, and what it changes of what runs."""

from pathlib import Path

import pytest

from builders import write_plan
from deployplan.lint.runner import lint
from deployplan.plan.load.loading import load, load_all
from deployplan.plan.pages.readable import plan_page
from deployplan.ui.markdown_blocks import MOST_BLOCKS, Block, blocks_of
from deployplan.ui.plan_json import by_file, rejected_as_json
from deployplan.ui.plan_view import compare_with_what_runs, findings_of, plan_of_file, without_other_plans
from deployplan.ui.problem_text import forget_sources, in_full
from unit.runbook.other_plans import OtherPlans, a_night


@pytest.fixture
def plans(tmp_path: Path) -> OtherPlans:
    forget_sources()
    return OtherPlans(tmp_path)


def texts(blocks: object) -> str:
    """Every text in them, in order."""
    if isinstance(blocks, dict):
        return texts([each for key, each in blocks.items() if key in ("text", "spans", "items", "head", "rows")])
    if isinstance(blocks, list):
        return "\n".join(filter(None, map(texts, blocks)))
    return blocks if isinstance(blocks, str) else ""


def test_a_plans_document_is_blocks_of_text_that_say_all_of_it(plans: OtherPlans) -> None:
    snapshot = plans.plan("own", a_night("tonight"))
    blocks = blocks_of(plan_page(snapshot))
    kinds = {str(block["kind"]) for block in blocks}
    assert kinds >= {"heading", "table", "list"}
    told = texts(blocks)
    for said in (snapshot.digest, "own", "The shop, second edition", "./up.sh", "Worst case", "2026-11-28 22:00"):
        assert said in told, said


def test_what_stands_in_a_document_stays_text() -> None:
    hostile = (
        "a <img src=x onerror=alert(1)> [b](javascript:alert(2)) ![c](http://x.example/y) \u202e\n\n<script>d</script>"
    )
    (first, second) = blocks_of(hostile)
    assert set(first) == {"kind", "spans"}
    told = texts([first, second])
    assert "<img src=x onerror=alert(1)>" in told
    assert "<script>d</script>" in told
    assert "\\u202e" in told


def test_code_lists_and_tables_keep_their_parts() -> None:
    found: list[Block] = blocks_of("1. `x` **y**\n\n| a | b |\n|---|---|\n| c | `d` |\n\n```sh\nexit 0\n```\n")
    assert found == [
        {
            "kind": "list",
            "ordered": True,
            "items": [[{"text": "x", "as": "code"}, {"text": " ", "as": "text"}, {"text": "y", "as": "strong"}]],
        },
        {
            "kind": "table",
            "head": [[{"text": "a", "as": "text"}], [{"text": "b", "as": "text"}]],
            "rows": [[[{"text": "c", "as": "text"}], [{"text": "d", "as": "code"}]]],
        },
        {"kind": "code", "text": "exit 0\n"},
    ]


def test_a_document_without_end_is_cut() -> None:
    assert len(blocks_of("x\n\n" * (MOST_BLOCKS + 9))) == MOST_BLOCKS + 1


def test_a_plan_is_compared_with_its_run_under_way_else_with_the_last_release_of_its_product(
    plans: OtherPlans,
) -> None:
    own = plans.plan("own", a_night("tonight"))
    assert compare_with_what_runs(own, plans.records).digest is None
    old = plans.ended("old", a_night("tonight"), "success").snapshot
    found = compare_with_what_runs(own, plans.records)
    assert found.told == "old, which run run-1 released 2026-11-28 12:00 UTC"
    assert (found.digest, found.lines) == (old.digest, ("plan: 'old' → 'own'",))
    plans.run("own", a_night("tonight"))
    same = compare_with_what_runs(own, plans.records)
    assert (same.told, same.lines) == ("run run-1, which is under way", ())
    changed = compare_with_what_runs(plans.plan("own", a_night("late")), plans.records)
    assert changed.digest == own.digest
    assert any("2026-11-28" in line for line in changed.lines)


def test_a_release_that_cannot_be_read_is_said_to_be_so(plans: OtherPlans) -> None:
    own = plans.plan("own", a_night("tonight"))
    plans.records.open_run("own", "run-1", "0" * 64)
    found = compare_with_what_runs(own, plans.records)
    assert found.told.startswith("run run-1, which is under way; what that froze cannot be read: ")


def test_findings_stand_at_their_line_with_caret_and_hint_as_lint_prints_them(plans: OtherPlans) -> None:
    write_plan(plans.include, "own", "approvel: {}\n")
    problems = [each for each in lint(plans.include) if each.rule == "unknown-key"]
    (found,) = findings_of(problems, plans.include)
    assert (found.path, found.problem.line, found.problem.column) == ("plans/own.yaml", 3, 1)
    assert found.snippet == "3 | approvel: {}\n  | ^~~~~~~~"
    assert found.problem.hint is not None
    assert f"{found.snippet}\nhint: {found.problem.hint}" in in_full(found.problem)


def test_rejected_files_are_listed_by_file_and_say_whose_plan_they_would_be(plans: OtherPlans) -> None:
    write_plan(plans.include, "own", "approvel: {}\n")
    write_plan(plans.include, "fine", a_night("tonight"))
    content = rejected_as_json(by_file(findings_of(load_all(plans.include).problems, plans.include)))
    assert [(each["path"], each["plan"]) for each in content["files"]] == [("plans/own.yaml", "own")]  # type: ignore[attr-defined]
    assert load(plans.include.plan_path("fine"), plans.include)
    assert [plan_of_file(path) for path in ("procedures/shop.yaml", "people.yaml", "plans/x/y.yaml")] == [None] * 3


def test_a_finding_that_names_another_plan_is_for_who_may_read_all(plans: OtherPlans) -> None:
    write_plan(plans.include, "own", a_night("tonight"))
    write_plan(plans.include, "secret", a_night("late"))
    found = [each for each in findings_of(lint(plans.include), plans.include) if each.path == "plans/own.yaml"]
    assert any("secret" in each.problem.message for each in found)
    assert str(plans.include.root) not in "".join(each.problem.message for each in found)
    assert not any("secret" in each.problem.message for each in without_other_plans(found))


def test_that_a_plan_is_in_two_files_is_for_who_may_read_all(plans: OtherPlans) -> None:
    write_plan(plans.include, "own", a_night("tonight"))
    write_plan(plans.include, "secret", f"plan: own\n{a_night('late')}")
    findings = findings_of(load_all(plans.include).problems, plans.include)
    assert "plan-twice" in {each.problem.rule for each in findings}
    assert "secret" not in str(without_other_plans([each for each in findings if each.path == "plans/own.yaml"]))
