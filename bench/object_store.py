"""What does a record store in object storage cost? Requests by kind, against moto's S3 server in a process of its own.

    PYTHONPATH=plugins:tests python bench/object_store.py [review] [past] [wave] [trouble]

A review beside 41 runs under way; the calendar and what missed its window over 1,000 runs that have ended; a wave of
200 nodes; the same wave with 200 ms a request, with one request in twenty failing (half of them carried out), and
with a store that is away for 30 s. A wave is its evidence alone: each node's script is a sleep.
"""

import asyncio
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from calendar_year import YEAR, include_of
from upath import UPath

from builders import a_snapshot
from deployplan.clock import SystemClock
from deployplan.evidence import ends, merged_ends
from deployplan.evidence.record import Records
from deployplan.evidence.tidy import tidy
from deployplan.plan.load.loading import load_all, load_infrastructure
from deployplan.plan.snapshot import Snapshot
from deployplan.runbook.calendar.calendar import calendar_of
from deployplan.runbook.calendar.conflicts import conflicts
from deployplan.runbook.calendar.missed import find_missed
from deployplan.runbook.run.fleet import Fleet
from deployplan.runbook.run.run import Run
from deployplan.runbook.timing.past_runs import history_of, remember
from deployplan.testing import FrozenClock
from s3_server import S3Process, options

KEY = b"k" * 32
UNDER_WAY, PAST, NODES = 41, 1000, 200
SCRIPT = 15.0
"""Seconds that each node's script takes in a wave."""
NIGHT = datetime(2026, 11, 28, 22, tzinfo=UTC)


class Bench:
    """One S3 server, and what is said of each figure."""

    def __init__(self) -> None:
        self.server = S3Process()

    def bucket(self) -> UPath:
        """A new record store, as a process sees it that has asked for nothing yet."""
        name = f"evidence-{uuid4().hex}"
        fresh = UPath(f"s3://{name}/records", **options(self.server.url))
        fresh.fs.mkdir(name)
        return fresh

    def another(self, root: UPath) -> UPath:
        """The same store for another process."""
        agent = {"user_agent_extra": uuid4().hex}
        return UPath(str(root), **options(self.server.url), config_kwargs=agent)

    def upload(self, root: UPath, folder: Path) -> None:
        """Put a local record store there, past HTTP."""
        self.server.ask(bucket=root.drive or root.parts[0].strip("/"), load=str(folder))

    @contextmanager
    def counting(self) -> Iterator[Counter[str]]:
        """Count the requests of what is done within."""
        found: Counter[str] = Counter()
        self.server.ask(anew=True)
        yield found
        found.update(self.server.ask(anew=True))


def tell(what: str, value: float, goal: float | None = None, more: str = "") -> None:
    """One line: what it is, the figure, and whether the goal is met."""
    shown = f"{value:.2f}" if isinstance(value, float) else str(value)
    verdict = "" if goal is None else f"   goal {goal:g}: {'met' if value <= goal else 'MISSED'}"
    print(f"{what:58} {shown:>8}{verdict}{f'   {more}' if more else ''}", flush=True)


def requests(found: Counter[str]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in sorted(found.items()))


def _forget() -> None:
    """Be a process that has read nothing yet."""
    ends._read.clear()
    merged_ends._merged.clear()


def cpu(ask: Callable[[], object]) -> float:
    """CPU seconds of this process."""
    _forget()
    begun = time.process_time()
    ask()
    return time.process_time() - begun


def review_story(record: Any, snapshot: Snapshot, *, armed: bool) -> None:
    """The evidence of a run up to its approval, or in its wave: some 27 entries, as the issue counted them."""
    ledger, plan, run_id = record.ledger(), record.plan, record.run_id
    ledger.record("plan_frozen", plan=plan, run=run_id, digest=snapshot.digest, triggered_by="erin")
    for number in range(8):
        ledger.record("gate", name=f"control {number}", ok=True, detail="holds")
    for node in snapshot.target_nodes():
        ledger.record("preflight", node=node.name, release="1", free_mb=9000, skew=0.1, problems=[])
        ledger.record("baseline", criterion="health", node=node.name, answer="pass", observed="200")
    ledger.record("ready")
    ledger.record("seat_asked", seat=1, people=["mia"], digest=snapshot.digest, window=None)
    if armed:
        names = [node.name for node in snapshot.target_nodes()]
        ledger.record("approved", seat=1, person="mia", digest=snapshot.digest, window=None)
        ledger.record("arming", generation=1, clear=0)
        ledger.record("armed", generation=1, nodes=names, digest=snapshot.digest)
        for node in names:
            ledger.record("job_started", node=node, job=f"{node}-1", step="deploy", component="web")
            ledger.record("job_ended", node=node, job=f"{node}-1", state="done", exit=0, log_bytes=100)


def review(bench: Bench) -> None:
    """What the review of the 42nd plan reads."""
    for same in (False, True):
        with tempfile.TemporaryDirectory() as folder:
            include = include_of(UNDER_WAY + 1, Path(folder) / "include")
            for number, path in enumerate(sorted(include.plans.iterdir())):
                nodes = "n1, n2, n3, n4" if same else ", ".join(f"n{4 * number + each}" for each in range(4))
                path.write_text(
                    f"plan: {path.stem}\nfollows: shop\ncomponents: {{web: {{nodes: [{nodes}]}}}}\n"
                    "schedule: {window: next}\n"
                )
            snapshots = dict(load_all(include).snapshots)
            local, mine = Records(Path(folder) / "records", key=KEY), snapshots.pop("p0")
            local.ends.built()
            for number, (name, snapshot) in enumerate(snapshots.items()):
                local.save_snapshot(name, snapshot.digest, snapshot.to_json())
                local.open_run(name, "run-1", snapshot.digest)
                review_story(local.run(name, "run-1"), snapshot, armed=number % 2 == 0 and not same)
            root = bench.bucket()
            bench.upload(root, Path(folder) / "records")

            def ask(records: Records, mine: Snapshot = mine, include: Any = include) -> None:
                ledger = records.run(mine.plan.name, "run-1").ledger()
                run = Run(mine, "run-1", "erin", ledger, include, Fleet({}), FrozenClock(YEAR.start), print)
                object.__setattr__(run, "records", records)
                records.ends.heads()
                conflicts(run)

            on_disk = min(cpu(lambda: ask(Records(Path(folder) / "records", key=KEY))) for _ in range(3))
            Records(bench.another(root), key=KEY).active("p1")  # imports, the driver and its connection
            with bench.counting() as found:
                ask(Records(bench.another(root), key=KEY))
            taken = cpu(lambda root=root: ask(Records(root, key=KEY)))
            what = f"review, {UNDER_WAY} runs under way, {'all on its nodes' if same else 'none on its nodes'}"
            tell(f"{what}: requests", found.total(), 60, requests(found))
            tell("... CPU, times that on disk", taken / on_disk, 1.5, f"{taken:.2f} s and {on_disk:.2f} s")


def past(bench: Bench) -> None:
    """The calendar and the missed plans over runs that have ended, and how many objects those are."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        include = include_of(20, Path(folder) / "include")
        snapshots = dict(load_all(include).snapshots)
        place = Path(folder) / "records"
        Records(place, key=KEY).ends.built()
        for number in range(PAST):
            snapshot = snapshots[f"p{number % len(snapshots)}"]
            clock = FrozenClock(NIGHT - timedelta(hours=PAST - number))
            records = Records(place, key=KEY, clock=clock)
            record = records.run(snapshot.plan.name, f"run-{number}")
            records.save_snapshot(record.plan, snapshot.digest, snapshot.to_json())
            review_story(record, snapshot, armed=True)
            ledger = record.ledger()
            ledger.record("outcome", outcome="success" if number % 5 else "expired", because="it went so")
            ledger.seal()
            remember(records, snapshot, record.run_id, ledger)
        print(
            f"{PAST} runs of {len(records.run('p19', 'run-999').ledger().entries())} entries were written", flush=True
        )
        tell("objects of 1,000 ended runs before anything was put together", _files(place))
        begun = time.process_time()
        for days in (1, 2, 3):
            tidy(Records(place, key=KEY), KEY, now=SystemClock().now() + timedelta(days=days), most=None)
        tell("... objects", _files(place), 3000)
        tell("... CPU seconds to put them together, on disk", time.process_time() - begun)
        root = bench.bucket()
        bench.upload(root, place)
        today = load_infrastructure("production", include)

        def calendar(store: Records) -> None:
            calendar_of("production", today, snapshots, YEAR, at=YEAR.start, records=store)

        def missed(store: Records) -> None:
            find_missed(snapshots.values(), include, store, at=YEAR.start)

        def history(store: Records) -> None:
            history_of(store, "production", "shop")

        for what, ask in {"calendar": calendar, "missed": missed, "history": history}.items():
            _forget()
            with bench.counting() as found:
                begun = time.monotonic()
                ask(Records(bench.another(root), key=KEY))
                took = time.monotonic() - begun
            tell(f"{what} over 1,000 past runs: requests", found.total(), 100, requests(found))
            tell("... seconds", took, 2)


def _files(place: Path) -> int:
    return sum(path.is_file() for path in place.rglob("*"))


async def carry_out(records: Records, run_id: str) -> float:
    """A wave's evidence by the runbook's own means; seconds."""
    snapshot = a_snapshot()
    ledger = records.run("shop-2", run_id).ledger()
    run = Run(snapshot, run_id, "erin", ledger, None, Fleet({}), SystemClock(), print)  # type: ignore[arg-type]
    begun = time.monotonic()

    async def node(number: int) -> None:
        await asyncio.to_thread(lambda: None)
        await record(run, "job_started", node=f"n{number}", job=f"{number}", step="deploy", component="web")
        await asyncio.sleep(SCRIPT)
        await record(run, "job_ended", node=f"n{number}", job=f"{number}", state="done", exit=0)

    await record(run, "plan_frozen", plan="shop-2", run=run_id, digest=snapshot.digest)
    await record(run, "wave_started", component="web", wave=1, nodes=["n1"], generation="1")
    await asyncio.gather(*map(node, range(NODES)))
    await record(run, "wave_ended", component="web", wave=1, ok=True, nodes={}, generation="1")
    return time.monotonic() - begun


async def record(run: Run, kind: str, /, **facts: object) -> None:
    """As `Run.note`, for facts that are made up."""
    await asyncio.to_thread(run.ledger.record, kind, **facts)


def wave(bench: Bench, trouble: dict[str, float], what: str, undisturbed: float | None) -> float:
    """Carry out a wave under trouble, and look that all its evidence is there, once."""
    root = bench.bucket()
    with bench.counting() as found:
        bench.server.ask(trouble=trouble)
        try:
            took: float = asyncio.run(carry_out(Records(root, key=KEY), "run-1"))
        except OSError as error:
            print(f"{what:58}     LOST   {error}")
            return 0.0
        finally:
            bench.server.ask(trouble={})
    entries = Records(bench.another(root), key=KEY).run("shop-2", "run-1").ledger().entries()
    told = Counter((entry.kind, str(entry.facts.get("node"))) for entry in entries)
    if undisturbed is None:
        tell(f"{what}: PUTs", found["PUT"], 250, requests(found))
    doubled = told.total() - len(told)
    tell(f"... {what}: seconds", took, undisturbed and 1.2 * undisturbed)
    tell("... entries lost", 2 * NODES + 3 - len(told), 0)
    tell("... entries doubled", doubled, 0)
    return took


def main(parts: list[str]) -> None:
    """Print the parts asked for, or all."""
    bench = Bench()
    try:
        if "review" in parts:
            review(bench)
        if "past" in parts:
            past(bench)
        if "wave" in parts or "trouble" in parts:
            calm = wave(bench, {}, f"wave of {NODES} nodes", None)
        if "trouble" in parts:
            wave(bench, {"wait": 0.2}, "200 ms a request", calm)
            wave(bench, {"failing": 0.05}, "one request in twenty fails", calm)
            wave(bench, {"away": 30}, "30 s away (which it may wait for)", calm + 30)
    finally:
        bench.server.close()


if __name__ == "__main__":
    main(sys.argv[1:] or ["review", "past", "wave", "trouble"])
