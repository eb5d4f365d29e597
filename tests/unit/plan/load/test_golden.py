"""Plans in tests/plans/ok load in silence; those in tests/plans/rejected say what their .out file says."""

import os
from pathlib import Path

import pytest

from deployplan.cli.render import in_full
from deployplan.lint.runner import lint
from deployplan.plan.include import Include
from deployplan.plan.load.loading import load
from deployplan.plan.snapshot import Snapshot
from deployplan.plan.text.problem import PlanRejected, Problem

ROOT = Path(__file__).parents[4]
PLANS = Path("tests/plans")
ACCEPTED = sorted((ROOT / PLANS / "ok").glob("*.yaml"))
REJECTED = sorted((ROOT / PLANS / "rejected").glob("*.yaml"))
REWRITE = "REWRITE_GOLDEN" in os.environ


@pytest.fixture(autouse=True)
def _at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def loaded(path: Path) -> Snapshot:
    return load(path.relative_to(ROOT), Include(PLANS))


def problems_of(path: Path) -> tuple[Problem, ...]:
    with pytest.raises(PlanRejected) as rejected:
        loaded(path)
    return rejected.value.problems


@pytest.mark.parametrize("path", ACCEPTED, ids=lambda path: path.stem)
def test_a_good_plan_is_loaded_and_survives_its_record(path: Path) -> None:
    snapshot = loaded(path)

    assert snapshot.plan.name == path.stem
    assert Snapshot.from_json(snapshot.to_json()) == snapshot
    assert Snapshot.from_json(snapshot.to_json()).digest == snapshot.digest


@pytest.mark.parametrize("path", ACCEPTED, ids=lambda path: path.stem)
def test_a_good_plan_is_silent_under_all_rules(path: Path) -> None:
    assert [problem.text() for problem in lint(Include(PLANS), [path.relative_to(ROOT)])] == []


@pytest.mark.parametrize("path", REJECTED, ids=lambda path: path.stem)
def test_a_bad_plan_says_everything_that_is_wrong_with_it(path: Path) -> None:
    text = "\n".join(map(in_full, problems_of(path))) + "\n"
    if REWRITE:
        path.with_suffix(".out").write_text(text)

    assert text == path.with_suffix(".out").read_text()


@pytest.mark.parametrize("path", REJECTED, ids=lambda path: path.stem)
def test_every_problem_is_one_line_in_the_style_of_the_house(path: Path) -> None:
    for problem in problems_of(path):
        assert "\n" not in problem.message
        assert not problem.message.endswith(".")
        assert not problem.message[0].isupper()
        assert "please" not in problem.message
        assert "invalid" not in problem.message
        assert (ROOT / problem.path).is_file()
