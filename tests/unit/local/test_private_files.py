"""Files for their owner's eyes only."""

import base64
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from deployplan.evidence import folder as files
from deployplan.private_files import keep_secret, make_folder, open_log, open_new, write_private


@pytest.fixture(autouse=True)
def _usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_private_file_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    write_private(tmp_path / "deep" / "key", "content")
    assert (mode(tmp_path / "deep"), mode(tmp_path / "deep/key")) == (0o700, 0o600)
    assert (tmp_path / "deep/key").read_text() == "content"


def test_a_file_that_others_could_read_is_closed_when_it_is_rewritten(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("old")
    path.chmod(0o644)
    write_private(path, "new")
    assert mode(path) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["key"]


def test_a_secret_is_made_once_and_kept(tmp_path: Path) -> None:
    first = keep_secret(tmp_path / "fernet.key")
    assert keep_secret(tmp_path / "fernet.key") == first
    assert len(base64.urlsafe_b64decode(first)) == 32
    assert keep_secret(tmp_path / "other.key") != first


def test_what_the_record_store_is_made_of_is_its_owners_alone_under_any_umask(tmp_path: Path) -> None:
    store = tmp_path / "records" / "shop-2" / "run"
    files.create(store, "00000001.json", b"first")
    files.replace(store, "state.json", b"second")
    with files.one_writer(store):
        pass

    found = {str(path.relative_to(tmp_path)): mode(path) for path in tmp_path.rglob("*")}

    assert {path: bits for path, bits in found.items() if "." not in path} == {
        "records": 0o700,
        "records/shop-2": 0o700,
        "records/shop-2/run": 0o700,
    }
    assert {path.rpartition("/")[2]: bits for path, bits in found.items() if "." in path} == {
        "00000001.json": 0o600,
        "state.json": 0o600,
        ".lock": 0o600,
    }


def test_a_log_that_is_new_is_its_owners_alone_and_is_written_on(tmp_path: Path) -> None:
    for line in (b"one\n", b"two\n"):
        with os.fdopen(open_log(tmp_path / "logs" / "x.log"), "wb") as log:
            log.write(line)
    assert (tmp_path / "logs/x.log").read_bytes() == b"one\ntwo\n"
    assert (mode(tmp_path / "logs"), mode(tmp_path / "logs/x.log")) == (0o700, 0o600)


def test_a_group_that_shares_a_folder_shares_what_is_made_in_it_and_nobody_else_does(tmp_path: Path) -> None:
    store = tmp_path / "shared"
    store.mkdir()
    store.chmod(0o2775)
    make_folder(store / "plan" / "run")
    os.close(open_new(store / "plan" / "run" / "entry"))
    assert [mode(path) for path in (store / "plan", store / "plan/run", store / "plan/run/entry")] == [
        0o770,
        0o770,
        0o660,
    ]


def test_a_new_file_is_never_one_that_was_there(tmp_path: Path) -> None:
    os.close(open_new(tmp_path / "x"))
    with pytest.raises(FileExistsError):
        open_new(tmp_path / "x")
