import errno
import os
import threading
from pathlib import Path
from typing import Any, ClassVar

import fsspec  # type: ignore[import-untyped]
import pytest
from fsspec.implementations.memory import MemoryFileSystem  # type: ignore[import-untyped]

from deployplan.evidence import folder as files
from deployplan.evidence.folder import Folder, open_folder


@pytest.fixture(params=["local", "memory"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Folder:
    return open_folder(f"memory://folder{tmp_path}/x" if request.param == "memory" else tmp_path / "x")


def test_a_file_is_created_once(place: Folder) -> None:
    files.create(place, "a", b"first")
    with pytest.raises(FileExistsError):
        files.create(place, "a", b"second")
    assert files.read_file(place, "a") == b"first"


def test_a_file_is_replaced_whether_or_not_it_exists(place: Folder) -> None:
    files.replace(place, "a", b"first")
    files.replace(place, "a", b"second")
    assert files.read_file(place, "a") == b"second"


def test_names_are_listed_in_order_and_a_missing_folder_has_none(place: Folder) -> None:
    assert files.list_names(place) == []
    files.create(place, "b", b"")
    files.create(place, "a", b"")
    assert files.list_names(place) == ["a", "b"]


def test_the_bytes_of_all_files_are_told_by_a_listing(place: Folder) -> None:
    assert files.bytes_in(place / "never") == 0
    files.create(place, "one", b"12345")
    files.create(place, "two", b"678")
    assert files.bytes_in(place) == 8


def test_all_wanted_files_that_are_there_are_read(place: Folder) -> None:
    files.create(place, "a", b"1")
    files.create(place, "b", b"2")
    assert files.read_all(place, ["b", "missing", "a"]) == {"b": b"2", "a": b"1"}
    assert files.read_all(place, []) == {}


def test_a_missing_file_is_not_there_and_removing_it_is_fine(place: Folder) -> None:
    with pytest.raises(FileNotFoundError):
        files.read_file(place, "a")
    files.remove(place, "a")


def test_a_removed_file_is_gone(place: Folder) -> None:
    files.create(place, "a", b"1")
    files.remove(place, "a")
    assert files.list_names(place) == []


def test_nothing_is_left_beside_what_was_written(tmp_path: Path) -> None:
    files.create(tmp_path, "a", b"1")
    files.replace(tmp_path, "a", b"2")
    with pytest.raises(FileExistsError):
        files.create(tmp_path, "a", b"3")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_file_system_without_hard_links_still_creates_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    files.create(tmp_path, "a", b"first")
    with pytest.raises(FileExistsError):
        files.create(tmp_path, "a", b"second")
    assert (tmp_path / "a").read_bytes() == b"first"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_file_is_complete_the_moment_it_appears(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sees the name before the link is made sees nothing; afterwards all."""
    seen: list[list[str]] = []
    link = os.link

    def looking(source: Path, target: Path) -> None:
        seen.append(files.list_names(tmp_path))
        link(source, target)
        seen.append([target.read_bytes().decode()])

    monkeypatch.setattr(os, "link", looking)
    files.create(tmp_path, "a", b"whole")
    assert "a" not in seen[0]
    assert seen[1] == ["whole"]


def test_of_many_that_create_a_file_exactly_one_succeeds(tmp_path: Path) -> None:
    together = threading.Barrier(8)
    won: list[int] = []

    def create(who: int) -> None:
        together.wait()
        try:
            files.create(tmp_path, "a", str(who).encode())
        except FileExistsError:
            return
        won.append(who)

    threads = [threading.Thread(target=create, args=(who,)) for who in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [str(who).encode() for who in won] == [(tmp_path / "a").read_bytes()]


class RememberingFileSystem(MemoryFileSystem):  # type: ignore[misc]
    """Remembers listings and looks files up in them, as the drivers of object storage do."""

    protocol = "remembering"
    store: ClassVar[dict[str, Any]] = {}
    pseudo_dirs: ClassVar[list[str]] = [""]

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return str(super()._strip_protocol(path.replace("remembering://", "memory://")))

    def ls(self, path: str, detail: bool = True, **_: Any) -> list[Any]:
        if path not in self.dircache:
            self.dircache[path] = super().ls(path, detail=True)
        return [entry if detail else entry["name"] for entry in self.dircache[path]]

    def cat_file(self, path: str, start: int | None = None, end: int | None = None, **_: Any) -> bytes:
        if path not in self.ls(self._parent(path), detail=False):
            raise FileNotFoundError(path)
        content: bytes = super().cat_file(path, start, end)
        return content

    def invalidate_cache(self, path: str | None = None) -> None:
        self.dircache.clear()


@pytest.mark.filterwarnings("ignore:UPath 'remembering' filesystem")
def test_what_another_machine_wrote_is_seen_though_the_driver_remembers_listings() -> None:
    fsspec.register_implementation("remembering", RememberingFileSystem, clobber=True)
    place = open_folder("remembering://bucket/run")
    files.create(place, "a", b"1")
    assert files.list_names(place) == ["a"]
    RememberingFileSystem(skip_instance_cache=True).pipe_file("/bucket/run/b", b"2")
    assert files.read_file(place, "b") == b"2"
    RememberingFileSystem(skip_instance_cache=True).pipe_file("/bucket/run/c", b"3")
    assert files.read_all(place, ["c"]) == {"c": b"3"}
    RememberingFileSystem(skip_instance_cache=True).pipe_file("/bucket/run/d", b"4")
    assert files.list_names(place) == ["a", "b", "c", "d"]


def test_a_local_path_a_file_url_and_a_home_are_local_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/erin")
    assert open_folder("/var/records") == Path("/var/records")
    assert open_folder("file:///var/my%20records") == Path("/var/my records")
    assert open_folder("~/records") == Path("/home/erin/records")


def test_any_other_url_is_a_folder_of_its_file_system() -> None:
    place = open_folder("memory://bucket/records")
    assert not isinstance(place, Path)
    assert str(place / "a") == "memory://bucket/records/a"
