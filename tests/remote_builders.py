"""The smallest valid jobs, holders and nodes, for tests about nodes."""

import asyncio
import hashlib
import os
import shutil
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from deployplan.remote.job import Chunk, JobFacts, JobSpec, JobState
from deployplan.remote.node_client import NodeClient
from deployplan.remote.node_facts import Holder
from marked_processes import marked_processes

DIGEST = "0123456789ab" + "c" * 52
NIGHT = datetime(2026, 11, 28, 22, 30, tzinfo=UTC)
TOOLS = """
awk bash basename cat chmod cp cut date dd df dirname echo env false find grep gzip head id kill ln ls mkdir mv od perl
printenv printf ps pwd python3 rm rmdir sed sh sha256sum sleep sort sync tail tar test timeout touch tr true uname
unzip wc xz install setsid shasum openssl bzip2
"""

# Not a shim that needs a whole home folder.
REAL = {"python3": str(Path(sys.executable).resolve())}


def a_holder(run: str = "run-1", plan: str = "storefront-4.3", **changes: Any) -> Holder:
    known = {"plan": plan, "digest": DIGEST, "run": run, "since": NIGHT, "controller": "worker-1"}
    return Holder(**{**known, **changes})


def a_job(script: str = "true", **changes: Any) -> JobSpec:
    known: dict[str, Any] = {
        "digest": DIGEST,
        "component": "web",
        "step": "deploy",
        "attempt": 1,
        "run": "run-1",
        "generation": "g1",
        "script": script,
    }
    return JobSpec(**{**known, **changes})


def job_facts(state: JobState = JobState.DONE, **changes: Any) -> JobFacts:
    """What a node says of a job that was launched, unless `started` is changed to None."""
    known: dict[str, Any] = {"component": "web", "step": "deploy", "attempt": 1, "digest12": DIGEST[:12], "seq": 1}
    known |= {"state": state, "started": NIGHT, "run": "run-1", "generation": "g1", **changes}
    return JobFacts(
        **{"job_id": f"{known['digest12']}-{known['component']}-{known['step']}-{known['attempt']}", **known}
    )


async def watched(client: NodeClient, job_id: str, offset: int = 0) -> tuple[bytes, JobFacts]:
    """Watch a job to its end; its output and its facts."""
    output = b""
    async for piece in client.watch(job_id, offset=offset):
        if isinstance(piece, JobFacts):
            return output, piece
        assert isinstance(piece, Chunk)
        assert piece.offset == offset + len(output)
        output += piece.data
    raise AssertionError("the watch ended without facts")


async def ran(client: NodeClient, job: JobSpec) -> tuple[bytes, JobFacts]:
    """Start a job and watch it to its end."""
    await client.start(job)
    return await watched(client, job.job_id)


async def until(true: Callable[[], bool], seconds: float = 15.0) -> None:
    """Wait until `true()`; AssertionError when it does not come to pass."""
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.02)


def tools(folder: Path, *, shell: str = "/bin/dash", without: tuple[str, ...] = (), busybox: bool = False) -> str:
    """Make a folder of tools, the only one in a node's PATH; return it as PATH."""
    folder.mkdir(parents=True)
    (folder / "sh").symlink_to(shell)
    for tool in TOOLS.split():
        target = (
            "/usr/bin/busybox"
            if busybox and tool not in ("bash", "python3", "perl")
            else REAL.get(tool) or shutil.which(tool)
        )
        if target and tool not in without and not (folder / tool).exists():
            (folder / tool).symlink_to(target)
    return str(folder)


def processes(home: Path, job: str = "") -> list[int]:
    """The living processes of the node whose home this is, or of one of its jobs."""
    marks = {f"HOME={home}".encode()}
    if job:
        marks.add(f"DEPLOYPLAN_JOB={home}/.deployplan/jobs/{job}".encode())
    return marked_processes(marks)


def end_all(home: Path) -> None:
    """Kill whatever runs on the node whose home this is."""
    while pids := processes(home):
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue


def sha256_of(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
