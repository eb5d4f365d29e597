"""All rules over the plans asked for."""

from pathlib import Path

from builders import an_include
from deployplan.lint.rule_reference import BETWEEN_FILES, SHAPE, rule_reference
from deployplan.lint.runner import lint

ROOT = Path(__file__).parents[3]
AT_NIGHT = "schedule: {window: {opens: 2026-11-28 22:00, closes: 2026-11-29 02:00}}\n"


def test_a_sound_folder_has_no_problems(tmp_path: Path) -> None:
    assert lint(an_include(tmp_path, shop_2="")) == ()


def test_errors_and_warnings_of_all_plans_come_sorted_by_place(tmp_path: Path) -> None:
    include = an_include(tmp_path, b="approval: {quorum: 3}\n", a="components: {web: {max_failures: 1}}\n")

    problems = lint(include)

    assert [(Path(problem.path).name, problem.severity) for problem in problems] == [
        ("a.yaml", "warning"),
        ("b.yaml", "error"),
    ]


def test_only_the_plans_asked_for_are_reported(tmp_path: Path) -> None:
    include = an_include(tmp_path, good="", bad="skope: {}\n")

    assert lint(include, [include.plan_path("good")]) == ()


def test_a_plan_is_compared_with_plans_that_were_not_asked_for(tmp_path: Path) -> None:
    include = an_include(tmp_path, one=AT_NIGHT, two=AT_NIGHT)

    problems = lint(include, [include.plan_path("one")])

    assert [(Path(problem.path).name, problem.rule) for problem in problems] == [("one.yaml", "plans-collide")]
    assert "two.yaml:3" in problems[0].message


def test_plans_for_different_nodes_do_not_collide(tmp_path: Path) -> None:
    include = an_include(tmp_path, one=AT_NIGHT, two=AT_NIGHT + "components: {web: {nodes: [web-2]}}\n")

    assert lint(include) == ()


def test_a_plan_with_errors_is_not_judged_further(tmp_path: Path) -> None:
    include = an_include(tmp_path, bad="components: {web: {max_failures: 9, timout: 1m}}\n")

    assert [problem.rule for problem in lint(include)] == ["unknown-key"]


def test_a_plan_outside_the_folder_can_be_checked(tmp_path: Path) -> None:
    include = an_include(tmp_path / "include")
    draft = tmp_path / "draft.yaml"
    draft.write_text("plan: draft\nfollows: shop\ncomponents: {web: {nodes: [web-9]}}\n")

    assert [problem.rule for problem in lint(include, [draft])] == ["node-known"]


def test_the_committed_reference_is_the_manual_of_the_rules() -> None:
    assert (ROOT / "docs/reference/rules.md").read_text() == rule_reference(), (
        "run `deployplan lint --rules > docs/reference/rules.md`"
    )


def test_every_rule_that_a_golden_plan_breaks_is_in_the_reference() -> None:
    page = rule_reference()
    found = set()
    for path in (ROOT / "tests/plans/rejected").glob("*.out"):
        lines = path.read_text().splitlines()
        found |= {
            line.rpartition("[")[2].rstrip("]") for line in lines if line.startswith("tests/") and line.endswith("]")
        }

    assert found
    assert {rule for rule in found if f"`{rule}`" not in page and f"### {rule} " not in page} == set()


def test_every_rule_about_shape_is_broken_by_a_test() -> None:
    """What the table names exists: each rule id stands in a golden file or in a test."""
    texts = [path.read_text() for path in (ROOT / "tests").rglob("*.out")]
    texts += [path.read_text() for path in (ROOT / "tests/unit/plan").glob("test_*.py")]

    assert {rule for rule in (*SHAPE, *BETWEEN_FILES) if not any(rule in text for text in texts)} == set()
