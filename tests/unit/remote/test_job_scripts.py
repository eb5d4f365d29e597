"""How a script is run: as its first line says, inline as in a file."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from deployplan.remote.job import JobState
from deployplan.remote.node_client import NodeClient
from deployplan.testing import LocalTransport
from remote_builders import a_holder, a_job, ran, tools

BASH = """#!/bin/bash
false &> said
echo "$? ${BASH_VERSION%%.*}" > ended
exit 7
"""


async def test_an_inline_bash_script_is_run_by_bash_on_a_node_whose_sh_is_another(tmp_path: Path) -> None:
    home = tmp_path / "home"
    path = tools(tmp_path / "bin", shell="/bin/dash")
    client = NodeClient(LocalTransport("web-1", home, {"PATH": path}))
    await client.lock(a_holder())
    _, job = await ran(client, a_job(BASH))
    assert (job.state, job.exit) == (JobState.FAILED, 7)
    assert (home / "ended").read_text().startswith("1 "), "&> is a redirection, and what failed has failed"


@pytest.mark.parametrize(
    ("script", "output"),
    [
        ("#!/usr/bin/env python3\nimport sys\nprint(sys.version_info.major, sys.argv[1:])\n", b"3 []\n"),
        ("#! /bin/sh -eu\necho first\nfalse\necho never\n", b"first\n"),
        ("#!/bin/sh -x\n:\n", b"+ :\n"),
        ("#!/usr/bin/env -S sh -x\n:\n", b"+ :\n"),
        ("#!\necho plain\n", b"plain\n"),
        ("\n#!/bin/false\necho not a first line\n", b"not a first line\n"),
    ],
)
async def test_the_first_line_is_obeyed_as_in_a_file(held: NodeClient, script: str, output: bytes) -> None:
    assert (await ran(held, a_job(script)))[0] == output


async def test_an_interpreter_that_is_not_there_fails_the_job_and_is_named(held: NodeClient) -> None:
    output, job = await ran(held, a_job("#!/opt/none/bin/ksh\necho never\n"))
    assert (job.state, job.exit) == (JobState.FAILED, 127)
    assert b"/opt/none/bin/ksh" in output


async def test_the_script_sees_its_environment_and_none_of_ours(held: NodeClient) -> None:
    script = "#!/usr/bin/env python3\nimport os\nprint([k for k in os.environ if 'dp_' in k], os.environ['A'])\n"
    assert (await ran(held, a_job(script, env={"A": "it's"})))[0] == b"[] it's\n"


@pytest.mark.parametrize(
    ("command", "text"),
    [
        (BASH.replace("exit 7", "cat ended; exit 0"), "1 "),
        ("#!/usr/bin/env python3\nimport sys\nprint('it\\'s', sys.stdin.read() == '')\n", "it's True"),
        ("echo plain", "plain"),
    ],
)
async def test_a_check_is_run_as_its_first_line_says_with_an_empty_stdin(
    held: NodeClient, command: str, text: str
) -> None:
    result = await held.run(command)
    assert result.exit == 0
    assert result.text.startswith(text)


@pytest.fixture
def no_execution(tmp_path: Path) -> Iterator[Path]:
    """A file system on which nothing can be executed."""
    folder = tmp_path / "noexec"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "noexec,size=4m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("mounting needs root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


async def test_an_inline_script_runs_where_no_file_can_be_executed_and_the_facts_say_so(
    held: NodeClient, no_execution: Path
) -> None:
    assert not (await held.facts()).noexec
    elsewhere = NodeClient(held.transport, str(no_execution / "base"))
    await elsewhere.lock(a_holder())
    assert (await elsewhere.facts()).noexec
    assert (await ran(elsewhere, a_job("#!/bin/bash\necho ${BASH_VERSION:+bash}\n")))[0] == b"bash\n"
