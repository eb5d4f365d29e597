"""Whose commits have touched these files, under whatever name they lay in the repository before?"""

from __future__ import annotations

import hashlib
import re
from collections import deque
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from deployplan.history.git import Git, HistoryUnknown, in_parts
from deployplan.plain_file import read_plain, reason_of
from deployplan.plan.model.script_folder import PASSED_OVER

MOST_PATHS = 2_000
"""Names under which the files have lain; more are not followed, and then nobody knows."""
MOST_COMMITS = 20_000
_TRAILER = re.compile(r"^[ \t]*co-authored-by[ \t]*:(.*)$", re.IGNORECASE | re.MULTILINE)
_ADDRESS = re.compile(r"<([^<>\n]*)>")
_STATUS = re.compile(r"[ACDMRTUXB]+")


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit, the mail addresses that it names, and whose key has signed it, where that was looked at."""

    id: str
    author: str
    committer: str
    co_authors: tuple[str, ...]
    signer: str | None = None


@dataclass(frozen=True, slots=True)
class History:
    """What the repository says of some files: the commits that touched them since `since`, None for all there are.

    `head` is the commit that is checked out.
    """

    head: str
    since: str | None
    commits: tuple[Commit, ...]


def history_of_files(
    paths: Iterable[Path],
    folder: Path,
    *,
    vouched: Iterable[Path] = (),
    since: str | None = None,
    signers: Path | None = None,
) -> History:
    """Return which commits touched the files, or any file below those of them that are folders.

    `vouched` are further files, whose bytes something else stands for: they need not be in the repository at all.
    Renames are followed, through merges, too; a merge counts when it made a text of its own. `since` is the commit
    from which on it is looked; one that is none of the ancestors of what is checked out is passed over. With `signers`
    each commit tells whose key has signed it. Raises HistoryUnknown where the repository cannot say it: no repository,
    no git, a part of the history only, files that are not as they were committed.
    """
    git = Git(folder, signers)
    top, inside = (Path(_line(git.ask("rev-parse", word))) for word in ("--show-toplevel", "--absolute-git-dir"))
    if ".git" not in inside.parts:
        # Whoever may merge files can lay out a repository of them, with a history as they like it.
        raise HistoryUnknown(f"{inside} is no repository's .git, but files among those that are looked at")
    git.folder = top
    if _line(git.ask("rev-parse", "--is-shallow-repository")) != "false":
        raise HistoryUnknown("the checkout has only a part of the history (a shallow clone): fetch all of it")
    head = _line(git.ask("rev-parse", "--verify", "HEAD^{commit}"))
    named = [_below(path, top) for path in paths]
    _as_committed(git, head, named, top)
    named += [_below(path, top) for path in vouched]
    begin = since if since is not None and _is_ancestor(git, since, head) else None
    commits = _followed(git, named, head if begin is None else f"{begin}..{head}", signed=signers is not None)
    return History(head, begin, tuple(commits.values()))


def _line(answer: bytes | None) -> str:
    return (answer or b"").decode("utf-8", "surrogateescape").rstrip("\n")


def _below(path: Path, top: Path) -> str:
    try:
        return str(path.resolve().relative_to(top.resolve()))
    except ValueError:
        raise HistoryUnknown(f"{path} does not lie in the repository {top}") from None


def _is_ancestor(git: Git, since: str, head: str) -> bool:
    if not re.fullmatch(r"[0-9a-f]{40,64}", since):
        return False
    return git.ask("merge-base", "--is-ancestor", since, head, may_fail=True) is not None


def _as_committed(git: Git, head: str, named: list[str], top: Path) -> None:
    """Raise HistoryUnknown when a file is not what was committed: nobody stands for what was changed since.

    Files are hashed here: git itself would ask the programs of the repository's filters.
    """
    committed: dict[str, str] = {}
    for some in in_parts(named):
        for entry in (git.ask("ls-tree", "-r", "-z", head, paths=some) or b"").split(b"\0"):
            facts, _, name = entry.decode("utf-8", "surrogateescape").partition("\t")
            if name:
                committed[name] = facts.split()[2]
    hashes = "sha256" if len(head) > 40 else "sha1"
    present: dict[str, str] = {}
    for each in named:
        place = top / each
        files = [place] if place.is_file() else sorted(path for path in place.rglob("*") if _is_script(path, place))
        present.update({str(path.relative_to(top)): _blob(path, hashes) for path in files})
    changed = sorted(name for name in {*committed, *present} if committed.get(name) != present.get(name))
    if changed:
        told = f"{', '.join(changed[:3])}{' and others' if len(changed) > 3 else ''}"
        raise HistoryUnknown(f"not as committed in {head[:12]}: {told}")


def _is_script(path: Path, folder: Path) -> bool:
    """Whether it is read with a plan: hidden files are not."""
    return path.is_file() and not any(
        part.startswith(".") or part == PASSED_OVER for part in path.relative_to(folder).parts
    )


def _blob(path: Path, hashes: str) -> str:
    try:
        content = read_plain(path)
    except OSError as error:
        raise HistoryUnknown(f"{path} cannot be read: {reason_of(error)}") from None
    return hashlib.new(hashes, b"blob %d\0" % len(content) + content).hexdigest()


def _followed(git: Git, named: list[str], commits: str, *, signed: bool) -> dict[str, Commit]:
    """The commits that touched the names, and the names from which those were renamed, and so on."""
    known, todo = set(named), list(named)
    found: dict[str, Commit] = {}
    renames: dict[str, list[tuple[str, str]]] = {}
    while todo:
        for some in in_parts(todo):
            for commit, adds in _touching(git, some, commits, signed=signed):
                found[commit.id] = commit
                if adds and commit.id not in renames:
                    renames[commit.id] = list(_renames(git, commit.id))
        if len(found) > MOST_COMMITS:
            raise HistoryUnknown(f"more than {MOST_COMMITS} commits touched the files")
        each = (old for pairs in renames.values() for old, new in pairs if _is_of(new, known))
        todo = sorted({old for old in each if old not in known})
        known.update(todo)
        if len(known) > MOST_PATHS:
            raise HistoryUnknown(f"the files had more than {MOST_PATHS} names")
    return found


def _is_of(name: str, known: Container[str]) -> bool:
    """Whether a file is one of these names, or lies below one."""
    return name in known or any(str(folder) in known for folder in PurePosixPath(name).parents)


def _touching(git: Git, paths: list[str], commits: str, *, signed: bool) -> Iterator[tuple[Commit, bool]]:
    """Yield each commit that changed one of the paths, and whether it added one."""
    words = ("log", "--full-history", "-c", "--no-renames", "--name-status", "-z", "--no-ext-diff", "--no-textconv")
    form = f"--format=%H%x00%an <%ae>%x00%cn <%ce>%x00{'%G?%x00%GS' if signed else '%x00'}%x00%B"
    more = ("--no-show-signature", "--no-mailmap", "--no-color", "--encoding=UTF-8", form)
    answer = (git.ask(*words, *more, commits, paths=paths) or b"").decode("utf-8", "replace")
    # Nothing in a commit holds a NUL, so none of its words can pass for the next one's.
    words_left = deque(answer.split("\0"))
    while words_left:
        if not (begin := words_left.popleft().strip("\n")):
            continue
        commit = _commit([begin, *(words_left.popleft() for _ in range(5))])
        adds = names = False
        while words_left and (not words_left[0].strip("\n") or _STATUS.fullmatch(words_left[0].strip("\n"))):
            if status := words_left.popleft().strip("\n"):
                words_left.popleft()
                adds, names = adds or "A" in status, True
        if names:  # a merge that took what one of its parents had changed nothing
            yield commit, adds


def _commit(words: Sequence[str]) -> Commit:
    name, author, committer, verdict, signer, message = words
    co_authors = tuple(_address(trailer) for trailer in _TRAILER.findall(message))
    return Commit(name, _address(author), _address(committer), co_authors, signer if verdict == "G" else None)


def _address(text: str) -> str:
    found = _ADDRESS.findall(text)
    return (found[-1] if found else text).strip()


def _renames(git: Git, commit_id: str) -> Iterator[tuple[str, str]]:
    """Yield the old and the new name of each file that a commit renamed, against each of its parents."""
    words = ("diff-tree", "-r", "-m", "-M", "-l0", "--root", "--no-commit-id", "--name-status", "-z", "--no-ext-diff")
    answer = git.ask(*words, "--diff-filter=R", "--no-textconv", commit_id) or b""
    found = answer.decode("utf-8", "surrogateescape").split("\0")
    for begin in range(0, len(found) - 2, 3):
        yield found[begin + 1], found[begin + 2]
