"""What a process says of itself when it is done: memory and wall clock beyond what its imports took."""

import json
import os
import sys
import time
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
    imports, began = sum(os.times()[:4]), time.monotonic()
    work()
    took = time.monotonic() - began
    report = {"imports_cpu": imports, "wall": took, "bare_kib": before, "peak_kib": _kib("VmHWM")}
    if path := os.environ.get("BENCH_REPORT"):
        Path(path).write_text(json.dumps(report))
    sys.stdout.flush()
