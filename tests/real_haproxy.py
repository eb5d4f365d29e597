"""A HAProxy of the test's own before small services of the nodes, and people who ask it all the time."""

import asyncio
import os
import random
import subprocess
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from shutil import which

import httpx
import pytest

from lanes import own_ports

PATIENCE = 60.0
"""Seconds in which it must answer; it takes a tenth of one, and the machine may be busy."""
SERVICE = """
import http.server, os, signal, sys, time

class Page(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        time.sleep(0.02)
        body = version.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass

port, home = int(sys.argv[1]), sys.argv[2]
version = open(os.path.join(home, "version")).read().strip()
server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Page)
with open(os.path.join(home, "new-pid"), "w") as file:
    file.write(str(os.getpid()))
os.rename(os.path.join(home, "new-pid"), os.path.join(home, "pid"))
server.serve_forever()
"""
"""A service that takes a moment for each answer, and dies in the middle of one when it is killed."""
RESTART = """
echo "$1" >"$HOME/version"
[ -e "$HOME/pid" ] && kill -9 "$(cat "$HOME/pid")"
rm -f "$HOME/pid"
python3 "$HOME/service.py" "$DEPLOYPLAN_VAR_SERVICE_PORT" "$HOME" >"$HOME/said" 2>&1 </dev/null &
until [ -e "$HOME/pid" ]; do sleep 0.05; done
"""
"""The script that brings a release: it kills the service whatever it does, and starts the other one."""


def require_haproxy() -> None:
    """Skip the test where no HAProxy is installed; where everything must run, that is a failure."""
    if which("haproxy") or Path("/usr/sbin/haproxy").exists():
        return
    told = "no haproxy here: no node was drained in a real balancer (apt-get install haproxy)"
    if os.environ.get("CI") == "true":
        pytest.fail(told)
    pytest.skip(told)


def free_ports(count: int) -> list[int]:
    """Ports of this worker, for services that are started anew on the same one."""
    return random.sample(list(own_ports(20_000, 28_000)), count)


@contextmanager
def haproxy_before(folder: Path, servers: Mapping[str, int]) -> Iterator[tuple[Path, Path]]:
    """Run one with a backend `shop` of these servers, by name and port; yields its admin socket and its front."""
    admin, front, file = folder / "admin", folder / "front", folder / "cfg"
    lines = [f"  server {name} 127.0.0.1:{port}" for name, port in servers.items()]
    file.write_text(
        f"global\n  stats socket {admin} level admin\n"
        "defaults\n  mode http\n  timeout connect 30s\n  timeout client 60s\n  timeout server 60s\n  retries 0\n"
        f"frontend shop\n  bind unix@{front}\n  default_backend shop\n"
        "backend shop\n  balance roundrobin\n  option httpchk GET /\n  timeout check 30s\n"
        "  default-server check inter 300ms rise 1 fall 3\n" + "\n".join(lines) + "\n"
    )
    program = which("haproxy") or "/usr/sbin/haproxy"
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen((program, "-db", "-f", str(file)), stdout=log, stderr=log)
    try:
        until = time.monotonic() + PATIENCE
        while not front.exists():
            assert server.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < until, "HAProxy does not listen"
            time.sleep(0.02)
        yield admin, front
    finally:
        server.kill()
        server.wait()


class Load:
    """What people who ask all the time were answered: how often, and by which release."""

    def __init__(self) -> None:
        self.answers: Counter[str] = Counter()
        self.failures: list[str] = []

    async def ask(self, front: Path, asked: int) -> None:
        """Ask again and again."""
        transport = httpx.AsyncHTTPTransport(uds=str(front))
        async with httpx.AsyncClient(transport=transport, base_url="http://shop", timeout=PATIENCE) as client:
            while True:
                try:
                    answer = await client.get("/")
                except httpx.HTTPError as error:
                    self.failures.append(repr(error))
                    continue
                if answer.status_code == 200:
                    self.answers[answer.text] += 1
                else:
                    self.failures.append(f"{asked}: {answer.status_code}")
                await asyncio.sleep(0.01)


@asynccontextmanager
async def load_on(front: Path, people: int = 6) -> AsyncIterator[Load]:
    """Have people ask as long as the block lasts."""
    load = Load()
    tasks = [asyncio.create_task(load.ask(front, number)) for number in range(people)]
    try:
        yield load
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
