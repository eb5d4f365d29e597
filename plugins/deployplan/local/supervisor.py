"""Airflow under one roof: prepares the home, starts the components, keeps them running, stops every process."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from deployplan.local.airflow_components import airflow_processes
from deployplan.local.airflow_database import prepare_database
from deployplan.local.airflow_environment import airflow_environment
from deployplan.local.component import ManagedProcess
from deployplan.local.database_choice import SQLITE_LIMITS, Database, database_of, refuse_other_database
from deployplan.local.free_ports import require_free
from deployplan.local.here import variables_of
from deployplan.local.postgres_cluster import Cluster, cluster_of
from deployplan.local.postgres_server import PostgresServer, end_leftover_server
from deployplan.local.readiness import wait_until_ready
from deployplan.local.run_file import RunFile
from deployplan.local.running_airflow import RunningAirflow
from deployplan.local.settings import LocalError, LocalSettings
from deployplan.local.users import User, ensure_users, load_users
from deployplan.private_files import keep_secret, make_folder

Report = Callable[[str], None]

_GRACE = 10.0


def silent(_message: str) -> None:
    """A report that nobody reads."""


class Supervisor:
    """All components of one Airflow. `report` is told, one line each, what happens.

    afresh: begin with an empty database of Airflow's, where it is the embedded one.
    """

    def __init__(self, settings: LocalSettings, *, report: Report = silent, afresh: bool = False) -> None:
        self.settings = settings
        self.users: Mapping[str, User] = {}
        self.components: dict[str, ManagedProcess] = {}
        self.report = report
        self._afresh = afresh
        self._database: PostgresServer | None = None
        self._run_file = RunFile(settings.home)

    def start(self) -> None:
        """Prepare the home and start every component. Raises LocalError; call `stop` in any case."""
        settings, database = self.settings, database_of(self.settings)
        refuse_other_database(settings, database)
        self._run_file.take(settings.url, variables_of(settings))
        if ended := self._run_file.stop_leftovers():
            self.report(f"ended {ended} processes that an earlier supervisor left behind")
        require_free(settings.host, [settings.ports.ui])
        environment = self._prepare()
        cluster = self._start_database() if database is Database.EMBEDDED else None
        if database is Database.SQLITE:
            self.report(SQLITE_LIMITS)
        prepare_database(settings, environment, database, cluster, self.report, afresh=self._afresh)
        self.report("starting Airflow")
        for component in airflow_processes(settings, environment):
            self.components[component.name] = component
            component.start()
            self._run_file.note(self.components.values())

    def check(self) -> None:
        """Start again what has died; call this every second or so."""
        messages = [component.restart_if_dead() for component in self.components.values()]
        for message in filter(None, messages):
            self.report(message)
            self._run_file.note(self.components.values())

    def stop(self) -> None:
        """Stop every component and everything it started, within about 15 seconds, and give the home back."""
        started = tuple(it for it in self.components.values() if it is not self._database)
        for component in started:
            component.ask_to_stop()
        _until(lambda: all(it.gone() for it in started), _GRACE)
        for component in started:
            # What is left is either busy or an orphan. TERM would make a task terminate its job on the nodes;
            # a job survives KILL, and the next run attaches to it.
            component.kill()
        if self._database:
            self._database.stop()
            self._database = None
        self.components.clear()
        self._run_file.release()

    def _start_database(self) -> Cluster:
        cluster = cluster_of(self.settings)
        end_leftover_server(cluster.data)
        cluster.prepare()
        self._database = PostgresServer(cluster, self.settings.logs / "database.log")
        # First among the components: what has died is started again in this order.
        self.components[self._database.name] = self._database
        self._database.start()
        self._run_file.note(self.components.values())
        self._database.wait_until_ready()
        return cluster

    def _prepare(self) -> dict[str, str]:
        settings = self.settings
        if ensure_users(settings.users):
            self.report(f"users and their passwords written to {settings.users}")
        self.users = load_users(settings.users)
        keep_secret(settings.signing_key)
        if "://" not in settings.records:
            make_folder(Path(settings.records))
        return airflow_environment(settings, self.users.values())


@contextmanager
def running(
    settings: LocalSettings, *, report: Report = silent, ready_within: float = 180.0, afresh: bool = False
) -> Iterator[RunningAirflow]:
    """Airflow for the length of a with-block: ready when entered, all its processes gone when left.

    Components that die meanwhile are started again.
    ready_within: seconds. afresh: as for Supervisor.
    Raises AlreadyRunning, ClusterRefused, NoPostgres, NotPrepared, NotReady, PortTaken, UsersRejected, WrongDatabase.
    """
    supervisor = Supervisor(settings, report=report, afresh=afresh)
    done = threading.Event()
    watcher = threading.Thread(target=_watch, args=(supervisor, done), name="supervisor", daemon=True)
    try:
        supervisor.start()
        watcher.start()
        airflow = RunningAirflow(settings, supervisor.users, supervisor.components)
        wait_until_ready(airflow, report, ready_within)
        yield airflow
    finally:
        done.set()
        if watcher.is_alive():
            watcher.join()
        supervisor.stop()


def _watch(supervisor: Supervisor, done: threading.Event) -> None:
    told = ""
    while not done.wait(1.0):
        try:
            supervisor.check()
        except (LocalError, OSError) as error:
            # A full disk, say: what has died is started again as soon as it can be.
            if str(error) != told:
                supervisor.report(f"something could not be started again, and is tried further: {error}")
            told = str(error)


def _until(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.1)
