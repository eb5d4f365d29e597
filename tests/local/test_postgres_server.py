"""The embedded PostgreSQL: real servers of the installed programs."""

import contextlib
import os
import pwd
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from deployplan.local.postgres_cluster import Cluster, ClusterRefused, cluster_of
from deployplan.local.postgres_server import PostgresServer, end_leftover_server, server_processes
from deployplan.local.server_user import run_as, server_user
from deployplan.local.settings import LocalSettings, SettingRejected
from quick_database import QUICK_DATABASE

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
WITHIN = 60.0


def until(what: str, condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


@pytest.fixture
def cluster(settings: LocalSettings) -> Iterator[Cluster]:
    """Below a home that is far too deep for a socket, and closed to the server's user where root runs it."""
    closed = settings.home.parent / "closed"
    closed.mkdir(mode=0o700)
    deep = closed.joinpath(*(["a-rather-deep-folder"] * 8))
    deep.mkdir(parents=True)
    made = Cluster(deep, server_user({}), QUICK_DATABASE)
    yield made
    end_leftover_server(made.data)
    made.remove_folder()


@pytest.fixture
def server(cluster: Cluster, tmp_path: Path) -> PostgresServer:
    cluster.prepare()
    made = PostgresServer(cluster, tmp_path / "database.log")
    made.start()
    made.wait_until_ready()
    return made


def ask(cluster: Cluster, statement: str, **keywords: object) -> subprocess.CompletedProcess[str]:
    words = cluster.client("psql", "-X", "-A", "-t", "-d", "postgres", "-c", statement)
    return subprocess.run(words, capture_output=True, text=True, check=False, cwd="/", **keywords)  # type: ignore[call-overload,no-any-return]


def test_it_listens_on_a_short_private_socket_and_on_no_port(cluster: Cluster, server: PostgresServer) -> None:
    assert len(os.fsencode(cluster.folder / ".s.PGSQL.5432")) < 100
    assert len(os.fsencode(cluster.data)) > 150
    assert cluster.folder.stat().st_mode & 0o777 == 0o700
    assert cluster.data.stat().st_mode & 0o777 == 0o700
    assert ask(cluster, "show listen_addresses").stdout == "\n"
    assert ask(cluster, "show idle_in_transaction_session_timeout").stdout == "1min\n"
    assert all(not process.net_connections(kind="inet") for process in server_processes(cluster.data))


def test_a_home_that_is_reached_by_another_name_has_the_same_socket(cluster: Cluster, tmp_path: Path) -> None:
    (tmp_path / "alias").symlink_to(cluster.home)
    assert Cluster(tmp_path / "alias", cluster.user, cluster.environ).folder == cluster.folder


def test_the_data_is_in_the_airflow_home_and_no_folder_on_the_way_was_opened(
    cluster: Cluster, server: PostgresServer
) -> None:
    assert cluster.data.parent == cluster.home
    assert (cluster.data / "PG_VERSION").exists()
    (closed,) = (path for path in cluster.data.parents if path.name == "closed")
    assert closed.stat().st_mode & 0o777 == 0o700
    assert closed.stat().st_uid == os.geteuid()


@AS_ROOT
def test_started_by_root_it_runs_as_an_unprivileged_user(cluster: Cluster, server: PostgresServer) -> None:
    nobody = pwd.getpwnam("nobody")
    assert server_processes(cluster.data)
    for process in server_processes(cluster.data):
        assert set(process.uids()) == {nobody.pw_uid}
        assert set(process.gids()) == {nobody.pw_gid}


@AS_ROOT
def test_another_local_user_does_not_reach_the_socket(cluster: Cluster, server: PostgresServer) -> None:
    daemon = pwd.getpwnam("daemon")
    found = subprocess.run(
        (
            "python3",
            "-c",
            f"import socket; socket.socket(socket.AF_UNIX).connect({str(cluster.folder)!r} + '/.s.PGSQL.5432')",
        ),
        user=daemon.pw_uid,
        group=daemon.pw_gid,
        extra_groups=[],
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert "PermissionError" in found.stderr


@AS_ROOT
def test_even_the_servers_own_user_is_refused_by_the_server(cluster: Cluster, server: PostgresServer) -> None:
    program = (
        "import socket, struct, sys\n"
        f"s = socket.socket(socket.AF_UNIX); s.connect({str(cluster.folder)!r} + '/.s.PGSQL.5432')\n"
        "body = struct.pack('!i', 196608) + b'user\\0airflow\\0database\\0postgres\\0\\0'\n"
        "s.sendall(struct.pack('!i', len(body) + 4) + body); print(s.recv(4000))"
    )
    found = subprocess.run(
        ("python3", "-c", program), capture_output=True, text=True, check=False, cwd="/", **run_as(cluster.user)
    )
    assert "Peer authentication failed" in found.stdout, found.stderr
    assert ask(cluster, "select 41 + 1").stdout == "42\n"


def test_killed_it_is_started_again_with_all_that_was_committed(cluster: Cluster, server: PostgresServer) -> None:
    ask(cluster, "create table kept (n int); insert into kept values (7)")
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    until("its death is seen", lambda: not server.runs)
    until("it is started again", lambda: "started again" in (server.restart_if_dead() or ""))
    server.wait_until_ready()
    assert ask(cluster, "select n from kept").stdout == "7\n"


def test_a_server_that_a_killed_supervisor_left_is_ended_before_the_next_begins(
    cluster: Cluster, server: PostgresServer, tmp_path: Path
) -> None:
    ask(cluster, "create table kept (n int); insert into kept values (7)")
    heir = PostgresServer(cluster, tmp_path / "database.log")
    heir.start()
    heir.wait_until_ready()
    assert not server.runs
    assert ask(cluster, "select n from kept").stdout == "7\n"
    heir.stop()


def test_all_of_it_killed_at_once_leaves_what_was_committed(cluster: Cluster, server: PostgresServer) -> None:
    ask(cluster, "create table kept (n int); insert into kept values (7)")
    for process in server_processes(cluster.data):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    until("all are gone", server.gone)
    server.start()
    server.wait_until_ready()
    assert ask(cluster, "select n from kept").stdout == "7\n"


def test_a_full_disk_is_survived_with_what_was_committed(cluster: Cluster, tmp_path: Path) -> None:
    disk = ["mount", "-t", "tmpfs", "-o", "size=120m,mode=700", "tmpfs", str(cluster.home)]
    if os.geteuid() != 0 or subprocess.run(disk, capture_output=True, check=False).returncode != 0:
        pytest.skip("this user may not mount a small disk")
    try:
        cluster.prepare()
        server = PostgresServer(cluster, tmp_path / "database.log")
        server.start()
        server.wait_until_ready()
        ask(cluster, "create table kept (n int); insert into kept values (7)")
        filler = cluster.home / "filler"
        fill = ["dd", "if=/dev/zero", f"of={filler}", "bs=1M"]
        assert subprocess.run(fill, capture_output=True, check=False).returncode != 0
        assert ask(cluster, "create table big as select generate_series(1, 3000000)").returncode != 0
        for process in server_processes(cluster.data):  # and it is killed as well, and cannot write while it starts
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        until("it has ended", lambda: not server.runs)
        server.restart_if_dead()
        filler.unlink()

        def well() -> bool:
            server.restart_if_dead()
            return ask(cluster, "select n from kept").stdout == "7\n"

        until("it is there again", well)
        server.stop()
    finally:
        end_leftover_server(cluster.data)
        subprocess.run(["umount", "-l", str(cluster.home)], check=True)


def test_a_restart_makes_the_sockets_folder_again_that_somebody_swept_away(
    cluster: Cluster, server: PostgresServer
) -> None:
    server.kill()
    cluster.remove_folder()
    server.restart_if_dead()
    until("it is started again", lambda: "started again" in (server.restart_if_dead() or ""))
    server.wait_until_ready()
    assert ask(cluster, "select 41 + 1").stdout == "42\n"


def test_a_stop_leaves_no_process_and_no_folder_but_the_data(cluster: Cluster, server: PostgresServer) -> None:
    server.stop()
    assert server_processes(cluster.data) == ()
    assert not cluster.folder.exists()
    assert (cluster.data / "PG_VERSION").exists()
    assert not (cluster.data / "postmaster.pid").exists()


def test_a_start_that_was_cut_off_in_its_middle_is_made_anew(cluster: Cluster) -> None:
    begun = cluster.home / "postgres.begun"
    begun.mkdir()
    (begun / "half").touch()
    cluster.prepare()
    assert not begun.exists()
    assert (cluster.data / "PG_VERSION").exists()


def test_data_of_another_version_is_refused_and_left_alone(cluster: Cluster) -> None:
    cluster.data.mkdir()
    (cluster.data / "PG_VERSION").write_text("15\n")
    with pytest.raises(ClusterRefused, match="holds the data of PostgreSQL 15, and this one is 16"):
        cluster.prepare()
    assert [path.name for path in cluster.data.iterdir()] == ["PG_VERSION"]


def test_a_socket_folder_that_somebody_else_has_made_is_refused(cluster: Cluster) -> None:
    cluster.folder.mkdir(mode=0o755)
    with pytest.raises(ClusterRefused, match="somebody else made it"):
        cluster.prepare()


@pytest.mark.parametrize("options", ["fsync", "listen_addresses=*", "hba_file=/tmp/x", "-c=1"])
def test_options_that_are_none_or_open_the_server_are_refused(
    settings: LocalSettings, tmp_path: Path, options: str
) -> None:
    cluster = cluster_of(settings.with_environ(DEPLOYPLAN_DATABASE_OPTIONS=options))
    with pytest.raises(ClusterRefused, match="DEPLOYPLAN_DATABASE_OPTIONS has"):
        cluster.command()


@AS_ROOT
@pytest.mark.parametrize("name", ["root", "no-such-user"])
def test_the_server_is_never_run_as_root_or_as_nobody_knows_whom(name: str) -> None:
    with pytest.raises(SettingRejected, match="DEPLOYPLAN_DATABASE_USER"):
        server_user({"DEPLOYPLAN_DATABASE_USER": name})
