"""Approval counts people, binds to the digest, and rests on signed evidence alone."""

from dataclasses import replace
from pathlib import Path

import pytest

from builders import a_snapshot
from deployplan.runbook import review
from deployplan.runbook.run.run import NotReady, Run
from unit.runbook.runs import a_run, freeze

TWO_SEATS = {"authorities": {"amir": "product owner", "mia": "deployment manager", "erin": "author"}, "quorum": 2}


def a_review(tmp_path: Path, **changes: object) -> Run:
    run = a_run(tmp_path, **{"approval": TWO_SEATS, **changes})
    freeze(run)
    return run


def approve(run: Run, number: int, person: str) -> None:
    seat = review.offer_seat(run, number)
    review.answer_seat(run, number, person=person, approved=True, people=seat.people)


def test_a_quorum_of_two_different_people_approves(tmp_path: Path) -> None:
    run = a_review(tmp_path)
    approve(run, 1, "amir")
    assert review.missing_approvals(run) == ["seat 2 has no recorded approval of this plan"]
    approve(run, 2, "mia")
    assert review.missing_approvals(run) == []


def test_no_seat_is_offered_to_the_author_the_triggering_person_or_an_earlier_approver(tmp_path: Path) -> None:
    run = a_review(tmp_path, triggered_by="tom")
    assert review.offer_seat(run, 1).people == ("amir", "mia")  # erin is the author
    approve(run, 1, "amir")
    assert review.offer_seat(run, 2).people == ("mia",)


def test_a_run_that_airflow_created_bars_nobody_but_the_author(tmp_path: Path) -> None:
    run = replace(a_review(tmp_path), triggered_by=None)
    assert review.offer_seat(run, 1).people == ("amir", "mia")
    approve(run, 1, "amir")
    approve(run, 2, "mia")
    assert review.missing_approvals(run) == []


def test_a_seat_that_nobody_may_take_is_not_ready_and_says_why(tmp_path: Path) -> None:
    run = a_review(tmp_path, triggered_by="mia")
    approve(run, 1, "amir")
    with pytest.raises(NotReady, match="nobody may take approval seat 2"):
        review.offer_seat(run, 2)


def test_an_answer_of_somebody_who_was_not_asked_counts_for_nothing(tmp_path: Path) -> None:
    run = a_review(tmp_path)
    seat = review.offer_seat(run, 1)
    with pytest.raises(NotReady, match="the answer to seat 1 came from erin"):
        review.answer_seat(run, 1, person="erin", approved=True, people=seat.people)
    assert "seat 1 has no recorded approval of this plan" in review.missing_approvals(run)


def test_an_answer_that_is_taken_again_because_the_first_taking_was_lost_is_recorded_once(tmp_path: Path) -> None:
    run = a_review(tmp_path)
    seat = review.offer_seat(run, 1)
    for _ in range(2):
        review.answer_seat(run, 1, person="amir", approved=True, people=seat.people)
    approve(run, 1, "amir")  # a card of its own
    assert [entry.kind for entry in run.ledger.entries()].count("approved") == 2


def test_an_approval_of_another_digest_counts_for_nothing(tmp_path: Path) -> None:
    run = a_review(tmp_path)
    approve(run, 1, "amir")
    approve(run, 2, "mia")
    edited = replace(run, snapshot=a_snapshot(approval=TWO_SEATS, author="olga"))
    assert len(review.missing_approvals(edited)) == 2


def test_a_new_review_asks_everybody_again(tmp_path: Path) -> None:
    run = a_review(tmp_path)
    approve(run, 1, "amir")
    approve(run, 2, "mia")
    freeze(run)
    assert len(review.missing_approvals(run)) == 2


def test_a_seat_that_was_asked_again_and_rejected_is_no_longer_approved(tmp_path: Path) -> None:
    run = a_review(tmp_path)
    approve(run, 1, "amir")
    approve(run, 2, "mia")
    seat = review.offer_seat(run, 2)
    review.answer_seat(run, 2, person="mia", approved=False, people=seat.people)
    assert "last refusal: rejected by mia" in review.missing_approvals(run)


def test_entries_signed_with_another_key_are_not_believed(tmp_path: Path) -> None:
    from deployplan.evidence.error import LedgerDamaged
    from deployplan.evidence.ledger import Ledger

    run = a_review(tmp_path)
    Ledger(run.ledger.folder, key=b"x" * 32).record("approved", seat=1, person="amir", digest=run.snapshot.digest)
    with pytest.raises(LedgerDamaged):
        review.missing_approvals(replace(run, ledger=Ledger(run.ledger.folder, key=b"k" * 32)))


def test_the_card_shows_the_digest_the_worst_case_and_the_nodes(tmp_path: Path) -> None:
    run = a_review(tmp_path)
    run.ledger.record("preflight", node="web-1", release="1", free_mb=900, skew=0.1, problems=[])
    body = review.offer_seat(run, 1).body
    assert run.snapshot.digest in body
    assert "Worst case" in body
    assert "| web-1 | `1` | 900 | 0.1 | ready |" in body
    assert "**Time**: 10m of work: web wave 1 of 1 10m (declared); 30m kept for a backout" in body


def test_the_card_says_when_this_very_plan_is_on_all_nodes_already(tmp_path: Path) -> None:
    run = a_review(tmp_path)
    verified = "2026-11-28T22:10:00+00:00"
    run.ledger.record("preflight", node="web-1", release="2", free_mb=900, skew=0.1, problems=[], verified=verified)
    assert f"**Already there**: by their own ledgers all nodes have this very plan, verified since `{verified}`" in (
        review.offer_seat(run, 1).body
    )
    run.ledger.record("preflight", node="web-2", release="1", free_mb=900, skew=0.1, problems=[], verified=None)
    assert "Already there" not in review.offer_seat(run, 1).body
