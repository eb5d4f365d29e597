"""What the pages of nodes and of history cost with a year of runs: `PYTHONPATH=plugins:tests python bench/history.py`.

Makes a store of ended runs (1,000, or as many as the argument says), each of two nodes and some 45 entries.
"""

import sys
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from time import process_time
from typing import TypeVar

from deployplan.runbook.timing.past_runs import remember
from deployplan.ui.history import HistoryFilter, HistoryPage, find_runs
from deployplan.ui.history_reader import HistoryReader
from deployplan.ui.node_reader import NodeReader
from unit.runbook.other_plans import OtherPlans, a_night
from unit.runbook.runs import NOON, node_result, wave_ended

T = TypeVar("T")
BOTH = 'components: {web: {nodes: ["group:web"], max_failures: 1}}\n'


def make(folder: Path, count: int) -> OtherPlans:
    """A store of so many runs, one every eight hours."""
    plans = OtherPlans(folder)
    plans.records.ends.built()
    for number in range(count):
        run = plans.armed(f"plan-{number}", f"{a_night('tonight')}{BOTH}change: CHG-{number}\n")
        run.clock.move_to(NOON + number * timedelta(hours=8))  # type: ignore[attr-defined]
        for job in range(18):
            at = {"node": f"web-{1 + job % 2}", "job": f"j{job}"}
            run.ledger.record("job_started", **at, step="deploy", component="web")
            run.ledger.record("job_ended", **at, state="done", exit=0)
        wave_ended(run, nodes={"web-1": node_result(), "web-2": node_result()})
        run.ledger.record("outcome", outcome="success", because="")
        remember(plans.records, run.snapshot, run.run_id, run.ledger)
        plans.records.close_run(f"plan-{number}", "run-1")
    return plans


def tell(what: str, do: Callable[[], T]) -> T:
    """Do it twice and print what each cost in CPU."""
    began = process_time()
    do()
    first, began = process_time() - began, process_time()
    found = do()
    print(f"{what}: {first:.3f} s, again {process_time() - began:.3f} s")
    return found


def main() -> None:
    """Print the CPU of each look."""
    with tempfile.TemporaryDirectory() as folder:
        plans = make(Path(folder), int(sys.argv[1]) if len(sys.argv) > 1 else 1_000)
        reader, nodes = HistoryReader(plans.records), NodeReader(plans.records)
        ends, _ = tell("ends of all runs", reader.ends)

        def page(text: str | None = None) -> HistoryPage:
            return find_runs(ends, HistoryFilter(text=text), reader.facts, bool, limit=50)

        tell("a page of 50", page)
        tell("a search through all", lambda: page("CHG-none"))
        tell("all nodes", nodes.read)


if __name__ == "__main__":
    main()
