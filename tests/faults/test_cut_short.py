"""A command that was cut short on its way does nothing: half a line may be a command, too."""

import subprocess
from pathlib import Path

import pytest

from deployplan.remote.transport import exec_line, shell_text

SCRIPT = "touch one\ntouch two-and-more\n"


@pytest.mark.parametrize("with_data", [False, True], ids=["alone", "with data"])
def test_a_command_cut_short_anywhere_is_not_begun(with_data: bool, tmp_path: Path) -> None:
    text = shell_text(SCRIPT, with_data=with_data)
    line = exec_line("cut", with_data=with_data)
    for length in range(0, len(text) - 1, 3):
        subprocess.run(["sh", "-c", line], input=text[:length], cwd=tmp_path, capture_output=True)
        assert list(tmp_path.iterdir()) == [], text[:length]

    subprocess.run(["sh", "-c", line], input=text, cwd=tmp_path, capture_output=True, check=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two-and-more"]
