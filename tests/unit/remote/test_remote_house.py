"""What must hold for the room as a whole."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deployplan.remote import programs

SHELL_FILES = sorted((Path(programs.__file__).parent / "shell").glob("*.sh"))
PROGRAMS = {name: parts for name, parts in vars(programs).items() if name.isupper() and isinstance(parts, tuple)}


def test_no_ssh_library_is_imported_before_a_connection_is_made() -> None:
    modules = "remote, remote.node_client, remote.job, remote.transport, remote.errors, testing"
    imports = "; ".join(f"import deployplan.{module}" for module in modules.split(", "))
    code = f"{imports}; import sys; print(*(set(sys.modules) & {{'asyncssh', 'cryptography', 'tenacity', 'airflow'}}))"
    env = {**os.environ, "PYTHONPATH": str(Path(programs.__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    assert done.stdout.strip() == ""


@pytest.mark.parametrize("shell_name", ["dash", "bash", "busybox"])
@pytest.mark.parametrize("program", PROGRAMS)
def test_every_program_is_read_by_every_shell(program: str, shell_name: str) -> None:
    if not shutil.which(shell_name):
        pytest.skip(f"no {shell_name} on this machine")
    words = {"dash": ["dash"], "bash": ["bash", "--posix"], "busybox": ["busybox", "ash"]}[shell_name]
    subprocess.run([*words, "-n"], input=programs.program(PROGRAMS[program]), text=True, check=True)


def test_every_shell_file_is_used_and_small() -> None:
    assert {path.stem for path in SHELL_FILES} == {part for parts in PROGRAMS.values() for part in parts}
    assert all(len(path.read_text().splitlines()) <= 130 for path in SHELL_FILES)


def test_the_shell_files_are_free_of_known_mistakes() -> None:
    if not shutil.which("shellcheck"):
        pytest.skip("no shellcheck on this machine")
    # Left out: variables set by the caller, sourced files, `a && b || c` and words split on purpose.
    left_out = "SC2154,SC2034,SC1090,SC2015,SC2088,SC2086"
    subprocess.run(["shellcheck", "-s", "sh", "-e", left_out, *map(str, SHELL_FILES)], check=True)


def test_comments_of_the_shell_files_are_not_sent() -> None:
    assert not [line for line in programs.program(programs.START).splitlines() if line.lstrip().startswith("#")]
    assert len(programs.program(programs.START)) < 16_000
