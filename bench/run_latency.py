"""How long does a person wait for a run that goes well? From the trigger, from the last answer, from the verification.

Starts a real Airflow of its own and one real OpenSSH node, and carries one release after the other through: one
component, a script of 0.1 s, one seat, a window that is open. Prints medians with their goals; the first release, which
warms Airflow up, is told apart. Meant for a machine with two cores that do nothing else.

Run: PYTHONPATH=plugins python bench/run_latency.py [ROUNDS, default 10]
"""

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from loopback.nodes import SSHD, LoopbackFleet

from deployplan.evidence.entry import Entry
from deployplan.evidence.record import Records
from deployplan.local.airflow_api import AirflowApi
from deployplan.local.free_ports import port_is_free
from deployplan.local.running_airflow import RunningAirflow
from deployplan.local.settings import settings_from
from deployplan.local.supervisor import running

USERS = "erin: {role: user, password: erin}\namir: {role: user, password: amir}\n"
RUN = "run-1"
SEAT = "review.approve_1"
READING_TIME = 3.0
"""Seconds that the approver reads the card; within one Airflow may lose an answer (docs/concepts/airflow-facts.md)."""
PATIENCE = 180.0
"""Seconds within which each release is over."""


@dataclass(frozen=True)
class Waits:
    """Seconds of one release. `baseline` is what `review.baseline` takes between the answer and the first script."""

    trigger_to_card: float
    answer_to_script: float
    baseline: float
    verified_to_green: float
    answer_to_green: float


GOALS = {"trigger_to_card": 3.5, "answer_to_script": 3.0, "verified_to_green": 3.0, "answer_to_green": 10.0}
TOLD = {
    "trigger_to_card": "trigger to the first card",
    "answer_to_script": "last approval to the first script, without the baseline",
    "baseline": "the baseline in between",
    "verified_to_green": "verification passed to a green run",
    "answer_to_green": "last approval to a green run, whole",
}


def main() -> None:
    if SSHD is None:
        print("not measured: there is no sshd on this machine")
        return
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    names = [f"quick-{number:02}" for number in range(rounds + 1)]
    with tempfile.TemporaryDirectory(prefix="run-latency-") as temporary:
        folder = Path(temporary)
        with LoopbackFleet(folder, 1) as fleet, airflow_with(folder, fleet, names) as airflow:
            people = [airflow.login(name) for name in ("erin", "amir")]
            until("every DAG", lambda: sum(not dag["is_stale"] for dag in people[0].dags()) >= len(names))
            first, *found = [carry(airflow, *people, name) for name in names]
    print(
        f"medians of {len(found)} releases, one node, a script of 0.1 s; in brackets the first release of this Airflow"
    )
    for field in fields(Waits):
        took = [getattr(each, field.name) for each in found]
        middle, goal = statistics.median(took), GOALS.get(field.name)
        verdict = "" if goal is None else f"  goal {goal:g}: {'met' if middle <= goal else 'MISSED'}"
        spread = f"{min(took):.2f} to {max(took):.2f}"
        print(f"{TOLD[field.name]:56} {middle:6.2f} s ({spread}) [{getattr(first, field.name):.2f}]{verdict}")


def carry(airflow: RunningAirflow, engineer: AirflowApi, approver: AirflowApi, name: str) -> Waits:
    """One release from the trigger to its green end."""
    triggered = now()
    engineer.trigger(name, RUN)
    until("the card", lambda: any(card["task_instance"]["task_id"] == SEAT for card in engineer.cards(name, RUN)))
    time.sleep(READING_TIME)
    answered = now()
    approver.answer(name, RUN, SEAT, "Approve")
    until("the end", lambda: engineer.run_state(name, RUN) in {"success", "failed"}, every=0.5)
    run, tasks = engineer.run(name, RUN), engineer.tasks(name, RUN)
    if run["state"] != "success":
        raise SystemExit(f"{name} ended in {engineer.xcom(name, RUN, 'outcome', 'outcome')}")
    entries = Records(airflow.settings.records).run(name, RUN).ledger().entries()
    green = datetime.fromisoformat(run["end_date"])
    baseline = baseline_seconds(tasks)
    return Waits(
        seconds(triggered, at(entries, "card_put")),
        seconds(answered, at(entries, "job_started")) - baseline,
        baseline,
        seconds(at(entries, "verified"), green),
        seconds(answered, green),
    )


def baseline_seconds(tasks: dict[str, Any]) -> float:
    """From the end of the last seat to the end of the baseline: its work and the way to it."""
    before, found = tasks[SEAT]["end_date"], tasks.get("review.baseline", {}).get("end_date")
    return 0.0 if found is None else seconds(datetime.fromisoformat(before), datetime.fromisoformat(found))


@contextmanager
def airflow_with(folder: Path, fleet: LoopbackFleet, names: list[str]) -> Iterator[RunningAirflow]:
    """An Airflow with these plans, all for the one node."""
    include, home = folder / "include", folder / "airflow"
    for name in ("plans", "procedures", "infrastructure", "controls", "packages"):
        (include / name).mkdir(parents=True)
    home.mkdir()
    (home / "users.yaml").write_text(USERS)
    fleet.empty()
    nodes = {node: {"host": host, "port": fleet.port} for node, host in fleet.nodes.items()}
    write(include / "infrastructure" / "bench.yaml", {"connection": "ssh_bench", "timezone": "UTC", "nodes": nodes})
    for number, name in enumerate(names):
        write(include / "plans" / f"{name}.yaml", a_plan(name, str(number + 1), str(number), list(nodes)))
    extra = {"key_file": str(fleet.key), "known_hosts": str(folder / "known_hosts")}
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "DEPLOYPLAN"))}
    first = next(port for port in range(23000, 32000, 40) if all(port_is_free("127.0.0.1", port + n) for n in range(5)))
    settings = settings_from(
        environ
        | {
            "AIRFLOW_HOME": str(home),
            "DEPLOYPLAN_INCLUDE": str(include),
            "DEPLOYPLAN_PORT": str(first),
            "AIRFLOW_CONN_SSH_BENCH": json.dumps({"conn_type": "ssh", "login": fleet.user, "extra": extra}),
        }
    )
    with running(settings) as airflow:
        yield airflow


def a_plan(name: str, version: str, previous: str, nodes: list[str]) -> dict[str, Any]:
    script, undo = f"sleep 0.1; echo {version} > version", f"echo {previous} > version"
    return {
        "plan": name,
        "environment": "bench",
        "author": "olga",
        "scope": {"release": {"product": name, "version": version, "previous": previous}, "summary": "A quick release"},
        "schedule": {
            "window": {"opens": "2020-01-01 00:00", "closes": "2100-01-01 00:00", "timezone": "UTC"},
            "backout_reserve": "1m",
        },
        "components": {"app": {"nodes": nodes, "deploy": script, "undo": undo, "timeout": "1m"}},
        "approval": {"authorities": {"amir": "product owner"}, "quorum": 1},
        "success": {"version": {"command": "cat version", "expect": {"stdout": version}, "on": nodes}},
    }


def write(path: Path, document: dict[str, Any]) -> None:
    path.write_text(json.dumps(document))  # JSON is YAML


def at(entries: tuple[Entry, ...], kind: str) -> datetime:
    """When the first entry of this kind was left."""
    return next(entry.at for entry in entries if entry.kind == kind)


def seconds(begin: datetime, end: datetime) -> float:
    return (end - begin).total_seconds()


def now() -> datetime:
    return datetime.now(UTC)


def until(what: str, condition: Callable[[], Any], every: float = 0.2) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(f"waited {PATIENCE:.0f} s in vain: {what}")
        time.sleep(every)


if __name__ == "__main__":
    main()
