"""One real Airflow with runs in every phase of a release, whose processes can be killed, frozen and started again."""

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from deployplan.local.airflow_environment import airflow_environment
from deployplan.local.component import ManagedProcess
from deployplan.local.readiness import not_healthy, wait_until_ready
from deployplan.local.running_airflow import RunningAirflow
from deployplan.local.sessions import kill_session, members, runs_airflow
from deployplan.local.settings import LocalSettings, settings_from
from deployplan.local.supervisor import Supervisor
from e2e.conftest import USERS, _free_port_range
from e2e.release import Release, a_component, connection, task_processes, until
from faults.post_office import PostOffice, a_post_office
from made_tables import GiveTables
from openssh import OpenSshNode
from quick_database import QUICK_DATABASE

BEGUN = 'echo "$DEPLOYPLAN_COMPONENT begun $DEPLOYPLAN_ATTEMPT" >> steps; touch begun; '
UNTIL_GO = BEGUN + "while [ ! -e go ]; do sleep 0.2; done; echo 2.0 > version; echo ended >> steps"
UNDO_UNTIL_GO = (
    "echo undo begun >> steps; touch undoing; while [ ! -e go ]; do sleep 0.2; done; "
    'echo "$DEPLOYPLAN_PREVIOUS" > version; echo undo ended >> steps'
)
PHASES = ("worker", "triggerer", "window", "approval", "soak", "backout")
TOLD = "told"
"""A release that no test but one begins, and writes: of what people are told when the API server dies."""
# Deaths are noticed after seconds, not after half a minute: what happens then is the same.
SOON = {
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "30",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "20",
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "5",
    "AIRFLOW__TRIGGERER__TRIGGERER_HEALTH_CHECK_THRESHOLD": "20",
    "AIRFLOW__TRIGGERER__JOB_HEARTBEAT_SEC": "2",
    "AIRFLOW__SCHEDULER__JOB_HEARTBEAT_SEC": "2",
    "AIRFLOW__CORE__PARALLELISM": "8",
    "DEPLOYPLAN_HANDOVER_AFTER": "20",
    # Nothing is written after the beginning, and each parse builds all plans; runs wait for more than the scheduler.
    "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "30",
    "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.5",
}


class StruckAirflow:
    """Airflow's processes by name, and one release a phase. Nobody starts again what dies, unless the test says so."""

    def __init__(
        self,
        airflow: RunningAirflow,
        releases: dict[str, Release],
        second_triggerer: ManagedProcess,
        post: PostOffice,
    ) -> None:
        self.airflow, self.releases, self.post = airflow, releases, post
        self._triggerers = [airflow.components["triggerer"], second_triggerer]
        self._orphaned: list[int] = []
        self.begun: list[str] = []

    def begin(self, *phases: str) -> None:
        """Begin these phases' releases, once; all but one that is to wait for its approval are approved."""
        phases = tuple(phase for phase in phases if phase not in self.begun)
        self.begun += phases
        for phase in phases:
            if phase == "window":
                self._freeze(self.releases[phase])
            self.releases[phase].trigger()
        for phase in phases:
            if phase == "approval":
                self.releases[phase].wait_for_card("review.approve_1")
            else:
                self.releases[phase].approve()

    def reached(self) -> None:
        """Wait until each release but the first is in its phase."""
        self.releases["triggerer"].wait_for_state("deploy.app.wave_1", "deferred")
        self.releases["window"].wait_for_state("window", "deferred")
        self.releases["backout"].wait_for_file(self._node("backout"), "undoing")

    def _node(self, phase: str) -> str:
        return next(iter(self.releases[phase].nodes))

    # -- strikes

    def kill_task(self, release: Release, task: str, *, supervisor: bool) -> None:
        """SIGKILL to the process that works on a task, or only to the one that supervises it."""
        ti = release.engineer.tasks(release.name, release.run_id)[task]["id"]
        supervisors, workers = task_processes(str(ti))
        for pid in supervisors if supervisor else workers:
            os.kill(pid, signal.SIGKILL)

    def kill(self, *names: str) -> None:
        """SIGKILL to these components alone: what they started lives on."""
        for name in names:
            pid = self.airflow.components[name].pid
            assert pid is not None
            self._orphaned.append(pid)
            os.kill(pid, signal.SIGKILL)

    def kill_all_of(self, *names: str) -> None:
        """SIGKILL to these components and all that they started."""
        for name in names:
            self.airflow.components[name].kill()

    def start_again(self, *names: str) -> None:
        for name in names:
            self.airflow.components[name].start()

    def healthy(self) -> None:
        """Wait until Airflow itself says that all is well."""
        until("Airflow is healthy", lambda: not not_healthy(self.airflow.settings))

    def end_orphans(self) -> None:
        """End what lives on of components that were killed alone."""
        for session in self._orphaned:
            if any(runs_airflow(pid) for pid in members(session)):
                kill_session(session)

    @contextmanager
    def working_triggerer_frozen(self) -> Iterator[None]:
        """SIGSTOP to the triggerer that works, while the other one is there and takes over; SIGCONT in the end."""
        working, other = self._triggerers
        if not other.runs:
            other.start()
            until("the other triggerer is there", lambda: b"Starting" in other.log.read_bytes())
        assert working.pid is not None
        frozen = members(working.pid)
        for pid in frozen:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in frozen:
                os.kill(pid, signal.SIGCONT)
            self._triggerers.reverse()

    # -- what there is to see

    def attached(self, release: Release) -> int:
        """How often somebody has found this release's job and attached to it."""
        return len(release.evidence("job_attached"))

    def mails(self, phase: str) -> list[str]:
        """What people were told of a release by mail: each thing and how often, sorted."""
        return sorted(subject.partition(": ")[2] for subject in self.post.to(address_of(phase)))

    def logged(self, text: str) -> int:
        """In how many lines tasks and triggers have said this."""
        logs = self.airflow.settings.logs
        return sum(path.read_bytes().count(text.encode()) for path in logs.rglob("*.log") if path.is_file())

    def _freeze(self, release: Release) -> None:
        """Nothing may start in the release's environment until `let_go`."""
        self._infrastructure = release.include / "infrastructure" / f"{release.name}.yaml"
        self._thawed = self._infrastructure.read_text()
        self._infrastructure.write_text(f"{self._thawed}freezes: [{{name: flood, from: '2026-01-01T00:00:00Z'}}]\n")

    def let_go(self) -> None:
        """Scripts may end, and the freeze is over."""
        self._infrastructure.write_text(self._thawed)
        for release in self.releases.values():
            for node in release.nodes.values():
                (node.home / "go").touch()


@contextmanager
def struck_airflow(root: Path, give_tables: GiveTables) -> Iterator[StruckAirflow]:
    """Airflow is up, every phase's plan is written and known; all of it is gone in the end, whatever went wrong."""
    with ExitStack() as leavings:
        nodes = [OpenSshNode(f"n{number}", root / "nodes") for number in range(1, len(PHASES) + 2)]
        for node in nodes:
            (node.root / "client_key.pub").write_bytes((nodes[0].root / "client_key.pub").read_bytes())
            (node.home / "version").write_text("1.0\n")
            leavings.callback(node.power_off)
            node.start()
        post = leavings.enter_context(a_post_office())
        settings = settings_for(root, nodes).with_environ(**mail_by(post))
        give_tables(settings)
        supervisor = Supervisor(settings)
        leavings.callback(supervisor.stop)
        supervisor.start()
        airflow = RunningAirflow(settings, supervisor.users, supervisor.components)
        environment = airflow_environment(settings, supervisor.users.values())
        words = (sys.executable, "-m", "airflow", "triggerer", "--skip-serve-logs")
        second = ManagedProcess("triggerer-2", words, environment, settings.logs / "triggerer-2.log")
        leavings.callback(second.kill)
        wait_until_ready(airflow, lambda line: None, 180.0)
        releases = {
            phase: Release(airflow, settings.include, {node.name: node}, f"struck-{phase}")
            for phase, node in zip((*PHASES, TOLD), nodes, strict=True)
        }
        with ThreadPoolExecutor(len(PHASES)) as pool:  # each waits until Airflow knows its plan
            list(pool.map(lambda phase: _write(phase, releases[phase]), PHASES))
        struck = StruckAirflow(airflow, releases, second, post)
        leavings.callback(struck.end_orphans)
        yield struck


def settings_for(root: Path, nodes: list[OpenSshNode]) -> LocalSettings:
    """An Airflow of its own below `root`, which reaches these nodes and notices deaths soon."""
    include, home = root / "include", root / "airflow"
    for name in ("plans", "procedures", "infrastructure", "controls", "packages"):
        (include / name).mkdir(parents=True)
    home.mkdir()
    (home / "users.yaml").write_text(USERS)
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "DEPLOYPLAN"))}
    return settings_from(
        environ
        | SOON
        | QUICK_DATABASE
        | {
            "AIRFLOW_HOME": str(home),
            "DEPLOYPLAN_INCLUDE": str(include),
            "DEPLOYPLAN_PORT": str(_free_port_range()),
            "AIRFLOW_CONN_SSH_E2E": connection(nodes[0], {node.name: node for node in nodes}, home),
        }
    )


def _write(phase: str, release: Release) -> None:
    (node,) = release.nodes
    app = a_component([node], deploy=UNTIL_GO)
    changes: dict[str, object] = {"communications": messages_to(phase)}
    if phase == "backout":
        app = a_component([node], deploy=BEGUN + "exit 3", undo=UNDO_UNTIL_GO)
    elif phase == "soak":
        app = a_component([node], deploy=BEGUN + "echo 2.0 > version; echo ended >> steps")
        version = {"command": "cat version", "expect": {"stdout": "2.0"}, "on": node, "for": "30s"}
        changes["success"] = {"version": version}
    release.write(components={"app": app}, **changes)


def stays(what: str, true: Callable[[], bool], seconds: float) -> None:
    """Look for so many seconds whether something stays true."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert true(), what
        time.sleep(0.5)


def messages_to(phase: str) -> list[dict[str, object]]:
    """The plan's messages of which the tests look whether they arrived."""
    on = ["announced", "started", "backing_out", "success", "backed_out"]
    return [{"to": address_of(phase), "on": on, "via": ["mail"]}]


def address_of(phase: str) -> str:
    return f"{phase}@shop.example"


def mail_by(post: PostOffice) -> dict[str, str]:
    """The settings with which Airflow's mail goes to this server."""
    extra = {"disable_tls": True, "disable_ssl": True, "from_email": "releases@shop.example"}
    mail = {"conn_type": "smtp", "host": "127.0.0.1", "port": post.port, "extra": extra}
    return {"DEPLOYPLAN_MAIL_CONNECTION": "mail", "AIRFLOW_CONN_MAIL": json.dumps(mail)}
