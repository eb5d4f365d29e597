"""Authors are those who wrote it, by the repository's history; they cannot approve, and the unknown are told."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from builders import PROCEDURE_TEXT
from deployplan.evidence.kinds.review import AuthorsFound
from deployplan.evidence.record import Records
from deployplan.plan.load.loading import load
from deployplan.plan.load.roster_file import load_roster
from deployplan.runbook import review
from deployplan.runbook.authors import find_authors
from deployplan.runbook.run.directory import Directory
from deployplan.runbook.run.run import NotReady, Run
from deployplan.runbook.timing.past_runs import remember
from repositories import Repository, address
from unit.runbook.runs import KEY, a_run, freeze

PLAN = """plan: shop-2
follows: shop
approval: {authorities: {mia: deployment manager, amir: product owner, tom: tester}, quorum: 1}
"""
PEOPLE = "people:\n" + "".join(f"  {name}: {{mail: {address(name)}}}\n" for name in ("erin", "mia", "amir", "tom"))
ASKED = "documented: {authors: repository%s}\n"


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    """The include folder of the run, under git: erin wrote everything."""
    return Repository(tmp_path / "include")


def a_review(repo: Repository, tmp_path: Path, more: str = "", people: str = PEOPLE) -> Run:
    run = a_run(tmp_path)
    repo.write("people.yaml", people)
    repo.write("controls/production.yaml", ASKED % more)
    repo.write("plans/shop-2.yaml", PLAN)
    repo.commit()
    return run


def read_now(run: Run) -> Run:
    snapshot = load(run.include.plan_path("shop-2"), run.include)
    found = replace(run, snapshot=snapshot, directory=lambda: Directory(load_roster(run.include)))
    freeze(found)
    return found


def found_in(run: Run) -> AuthorsFound:
    found = run.read_state().review.authors
    assert found is not None
    return found


def test_who_wrote_the_plan_its_procedure_or_a_script_is_not_asked(repo: Repository, tmp_path: Path) -> None:
    run = a_review(repo, tmp_path)
    repo.write("procedures/shop.yaml", PROCEDURE_TEXT + "change: CHG-1\n")
    repo.commit("one\n\nCo-authored-by: Mia <MIA@shop.example>", by="erin")
    repo.write("plans/shop-2/up.sh", "exit 0\n")
    repo.commit(by="tom")
    run = read_now(run)

    assert find_authors(run) == []
    assert found_in(run).people == ("tom", "erin", "mia")
    assert review.offer_seat(run, 1).people == ("amir",)
    seat = {"approved": True, "user": "tom", "login": "tom"}
    review.answer_seat(run, 1, person="tom", people=("tom",), **seat)
    assert "tom wrote it, by the repository's history" in review.missing_approvals(run)


def test_too_few_who_did_not_write_it_are_told_at_once(repo: Repository, tmp_path: Path) -> None:
    run = a_review(repo, tmp_path)
    for name in ("mia", "amir", "tom"):
        repo.write("plans/shop-2.yaml", f"{PLAN}# {name}\n")
        repo.commit(by=name)

    with pytest.raises(NotReady, match="authors: 1 must approve; mia, amir, tom wrote it and cannot"):
        review.review_controls(read_now(run))


@pytest.mark.parametrize(
    ("by", "message", "unknown"),
    [
        ("zoe", "x", address("zoe")),
        ("mia", f"x\n\nCo-authored-by: Zoe <{address('zoe')}>", address("zoe")),
        ("mia@elsewhere.example", "x", "mia@elsewhere.example"),
        ("m\u0456a", "x", "m\u0456a@shop.example"),
    ],
)
def test_an_unknown_author_holds_unless_the_controls_let_it_be_told(
    repo: Repository, tmp_path: Path, by: str, message: str, unknown: str
) -> None:
    run = a_review(repo, tmp_path)
    repo.write("plans/shop-2.yaml", PLAN + "# a change\n")
    repo.commit(message, by=by)
    run = read_now(run)

    (problem,) = find_authors(run)
    assert problem.startswith(f"authors: nobody knows {unknown} (")
    repo.write("controls/production.yaml", ASKED % ", unknown_authors: tell")
    run = read_now(run)
    assert find_authors(run) == []
    assert f"nobody knows `{unknown} (" in review.offer_seat(run, 1).body


def test_a_machine_that_commits_for_others_is_nobody_and_as_author_it_is_unknown(
    repo: Repository, tmp_path: Path
) -> None:
    run = a_review(repo, tmp_path, ", machines: [forge@shop.example]")
    repo.write("plans/shop-2.yaml", PLAN + "# a change\n")
    repo.commit(by="mia", committer="forge")
    assert find_authors(read_now(run)) == []
    repo.write("plans/shop-2.yaml", PLAN + "# another\n")
    repo.commit(by="forge")
    assert [problem.split(" (")[0] for problem in find_authors(read_now(run))] == [
        "authors: nobody knows forge@shop.example"
    ]


def test_a_file_that_is_not_committed_and_one_without_history_hold(repo: Repository, tmp_path: Path) -> None:
    run = a_review(repo, tmp_path)
    repo.write("plans/shop-2.yaml", PLAN + "change: CHG-2\n")
    (problem,) = find_authors(read_now(run))
    assert "not as committed in" in problem

    (repo.folder / ".git").rename(tmp_path / "gone")
    (problem,) = find_authors(read_now(run))
    assert problem.startswith("authors: the repository does not say who wrote it: git rev-parse says")


def test_a_plan_that_was_edited_since_it_was_read_has_no_known_author(repo: Repository, tmp_path: Path) -> None:
    run = read_now(a_review(repo, tmp_path))
    repo.write("plans/shop-2.yaml", PLAN + "change: CHG-2\n")
    repo.commit(by="amir")

    assert find_authors(run) == [
        "authors: the repository does not say who wrote it: the plan's file has changed since this plan was read"
    ]


def test_without_a_roster_addresses_are_nobodys(repo: Repository, tmp_path: Path) -> None:
    run = a_review(repo, tmp_path)
    (repo.folder / "people.yaml").unlink()

    assert any("there is no include/people.yaml to say whose" in problem for problem in find_authors(read_now(run)))


def test_a_commit_that_nobody_signed_is_told_where_signatures_are_asked_for(repo: Repository, tmp_path: Path) -> None:
    run = a_review(repo, tmp_path, ", signed: true")
    (problem,) = find_authors(read_now(run))
    assert "allowed_signers, which tells whose signatures count: no such file" in problem

    repo.write("allowed_signers", "")
    assert any(problem.startswith("authors: nobody knows who signed ") for problem in find_authors(read_now(run)))


def test_nothing_is_asked_of_a_repository_where_the_controls_do_not_ask(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    freeze(run)

    assert find_authors(run) == []
    assert run.read_state().review.authors is None
    assert not any("repository" in problem for problem in review.missing_approvals(run))


def test_authors_that_were_never_looked_for_are_missing_when_it_arms(repo: Repository, tmp_path: Path) -> None:
    run = read_now(a_review(repo, tmp_path))

    assert "who wrote it was not asked of the repository: clear review.controls with Downstream" in (
        review.missing_approvals(run)
    )


def test_only_what_was_changed_since_the_last_release_counts(
    repo: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = a_review(repo, tmp_path)
    repo.write("procedures/shop.yaml", PROCEDURE_TEXT + "change: CHG-1\n")
    released = repo.commit(by="tom")
    repo.write("plans/shop-2.yaml", PLAN + "# mia's\n")
    repo.commit(by="mia")
    told: dict[str, Any] = {}
    monkeypatch.setattr("deployplan.runbook.authors._released_commit", lambda records, snapshot: told["since"])

    told["since"] = released
    run = read_now(run)
    assert find_authors(run) == []
    assert (found_in(run).people, found_in(run).since) == (("mia",), released)
    told["since"] = None
    assert find_authors(run) == []
    assert set(found_in(run).people) == {"mia", "tom", "erin"}


def test_the_commit_of_the_last_release_by_its_own_evidence_bounds_the_authors_of_the_next(
    repo: Repository, tmp_path: Path
) -> None:
    records, template = Records(str(tmp_path / "records"), key=KEY), a_review(repo, tmp_path)

    def begin(plan: str) -> Run:
        snapshot = load(template.include.plan_path(plan), template.include)
        records.save_snapshot(plan, snapshot.digest, snapshot.to_json())
        records.open_run(plan, "run-1", snapshot.digest)
        ledger = records.run(plan, "run-1").ledger()
        people = Directory(load_roster(template.include))
        run = replace(template, snapshot=snapshot, ledger=ledger, records=records, directory=lambda: people)
        freeze(run)
        return run

    def end(run: Run, outcome: str) -> None:
        run.ledger.record("outcome", outcome=outcome, because="")
        run.ledger.seal()
        remember(records, run.snapshot, run.run_id, run.ledger)
        records.close_run(run.snapshot.plan.name, run.run_id)

    def write(plan: str, by: str) -> str:
        repo.write(f"plans/{plan}.yaml", PLAN.replace("shop-2", plan))
        return repo.commit(by=by)

    first = begin("shop-2")
    assert find_authors(first) == []
    assert (found_in(first).since, found_in(first).people) == (None, ("erin",))
    released = repo.git("rev-parse", "HEAD")
    end(first, "success")

    write("shop-3", "tom")
    second = begin("shop-3")
    assert find_authors(second) == []
    assert (found_in(second).since, found_in(second).people) == (released, ("tom",))
    end(second, "backed_out")  # its changes are in no release

    repo.write("procedures/shop.yaml", PROCEDURE_TEXT + "change: CHG-1\n")
    repo.commit(by="amir")
    latest = write("shop-4", "mia")
    third = begin("shop-4")
    assert find_authors(third) == []
    assert (found_in(third).since, set(found_in(third).people)) == (released, {"amir", "mia"})
    end(third, "success")

    write("shop-5", "tom")
    fourth = begin("shop-5")
    assert find_authors(fourth) == []
    assert (found_in(fourth).since, found_in(fourth).people) == (latest, ("tom",))
