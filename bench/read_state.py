"""What does it cost to know how a run stands? A run of 500 nodes, read whole, and looked at again.

    .venv/bin/python bench/read_state.py [nodes]

CPU seconds of one process (the files are in the page cache): the goal for 3,500 entries is 0.15 s; a further look must
ask for the next names only.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from statistics import median
from unittest.mock import patch

from deployplan.evidence import segment
from deployplan.evidence.ledger import Ledger
from deployplan.evidence.record import RunRecord
from deployplan.runbook.run.fold import StateReader

KEY = b"k" * 32
GOAL = 0.15
"""CPU seconds for the first read of 3,500 entries."""


def write(ledger: Ledger, nodes: int) -> None:
    """The evidence of a release on so many nodes with three criteria, seven entries a node."""
    names = [f"web-{number}" for number in range(nodes)]
    ledger.record("plan_frozen", plan="shop-2", run="run-1", digest="a" * 64)
    for name in names:
        ledger.record("preflight", node=name, release="1", free_mb=9000, skew=0.1, problems=[])
    ledger.record("arming", generation=1, clear=0)
    for name in names:
        ledger.record("rollback_point", node=name, component="web", version="1", known_by="current")
    ledger.record("armed", generation=1, nodes=names, digest="a" * 64)
    ledger.record("wave_started", component="web", wave=1, nodes=names, generation="run-1#1")
    for name in names:
        ledger.record("job_started", node=name, job="0123456789ab-web-deploy-1", step="deploy", component="web")
        ledger.record("job_ended", node=name, job="0123456789ab-web-deploy-1", state="done", exit=0, log_bytes=100)
    for name in names:
        for criterion in ("health", "version", "queue"):
            ledger.record("reading", criterion=criterion, node=name, answer="pass", observed="200", readings=3)


def timed(work: Callable[[], object]) -> float:
    """CPU seconds of the work."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def main(nodes: int) -> None:
    """Write, read five times anew, look again, and print."""
    with tempfile.TemporaryDirectory() as folder:
        record = RunRecord(folder, "shop-2", "run-1", key=KEY)
        write(record.ledger(), nodes)
        entries = len(record.ledger().entries())
        reads = [timed(StateReader(record.ledger()).read) for _ in range(5)]
        reader = StateReader(record.ledger())
        reader.read()
        again = [timed(reader.read) for _ in range(50)]
        with patch.object(segment, "segments", side_effect=AssertionError("a further look lists nothing")):
            record.ledger().record("ready")
            assert reader.read().entries == entries + 1
    allowed = GOAL * entries / 3500
    verdict = "met" if median(reads) <= allowed else "MISSED"
    print(f"{entries} entries of {nodes} nodes, CPU seconds, medians")
    print(f"first read      {median(reads):.3f}   goal {allowed:.3f}: {verdict}")
    print(f"a further look  {median(again):.6f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
