"""All rules over the plans asked for."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from builders import an_include
from deployplan.lint.known import Known
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


def test_a_plan_that_collides_with_many_says_so_once_and_names_three(tmp_path: Path) -> None:
    include = an_include(tmp_path, **{f"p{number}": AT_NIGHT for number in range(6)})

    problems = lint(include)

    assert [Path(problem.path).name for problem in problems] == [f"p{number}.yaml" for number in range(6)]
    message = problems[0].message
    assert message.startswith("5 plans want the same nodes at the same time: 'p1' (web-1; ")
    assert message.endswith("p3.yaml:3:12), 2 more")


def test_plans_that_each_overlap_one_other_do_not_collide_with_the_third(tmp_path: Path) -> None:
    hours = {"a": ("22", "23"), "b": ("22:30", "23:30"), "c": ("23", "23:45")}
    clock = {name: [hour if ":" in hour else f"{hour}:00" for hour in each] for name, each in hours.items()}
    plans = {
        name: f"schedule: {{window: {{opens: 2026-11-28 {opens}, closes: 2026-11-28 {closes}}}}}\n"
        for name, (opens, closes) in clock.items()
    }

    found = {Path(p.path).stem: p.message for p in lint(an_include(tmp_path, **plans)) if p.rule == "plans-collide"}

    assert found["a"].startswith("plan 'b' ")
    assert found["b"].startswith("2 plans ")
    assert found["c"].startswith("plan 'b' ")


def test_a_plan_that_works_beside_a_watched_neighbour_collides(tmp_path: Path) -> None:
    watching = "success: {billing: {http: 'http://{node}/', on: web-2, neighbour: true}}\n"
    working = "components: {web: {nodes: [web-2]}}\n"
    addressed = "success: {billing: {http: 'http://10.0.0.2:8080/', neighbour: true}}\n"

    for watched in (watching, addressed):
        include = an_include(tmp_path, one=AT_NIGHT + watched, two=AT_NIGHT + working)
        assert [p.message.partition(";")[0] for p in lint(include) if p.rule == "plans-collide"] == [
            "plan 'two' (web-2",
            "plan 'one' (web-2",
        ]


def test_plans_that_watch_the_same_neighbour_do_not_collide(tmp_path: Path) -> None:
    watching = "success: {billing: {http: 'http://{node}/', on: db-1, neighbour: true}}\n"
    include = an_include(
        tmp_path, one=AT_NIGHT + watching, two=AT_NIGHT + watching + "components: {web: {nodes: [web-2]}}\n"
    )

    assert "plans-collide" not in {problem.rule for problem in lint(include)}


def test_plans_that_follow_the_environments_windows_do_not_collide_for_another_opening_comes(tmp_path: Path) -> None:
    include = an_include(tmp_path, one="schedule: {window: next}\n", two="schedule: {window: next}\n", three=AT_NIGHT)
    with (include.infrastructure / "production.yaml").open("a") as text:
        text.write("windows: [{rule: FREQ=DAILY, first: 2026-01-03 22:00, duration: 4h}]\n")

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
    texts += [path.read_text() for path in (ROOT / "tests/unit/plan").rglob("test_*.py")]

    assert {rule for rule in (*SHAPE, *BETWEEN_FILES) if not any(rule in text for text in texts)} == set()


WHO_IS_ASKED = """approval: {authorities: {amir: product owner, mai: deployment manager}}
backout: {authority: [vic, mia]}
success: {order: {manual: Place an order, by: ammir}}
"""
NO_USER = "is no user of this Airflow, whose users stand in users.yaml"
USERS = {"amir": "user", "mia": "user", "erin": "user", "vic": "viewer"}


def test_everybody_who_will_be_asked_is_a_user_who_can_answer(tmp_path: Path) -> None:
    include = an_include(tmp_path, shop_2=WHO_IS_ASKED)

    found = lint(include, known=Known(users=USERS, users_from="users.yaml"))

    assert [(problem.line, problem.message) for problem in found if problem.rule == "authority-known"] == [
        (3, f"authority 'mai' {NO_USER}"),
        (4, "backout authority 'vic' is a viewer in users.yaml, and can answer no card"),
        (5, f"tester 'ammir' of order {NO_USER}"),
    ]
    assert found[-1].hint == "did you mean 'amir'?"


def test_nothing_is_said_of_people_where_nobody_knows_who_may_log_in(tmp_path: Path) -> None:
    found = lint(an_include(tmp_path, shop_2=WHO_IS_ASKED), known=Known())
    assert "authority-known" not in {problem.rule for problem in found}


def test_a_plan_that_was_released_or_whose_window_has_closed_collides_with_none(tmp_path: Path) -> None:
    include = an_include(tmp_path, one=AT_NIGHT, two=AT_NIGHT)
    night = datetime(2026, 11, 29, 0, 30, tzinfo=UTC)

    assert [problem.rule for problem in lint(include, known=Known(now=night))] == ["plans-collide"] * 2
    assert lint(include, known=Known(now=night, released=lambda: frozenset({"two"}))) == ()
    later = lint(include, known=Known(now=night + timedelta(hours=2)))
    assert [problem.rule for problem in later] == ["window-passed"] * 2


def test_only_a_plan_that_was_not_released_and_has_no_window_to_come_is_told_that_all_have_passed(
    tmp_path: Path,
) -> None:
    first, second = (
        "opens: 2026-11-28 22:00, closes: 2026-11-29 02:00, timezone: UTC",
        "opens: 2026-12-05 22:00, closes: 2026-12-06 02:00, timezone: UTC",
    )
    include = an_include(tmp_path, both=f"schedule: {{windows: [{{name: a, {first}}}, {{name: b, {second}}}]}}\n")

    def told(now: datetime, *released: str) -> list[tuple[int, str]]:
        found = lint(include, known=Known(now=now, released=lambda: frozenset(released)))
        return [(problem.line, problem.message) for problem in found if problem.rule == "window-passed"]

    assert told(datetime(2026, 12, 1, tzinfo=UTC)) == []
    assert told(datetime(2026, 12, 6, 2, tzinfo=UTC)) == []
    assert told(datetime(2026, 12, 6, 2, 1, tzinfo=UTC)) == [(3, "all 2 windows have passed")] * 2
    assert told(datetime(2026, 12, 6, 2, 1, tzinfo=UTC), "both") == []
