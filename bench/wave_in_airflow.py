"""What does a 50-node wave cost inside Airflow, against one plain task with a hand-written asyncssh loop?

Starts an Airflow of its own (PostgreSQL, LocalExecutor) and real OpenSSH nodes, and carries the same release out by a
plan's wave and by a plain task, one after the other, ROUNDS times. Wall: the task's own duration. CPU: of the task's
process and its supervisor, as their parent sees it when they have ended. The package is staged before the wave, as the
review does it; the plain task sends it.

Run: PYTHONPATH=plugins python bench/wave_in_airflow.py [NODES [ROUNDS]]
"""

import json
import os
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from loopback.nodes import SSHD, LoopbackFleet, write_package
from loopback.release import CHECK, SCRIPT, Release, sha256_of

from deployplan.local.free_ports import port_is_free
from deployplan.local.running_airflow import RunningAirflow
from deployplan.local.settings import settings_from
from deployplan.local.supervisor import running

ROOT = Path(__file__).resolve().parents[1]
USERS = (
    "erin: {role: user, password: erin}\namir: {role: user, password: amir}\nadmin: {role: admin, password: admin}\n"
)
PLAIN = """\
\"\"\"A plain task: the hand-written loop.\"\"\"

from airflow.sdk import dag, task


@dag(schedule=None, catchup=False)
def plain():
    @task
    def loop():
        import asyncio
        from pathlib import Path

        from loopback.asyncssh_loop import deploy
        from loopback.release import Release

        release = Release.read({release!r})
        asyncio.run(deploy(release, Path(release.package).read_bytes()))

    loop()


plain()
"""
_TICK = os.sysconf("SC_CLK_TCK")


class Workers(threading.Thread):
    """Watches the executor's workers: each task that ends adds its CPU to theirs at once, so a step is a task."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.steps: list[tuple[float, float]] = []
        self._seen: dict[int, float] = {}

    def run(self) -> None:
        while True:
            for pid in self._workers():
                used = _children_cpu(pid)
                before = self._seen.setdefault(pid, used)
                if used - before > 0.05:
                    self.steps.append((time.time(), used - before))
                self._seen[pid] = used
            time.sleep(0.02)

    def at(self, ended: str) -> float:
        """The CPU seconds of the task that ended then: those of the step that came next."""
        moment = datetime.fromisoformat(ended).timestamp()
        return min(((at, cpu) for at, cpu in self.steps if at > moment - 0.2), default=(0.0, 0.0))[1]

    def _workers(self) -> list[int]:
        found = []
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdecimal() and b"airflow worker" in (entry / "cmdline").read_bytes() and _is_ours(entry):
                    found.append(int(entry.name))
            except OSError:
                continue
        return found


def main() -> None:
    if SSHD is None:
        print("not measured: there is no sshd on this machine")
        return
    nodes, rounds = (int(word) for word in (sys.argv[1:] + ["50", "3"][len(sys.argv) - 1 :]))
    with tempfile.TemporaryDirectory(prefix="wave-in-airflow-") as temporary:
        folder = Path(temporary)
        write_package(folder / "package.bin", 1)
        with LoopbackFleet(folder, nodes) as fleet, _airflow(folder, fleet) as airflow:
            workers = Workers()
            workers.start()
            turns = [
                (_plain(airflow, fleet, workers, number), _wave(airflow, fleet, workers, folder, number))
                for number in range(rounds + 1)
            ][1:]  # the first turn warms both up
    for place, what in enumerate(("wall", "CPU")):
        plain, wave = (statistics.median(turn[who][place] for turn in turns) for who in (0, 1))
        verdict = "met" if wave <= 1.3 * plain else "MISSED"
        print(f"{what}: wave {wave:.2f} s, plain task {plain:.2f} s: {wave / plain:.2f} times (goal: 1.3): {verdict}")


def _airflow(folder: Path, fleet: LoopbackFleet) -> Any:
    home, dags = folder / "airflow", folder / "dags"
    home.mkdir()
    shutil.copytree(ROOT / "dags", dags)
    (home / "users.yaml").write_text(USERS)
    fleet.empty()
    release = _release(fleet, folder).write(folder / "release.json")
    (dags / "plain.py").write_text(PLAIN.format(release=str(release)))
    for name in ("plans", "procedures", "infrastructure", "controls", "packages"):
        (folder / "include" / name).mkdir(parents=True)
    shutil.copy(folder / "package.bin", folder / "include" / "packages")
    extra = {"key_file": str(fleet.key), "known_hosts": str(folder / "known_hosts")}
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "DEPLOYPLAN"))}
    first = next(port for port in range(23000, 32000, 40) if all(port_is_free("127.0.0.1", port + n) for n in range(5)))
    for number in range(9):
        _write_plan(folder, fleet, number)
    return running(
        settings_from(
            environ
            | {
                "AIRFLOW_HOME": str(home),
                "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
                "DEPLOYPLAN_INCLUDE": str(folder / "include"),
                "DEPLOYPLAN_PORT": str(first),
                "PYTHONPATH": str(ROOT / "bench"),
                "AIRFLOW_CONN_SSH_BENCH": json.dumps({"conn_type": "ssh", "login": fleet.user, "extra": extra}),
            }
        )
    )


def _write_plan(folder: Path, fleet: LoopbackFleet, number: int) -> None:
    names = list(fleet.nodes)
    plan = {
        "plan": f"wave-{number}",
        "environment": "bench",
        "author": "olga",
        "scope": {"release": {"product": f"p{number}", "version": "2", "previous": "1"}, "summary": "A wave"},
        "package": {"app": {"file": "package.bin", "sha256": sha256_of(folder / "package.bin")}},
        "components": {"app": {"nodes": names, "package": "app", "deploy": SCRIPT, "undo": "true", "timeout": "10m"}},
        "approval": {"authorities": {"amir": "product owner"}, "quorum": 1},
        "success": {"version": {"command": CHECK, "expect": {"stdout": "2"}, "on": names}},
    }
    environment = {
        "connection": "ssh_bench",
        "nodes": {name: {"host": host, "port": fleet.port} for name, host in fleet.nodes.items()},
    }
    # JSON is YAML.
    (folder / "include" / "infrastructure" / "bench.yaml").write_text(json.dumps(environment))
    (folder / "include" / "plans" / f"wave-{number}.yaml").write_text(json.dumps(plan))


def _plain(airflow: RunningAirflow, fleet: LoopbackFleet, workers: Workers, number: int) -> tuple[float, float]:
    fleet.empty()
    return _carried(airflow, workers, "plain", f"run-{number}", "loop")


def _wave(
    airflow: RunningAirflow, fleet: LoopbackFleet, workers: Workers, folder: Path, number: int
) -> tuple[float, float]:
    fleet.empty()
    return _carried(airflow, workers, f"wave-{number}", "run-1", "deploy.app.wave_1", seat="review.approve_1")


def _carried(
    airflow: RunningAirflow, workers: Workers, dag: str, run_id: str, task: str, *, seat: str | None = None
) -> tuple[float, float]:
    """Carry a run out and return the wall clock and the CPU seconds of one of its tasks."""
    api = airflow.login("admin", patience=300)
    until(f"the DAG {dag}", lambda: any(each["dag_id"] == dag and not each["is_stale"] for each in api.dags()))
    api.unpause(dag)
    api.trigger(dag, run_id)
    if seat is not None:
        until(f"the card of {dag}", lambda: any(each["task_instance"]["dag_id"] == dag for each in api.cards()))
        airflow.login("amir").answer(dag, run_id, seat, "Approve")
    until(f"the end of {dag}", lambda: api.run_state(dag, run_id) in {"success", "failed"})
    found = api.tasks(dag, run_id)[task]
    assert found["state"] == "success", (dag, api.task_states(dag, run_id))
    time.sleep(2)  # its supervisor lingers
    began, ended = (datetime.fromisoformat(found[each]) for each in ("start_date", "end_date"))
    wall, cpu = (ended - began).total_seconds(), workers.at(found["end_date"])
    print(f"{dag:8} {wall:7.2f} s, CPU {cpu:6.2f} s", flush=True)
    return wall, cpu


def _release(fleet: LoopbackFleet, folder: Path) -> Release:
    package = folder / "package.bin"
    known = str(folder / "known_hosts")
    key, digest = str(fleet.key), sha256_of(package)
    return Release(fleet.nodes, fleet.port, fleet.user, key, fleet.host_key, known, str(package), digest, str(folder))


def until(what: str, condition: Callable[[], Any], patience: float = 600.0) -> None:
    """Wait until it is true."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(f"waited {patience:g} s in vain: {what}")
        time.sleep(0.3)


def _is_ours(entry: Path) -> bool:
    """Whether the process descends from this one."""
    pid = int(entry.name)
    while pid > 1:
        if pid == os.getpid():
            return True
        pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return False


def _children_cpu(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[13]) + int(fields[14])) / _TICK


if __name__ == "__main__":
    main()
