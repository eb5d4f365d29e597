"""What do hundreds of runs that wait for their window cost the triggerer, and how soon after the opening do they start?

Starts a real Airflow of its own (PostgreSQL, LocalExecutor) and takes ten minutes and more. The reviews are not carried
out: the last task of each is marked by hand and the evidence is written here, as hundreds of reviews would take hours.

Run: PYTHONPATH=plugins python bench/waiting_runs.py [RUNS, default 300]
"""

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from deployplan.clock import SystemClock
from deployplan.evidence.hold import HoldSwitch
from deployplan.evidence.record import Records
from deployplan.local.free_ports import port_is_free
from deployplan.local.running_airflow import RunningAirflow
from deployplan.local.settings import settings_from
from deployplan.local.supervisor import running
from deployplan.plan.include import Include
from deployplan.plan.load.loading import load_all
from deployplan.plan.snapshot import Snapshot
from deployplan.runbook.timing.chosen_window import Choice, choices

USERS = "erin: {role: admin, password: erin}\n"
LAST_OF_REVIEW = "review.baseline"
LEAD = timedelta(minutes=float(os.environ.get("LEAD_MINUTES", "12")))
"""Time to bring all runs to their window before it opens; raise it on a slow machine."""
EVERY_HOUR = ",".join(map(str, range(24)))
WINDOWS = f"""\
schedule:
  window:
    name: quarter
    rule: FREQ=DAILY;BYHOUR={EVERY_HOUR};BYMINUTE=0,15,30,45
    first: 2026-01-01 00:00
    duration: 14m
  backout_reserve: 1s
"""
PLAN = """\
plan: %(name)s
environment: bench
author: olga
scope: {release: {product: %(name)s, version: "2", previous: "1"}, summary: "A release that waits"}
%(windows)scomponents:
  data: {nodes: [%(node)s], deploy: "true", undo: "true", timeout: 10s, bake: 0s}
  web: {nodes: [%(node)s], deploy: "true", undo: "true", timeout: 10s, bake: 0s, after: [data]}
approval: {authorities: {amir: product owner}}
success: {version: {command: "true", on: [%(node)s]}, look: {manual: "Does it work?", by: amir}}
"""


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    with tempfile.TemporaryDirectory(prefix="waiting-runs-") as folder, airflow_with(Path(folder), count) as airflow:
        names = [f"plan-{number:03}" for number in range(count)]
        api = airflow.login("erin", patience=300)
        until("all DAGs", lambda: sum(not dag["is_stale"] for dag in api.dags()) >= count, 1200)
        close_pool(api, 0)
        time.sleep(20)
        idle = memory(airflow)
        print(f"triggerer with   0 waiting runs  {idle:8.1f} MB PSS", flush=True)
        opening = choose(airflow, names[0])
        for some in (names[:1], names):
            bring_to_their_windows(airflow, names[: len(some)], opening)
            time.sleep(20)
            waiting = memory(airflow)
            print(
                f"triggerer with {len(some):3} waiting runs  {waiting:8.1f} MB PSS, {waiting - idle:+.1f} MB",
                flush=True,
            )
        if now() > opening.opens:
            raise SystemExit("the opening came before all runs waited: raise LEAD")
        cpu, began = cpu_seconds(airflow), time.monotonic()
        time.sleep(30)
        used = (cpu_seconds(airflow) - cpu) / (time.monotonic() - began)
        print(f"triggerer while they wait        {100 * used:8.1f} % of a core", flush=True)
        hold_everything(airflow, names)
        start_at(airflow, names, opening.opens)


@contextmanager
def airflow_with(folder: Path, count: int) -> Iterator[RunningAirflow]:
    """An Airflow with so many plans, each on a node of its own."""
    include = folder / "include"
    for name in ("plans", "procedures", "infrastructure", "controls", "packages"):
        (include / name).mkdir(parents=True)
    nodes = {f"node-{number:03}": {"host": f"10.0.{number // 200}.{number % 200 + 1}"} for number in range(count)}
    environment = {"connection": "ssh_bench", "timezone": "UTC", "nodes": nodes}
    (include / "infrastructure" / "bench.yaml").write_text(json.dumps(environment))
    for number in range(count):
        facts = {"name": f"plan-{number:03}", "node": f"node-{number:03}", "windows": WINDOWS}
        (include / "plans" / f"plan-{number:03}.yaml").write_text(PLAN % facts)
    if problems := load_all(Include(include)).problems:
        raise SystemExit("\n".join(problem.text() for problem in problems))
    home = folder / "home"
    home.mkdir()
    (home / "users.yaml").write_text(USERS)
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "DEPLOYPLAN"))}
    settings = settings_from(
        environ
        | {
            "AIRFLOW_HOME": str(home),
            "DEPLOYPLAN_INCLUDE": str(include),
            "DEPLOYPLAN_PORT": str(free_port()),
        }
    )
    with running(settings, ready_within=600) as airflow:
        yield airflow


def choose(airflow: RunningAirflow, name: str) -> Choice:
    """The first opening that leaves time enough."""
    snapshot = load_all(Include(airflow.settings.include)).snapshots[name]
    return next(each for each in choices(snapshot, (), at=now(), count=9) if each.opens > now() + LEAD)


def bring_to_their_windows(airflow: RunningAirflow, names: list[str], chosen: Choice) -> None:
    """Trigger a run of every plan that has none yet, approved for this opening, and see it wait."""
    settings, api = airflow.settings, airflow.login("erin", patience=300)
    snapshots = load_all(Include(settings.include)).snapshots
    records = Records(settings.records, key=settings.signing_key.read_bytes().strip())
    began = time.monotonic()
    for name in names:
        if records.active(name) is None:
            review(records, snapshots[name], chosen)
            api.trigger(name, "run-1", conf={"window": chosen.value})
            api.set_task_state(name, "run-1", LAST_OF_REVIEW, "success")
    until("all runs wait", lambda: len(records.waiting.all()) >= len(names), 900)
    if len(names) > 1:
        print(f"all runs wait for {chosen.label} after {time.monotonic() - began:.0f} s", flush=True)


def review(records: Records, snapshot: Snapshot, chosen: Choice) -> None:
    """The evidence of a review that ended well."""
    name, digest = snapshot.plan.name, snapshot.digest
    records.save_snapshot(name, digest, snapshot.to_json())
    records.open_run(name, "run-1", digest)
    ledger = records.run(name, "run-1").ledger(clock=SystemClock())
    ledger.record("plan_frozen", plan=name, run="run-1", digest=digest)
    ledger.record("window_chosen", **chosen.as_json())
    ledger.record("approved", seat=1, person="amir", digest=digest, window=chosen.value)
    ledger.record("baseline_taken", digest=digest)


def hold_everything(airflow: RunningAirflow, names: list[str]) -> None:
    """Pull the cord, and see how soon every waiting run says so."""
    records, switch = Records(airflow.settings.records), HoldSwitch(airflow.settings.records)
    held = switch.hold("network works", by="olga", at=now())
    took = []
    for name in names:
        entry = until("the reason", lambda: next(iter(held_entries(records, name)), None), 120)  # noqa: B023
        took.append((entry.at - held.since).total_seconds())
    switch.resume()
    print(f"hold: shown by every run after   {max(took):8.1f} s, by half of them after {statistics.median(took):.1f} s")
    log = airflow.login("erin").log(names[0], "run-1", "window")
    print(f"      in the log of the task, while it waits: {'network works' in log}", flush=True)


def held_entries(records: Records, name: str) -> Iterator[Any]:
    for entry in records.run(name, "run-1").ledger().entries():
        if entry.kind == "window_verdict" and entry.facts.get("held"):
            yield entry


def start_at(airflow: RunningAirflow, names: list[str], opening: datetime) -> None:
    """Wait for the opening, and see when the window tasks end, and when the first task after one begins."""
    settings, api = airflow.settings, airflow.login("erin", patience=300)
    records = Records(settings.records)
    time.sleep(max(0.0, (opening - now()).total_seconds() - 10))
    close_pool(api, 4)
    until("all have started", lambda: all(run.started for run in records.waiting.all()), 900)
    ends = sorted(until("window", lambda: ended(api, name), 300) for name in names)  # noqa: B023
    after = [(end - opening).total_seconds() for end in ends]
    print(
        f"opening to the end of `window`   {after[0]:8.1f} s first, {statistics.median(after):.1f} s median, "
        f"{after[-1]:.1f} s last of {len(after)}"
    )
    started = until("deploy.arm", lambda: sorted(filter(None, (began(api, name) for name in names))), 300)
    print(f"opening to the start of `arm`    {(started[0] - opening).total_seconds():8.1f} s first", flush=True)


def ended(api: Any, name: str) -> datetime | None:
    task = api.tasks(name, "run-1")["window"]
    return datetime.fromisoformat(task["end_date"]) if task["state"] == "success" else None


def began(api: Any, name: str) -> datetime | None:
    task = api.tasks(name, "run-1")["deploy.arm"]
    return datetime.fromisoformat(task["start_date"]) if task["start_date"] else None


def close_pool(api: Any, slots: int) -> None:
    """Let so many tasks run in workers."""
    body = {"pool": "default_pool", "slots": slots, "include_deferred": False}
    api.call("PATCH", "/api/v2/pools/default_pool?update_mask=slots&update_mask=include_deferred", body)


def memory(airflow: RunningAirflow) -> float:
    """The triggerer's memory in MB, its two processes together; what is shared counts in proportion."""
    return sum(_pss(pid) for pid in _session(airflow)) / 1024


def cpu_seconds(airflow: RunningAirflow) -> float:
    found = 0
    for pid in _session(airflow):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        found += int(fields[11]) + int(fields[12])
    return found / os.sysconf("SC_CLK_TCK")


def _session(airflow: RunningAirflow) -> list[int]:
    """The triggerer's processes."""
    leader = airflow.components["triggerer"].pid
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdecimal():
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                if int(fields[3]) == leader:
                    found.append(int(entry.name))
        except OSError:
            continue
    return found


def _pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def until(what: str, condition: Callable[[], Any], seconds: float) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.5)
    raise SystemExit(f"waited {seconds:.0f} s in vain: {what}")


def now() -> datetime:
    return datetime.now(UTC)


def free_port() -> int:
    """The first of five free ports in a row."""
    return next(
        first
        for first in range(23000, 32000, 40)
        if all(port_is_free("127.0.0.1", first + offset) for offset in range(5))
    )


if __name__ == "__main__":
    main()
