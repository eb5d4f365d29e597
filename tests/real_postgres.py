"""A PostgreSQL of the test's own that asks for a password, as the one of docker-compose.yaml does."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deployplan.local.postgres_programs import postgres_programs, programs_for
from deployplan.local.server_user import run_as, server_user


@contextmanager
def password_server(password: str, *settings: str) -> Iterator[int]:
    """Its database and its user are both `airflow`; `settings` are words of its command line.

    Yields the port on 127.0.0.1 on which it listens.
    """
    user = server_user({})
    with tempfile.TemporaryDirectory(prefix="postgres-") as name:
        root = Path(name)
        data = root / "data"
        data.mkdir(mode=0o700)
        (root / "password").write_text(password + "\n")
        for path in (root, data, root / "password"):
            if user:
                os.chown(path, user.uid, user.gid)
        programs = programs_for(user, root / "programs")
        place = "/proc/self/cwd" if sys.platform == "linux" else str(data)
        words = ("-D", place, "-U", "airflow", "--auth=scram-sha-256", f"--pwfile={root / 'password'}", "--no-sync")
        made = (programs / "initdb", *words, "-E", "UTF8", "--locale=C")
        subprocess.run(made, check=True, stdout=subprocess.DEVNULL, cwd=data, **run_as(user))
        for _ in range(5):
            # Between the look for a free port and its use somebody else may take it.
            port = _free_port()
            options = ("-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={root}", "-c", "fsync=off")
            server = subprocess.Popen(
                (programs / "postgres", "-D", place, *options, *settings, "-p", str(port)),
                cwd=data,
                stderr=subprocess.DEVNULL,
                **run_as(user),
            )
            try:
                if _ready(server, port):
                    there = dict(os.environ, PGPASSWORD=password)
                    address = ("-h", "127.0.0.1", "-p", str(port), "-U", "airflow")
                    words = ("-d", "postgres", "-c", "create database airflow")
                    subprocess.run((postgres_programs() / "psql", "-q", *address, *words), check=True, env=there)
                    yield port
                    return
            finally:
                server.terminate()
                try:
                    server.wait(timeout=10)
                except subprocess.TimeoutExpired:
                    server.kill()
                    server.wait()
                shutil.rmtree(root / "programs", ignore_errors=True)
        raise AssertionError("PostgreSQL found no port in five tries")


def _ready(server: subprocess.Popen[bytes], port: int) -> bool:
    asked = (postgres_programs() / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port))
    deadline = time.monotonic() + 60
    while server.poll() is None and time.monotonic() < deadline:
        if subprocess.run(asked, check=False).returncode == 0:
            return True
        time.sleep(0.1)
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
