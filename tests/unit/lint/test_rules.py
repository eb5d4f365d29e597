"""Every rule is silent about the passing fragment of its manual, and speaks about the failing one."""

import pkgutil
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest

import deployplan.lint.rules
import deployplan.plan.rules
from builders import an_include
from deployplan.lint.known import Known
from deployplan.lint.rules import ALL_RULES as JUDGED
from deployplan.lint.runner import lint
from deployplan.plan.load.loading import load_all
from deployplan.plan.rules import ALL_RULES as REFUSED
from deployplan.plan.text.problem import Problem
from fragments import fragments

HERE = Known(
    now=datetime(2026, 11, 1, tzinfo=UTC),
    users={"mia": "user", "amir": "user", "ann": "op", "erin": "user"},
    users_from="users.yaml",
)
RULES = pytest.mark.parametrize("rule", [*REFUSED, *JUDGED], ids=lambda rule: rule.ID)


def problems_of(rule: ModuleType, folder: Path, *, failing: bool) -> tuple[Problem, ...]:
    return lint(fragments(rule)[failing].written_to(folder), known=HERE)


@RULES
def test_the_passing_fragment_passes(rule: ModuleType, tmp_path: Path) -> None:
    problems = problems_of(rule, tmp_path, failing=False)

    assert rule.ID not in {problem.rule for problem in problems}
    assert [problem.text() for problem in problems if problem.severity == "error"] == []


@RULES
def test_the_failing_fragment_fails_by_this_rule_alone(rule: ModuleType, tmp_path: Path) -> None:
    problems = problems_of(rule, tmp_path, failing=True)
    own = [problem for problem in problems if problem.rule == rule.ID]

    assert own
    assert {problem.severity for problem in own} == {rule.SEVERITY}
    assert [problem.text() for problem in problems if problem.severity == "error" and problem.rule != rule.ID] == []


@RULES
def test_the_failing_fragment_points_at_a_line_that_is_there(rule: ModuleType, tmp_path: Path) -> None:
    for problem in problems_of(rule, tmp_path, failing=True):
        assert problem.snippet(Path(problem.path).read_text())


@pytest.mark.parametrize("rule", REFUSED, ids=lambda rule: rule.ID)
def test_what_makes_a_plan_unusable_is_refused_by_loading(rule: ModuleType, tmp_path: Path) -> None:
    result = load_all(fragments(rule)[1].written_to(tmp_path))

    assert rule.ID in {problem.rule for problem in result.problems}
    assert result.snapshots == {}


@pytest.mark.parametrize("rule", JUDGED, ids=lambda rule: rule.ID)
def test_what_is_a_matter_of_judgement_is_loaded(rule: ModuleType, tmp_path: Path) -> None:
    result = load_all(fragments(rule)[1].written_to(tmp_path))

    assert "shop-2" in result.snapshots


@pytest.mark.parametrize("package", [deployplan.plan.rules, deployplan.lint.rules])
def test_every_module_of_the_folder_is_a_rule_that_runs(package: ModuleType) -> None:
    modules = {module.name for module in pkgutil.iter_modules(package.__path__)}

    assert {rule.__name__.rpartition(".")[2] for rule in package.ALL_RULES} == modules


def test_a_rule_is_called_as_its_module() -> None:
    for rule in (*REFUSED, *JUDGED):
        assert rule.__name__.rpartition(".")[2] == rule.ID.replace("-", "_")


def test_two_components_direct_no_traffic_of_the_same_node(tmp_path: Path) -> None:
    traffic = "traffic: {drain: true, put_back: true}"
    both = f"""
components:
  web: {{nodes: [web-1], deploy: ./up.sh, undo: ./down.sh, {traffic}}}
  app: {{nodes: ["group:web"], deploy: ./up.sh, undo: ./down.sh, {traffic}}}
"""
    problems = lint(an_include(tmp_path, shop_2=both), known=HERE)
    (told,) = (problem.message for problem in problems if problem.rule == "traffic-place")
    assert told == "web-1 would be taken out of service for 'web' and for 'app'"
