"""Do ten jobs with 100 MB of output each hold up 50 runs that wait in the same process?

Ten nodes are real OpenSSH servers on this machine; their jobs are followed as a wave follows them, with patterns and
secrets, in one event loop beside 50 waits that want their turn every 100 ms, as in the triggerer. The goal: no wait is
late by a second, and every byte was searched.

Run: PYTHONPATH=plugins python bench/loud_jobs.py [--jobs 10] [--megabytes 100] [--waits 50]
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from loopback.nodes import SSHD, LoopbackFleet

from deployplan.plan.text.pattern import compile_pattern
from deployplan.remote.job import Chunk, JobSpec
from deployplan.remote.masking import Masks
from deployplan.remote.node_client import NodeClient
from deployplan.remote.node_facts import Holder
from deployplan.remote.ssh.transport import connect
from deployplan.remote.transport import Address
from deployplan.runbook.node.output import Output

GOAL = 1.0
DIGEST = "0123456789ab" * 5
PATTERNS = ("^FATAL", "OutOfMemory", r"(?i)error.*(refused|timed out)")
EVERY = 0.1
SHAPES = {
    "lines": "yes 'a line of output as installers print them, 64 characters long'",
    "progress": r"yes 'downloading the package: 42%' | tr '\n' '\r'",
    "bytes": "cat /dev/urandom",
    "one line": "tr '\\0' x </dev/zero",
}


@dataclass
class Found:
    """What was measured."""

    late: list[float] = field(default_factory=list)
    shown: int = 0
    bytes: int = 0
    matches: int = 0


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--jobs", default=10, type=int)
    parser.add_argument("--megabytes", default=100, type=int, help="of each job")
    parser.add_argument("--waits", default=50, type=int)
    wanted = parser.parse_args()
    if SSHD is None:
        print("not measured: there is no sshd on this machine")
        return
    print(f"{datetime.now(UTC):%F %R} UTC, {os.cpu_count()} cores, {wanted.jobs} jobs with {wanted.megabytes} MB each")
    print(f"{'output':9} {'wall s':>7} {'CPU s':>6} {'lines shown':>12} {'latest wait s':>14} {'99th %':>7}")
    missed = False
    with tempfile.TemporaryDirectory(prefix="loud-") as folder, LoopbackFleet(Path(folder), wanted.jobs) as fleet:
        for number, (shape, program) in enumerate(SHAPES.items(), start=1):
            if number == 1:
                fleet.empty()
            began, cpu = time.monotonic(), time.process_time()
            found = asyncio.run(measure(fleet, number, program, wanted.megabytes * 1_000_000, wanted.waits))
            late = sorted(found.late)
            print(
                f"{shape:9} {time.monotonic() - began:7.1f} {time.process_time() - cpu:6.1f} {found.shown:12}"
                f" {late[-1]:14.3f} {late[len(late) * 99 // 100]:7.3f}"
            )
            if found.matches != wanted.jobs:
                print(f"          {found.matches} of {wanted.jobs} last lines were found")
            missed |= late[-1] >= GOAL or found.matches != wanted.jobs
    print(f"goal: no wait late by {GOAL:g} s, each job's last line found: {'MISSED' if missed else 'met'}")
    sys.exit(missed)


async def measure(fleet: LoopbackFleet, number: int, program: str, size: int, waits: int) -> Found:
    """Follow all jobs to their end, beside the waits."""
    found = Found()
    over = asyncio.Event()
    waiting = [asyncio.create_task(wait(found, over)) for _ in range(waits)]
    await asyncio.gather(*(follow(fleet, name, number, program, size, found) for name in fleet.nodes))
    over.set()
    await asyncio.gather(*waiting)
    return found


async def wait(found: Found, over: asyncio.Event) -> None:
    """A run that looks at the clock now and then."""
    while not over.is_set():
        due = time.monotonic() + EVERY
        await asyncio.sleep(EVERY)
        found.late.append(time.monotonic() - due)


async def follow(fleet: LoopbackFleet, name: str, number: int, program: str, size: int, found: Found) -> None:
    """One job that prints so many bytes and then a significant error."""

    def say(line: str) -> None:
        log.write(f"{name} | {line}\n")
        found.shown += 1

    address = Address(
        name, fleet.nodes[name], fleet.port, fleet.user, key_files=(str(fleet.key),), host_key=fleet.host_key
    )
    patterns = [compile_pattern(pattern) for pattern in PATTERNS]
    output = Output(say, patterns=patterns, masks=Masks(["correct-horse-battery", "hunter2-hunter2"]))
    async with await connect(address) as transport:
        client = NodeClient(transport)
        await client.lock(Holder("bench", DIGEST, "bench", datetime.now(UTC), "bench"))
        script = f"{program} | head -c {size}; printf '\\nFATAL: the end\\n'"
        job = await client.start(JobSpec(DIGEST, "web", "deploy", number, "bench", "bench", script))
        with (fleet.folder / f"{name}.log").open("w") as log:
            async for piece in client.watch(job.job_id):
                if isinstance(piece, Chunk):
                    found.bytes += len(piece.data)
                    line = await output.feed(piece.data)
                    found.matches += line is not None
            await output.close()


if __name__ == "__main__":
    main()
