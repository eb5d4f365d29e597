"""A command of which a part was lost on its way does nothing: half a line may be a command, too."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from deployplan.remote.transport import (
    after_data,
    exec_line,
    lasting_begin,
    lasting_command,
    lasting_line,
    shell_text,
)

SCRIPT = "touch one\ntouch two-and-more\n"
MARK = "\x1e0123"


def with_data() -> tuple[str, bytes]:
    return exec_line("cut"), shell_text(SCRIPT, "cut")


def in_a_lasting_shell() -> tuple[str, bytes]:
    return lasting_line(), lasting_begin(MARK) + lasting_command(SCRIPT, "cut", MARK)


both = pytest.mark.parametrize("form", [with_data, in_a_lasting_shell])


def run(line: str, text: bytes, folder: Path) -> list[str]:
    """What a shell that is sent this leaves in the folder."""
    subprocess.run(["sh", "-c", line], input=text, cwd=folder, capture_output=True, timeout=60)
    return sorted(path.name for path in folder.iterdir())


@both
def test_a_command_cut_short_anywhere_is_not_begun(form: Callable[[], tuple[str, bytes]], tmp_path: Path) -> None:
    line, text = form()
    for length in range(0, len(text) - 1, 3):
        assert run(line, text[:length], tmp_path) == [], text[:length]
    assert run(line, text, tmp_path) == ["one", "two-and-more"]


@both
def test_a_command_whose_beginning_was_swallowed_is_not_begun(
    form: Callable[[], tuple[str, bytes]], tmp_path: Path
) -> None:
    line, text = form()
    for length in range(1, len(text), 3):
        assert run(line, text[length:], tmp_path) == [], text[length:]


@both
def test_a_command_of_which_any_line_was_swallowed_is_not_begun(
    form: Callable[[], tuple[str, bytes]], tmp_path: Path
) -> None:
    line, text = form()
    lines = text.splitlines(keepends=True)
    for gone in range(len(lines)):
        rest = b"".join(lines[:gone] + lines[gone + 1 :])
        assert run(line, rest, tmp_path) == [], rest


def test_a_command_whose_data_are_cut_short_anywhere_does_not_end_well(tmp_path: Path) -> None:
    data = b"a\0\n" * 7
    take = f"dd bs={len(data)} count=1 iflag=fullblock of=taken 2>/dev/null"
    begun = lasting_begin(MARK) + lasting_command(take, "cut", MARK, data=True)
    whole = begun + data + after_data(MARK)
    for length in range(len(begun), len(whole) - 1):
        done = subprocess.run(["sh", "-c", lasting_line()], input=whole[:length], cwd=tmp_path, capture_output=True)
        assert f"{MARK} ".encode() not in done.stdout, length
        assert done.returncode == 96, length
    done = subprocess.run(["sh", "-c", lasting_line()], input=whole, cwd=tmp_path, capture_output=True)
    assert f"{MARK} 0\n".encode() in done.stdout
    assert (tmp_path / "taken").read_bytes() == data
