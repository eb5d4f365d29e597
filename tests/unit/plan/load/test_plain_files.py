"""Nothing below the include folder is read through a link, from a special file, from outside, or without bound."""

import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from builders import an_include
from deployplan.cli.render import render_problems
from deployplan.lint.runner import lint
from deployplan.plain_file import NotPlain, facts_of, lies_there, open_plain, read_plain, require_no_link
from deployplan.plan.include import Include
from deployplan.plan.load.fingerprints import Looks
from deployplan.plan.load.loading import load_all
from deployplan.plan.snapshot import Snapshot

SECRET = "a secret of the controller's"


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A file that the controller may read and no author may."""
    path = tmp_path / "elsewhere" / "jwt.key"
    path.parent.mkdir()
    path.write_text(SECRET)
    return path


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder whose path is short enough for a socket's name."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def as_link(path: Path, outside: Path) -> None:
    path.symlink_to(outside)


def as_link_to_a_neighbour(path: Path, outside: Path) -> None:
    beside = path.with_name(f"beside-{path.name}")
    beside.write_text("plan: x\n")
    path.symlink_to(beside.name)


def as_pipe(path: Path, outside: Path) -> None:
    os.mkfifo(path)


def as_device(path: Path, outside: Path) -> None:
    path.symlink_to("/dev/zero")


def as_endless_file(path: Path, outside: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 40)


UNUSABLE = [as_link, as_link_to_a_neighbour, as_pipe, as_device, as_endless_file]
KINDS = {
    "plan": lambda include: include.plans / "shop-2.yaml",
    "procedure": lambda include: include.procedures / "shop.yaml",
    "infrastructure": lambda include: include.infrastructure / "production.yaml",
    "controls": lambda include: include.controls / "production.yaml",
    "calendar": lambda include: include.infrastructure / "year-end.ics",
    "package": lambda include: include.packages / "shop-2.tar",
    "script of a procedure": lambda include: include.procedures / "shop" / "up.sh",
    "script of a plan": lambda include: include.plans / "shop-2" / "more.sh",
}
SHA256_OF_PACKAGE = "f26980f79b903a9f67ca475a36a62613c5ecab8bbbb775de28cddd8a6f854288"


def a_whole_include(folder: Path) -> Include:
    """A plan that uses one file of every kind."""
    package = f"package: {{web: {{file: shop-2.tar, sha256: {SHA256_OF_PACKAGE}}}}}\n"
    include = an_include(folder / "include", shop_2=package)
    (include.plans / "shop-2").mkdir()
    (include.plans / "shop-2" / "more.sh").write_text("exit 0\n")
    (include.controls / "production.yaml").write_text("environment: production\n")
    with (include.infrastructure / "production.yaml").open("a") as file:
        file.write("freezes: [{name: year end, calendar: year-end.ics}]\n")
    event = "BEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20261224\r\nDTEND;VALUE=DATE:20270102\r\nEND:VEVENT\r\n"
    calendar = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{event}END:VCALENDAR\r\n"
    (include.infrastructure / "year-end.ics").write_bytes(calendar.encode())
    return include


def test_a_plan_of_regular_files_alone_is_accepted(tmp_path: Path) -> None:
    result = load_all(a_whole_include(tmp_path))
    assert [str(problem) for problem in result.problems] == []
    assert {script.path for script in result.snapshots["shop-2"].scripts} >= {"more.sh", "up.sh"}


@pytest.mark.parametrize("make", UNUSABLE)
@pytest.mark.parametrize("kind", KINDS)
def test_whatever_is_no_regular_file_is_refused_by_its_path(
    tmp_path: Path, outside: Path, kind: str, make: Callable[[Path, Path], None]
) -> None:
    include = a_whole_include(tmp_path)
    path = KINDS[kind](include)
    path.unlink()
    make(path, outside)

    result = load_all(include)

    assert "shop-2" not in result.snapshots
    told = [problem for problem in result.problems if path.name in f"{problem.path} {problem.message}"]
    assert told, result.problems
    assert not any(SECRET in problem.message for problem in result.problems)


@pytest.mark.parametrize("folder", ["plans", "procedures", "infrastructure", "controls", "packages", "procedures/shop"])
def test_a_folder_that_is_a_link_is_not_entered(tmp_path: Path, folder: str) -> None:
    include = a_whole_include(tmp_path)
    real = include.root / folder
    moved = tmp_path / "moved"
    real.rename(moved)
    real.symlink_to(moved)

    result = load_all(include)

    assert "shop-2" not in result.snapshots
    assert any("is a link" in problem.message for problem in result.problems), result.problems


def test_a_controls_file_that_cannot_be_used_is_no_missing_one(tmp_path: Path) -> None:
    include = a_whole_include(tmp_path)
    (include.controls / "production.yaml").unlink()
    (include.controls / "production.yaml").symlink_to("nowhere.yaml")
    assert "shop-2" not in load_all(include).snapshots


def test_the_path_to_the_folder_may_hold_links(tmp_path: Path) -> None:
    include = a_whole_include(tmp_path / "revision-1")
    (tmp_path / "current").symlink_to("revision-1")
    through = Include(tmp_path / "current" / "include")

    found, direct = load_all(through), load_all(include)

    assert (found.problems, direct.problems) == ((), ())
    assert _digest(found.snapshots) == _digest(direct.snapshots)


def _digest(snapshots: dict[str, Snapshot]) -> str:
    return snapshots["shop-2"].digest


def test_what_lies_behind_a_link_is_not_shown_beside_the_problem_either(tmp_path: Path, outside: Path) -> None:
    include = a_whole_include(tmp_path)
    (include.plans / "leak.yaml").symlink_to(outside)
    problems = lint(include)
    assert any("leak.yaml" in problem.path for problem in problems)
    assert SECRET not in render_problems(problems, "text")


@pytest.mark.parametrize("make", UNUSABLE)
def test_a_later_look_finds_that_a_file_was_replaced(
    tmp_path: Path, outside: Path, make: Callable[[Path, Path], None]
) -> None:
    include = a_whole_include(tmp_path)
    reads = load_all(include).reads[include.plan_path("shop-2")]
    assert Looks(include.root).same(reads)
    path = include.plan_path("shop-2")
    path.unlink()
    make(path, outside)
    assert not Looks(include.root).same(reads)


def test_a_socket_is_refused(short_folder: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(short_folder / "up.sh"))
        with pytest.raises(NotPlain, match=r"it is a socket"):
            read_plain(short_folder / "up.sh")


@pytest.mark.parametrize("path", ["../jwt.key", "plans/../../jwt.key", "/etc/hostname"])
def test_a_path_that_leads_out_of_the_root_is_refused(tmp_path: Path, path: str) -> None:
    (tmp_path / "jwt.key").write_text(SECRET)
    (tmp_path / "include" / "plans").mkdir(parents=True)
    with pytest.raises(NotPlain, match="does not lie in"):
        read_plain(f"{tmp_path}/include/{path}" if not path.startswith("/") else path, tmp_path / "include")


def test_a_missing_file_is_missing_and_what_is_refused_is_there(tmp_path: Path, outside: Path) -> None:
    (tmp_path / "link").symlink_to(outside)
    assert not lies_there(tmp_path / "nothing", tmp_path)
    assert lies_there(tmp_path / "link", tmp_path)
    with pytest.raises(FileNotFoundError):
        read_plain(tmp_path / "nothing", tmp_path)
    with pytest.raises(IsADirectoryError):
        facts_of(outside.parent, tmp_path)
    require_no_link(tmp_path / "none" / "deeper", tmp_path)


def test_a_relative_root_is_a_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "include").mkdir()
    (tmp_path / "include" / "a.yaml").write_text("a")
    monkeypatch.chdir(tmp_path)
    assert read_plain("include/a.yaml", "include") == b"a"
    assert read_plain("include/a.yaml", ".") == b"a"
    assert read_plain("include/a.yaml") == b"a"
    with open_plain(tmp_path / "include" / "a.yaml", "/") as file:
        assert file.read() == b"a"


def test_no_descriptor_is_left_open(tmp_path: Path, outside: Path) -> None:
    (tmp_path / "link").symlink_to(outside)
    (tmp_path / "folder").symlink_to(outside.parent)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for path in ("link", "folder/jwt.key", "nothing", "elsewhere", "elsewhere/jwt.key"):
        lies_there(tmp_path / path, tmp_path)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
