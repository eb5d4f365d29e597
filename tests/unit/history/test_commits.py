"""Real git histories: whose commits touched a file, under any name, by whichever branch; and what is never run."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from deployplan.history import git as git_program
from deployplan.history.commits import History, history_of_files
from deployplan.history.git import HistoryUnknown
from repositories import Repository, address

LINES = "one\ntwo\nthree\nfour\nfive\nsix\nseven\n"


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    found = Repository(tmp_path / "repo")
    found.write("plans/shop.yaml", LINES)
    found.commit("the first")
    return found


def history(repo: Repository, *paths: str, **more: object) -> History:
    return history_of_files([repo.folder / path for path in paths], repo.folder, **more)  # type: ignore[arg-type]


def authors(repo: Repository, *paths: str) -> list[str]:
    found = history(repo, *(paths or ("plans/shop.yaml",)))
    return sorted({commit.author.partition("@")[0] for commit in found.commits})


def test_whoever_touched_a_file_is_found_and_nobody_else(repo: Repository) -> None:
    repo.write("other.yaml", "x\n")
    repo.commit(by="olga")
    repo.write("plans/shop.yaml", LINES + "eight\n")
    repo.commit(by="amir")

    assert authors(repo) == ["amir", "erin"]


def test_a_folder_stands_for_all_that_lay_in_it(repo: Repository) -> None:
    repo.write("plans/shop/install.sh", "exit 0\n")
    repo.commit(by="amir")
    (repo.folder / "plans/shop/install.sh").unlink()
    repo.write("plans/shop/update.sh", "exit 1\n")
    repo.commit(by="mia")

    assert authors(repo, "plans/shop") == ["amir", "mia"]


def test_a_file_is_followed_through_its_names_also_into_a_folder(repo: Repository) -> None:
    repo.git("mv", "plans/shop.yaml", "plans/shop-1.yaml")
    repo.commit(by="amir")
    repo.write("plans/shop-1.yaml", LINES + "eight\n")
    repo.commit(by="mia")
    (repo.folder / "later").mkdir()
    repo.git("mv", "plans/shop-1.yaml", "later/shop-2.yaml")
    repo.write("later/shop-2.yaml", LINES + "eight\nnine\n")  # renamed and changed at once
    repo.commit(by="tom")

    assert authors(repo, "later") == ["amir", "erin", "mia", "tom"]


def test_a_file_that_something_else_vouches_for_need_not_be_as_committed_nor_be_there(repo: Repository) -> None:
    repo.write("packages/shop.tar", "built by amir")
    repo.commit(by="amir")
    repo.write("packages/shop.tar", "another")
    found = [repo.folder / "packages" / name for name in ("shop.tar", "elsewhere.tar")]

    commits = history(repo, "plans/shop.yaml", vouched=found).commits
    assert {commit.author for commit in commits} == {address("erin"), address("amir")}


def test_a_merge_counts_only_when_it_made_a_text_of_its_own(repo: Repository) -> None:
    repo.git("checkout", "-q", "-b", "side")
    repo.write("plans/shop.yaml", "ONE\n" + LINES)
    repo.commit(by="amir")
    repo.git("checkout", "-q", "main")
    repo.write("other", "x")
    repo.commit(by="olga")
    repo.git("merge", "-q", "--no-ff", "-m", "merge", "side", by="mona")
    assert authors(repo) == ["amir", "erin"]

    repo.git("checkout", "-q", "-b", "second")
    repo.write("other", "y")
    repo.commit(by="olga")
    repo.git("checkout", "-q", "main")
    repo.git("merge", "-q", "--no-ff", "--no-commit", "second")
    repo.write("plans/shop.yaml", "slipped in by the merge\n" + LINES)
    repo.git("add", "--all")
    repo.git("commit", "-q", "-m", "merge", by="eve")
    assert authors(repo) == ["amir", "erin", "eve"]


def test_the_same_change_on_two_branches_has_two_authors(repo: Repository) -> None:
    """Git's own simplification of histories would name one of them."""
    repo.git("checkout", "-q", "-b", "side")
    repo.write("plans/shop.yaml", LINES + "eight\n")
    repo.commit(by="mia")
    repo.git("checkout", "-q", "main")
    repo.write("plans/shop.yaml", LINES + "eight\n")
    repo.commit(by="amir")
    repo.git("merge", "-q", "--no-ff", "-m", "merge", "side", by="mona")

    assert authors(repo) == ["amir", "erin", "mia"]


def test_co_authors_and_committers_are_named_whatever_the_message_looks_like(repo: Repository) -> None:
    repo.write("plans/shop.yaml", LINES + "eight\n")
    message = (
        f"\x01 with\n\nCo-authored-by: Mia <{address('mia')}>\nco-AUTHORED-by:Tom <{address('tom')}>\n\nSigned off"
    )
    repo.commit(message, by="amir", committer="bot")

    found = history(repo, "plans/shop.yaml").commits[0]
    assert (found.author, found.committer) == (address("amir"), address("bot"))
    assert found.co_authors == (address("mia"), address("tom"))


def test_only_what_was_changed_since_a_commit_counts_and_one_of_elsewhere_is_passed_over(repo: Repository) -> None:
    released = repo.git("rev-parse", "HEAD")
    repo.write("plans/shop.yaml", LINES + "eight\n")
    repo.commit(by="amir")

    found = history(repo, "plans/shop.yaml", since=released)
    assert [commit.author for commit in found.commits] == [address("amir")]
    assert found.since == released
    for elsewhere in ("0" * 40, "main", "--all"):
        found = history(repo, "plans/shop.yaml", since=elsewhere)
        assert (len(found.commits), found.since) == (2, None)


def test_a_mailmap_and_a_replaced_commit_change_nobodys_name(repo: Repository) -> None:
    repo.write("plans/shop.yaml", LINES + "eight\n")
    bad = repo.commit(by="mia")
    repo.write(".mailmap", f"Olga <{address('olga')}> <{address('mia')}>\n")
    repo.commit(by="olga")
    repo.git("config", "mailmap.file", str(repo.folder / ".mailmap"))
    innocent = repo.git("commit-tree", f"{bad}^{{tree}}", "-p", f"{bad}^", "-m", "x", by="olga")
    repo.git("replace", bad, innocent)

    assert authors(repo) == ["erin", "mia"]


def test_nothing_that_the_repository_configures_is_run(repo: Repository, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(0o755)
    for key in (
        "core.fsmonitor",
        "core.pager",
        "diff.external",
        "diff.evil.command",
        "diff.evil.textconv",
        "filter.evil.clean",
        "filter.evil.smudge",
        "gpg.program",
        "core.sshCommand",
        "alias.log",
    ):
        repo.git("config", key, f"!{trap}" if key.startswith("alias") else str(trap))
    for hook in ("post-checkout", "pre-commit", "post-index-change"):
        (repo.folder / ".git/hooks" / hook).write_text(trap.read_text())
        (repo.folder / ".git/hooks" / hook).chmod(0o755)
    (repo.folder / ".git/info").mkdir(exist_ok=True)
    (repo.folder / ".git/info/attributes").write_text("* diff=evil filter=evil\n")

    assert authors(repo) == ["erin"]
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("worktree", ["", "[core]\n\tbare = false\n\tworktree = .\n"])
def test_files_that_are_laid_out_as_a_repository_are_none(repo: Repository, tmp_path: Path, worktree: str) -> None:
    """Whoever may merge files could else bring a history along in which somebody else wrote them."""
    forged = Repository(tmp_path / "forged")
    forged.write("shop.yaml", LINES)
    forged.commit(by="olga")
    shutil.copytree(forged.folder / ".git", repo.folder / "plans", dirs_exist_ok=True)
    (repo.folder / "plans/config").write_text(worktree or "[core]\n\tbare = true\n")
    (repo.folder / "plans/shop.yaml").write_text(LINES)

    with pytest.raises(HistoryUnknown):
        history_of_files([repo.folder / "plans/shop.yaml"], repo.folder / "plans")


def test_a_file_that_is_not_as_committed_has_no_known_author(repo: Repository) -> None:
    repo.write("plans/shop.yaml", LINES + "eight\n")
    with pytest.raises(HistoryUnknown, match=r"not as committed in \w{12}: plans/shop\.yaml"):
        authors(repo)


def test_a_script_that_was_never_committed_has_no_known_author(repo: Repository) -> None:
    repo.write("plans/shop/install.sh", "exit 0\n")
    repo.write("plans/shop/.hidden", "is not read\n")
    with pytest.raises(HistoryUnknown, match=r"not as committed in \w{12}: plans/shop/install\.sh$"):
        authors(repo, "plans/shop.yaml", "plans/shop")


def test_a_part_of_the_history_is_none(repo: Repository, tmp_path: Path) -> None:
    repo.write("plans/shop.yaml", LINES + "eight\n")
    repo.commit(by="amir")
    shallow = tmp_path / "shallow"
    subprocess.run(
        ["git", "clone", "-q", "--depth=1", f"file://{repo.folder}", str(shallow)],
        check=True,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
        timeout=60,
    )
    with pytest.raises(HistoryUnknown, match="shallow clone"):
        history_of_files([shallow / "plans/shop.yaml"], shallow)


def test_a_folder_without_a_repository_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(LINES)
    with pytest.raises(HistoryUnknown, match="git rev-parse says"):
        history_of_files([tmp_path / "shop.yaml"], tmp_path)


def test_without_git_nobody_knows(repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git_program.shutil, "which", lambda name: None)
    with pytest.raises(HistoryUnknown, match="no program git"):
        authors(repo)


@pytest.mark.parametrize(
    ("bound", "told"), [({"WITHIN": -1.0}, "has not answered within"), ({"MOST_OUTPUT": 3}, "more to say than")]
)
def test_git_is_not_waited_for_without_end_nor_listened_to(
    repo: Repository, monkeypatch: pytest.MonkeyPatch, bound: dict[str, float], told: str
) -> None:
    for name, value in bound.items():
        monkeypatch.setattr(git_program, name, value)
    with pytest.raises(HistoryUnknown, match=told):
        authors(repo)


def signing_key(folder: Path, name: str) -> Path:
    key = folder / f"{name}.key"
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", address(name), "-f", str(key)]
    subprocess.run(command, check=True, timeout=60)
    return key


def test_a_signature_tells_whose_key_it_is_and_another_key_tells_nothing(repo: Repository, tmp_path: Path) -> None:
    mia, eve = signing_key(tmp_path, "mia"), signing_key(tmp_path, "eve")
    signers = tmp_path / "allowed_signers"
    signers.write_text(f"{address('mia')} {mia.with_suffix('.key.pub').read_text()}")
    for line, key in (("eight", mia), ("nine", eve), ("ten", None)):
        repo.write("plans/shop.yaml", LINES + line)
        repo.git("add", "--all")
        signed = ("gpg.format=ssh", f"user.signingKey={key}", "commit.gpgSign=true") if key else ()
        repo.git("commit", "-q", "-m", line, by="amir", settings=signed)

    found = history(repo, "plans/shop.yaml", signers=signers).commits
    assert [commit.signer for commit in found] == [None, None, address("mia"), None]
