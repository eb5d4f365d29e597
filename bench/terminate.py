"""How long from an ordered end to the proof of death, for many jobs at once whose processes ignore TERM.

Each node is a folder of this machine with the real shell text. Each job leaves, beside its own shell, a background
child, a child in a session of its own and an orphaned grandchild in another, and all of them ignore TERM. On one
machine every look has to go through the processes of all nodes; on real nodes each goes through its own only.

    python bench/terminate.py [NODES [GRACE]]      200 nodes and 5 seconds when nothing is said
"""

import asyncio
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from deployplan.remote.job import JobSpec
from deployplan.remote.node_client import NodeClient
from deployplan.remote.node_facts import Holder
from deployplan.testing import LocalTransport

STUBBORN = """\
trap '' TERM HUP INT
(setsid sh -c 'touch orphaned; exec sleep 3600' &) &
setsid sleep 3600 &
sleep 3600 &
until [ -e orphaned ]; do sleep 0.1; done
touch begun
sleep 3600
"""
AT_ONCE = 16
GOAL = 30.0


@dataclass(frozen=True)
class Death:
    """How one job ended: seconds from the order to the proof, and whether nothing of it was found alive."""

    seconds: float
    gone: bool


async def main(count: int, grace: float) -> int:
    with tempfile.TemporaryDirectory(prefix="deployplan-bench-") as root:
        homes = [Path(root) / f"node-{number}" for number in range(count)]
        try:
            clients = [NodeClient(LocalTransport(home.name, home), timeout=600) for home in homes]
            holder = Holder("bench", "0" * 64, "bench/run#1", datetime.now(UTC), "bench")
            job = JobSpec("0" * 64, "app", "deploy", 1, run=holder.run, generation="1", script=STUBBORN)
            await _begin(clients, holder, job)
            processes = sum(len(_alive(home)) for home in homes)
            used = os.times()
            deaths = await asyncio.gather(*(_end(client, job, holder, grace) for client in clients))
            spent = os.times()
            alive = sum(len(_alive(home)) for home in homes)
        finally:
            for home in homes:
                for pid in _alive(home):
                    os.kill(pid, 9)
    cpu = spent.children_user + spent.children_system - used.children_user - used.children_system
    return _report(deaths, processes, alive, grace, cpu)


async def _begin(clients: list[NodeClient], holder: Holder, job: JobSpec) -> None:
    limit = asyncio.Semaphore(AT_ONCE)

    async def one(client: NodeClient) -> None:
        async with limit:
            await client.lock(holder)
            await client.start(job)
            await client.run("until [ -e begun ]; do sleep 0.1; done")

    await asyncio.gather(*map(one, clients))


async def _end(client: NodeClient, job: JobSpec, holder: Holder, grace: float) -> Death:
    began = time.monotonic()
    proof = await client.terminate(job.job_id, grace=grace, holder=holder)
    return Death(time.monotonic() - began, proof.gone)


def _alive(home: Path) -> list[int]:
    """The processes of a node that carry a job's mark."""
    mark, found = f"DEPLOYPLAN_JOB={home}/".encode(), []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdecimal() and any(each.startswith(mark) for each in _environ(entry)):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def _environ(entry: Path) -> list[bytes]:
    return (entry / "environ").read_bytes().split(b"\0")


def _report(deaths: list[Death], processes: int, alive: int, grace: float, cpu: float) -> int:
    seconds = sorted(death.seconds for death in deaths)
    unproven = sum(not death.gone for death in deaths)
    p50, p99 = (seconds[min(len(seconds) - 1, int(len(seconds) * share))] for share in (0.50, 0.99))
    print(f"terminated {len(deaths)} jobs at once, {processes} processes that ignore TERM, grace {grace:g} s")
    print(f"order to proof: p50 {p50:.1f} s, p99 {p99:.1f} s, max {seconds[-1]:.1f} s (goal: p99 <= {GOAL:g} s)")
    print(f"not proven dead: {unproven}; alive all the same: {alive}; {cpu:.0f} CPU s on {os.cpu_count()} cores")
    return int(unproven > 0 or alive > 0)


if __name__ == "__main__":
    words = sys.argv[1:]
    sys.exit(asyncio.run(main(int(words[0]) if words else 200, float(words[1]) if len(words) > 1 else 5.0)))
