"""The life of a job under every shell and tool set that a node may have."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest

from deployplan.remote.command import Secret
from deployplan.remote.job import JobState
from deployplan.remote.node_client import NodeClient
from deployplan.testing import LocalTransport
from remote_builders import a_holder, a_job, end_all, processes, ran, sha256_of, tools, until

KINDS: dict[str, dict[str, Any]] = {
    "dash": {"shell": "/bin/dash"},
    "bash": {"shell": "/bin/bash"},
    "busybox": {"shell": "/usr/bin/busybox", "busybox": True},
    "busybox alone": {"shell": "/usr/bin/busybox", "busybox": True, "without": ("perl", "python3")},
    "no perl, python": {"without": ("perl",)},
    "no perl, no python": {"without": ("perl", "python3")},
    "no setsid, perl": {"without": ("setsid",)},
    "no setsid, no perl, python": {"without": ("setsid", "perl")},
    "no /proc, as on macOS": {"environ": {"DEPLOYPLAN_PROC": "/nowhere"}},
}


@pytest.fixture(params=list(KINDS))
async def node(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[NodeClient]:
    kind = dict(KINDS[request.param])
    environ = cast(dict[str, str], kind.pop("environ", {}))
    if not Path(str(kind.get("shell", "/bin/dash"))).exists():
        pytest.skip(f"no {request.param} on this machine")
    home = tmp_path / "home"
    client = NodeClient(LocalTransport("web-1", home, {"PATH": tools(tmp_path / "bin", **kind), **environ}))
    await client.lock(a_holder())
    yield client
    end_all(home)


async def test_a_job_runs_once_detached_and_its_output_and_end_are_known(node: NodeClient, tmp_path: Path) -> None:
    started = await node.start(a_job("echo one >>count; echo out; echo err >&2; printf 'no newline'; exit 3"))
    assert started.launched
    assert (await node.start(a_job("echo never"))).job_id == started.job_id
    output, job = await ran(node, a_job("echo never"))
    assert output == b"out\nerr\nno newline"
    assert (job.state, job.exit, job.log_bytes, job.seq) == (JobState.FAILED, 3, len(output), 1)
    assert job.started is not None
    assert job.ended is not None
    assert (tmp_path / "home" / "count").read_text() == "one\n"
    assert (await node.facts()).jobs == (job,)


async def test_values_and_secrets_arrive_as_they_are_and_secrets_do_not_stay(node: NodeClient, tmp_path: Path) -> None:
    nasty = 'it\'s $(id) `id` {{ ds }} "é" \\ *\nsecond -n line\n'
    script = 'printf "%s" "$PLAIN" >plain; printf "%s" "$HIDDEN" >hidden; printf "%s" "$J$base$B$dp_x" >ours; umask'
    job = a_job(script, env={"PLAIN": nasty, "HIDDEN": Secret(nasty + "hunter2")})
    output, ended = await ran(node, job)
    assert ended.state is JobState.DONE
    home = tmp_path / "home"
    assert (home / "plain").read_text() == nasty
    assert (home / "hidden").read_text() == nasty + "hunter2"
    assert (home / "ours").read_text() == ""
    assert output.strip() in (b"0022", b"022", b"0002", b"002"), "the script has the umask of a login, not ours"
    files = [file for file in (home / ".deployplan").rglob("*") if file.is_file()]
    assert files
    assert not [file for file in files if b"hunter2" in file.read_bytes()]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert {each.stat().st_mode & 0o777 for each in (home / ".deployplan").rglob("*") if each.is_dir()} == {0o700}


async def test_termination_leaves_nothing_alive_and_says_what_it_did(node: NodeClient, tmp_path: Path) -> None:
    home = tmp_path / "home"
    job = a_job("trap 'echo not me' TERM; (sleep 600 &); touch begun; while :; do sleep 600; done")
    await node.start(job)
    await until((home / "begun").exists)
    proof = await node.terminate(job.job_id, grace=1, holder=a_holder())
    assert proof.gone
    assert [signals.split()[0] for signals in proof.signals] == ["TERM", "KILL"]
    assert processes(home, job.job_id) == []
    assert proof.job.state is JobState.TERMINATED


async def test_a_check_runs_to_its_end_in_its_folder(node: NodeClient, tmp_path: Path) -> None:
    (tmp_path / "home" / "a b").mkdir()
    result = await node.run('printf "%s|" "$PWD" "$X"; cat; exit 5', cwd="~/a b", env={"X": "it's"})
    assert (result.exit, result.text) == (5, f"{tmp_path}/home/a b|it's|")


async def test_a_package_is_staged_and_unpacked(node: NodeClient, tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "install.sh").write_text("echo installed\n")
    archive = Path(shutil.make_archive(str(tmp_path / "web"), "gztar", tmp_path / "src"))
    staged = await node.stage(sha256_of(archive), archive.name, archive)
    output, job = await ran(node, a_job("sh ./install.sh", cwd=staged.package_dir))
    assert (output, job.state) == (b"installed\n", JobState.DONE)
    assert (await node.stage(sha256_of(archive), archive.name, archive)).sent == 0
    folder = await node.stage_scripts("a" * 64, {"lib/x.sh": b"echo x\n", "bin": bytes(range(256))})
    assert (Path(folder) / "bin").read_bytes() == bytes(range(256))
