"""Seats by who is who at this moment: neither author nor triggering person under another name, nobody unknown."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from deployplan.evidence.kinds.review import PlanFrozen
from deployplan.plan.load.roster_file import load_roster
from deployplan.plan.model.controls import Controls
from deployplan.plan.text.problem import PlanRejected
from deployplan.plan.text.strict import freeze_lists
from deployplan.runbook import review
from deployplan.runbook.run.directory import Directory
from deployplan.runbook.run.run import NotReady, Run
from unit.runbook.runs import a_run

AUTHORITIES = {"amir": "product owner", "mia": "deployment manager", "erin": "author"}
PEOPLE = """people:
  mia: {ids: ["3"]}
  amir: {ids: ["7"]}
  erin: {ids: ["5"], logins: [erin.w]}
  tom: {ids: ["9"]}
"""


def under_fab(tmp_path: Path, people: str = PEOPLE, *, triggered_by: str | None = "tom", quorum: int = 1) -> Run:
    """A run under FAB, whose people are read from the file each time."""
    run = a_run(
        tmp_path, approval={"authorities": AUTHORITIES, "quorum": quorum}, backout={"authority": ["amir", "mia"]}
    )
    file = tmp_path / "include" / "people.yaml"
    file.write_text(people)
    run = replace(run, triggered_by=triggered_by, directory=reader(run))
    name = run.directory().name_of_login(triggered_by)
    run.record(
        PlanFrozen(plan="shop-2", run="run-1", digest=run.snapshot.digest, triggered_by=name, login=triggered_by)
    )
    return run


def reader(run: Run) -> Callable[[], Directory]:
    def read() -> Directory:
        try:
            return Directory(load_roster(run.include), ids_are_logins=False)
        except PlanRejected as error:
            return Directory(trouble=f"include/people.yaml cannot be used: {error.problems[0].text()}")

    return read


def approve(run: Run, number: int, person: str, user: str, login: str) -> None:
    seat = review.offer_seat(run, number)
    review.answer_seat(run, number, person=person, approved=True, people=seat.people, user=user, login=login)


def now(run: Run, people: str) -> None:
    (run.include.root / "people.yaml").write_text(people)


def test_who_triggers_under_her_login_is_not_asked_under_her_name(tmp_path: Path) -> None:
    run = under_fab(tmp_path, triggered_by="mia")

    assert review.offer_seat(run, 1).people == ("amir",)


def test_an_author_is_barred_under_whatever_login_they_trigger(tmp_path: Path) -> None:
    run = under_fab(tmp_path, triggered_by="erin.w")

    assert review.offer_seat(run, 1).people == ("amir", "mia")


def test_who_triggered_is_barred_where_airflow_does_not_tell_any_more(tmp_path: Path) -> None:
    """The triggerer is not told who triggered the run; the evidence tells."""
    run = replace(under_fab(tmp_path, triggered_by="mia"), triggered_by=None)

    assert review.offer_seat(run, 1).people == ("amir",)


def test_a_run_that_nobody_known_has_triggered_asks_nobody(tmp_path: Path) -> None:
    run = under_fab(tmp_path, triggered_by="zoe")

    with pytest.raises(NotReady, match="user 'zoe' triggered the run, and that is nobody of include"):
        review.review_controls(run)
    with pytest.raises(NotReady, match="user 'zoe' triggered the run"):
        review.offer_seat(run, 1)


def test_an_author_whom_nobody_knows_asks_nobody(tmp_path: Path) -> None:
    run = under_fab(tmp_path, PEOPLE.replace("erin:", "eric:"))

    with pytest.raises(NotReady, match="author 'erin': that is nobody of include"):
        review.offer_seat(run, 1)


def test_an_authority_whom_nobody_knows_is_not_asked_and_the_review_says_so(tmp_path: Path) -> None:
    run = under_fab(tmp_path, PEOPLE.replace("mia:", "maya:"))
    review.review_controls(run)

    gates = {entry.facts["name"]: entry.facts for entry in run.ledger.entries() if entry.kind == "gate"}
    assert gates["people"]["ok"] is True
    assert gates["people"]["detail"] == (
        "2 of 3 people of the plan are in include/people.yaml; nobody there, and asked nothing: mia"
    )
    assert review.offer_seat(run, 1).people == ("amir",)


def test_fewer_known_authorities_than_must_approve_are_too_few(tmp_path: Path) -> None:
    run = under_fab(tmp_path, PEOPLE.replace("mia:", "maya:"), quorum=2)

    with pytest.raises(NotReady, match="2 must approve, and of mia that is nobody of include"):
        review.review_controls(run)


def test_without_a_roster_an_auth_manager_with_numbers_lets_nobody_through(tmp_path: Path) -> None:
    run = under_fab(tmp_path)
    (run.include.root / "people.yaml").unlink()

    with pytest.raises(NotReady, match=r"there is no include/people\.yaml to say whose they are"):
        review.review_controls(run)


def test_the_simple_auth_manager_without_a_roster_has_no_such_gate(tmp_path: Path) -> None:
    run = a_run(tmp_path, approval={"authorities": AUTHORITIES})
    review.review_controls(run)

    assert "people" not in {entry.facts.get("name") for entry in run.ledger.entries()}


def test_a_person_who_is_removed_loses_the_right_at_once(tmp_path: Path) -> None:
    run = under_fab(tmp_path)
    approve(run, 1, "amir", "7", "amir")
    assert review.missing_approvals(run) == []

    now(run, PEOPLE.replace("amir:", "arno:"))

    found = review.missing_approvals(run)
    assert "amir answered as user 7, who is nobody by include/people.yaml now: ask again" in found
    assert review.offer_seat(run, 1).people == ("mia",)


def test_two_names_that_turn_out_to_be_one_person_are_one_approval(tmp_path: Path) -> None:
    run = under_fab(tmp_path, quorum=2)
    approve(run, 1, "amir", "7", "amir")
    approve(run, 2, "mia", "3", "mia")
    assert review.missing_approvals(run) == []

    now(run, PEOPLE.replace('mia: {ids: ["3"]}', "mia:").replace('["7"]', '["7", "3"]'))

    assert any("mia answered as user 3" in problem for problem in review.missing_approvals(run))


def test_an_approval_under_the_triggering_persons_other_login_does_not_count(tmp_path: Path) -> None:
    """She triggers as one user and approves as another; operations then learn that both are hers."""
    run = under_fab(tmp_path, PEOPLE + '  mia2: {ids: ["11"]}\n', triggered_by="mia2")
    approve(run, 1, "mia", "3", "mia")

    now(run, PEOPLE.replace('mia: {ids: ["3"]}', 'mia: {ids: ["3", "11"], logins: [mia, mia2]}'))

    assert "mia triggered the run" in review.missing_approvals(run)


def test_a_roster_that_cannot_be_read_seats_nobody(tmp_path: Path) -> None:
    run = under_fab(tmp_path)
    approve(run, 1, "amir", "7", "amir")

    now(run, "people: [\n")

    assert any("people.yaml cannot be used" in problem for problem in review.missing_approvals(run))
    with pytest.raises(NotReady, match=r"people\.yaml cannot be used"):
        review.offer_seat(run, 1)


def test_an_approval_keeps_the_name_the_id_and_the_login(tmp_path: Path) -> None:
    run = under_fab(tmp_path)
    approve(run, 1, "amir", "7", "amir")

    (entry,) = [each for each in run.ledger.entries() if each.kind == "approved"]
    assert [entry.facts[name] for name in ("person", "user", "login")] == ["amir", "7", "amir"]


def test_an_approval_of_an_earlier_version_stands_by_the_id_that_it_names(tmp_path: Path) -> None:
    run = under_fab(tmp_path, PEOPLE.replace('amir: {ids: ["7"]}', "amir:"))
    seat = review.offer_seat(run, 1)
    review.answer_seat(run, 1, person="amir", approved=True, people=seat.people)

    assert review.missing_approvals(run) == []
    now(run, PEOPLE)
    assert any("amir answered as user amir" in problem for problem in review.missing_approvals(run))


def by_role(run: Run) -> Run:
    documented = {"approvers": "people", "roles": ["deployment manager", "product owner"]}
    return replace(run, snapshot=run.snapshot.model_copy(update={"controls": a_controls(documented)}))


def a_controls(documented: dict[str, object]) -> Controls:
    return Controls.model_validate(freeze_lists({"documented": documented}))


ROLES = (
    PEOPLE.replace('["3"]', '["3"], roles: [deployment manager]')
    .replace('["7"]', '["7"], roles: [product owner]')
    .replace('["5"]', '["5"], roles: [author]')
)


def test_approvers_by_role_are_those_who_have_the_role_now(tmp_path: Path) -> None:
    run = by_role(under_fab(tmp_path, ROLES))
    approve(run, 1, "amir", "7", "amir")
    assert review.missing_approvals(run) == []

    now(run, ROLES.replace("product owner", "developer"))

    lacking = "authority 'amir' has not the role 'product owner' by include/people.yaml"
    decides = "backout authority 'amir' has not the role 'deployment manager' or 'product owner' by include/people.yaml"
    assert review.missing_approvals(run) == [lacking, decides]
    with pytest.raises(NotReady, match="authority 'amir' has not the role 'product owner'"):
        review.offer_seat(run, 1)
    with pytest.raises(NotReady, match="people: authority 'amir' has not the role 'product owner'"):
        review.review_controls(run)


def test_without_a_roster_nobody_has_a_role(tmp_path: Path) -> None:
    run = by_role(a_run(tmp_path, approval={"authorities": AUTHORITIES}))

    with pytest.raises(NotReady, match="authority 'mia' has not the role 'deployment manager'"):
        review.review_controls(run)
