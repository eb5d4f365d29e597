"""Lint says who of a plan, of its controls and of its rotas is nobody of include/people.yaml."""

from datetime import UTC, datetime
from pathlib import Path

from builders import an_include
from deployplan.lint.known import Known
from deployplan.lint.runner import lint

PEOPLE = "people: {erin: {}, mia: {roles: [tester]}}\n"


def found(folder: Path, people: str = PEOPLE, controls: str | None = None) -> list[str]:
    include = an_include(folder, shop_2="")
    (folder / "people.yaml").write_text(people)
    if controls is not None:
        (folder / "controls/production.yaml").write_text(controls)
    problems = lint(include, known=Known(now=datetime(2026, 11, 1, tzinfo=UTC)))
    return [problem.message for problem in problems if problem.rule in ("person-known", "person-twice")]


def test_a_plan_of_known_people_is_silent(tmp_path: Path) -> None:
    assert found(tmp_path) == []


def test_whom_the_controls_name_is_known_too(tmp_path: Path) -> None:
    controls = "documented: {roles: {deployment manager: [mia, zoe]}}\nemergency: {second_authority: [Mia]}\n"
    assert found(tmp_path, controls=controls) == [
        "the controls of production name Mia, zoe: nobody of include/people.yaml"
    ]


def test_a_role_that_an_authority_has_not_is_told_where_the_controls_ask_for_roles(tmp_path: Path) -> None:
    assert found(tmp_path, controls="documented: {approvers: people}\n") == [
        "authority 'mia' has not the role 'deployment manager' in include/people.yaml, which the controls ask for"
    ]


def test_what_is_wrong_with_the_file_is_told_with_every_plan(tmp_path: Path) -> None:
    people = 'people: {erin: {ids: ["3"]}, mia: {ids: ["3"]}}\n'
    assert found(tmp_path, people) == ["mia is called '3', and so is erin"]
