"""What does the page of one release cost? A run of so many nodes in the middle of its deploy, looked at repeatedly.

    .venv/bin/python bench/release.py [nodes]

CPU seconds of one process, the record store in memory where there is room. A look at a release that has not changed
is what a viewer costs every second and a half.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from tonight import KEY, write

from builders import a_fleet, a_plan, a_snapshot, an_infrastructure
from deployplan.evidence.ledger import Ledger
from deployplan.ui.release import release_of
from deployplan.ui.release_json import release_as_json
from deployplan.ui.release_trail import TrailReader
from deployplan.ui.tonight_json import etag_of


def cpu(work: Callable[[], object]) -> float:
    """CPU seconds of the quickest of five times."""
    took = []
    for _ in range(5):
        begun = time.process_time()
        work()
        took.append(time.process_time() - begun)
    return min(took)


def measure(nodes: int) -> tuple[float, float, float, int]:
    """CPU seconds of a first look, of one after a further entry and of an ETag alone; and the bytes of the JSON."""
    fleet = a_fleet(nodes)
    components = {"web": {"nodes": ["group:web"], "deploy": "./up.sh", "undo": "./down.sh"}}
    snapshot = a_snapshot(plan=a_plan(plan="shop", components=components), infrastructure=an_infrastructure(**fleet))
    shared = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shared if shared.is_dir() else None) as folder:
        ledger = Ledger(folder, key=KEY, plan="shop", run_id="run-1")
        write(ledger, "shop", snapshot.digest, list(fleet["nodes"]))
        reader = TrailReader(Ledger(folder, key=KEY, plan="shop", run_id="run-1"))

        def look() -> dict[str, object]:
            return release_as_json(release_of(snapshot, "run-1", *reader.read()))

        begun = time.process_time()
        content = look()
        first = time.process_time() - begun
        at = iter(range(0, nodes, 2))

        def again() -> None:
            number = next(at)
            ledger.record("job_ended", node=list(fleet["nodes"])[number], job=f"{number}", state="done", exit=0)
            etag_of(look())

        further = cpu(again)
        return first, further, cpu(lambda: etag_of(content)), len(json.dumps(content, separators=(",", ":")).encode())


def main(nodes: int) -> None:
    """Measure a tenth of the nodes and all of them, and print."""
    small, large = measure(nodes // 10), measure(nodes)
    print(f"a release of {nodes} nodes, CPU seconds, and how many times that of {nodes // 10} nodes")
    for what, few, many in zip(("first look", "further entry", "ETag alone", "JSON bytes"), small, large, strict=True):
        print(f"{what:<14}{many:10.4f}  {many / few:6.1f} ×")


if __name__ == "__main__":
    main(*(int(each) for each in (*sys.argv[1:2], *("400",)[len(sys.argv) - 1 :])))
