"""One plan carried through a real Airflow on real OpenSSH nodes: written, triggered, approved, followed, looked at."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from deployplan.evidence.entry import Entry
from deployplan.evidence.record import Records
from deployplan.local.airflow_api import AirflowApi
from deployplan.local.running_airflow import RunningAirflow
from deployplan.plan.include import Include
from deployplan.plan.load.loading import load
from e2e.airflow_database import database
from openssh import OpenSshNode

Json = dict[str, Any]
PATIENCE = 420.0
"""Seconds within which every awaited thing has to happen; all of them happen in a fraction of it on a quiet machine."""

ALL_PLANS = "deployment_plans.py"
"""The file of the DAGs folder that builds the DAGs."""

PARSED_WITHIN = 4.0
"""Seconds after which a parse is asked for once more: one that is asked for during another is lost."""

SECRET = "hunter2-of-the-whole-fleet"
"""The password of the connection `e2e_secret`."""


def until(
    what: str,
    condition: Callable[[], Any],
    patience: float = PATIENCE,
    every: float = 0.2,
    instead: Callable[[], object] = lambda: "",
) -> Any:
    """Wait until `condition` gives something true, and return it; in vain, tell what there is `instead`."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(every)
    raise AssertionError(f"waited {patience:g} s in vain: {what} {instead()}".rstrip())


class Release:
    """A plan of its own on nodes of its own, so that scenarios run side by side."""

    def __init__(self, airflow: RunningAirflow, include: Path, nodes: Mapping[str, OpenSshNode], name: str) -> None:
        self.airflow, self.include, self.nodes, self.name = airflow, include, nodes, name
        self.run_id = "run-1"
        self.engineer = airflow.login("erin")
        self.database = database(airflow.settings)
        self._document: Json = {}
        self._stop = threading.Event()

    # -- what is to be done

    def write(self, *, access: Mapping[str, str] | None = None, **changes: Any) -> "Release":
        """Write the plan and its environment; each change replaces a top-level key of the plan."""
        now = datetime.now(UTC)
        wall = "%Y-%m-%d %H:%M"
        self._document = {
            "plan": self.name,
            "environment": self.name,
            "author": "olga",
            "scope": {
                "release": {"product": self.name, "version": "2.0", "previous": "1.0"},
                "summary": "An e2e release",
            },
            "schedule": {
                "window": {
                    "opens": (now - timedelta(hours=1)).strftime(wall),
                    "closes": (now + timedelta(hours=5)).strftime(wall),
                    "timezone": "UTC",
                },
                "backout_reserve": "5m",
            },
            "components": {"app": a_component(list(self.nodes))},
            "approval": {"authorities": {"amir": "product owner", "mia": "deployment manager"}, "quorum": 1},
            "success": {"version": {"command": "cat version", "expect": {"stdout": "2.0"}, "on": list(self.nodes)}},
        } | changes
        environment = {
            "connection": "ssh_e2e",
            "nodes": {name: {"host": node.host, "port": node.port} for name, node in self.nodes.items()},
        } | ({} if access is None else {"access": dict(access)})
        self._write("infrastructure", environment)
        self._write("plans", self._document)
        documents = Include(self.include)
        load(documents.plan_path(self.name), documents)  # a mistake in a scenario is told at once
        self.until_parsed(f"the DAG of {self.name}", lambda: self.database.knows(self.name), ALL_PLANS)
        return self

    def until_parsed(self, what: str, condition: Callable[[], Any], file: str) -> Any:
        """Wait until a parse of this file brings about `condition`, and have it parsed soon."""
        asked = -PATIENCE

        def there() -> Any:
            nonlocal asked
            if not (found := condition()) and time.monotonic() - asked > PARSED_WITHIN:
                asked = time.monotonic()
                self.database.request_parse(file)
            return found

        return until(what, there, every=0.5)

    def rewrite(self, text: str) -> None:
        """Put other bytes into the plan's file."""
        (self.include / "plans" / f"{self.name}.yaml").write_text(text)

    @property
    def text(self) -> str:
        return (self.include / "plans" / f"{self.name}.yaml").read_text()

    def trigger(self, user: str = "erin", **conf: Any) -> "Release":
        """Start a run; `conf` are its parameters."""
        self.airflow.login(user).trigger(self.name, self.run_id, conf=conf)
        return self

    def approve(self, user: str = "amir", option: str = "Approve", task: str = "review.approve_1") -> "Release":
        """Answer the card as soon as it is there."""
        self.wait_for_card(task)
        self.airflow.login(user).answer(self.name, self.run_id, task, option)
        return self

    def wait_for_card(self, task: str) -> Json:
        return until(f"the card of {task} in {self.name}", lambda: self._card(task), instead=self.told)

    def wait_for_state(self, task: str, *states: str, attempt: int = 1, every: float = 0.2) -> str:
        def reached() -> str | None:
            state, tries = self.database.task(self.name, self.run_id, task)
            return state if state in states and tries >= attempt else None

        return str(until(f"{task} of {self.name} in {states}", reached, every=every, instead=self.told))

    def wait_for_file(self, node: str, name: str) -> Path:
        """Wait until a script has written this file on the node."""
        path = self.nodes[node].home / name
        until(f"{path} of {self.name}", path.exists)
        return path

    def end(self) -> str:
        """Wait for the end of the run and return its outcome."""
        until(f"the end of {self.name}", self.has_ended, instead=self.told)
        return self.outcome()

    def end_again(self, times: int = 2) -> str:
        """Wait until the run has come to an outcome so many times, and return the last one."""
        until(f"outcome {times} of {self.name}", lambda: len(self.evidence("outcome")) >= times, instead=self.told)
        return self.end()

    # -- what there is to see

    def has_ended(self) -> bool:
        return self.database.run_state(self.name, self.run_id) in {"success", "failed"}

    def is_asked(self) -> bool:
        """Whether any card of the run waits for an answer."""
        return self.database.asks(self.name, self.run_id)

    def state(self) -> str:
        return self.engineer.run_state(self.name, self.run_id)

    def states(self) -> dict[str, str | None]:
        return self.engineer.task_states(self.name, self.run_id)

    def outcome(self) -> str:
        return str(self.engineer.xcom(self.name, self.run_id, "outcome", "outcome"))

    def evidence(self, kind: str | None = None) -> list[Entry]:
        record = Records(self.airflow.settings.records).run(self.name, self.run_id)
        return [entry for entry in record.ledger().entries() if kind in (None, entry.kind)]

    def evidence_apart(self, kind: str) -> list[Entry]:
        """What came when the run was over, and stands apart from its sealed evidence."""
        record = Records(self.airflow.settings.records).run(self.name, self.run_id)
        return [entry for entry in record.apart().entries() if entry.kind == kind]

    def told(self) -> str:
        """Where the run is, and what its ledger says last."""
        last = [f"{entry.at} {entry.kind} {dict(entry.facts)}" for entry in self.evidence()[-12:]]
        return "\n".join([str(self.states()), *last])

    def lines(self, node: str, name: str) -> list[str]:
        """The lines of a file that the scripts wrote on a node; none when it is not there."""
        path = self.nodes[node].home / name
        return path.read_text().splitlines() if path.exists() else []

    def version(self, node: str) -> str:
        return (self.nodes[node].home / "version").read_text().strip()

    def jobs(self, node: str) -> list[str]:
        """The steps and attempts of the jobs on a node."""
        return sorted(path.name.split("-", 1)[1] for path in (self.nodes[node].base / "jobs").glob("*"))

    def lock(self, node: str) -> str:
        """The text of the node's lock."""
        return max((self.nodes[node].base / "lock").glob("holder.*")).read_text()

    def job_processes(self, node: str) -> list[int]:
        """Processes of jobs of any kind that live on the node."""
        return [pid for pid in self.nodes[node].processes() if _is_job(pid)]

    def api(self, user: str) -> AirflowApi:
        return self.airflow.login(user)

    def _card(self, task: str) -> Json | None:
        if not self.database.asks(self.name, self.run_id, task):
            return None
        cards = self.engineer.cards(self.name, self.run_id)
        return next((card for card in cards if card["task_instance"]["task_id"] == task), None)

    def _write(self, folder: str, document: Json) -> None:
        path = self.include / folder / f"{self.name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(document, sort_keys=False))


def passed_by(release: Release) -> bool:
    """Whether the backout was skipped without a single one of its tasks having begun."""
    tasks = release.engineer.tasks(release.name, release.run_id)
    backout = [task for name, task in tasks.items() if name.startswith("backout.")]
    return all(task["state"] == "skipped" and not task["try_number"] for task in backout)


def a_component(nodes: list[str], **changes: Any) -> Json:
    """A component whose scripts leave a line in `steps` for each time they run, and the version in `version`."""
    return {
        "nodes": nodes,
        "deploy": 'echo "deploy $DEPLOYPLAN_ATTEMPT" >> steps; echo 2.0 > version',
        "undo": 'echo "undo to $DEPLOYPLAN_PREVIOUS" >> steps; echo "$DEPLOYPLAN_PREVIOUS" > version',
        "timeout": "10m",
    } | changes


def _is_job(pid: int) -> bool:
    try:
        return b"DEPLOYPLAN_JOB=" in Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return False


def connection(node: OpenSshNode, nodes: Mapping[str, OpenSshNode], folder: Path) -> str:
    """The Airflow connection to all nodes, which trust one client key and are known by their host keys."""
    known = folder / "known_hosts"
    known.write_text("".join(f"[{each.host}]:{each.port} {each.host_key}\n" for each in nodes.values()))
    extra = {"key_file": str(node.key_file), "known_hosts": str(known)}
    return json.dumps({"conn_type": "ssh", "login": node.user, "extra": extra})


def task_processes(ti: str) -> tuple[list[int], list[int]]:
    """The processes that name a task instance, and those of them and below them that work on it.

    The first one supervises; the one that works may bear its name too.
    """
    found = {}
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdecimal():
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                found[int(entry.name)] = (parent, (entry / "cmdline").read_bytes())
        except OSError:
            continue
    supervisors = [pid for pid, (_, words) in found.items() if ti.encode() in words]
    return supervisors, [pid for pid, (parent, _) in found.items() if parent in supervisors]
