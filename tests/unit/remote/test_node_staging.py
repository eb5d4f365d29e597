"""Packages and scripts arrive whole, once, and as they were approved."""

import asyncio
import os
import shutil
from pathlib import Path

import pytest

from deployplan.remote import staging
from deployplan.remote.errors import NodeFault, RemoteError, Unreachable
from deployplan.remote.node_client import NodeClient
from deployplan.remote.transport import Result
from deployplan.testing import LocalTransport
from remote_builders import sha256_of, tools


def names_in(folder: str) -> list[str]:
    return sorted(entry.name for entry in Path(folder).iterdir())


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """3 MB that do not compress, not a multiple of any block."""
    file = tmp_path / "web-4.3.0.bin"
    file.write_bytes(os.urandom(3_000_001))
    return file


async def test_a_plain_file_arrives_as_it_is_and_can_be_run(node: NodeClient, package: Path, home: Path) -> None:
    staged = await node.stage(sha256_of(package), package.name, package)
    arrived = Path(staged.package_dir) / package.name
    assert arrived.is_absolute()
    assert arrived.read_bytes() == package.read_bytes()
    assert os.access(arrived, os.X_OK)
    assert staged.sent == 3_000_001


@pytest.mark.parametrize("without", [(), ("perl",), ("perl", "install")])
async def test_a_plain_file_is_the_same_whatever_places_it(
    package: Path, home: Path, tmp_path: Path, without: tuple[str, ...]
) -> None:
    async with LocalTransport("web-1", home, {"PATH": tools(tmp_path / "bin", without=without)}) as transport:
        staged = await NodeClient(transport).stage(sha256_of(package), "it's an app", package)
    arrived, stored = Path(staged.package_dir) / "it's an app", Path(staged.package_dir).parent
    assert arrived.read_bytes() == package.read_bytes()
    assert (arrived.stat().st_mode & 0o777, arrived.parent.stat().st_mode & 0o777) == (0o700, 0o700)
    assert names_in(str(stored)) == ["bytes", "content", "used"]


@pytest.mark.parametrize("without", [(), ("perl",)])
async def test_what_scripts_find_is_on_the_disk_before_it_has_its_name(
    package: Path, home: Path, tmp_path: Path, without: tuple[str, ...]
) -> None:
    if not shutil.which("strace"):
        pytest.skip("no strace on this machine")
    path = tools(tmp_path / "bin", without=without)
    for tool in ("perl", "sync", "mv"):
        if (real := tmp_path / "bin" / tool).exists():
            traced = (
                f"strace -f -y -e trace=fsync,rename,renameat,renameat2 -qq -A -o {tmp_path}/trace {real.resolve()}"
            )
            real.unlink()
            real.write_text(f'#!/bin/sh\nPATH={os.environ["PATH"]} exec {traced} "$@"\n')
            real.chmod(0o755)
    async with LocalTransport("web-1", home, {"PATH": path}) as transport:
        await NodeClient(transport).stage(sha256_of(package), package.name, package)
    calls = (tmp_path / "trace").read_text().splitlines()
    synced = [at for at, call in enumerate(calls) if "fsync(" in call and f"/{package.name}>" in call]
    named = [
        at
        for at, call in enumerate(calls)
        if "rename" in call and '/content"' in call.replace('"content"', '/content"')
    ]
    assert len(synced) == len(named) == 1, calls
    assert synced[0] < named[0]


async def test_what_is_there_is_not_sent_again(node: NodeClient, package: Path) -> None:
    first = await node.stage(sha256_of(package), package.name, package)
    sha256 = sha256_of(package)
    package.unlink()
    assert await node.stage(sha256, package.name, package) == type(first)(first.package_dir, 0)


async def test_the_same_bytes_under_another_name_are_found_under_both(node: NodeClient, package: Path) -> None:
    sha256 = sha256_of(package)
    await node.stage(sha256, "app.jar", package)
    staged = await node.stage(sha256, "app-4.3.jar", package)
    assert staged.sent == 0
    assert names_in(staged.package_dir) == ["app-4.3.jar", "app.jar"]


async def test_an_interrupted_transfer_goes_on_where_it_ended(node: NodeClient, package: Path, home: Path) -> None:
    part = home / ".deployplan/packages" / sha256_of(package)[:16] / "part"
    original = node.transport.run

    async def cut_off(script: str, **rest: object) -> Result:
        if rest.get("data") is not None:
            rest["data"] = package.read_bytes()[:2_000_000]
            await original(script, **rest)  # type: ignore[arg-type]
            raise Unreachable("web-1: the connection was lost")
        return await original(script, **rest)  # type: ignore[arg-type]

    node.transport.run = cut_off  # type: ignore[method-assign,assignment]
    with pytest.raises(Unreachable):
        await node.stage(sha256_of(package), package.name, package)
    del node.transport.run
    assert part.stat().st_size == 2_000_000
    staged = await node.stage(sha256_of(package), package.name, package)
    assert staged.sent == 3_000_001 - 30 * 65_536
    assert (Path(staged.package_dir) / package.name).read_bytes() == package.read_bytes()


async def test_many_senders_at_once_do_not_spoil_it(node: NodeClient, package: Path) -> None:
    staged = await asyncio.gather(*(node.stage(sha256_of(package), package.name, package) for _ in range(6)))
    assert len({each.package_dir for each in staged}) == 1
    assert names_in(staged[0].package_dir) == [package.name]
    assert (Path(staged[0].package_dir) / package.name).read_bytes() == package.read_bytes()


async def test_a_package_changed_after_approval_is_caught_before_a_script_runs(node: NodeClient, package: Path) -> None:
    approved = sha256_of(package)
    content = package.read_bytes()
    package.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(NodeFault, match=f"the plan says {approved}; .* here is {sha256_of(package)}"):
        await node.stage(approved, package.name, package)


async def test_a_node_that_cannot_count_says_so(package: Path, home: Path, tmp_path: Path) -> None:
    path = tools(tmp_path / "bin", without=("sha256sum", "shasum", "openssl"))
    node = NodeClient(LocalTransport("web-1", home, {"PATH": path}))
    with pytest.raises(NodeFault, match=r"web-1: .*no sha256sum, shasum or openssl on this node"):
        await node.stage(sha256_of(package), package.name, package)


async def test_a_package_spoilt_on_the_node_is_sent_anew(node: NodeClient, package: Path, home: Path) -> None:
    staged = await node.stage(sha256_of(package), package.name, package)
    (Path(staged.package_dir).parent / "bytes").write_bytes(b"spoilt")
    assert (await node.stage(sha256_of(package), package.name, package)).sent == 3_000_001
    part = home / ".deployplan/packages" / sha256_of(package)[:16] / "part"
    assert not part.exists()


async def test_a_spoilt_beginning_of_a_transfer_is_thrown_away(node: NodeClient, package: Path, home: Path) -> None:
    part = home / ".deployplan/packages" / sha256_of(package)[:16] / "part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"\0" * 200_000)
    staged = await node.stage(sha256_of(package), package.name, package)
    assert (Path(staged.package_dir) / package.name).read_bytes() == package.read_bytes()
    assert not part.exists()


async def test_bytes_changed_on_the_way_each_time_are_refused(node: NodeClient, package: Path) -> None:
    original = node.transport.run

    async def changing(script: str, **rest: object) -> Result:
        if rest.get("data") is not None:
            rest["data"] = os.urandom(package.stat().st_size)
        return await original(script, **rest)  # type: ignore[arg-type]

    node.transport.run = changing  # type: ignore[method-assign,assignment]
    with pytest.raises(NodeFault, match="is right, so it was changed on the way"):
        await node.stage(sha256_of(package), package.name, package)


@pytest.mark.parametrize("meanwhile", ["mv part bytes", "rm -f part"])
async def test_a_sender_overtaken_while_it_counts_still_ends_well(package: Path, home: Path, meanwhile: str) -> None:
    part = home / ".deployplan/packages" / sha256_of(package)[:16] / "part"
    overtaking = home / "bin" / "sha256sum"
    overtaking.parent.mkdir(parents=True)
    overtaking.write_text(
        f"#!/bin/sh\nif [ -f {part} ] && ! [ -f {home}/done ]; then touch {home}/done; cd {part.parent}; {meanwhile}\n"
        f"echo; else exec {shutil.which('sha256sum')}; fi\n"
    )
    overtaking.chmod(0o755)
    node = NodeClient(LocalTransport("web-1", home, {"PATH": f"{overtaking.parent}:{os.environ['PATH']}"}))
    staged = await node.stage(sha256_of(package), package.name, package)
    assert (home / "done").exists()
    assert (Path(staged.package_dir) / package.name).read_bytes() == package.read_bytes()
    assert not part.exists()


@pytest.mark.parametrize("kind", ["gztar", "bztar", "xztar", "tar", "zip"])
async def test_an_archive_is_unpacked_with_its_folders_and_modes(node: NodeClient, tmp_path: Path, kind: str) -> None:
    source = tmp_path / "source" / "web-4.3.0" / "bin"
    source.mkdir(parents=True)
    (source / "install.sh").write_text("#!/bin/sh\n")
    (source / "install.sh").chmod(0o755)
    archive = Path(shutil.make_archive(str(tmp_path / "web"), kind, tmp_path / "source"))
    staged = await node.stage(sha256_of(archive), archive.name, archive)
    installed = Path(staged.package_dir) / "web-4.3.0" / "bin" / "install.sh"
    assert os.access(installed, os.X_OK), "a single top-level folder is not stripped, and modes stay"


async def test_an_archive_that_is_none_is_named(node: NodeClient, tmp_path: Path, home: Path) -> None:
    broken = tmp_path / "web.tar.gz"
    broken.write_bytes(b"no archive")
    with pytest.raises(NodeFault, match=r"web-1: staging ended .*cannot unpack web.tar.gz"):
        await node.stage(sha256_of(broken), broken.name, broken)
    assert not list((home / ".deployplan/packages").rglob("content"))


async def test_a_package_that_is_not_here_is_named(node: NodeClient, tmp_path: Path) -> None:
    with pytest.raises(RemoteError, match=r"package .*/gone.tgz cannot be read here: No such file"):
        await node.stage("a" * 64, "gone.tgz", tmp_path / "gone.tgz")


@pytest.mark.parametrize("name", ["", "..", "a/b", "-rf", "a\nb"])
async def test_a_file_name_that_could_leave_its_folder_is_refused(node: NodeClient, package: Path, name: str) -> None:
    with pytest.raises(ValueError, match="expected a plain name"):
        await node.stage(sha256_of(package), name, package)


async def test_an_empty_package_is_a_package(node: NodeClient, tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"")
    staged = await node.stage(sha256_of(tmp_path / "empty"), "empty", tmp_path / "empty")
    assert (Path(staged.package_dir) / "empty").read_bytes() == b""


@pytest.mark.parametrize("most", [3_000_000, 3_000_001])
async def test_a_package_goes_through_the_shell_that_is_there_up_to_a_size_and_beyond_has_a_session_of_its_own(
    node: NodeClient, package: Path, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []
    transport = node.transport
    assert isinstance(transport, LocalTransport)
    original = transport._open
    transport._open = lambda line: (opened.append(line), original(line))[1]  # type: ignore[method-assign]
    monkeypatch.setattr(staging, "MOST_IN_SHELL", most)
    first = await transport.run("echo $$")
    staged = await node.stage(sha256_of(package), package.name, package)
    assert (Path(staged.package_dir) / package.name).read_bytes() == package.read_bytes()
    assert (await transport.run("echo $$")).text == first.text
    assert len(opened) == (1 if most > 3_000_000 else 2)


async def test_through_a_dd_that_cannot_count_in_whole_blocks_a_package_has_a_session_of_its_own(
    package: Path, home: Path, tmp_path: Path
) -> None:
    path = tools(tmp_path / "bin")
    real = (tmp_path / "bin" / "dd").resolve()
    (tmp_path / "bin" / "dd").unlink()
    refuse = 'case "$*" in *iflag*) echo "dd: unknown operand iflag" >&2; exit 1;; esac'
    (tmp_path / "bin" / "dd").write_text(f'#!/bin/sh\n{refuse}\nexec {real} "$@"\n')
    (tmp_path / "bin" / "dd").chmod(0o755)
    async with LocalTransport("web-1", home, {"PATH": path}) as transport:
        staged = await NodeClient(transport).stage(sha256_of(package), package.name, package)
        assert (await transport.run("echo well")).text == "well\n"
    assert staged.sent == 3_000_001
    assert (Path(staged.package_dir) / package.name).read_bytes() == package.read_bytes()


async def test_a_package_that_shrinks_while_it_is_sent_is_an_error_and_goes_nowhere(
    node: NodeClient, package: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha256, size = sha256_of(package), package.stat().st_size
    monkeypatch.setattr(staging, "_size", lambda local: size)
    os.truncate(package, 2_000_000)
    with pytest.raises(RemoteError, match="stage had 1000001 bytes fewer to send than the 3000001 it began with"):
        await node.stage(sha256, package.name, package)
    assert not list((home / ".deployplan/packages").rglob("content"))
    assert not list((home / ".deployplan/packages").rglob("bytes"))


SCRIPTS = {"deploy.sh": b"echo deploy\n", "lib/a b.sh": b"\0\xff binary", "lib/it's.sh": b""}


async def test_scripts_arrive_executable_with_their_folders(node: NodeClient) -> None:
    folder = Path(await node.stage_scripts("b" * 64, SCRIPTS))
    assert {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()} == SCRIPTS
    assert all(os.access(file, os.X_OK) for file in folder.rglob("*.sh"))
    assert await node.stage_scripts("b" * 64, SCRIPTS) == str(folder)


async def test_scripts_that_were_changed_on_the_node_are_not_used_and_not_touched(node: NodeClient) -> None:
    folder = Path(await node.stage_scripts("b" * 64, SCRIPTS))
    (folder / "deploy.sh").write_text("changed")
    again = Path(await node.stage_scripts("b" * 64, SCRIPTS))
    assert again != folder
    assert (again / "deploy.sh").read_bytes() == SCRIPTS["deploy.sh"]
    assert (folder / "deploy.sh").read_text() == "changed"


async def test_a_plan_without_scripts_has_an_empty_folder(node: NodeClient) -> None:
    assert names_in(await node.stage_scripts("c" * 64, {})) == []


@pytest.mark.parametrize("name", ["", "/etc/x", "../x", "a/../../x", ".", "a\nb"])
async def test_a_script_name_that_could_leave_its_folder_is_refused(node: NodeClient, name: str) -> None:
    with pytest.raises(ValueError, match="expected a relative path"):
        await node.stage_scripts("b" * 64, {name: b""})


async def test_many_stagings_of_scripts_at_once_agree(node: NodeClient) -> None:
    folders = await asyncio.gather(*(node.stage_scripts("b" * 64, SCRIPTS) for _ in range(6)))
    assert len(set(folders)) == 1
    assert len(list(Path(folders[0]).parent.iterdir())) == 1
