"""A package that is being taken, and the shell that takes it is killed or loses its line: nobody finds half of it."""

import os
from contextlib import suppress
from pathlib import Path

import pytest

from deployplan.remote.errors import RemoteError
from deployplan.remote.node_client import NodeClient
from deployplan.testing import LocalTransport
from remote_builders import processes, sha256_of, tools, until
from saboteur import sabotage

CALLED = ("dd", "sha256sum", "mkdir", "mv", "cp", "chmod", "sync", "install", "rm")


async def crash_and_stage_again(root: Path, package: Path, at: int, when: str, without: tuple[str, ...]) -> int:
    """Stage the package and be killed at that call, then stage it as it should be; how many calls there were."""
    home = root / "home"
    sound = NodeClient(LocalTransport("web-1", home, {"PATH": tools(root / "sound")}))
    cut = NodeClient(LocalTransport("web-1", home, {"PATH": tools(root / "cut", without=without)}))
    count = sabotage(root / "cut", [name for name in CALLED if (root / "cut" / name).exists()], at, when)
    with suppress(RemoteError):
        await cut.stage(sha256_of(package), "app.bin", package)
    await cut.transport.close()
    await until(lambda: not processes(home), seconds=60)
    stored = home / ".deployplan" / "packages" / sha256_of(package)[:16]
    for whole in (stored / "bytes", stored / "content" / "app.bin"):
        assert not whole.exists() or whole.read_bytes() == package.read_bytes(), f"killed {when} call {at}: {whole}"
    staged = await sound.stage(sha256_of(package), "app.bin", package)
    arrived = Path(staged.package_dir) / "app.bin"
    assert arrived.read_bytes() == package.read_bytes()
    assert os.access(arrived, os.X_OK), f"killed {when} call {at}"
    await sound.transport.close()
    return int(count.read_text())


@pytest.mark.parametrize("without", [(), ("perl",), ("perl", "install")], ids=["perl", "no perl", "no install"])
@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_package_whose_taking_is_killed_at_any_call_is_there_whole_or_not_at_all_and_arrives_the_next_time(
    tmp_path: Path, when: str, without: tuple[str, ...]
) -> None:
    package = tmp_path / "app.bin"
    package.write_bytes(os.urandom(200_001))
    calls = await crash_and_stage_again(tmp_path / "uncut", package, 10**9, when, without)
    assert calls > (6 if without else 7), "a perl counts its calls, too"
    for at in range(1, calls + 1):
        await crash_and_stage_again(tmp_path / str(at), package, at, when, without)
