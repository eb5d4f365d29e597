"""What does the page of tonight cost? So many runs under way of so many nodes each, in the middle of their deploy.

    .venv/bin/python bench/tonight.py [runs] [nodes]

CPU seconds of one process, the record store in memory where there is room. The goals are for 200 runs of 200 nodes,
0.15 s for a further look and 200 KB of JSON, and smaller for fewer runs; what does not fit into the first second is
told as not read yet. 200 runs take 160,000 files: by default there are 40.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from builders import a_fleet, a_plan, a_snapshot, an_infrastructure
from deployplan.clock import SystemClock
from deployplan.evidence.ledger import Ledger
from deployplan.evidence.record import Records
from deployplan.plan.include import Include
from deployplan.ui.run_reader import RunReader
from deployplan.ui.tonight import Sources, read_tonight
from deployplan.ui.tonight_json import etag_of, tonight_as_json

KEY = b"k" * 32
WARM, SIZE, FIRST = 0.15, 200_000, 1.0


def write(ledger: Ledger, plan: str, digest: str, names: list[str]) -> None:
    """A run that has brought half of its nodes to the new release: three entries a node."""
    ledger.record("plan_frozen", plan=plan, run="run-1", digest=digest, triggered_by="tom")
    ledger.record("seat_asked", seat=1, people=["mia"], digest=digest)
    ledger.record("approved", seat=1, person="mia", digest=digest)
    for name in names:
        ledger.record("preflight", node=name, release="1", free_mb=9000, skew=0.1, problems=[])
    ledger.record("arming", generation=1, clear=0)
    ledger.record("armed", generation=1, nodes=names, digest=digest)
    ledger.record("wave_started", component="web", wave=1, nodes=names, generation="run-1#1")
    for number, name in enumerate(names):
        ledger.record("job_started", node=name, job=f"{number}", step="deploy", component="web")
        if number % 2:
            ledger.record("job_ended", node=name, job=f"{number}", state="done", exit=0, log_bytes=100)


def main(runs: int, nodes: int) -> None:
    """Write the runs, look for the first time, look again, and print."""
    fleet = a_fleet(nodes)
    infrastructure = an_infrastructure(**fleet)
    shared = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shared if shared.is_dir() else None) as folder:
        records = Records(folder, key=KEY)
        records.ends.built()
        for number in range(runs):
            name = f"shop-{number}"
            plan = a_plan(
                plan=name, components={"web": {"nodes": ["group:web"], "deploy": "./up.sh", "undo": "./down.sh"}}
            )
            snapshot = a_snapshot(plan=plan, infrastructure=infrastructure)
            records.save_snapshot(name, snapshot.digest, snapshot.to_json())
            records.open_run(name, "run-1", snapshot.digest)
            write(records.run(name, "run-1").ledger(), name, snapshot.digest, list(fleet["nodes"]))
        records = Records(folder, key=KEY)
        sources = Sources(Include(Path(folder)), records, RunReader(records), {}, lambda name: infrastructure)
        now = SystemClock().now()
        looks, unread, began = [], runs, time.process_time()
        while unread:
            until, begun = time.monotonic() + 0.5, time.process_time()
            unread = read_tonight(sources, now, lambda until=until: time.monotonic() < until).unread
            looks.append(time.process_time() - begun)
        whole = time.process_time() - began
        begun = time.process_time()
        content = tonight_as_json(read_tonight(sources, now))
        etag_of(content)
        warm, size = time.process_time() - begun, len(json.dumps(content, separators=(",", ":")).encode())
    verdict, share = {True: "met", False: "MISSED"}, runs / 200
    print(f"{runs} runs of {nodes} nodes, CPU seconds")
    print(f"first look    {looks[0]:.3f}   goal {FIRST}: {verdict[looks[0] <= FIRST]}; all were read after {whole:.1f}")
    print(f"further look  {warm:.3f}   goal {WARM * share:.3f}: {verdict[warm <= WARM * share]}")
    print(f"JSON bytes    {size}   goal {SIZE * share:.0f}: {verdict[size <= SIZE * share]}")


if __name__ == "__main__":
    main(*(int(each) for each in (*sys.argv[1:3], *("40", "200")[len(sys.argv) - 1 :])))
