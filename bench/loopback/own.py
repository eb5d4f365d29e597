"""What a process says of itself when it is done: peak memory over what it had after its imports, and CPU seconds."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path


def _kib(field: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1])
    raise AssertionError(f"no {field} in /proc/self/status")


def reporting(work: Callable[[], None]) -> None:
    """Do the work, and write to the file named by BENCH_REPORT what it took; imports are over when this is called."""
    before = _kib("VmRSS")
    begun = sum(os.times()[:4])
    work()
    report = {"imports_cpu": begun, "bare_kib": before, "peak_kib": _kib("VmHWM")}
    if path := os.environ.get("BENCH_REPORT"):
        Path(path).write_text(json.dumps(report))
    sys.stdout.flush()
