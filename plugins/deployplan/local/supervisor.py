"""Airflow under one roof: prepares the home, starts the components, keeps them running, stops every process."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from deployplan.local.airflow_api import AirflowApi
from deployplan.local.airflow_environment import airflow_environment
from deployplan.local.component import Component
from deployplan.local.private_files import kept_secret
from deployplan.local.readiness import not_healthy, not_known, plan_names
from deployplan.local.run_file import RunFile
from deployplan.local.settings import LocalError, LocalSettings
from deployplan.local.users import User, ensure_users, load_users

Report = Callable[[str], None]

_GRACE = 10.0
_KILL_TIME = 5.0
_MIGRATED = ".migrated"


class NotReady(LocalError):
    """Airflow did not become ready in time, or could not be prepared."""


class PortTaken(LocalError):
    """Another program listens where Airflow should."""


def silent(_message: str) -> None:
    """A report that nobody reads."""


class Supervisor:
    """All components of one Airflow. `report` is told, one line each, what happens."""

    def __init__(self, settings: LocalSettings, *, report: Report = silent) -> None:
        self.settings = settings
        self.users: Mapping[str, User] = {}
        self.components: dict[str, Component] = {}
        self._report = report
        self._run_file = RunFile(settings.home)

    def start(self) -> None:
        """Prepare the home and start every component. Raises LocalError, and then nothing runs."""
        settings = self.settings
        self._run_file.take(settings.url)
        try:
            if ended := self._run_file.stop_leftovers():
                self._report(f"ended {ended} processes that an earlier supervisor left behind")
            _require_free_ports(settings)
            environment = self._prepare()
            self._migrate(environment)
            self.components = {it.name: it for it in _components(settings, environment)}
            for component in self.components.values():
                component.start()
            self._run_file.note(self.components.values())
        except BaseException:
            self.stop()
            raise

    def check(self) -> None:
        """Start again what has died; call this every second or so."""
        messages = [component.restart_if_dead() for component in self.components.values()]
        for message in filter(None, messages):
            self._report(message)
            self._run_file.note(self.components.values())

    def stop(self) -> None:
        """Stop every component and everything it started, within about 15 seconds, and give the home back."""
        components = tuple(self.components.values())
        for component in components:
            component.ask_to_stop()
        _until(lambda: all(it.gone() for it in components), _GRACE)
        for component in components:
            # What is left is either busy or an orphan. TERM would make a task terminate its job on the nodes;
            # a job survives KILL, and the next run attaches to it.
            component.kill()
        _until(lambda: all(it.gone() for it in components), _KILL_TIME)
        self.components = {}
        self._run_file.release()

    def _prepare(self) -> dict[str, str]:
        settings = self.settings
        if ensure_users(settings.users):
            self._report(f"users and their passwords written to {settings.users}")
        self.users = load_users(settings.users)
        kept_secret(settings.signing_key)
        if "://" not in settings.records:
            Path(settings.records).mkdir(parents=True, exist_ok=True)
        return airflow_environment(settings, self.users.values())

    def _migrate(self, environment: dict[str, str]) -> None:
        """Create or upgrade the database, unless this very Airflow has done so: the check alone costs six seconds."""
        stamp = self.settings.home / _MIGRATED
        wanted = _airflow_version() + "\n" + environment.get("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "sqlite")
        if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
            return
        self._report("preparing Airflow's database")
        log = self.settings.logs / "db-migrate.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            command = [sys.executable, "-m", "airflow", "db", "migrate"]
            done = subprocess.run(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, check=False
            )
        if done.returncode != 0:
            raise NotReady(f"airflow db migrate ended with {done.returncode}; it says why in {log}")
        stamp.write_text(wanted, encoding="utf-8")


@dataclass(frozen=True, slots=True)
class RunningAirflow:
    """An Airflow that is up, for tests and the demo."""

    settings: LocalSettings
    users: Mapping[str, User]
    components: Mapping[str, Component]

    def login(self, name: str, *, patience: float = 90.0) -> AirflowApi:
        """A session of one of the people in the users file. Raises LocalError when there is no such person."""
        if name not in self.users:
            raise LocalError(f"user {name!r} is not in {self.settings.users}; there are {', '.join(self.users)}")
        return AirflowApi(self.settings.api_url, name, self.users[name].password, patience=patience)


@contextmanager
def running(
    settings: LocalSettings, *, report: Report = silent, ready_within: float = 180.0
) -> Iterator[RunningAirflow]:
    """Airflow for the length of a with-block: ready when entered, all its processes gone when left.

    Components that die meanwhile are started again. Raises NotReady, PortTaken, AlreadyRunning, UsersRejected.
    """
    supervisor = Supervisor(settings, report=report)
    supervisor.start()
    done = threading.Event()
    watcher = threading.Thread(target=_watch, args=(supervisor, done), name="supervisor", daemon=True)
    watcher.start()
    try:
        airflow = RunningAirflow(settings, supervisor.users, supervisor.components)
        _wait_until_ready(airflow, report, ready_within)
        yield airflow
    finally:
        done.set()
        watcher.join()
        supervisor.stop()


def _watch(supervisor: Supervisor, done: threading.Event) -> None:
    while not done.wait(1.0):
        supervisor.check()


def _wait_until_ready(airflow: RunningAirflow, report: Report, within: float) -> None:
    deadline = time.monotonic() + within
    report("starting Airflow")
    last: tuple[str, ...] = ()
    while missing := not_healthy(airflow.settings):
        if missing != last:
            report(f"waiting for {', '.join(missing)}")
            last = missing
        _raise_when_late(airflow, deadline, missing)
        time.sleep(0.5)
    _wait_for_plans(airflow, report, deadline)


def _wait_for_plans(airflow: RunningAirflow, report: Report, deadline: float) -> None:
    names = plan_names(airflow.settings)
    if not names:
        return
    with airflow.login(next(iter(airflow.users))) as api:
        while missing := not_known(api, names):
            if time.monotonic() > deadline:
                report(f"not known to Airflow yet: {', '.join(missing)}; deployplan lint tells whether they are right")
                return
            time.sleep(0.5)


def _raise_when_late(airflow: RunningAirflow, deadline: float, missing: tuple[str, ...]) -> None:
    if time.monotonic() < deadline:
        return
    ends = (f"--- {it.log}\n{it.last_lines()}" for it in airflow.components.values() if not it.runs)
    raise NotReady(
        "\n".join([f"airflow is not ready: no {', no '.join(missing)}; logs are in {airflow.settings.logs}", *ends])
    )


def _components(settings: LocalSettings, environment: Mapping[str, str]) -> Iterator[Component]:
    ports = settings.ports
    server = ("api-server", "--workers", "1", "--port")
    words: dict[str, tuple[str, ...]] = {
        # Slowest to start first. People and tasks have a server each: on SQLite one server for both freezes for
        # seconds whenever both write.
        "api-server": (*server, str(ports.ui), "--host", settings.host, "--apps", "core"),
        "api-server-tasks": (*server, str(ports.execution), "--host", "127.0.0.1", "--apps", "execution"),
        # Logs are files here, read by the API server itself: no log servers.
        "scheduler": ("scheduler", "--skip-serve-logs"),
        "dag-processor": ("dag-processor",),
        "triggerer": ("triggerer", "--skip-serve-logs"),
    }
    for name, arguments in words.items():
        yield Component(name, (sys.executable, "-m", "airflow", *arguments), environment, settings.logs / f"{name}.log")


def _require_free_ports(settings: LocalSettings) -> None:
    ports = settings.ports
    for host, port in ((settings.host, ports.ui), ("127.0.0.1", ports.execution)):
        if not port_is_free(host, port):
            raise PortTaken(f"port {port} of {host} is taken by another program; name a free one in DEPLOYPLAN_PORT")


def port_is_free(host: str, port: int) -> bool:
    """Whether a server could listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _until(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.1)


def _airflow_version() -> str:
    return version("apache-airflow-core")
