"""Where does everything live on this machine, and on which ports? Read once from the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from deployplan.errors import DeployPlanError
from deployplan.places import workplace

DEFAULT_PORT = 8080
PORTS_TAKEN = 30
"""A run occupies this many ports from its own port on; two runs side by side stay that far apart."""


class LocalError(DeployPlanError):
    """Airflow or the practice nodes could not be run on this machine."""


class SettingRejected(LocalError):
    """An environment variable has a value that cannot be used."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Every port of one run, derived from the one that people know."""

    ui: int

    @property
    def worker_logs(self) -> int:
        return self.ui + 2

    @property
    def trigger_logs(self) -> int:
        return self.ui + 3

    @property
    def scheduler_health(self) -> int:
        return self.ui + 4

    def node_ssh(self, number: int) -> int:
        """The SSH port of practice node `number`, counted from 0."""
        return self.ui + 11 + number

    def node_http(self, number: int) -> int:
        """The port of the service on practice node `number`, counted from 0."""
        return self.ui + 21 + number


@dataclass(frozen=True, slots=True)
class LocalSettings:
    """One run of Airflow on this machine."""

    home: Path
    include: Path
    records: str
    users: Path
    signing_key: Path
    practice: Path
    host: str
    ports: Ports
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def url(self) -> str:
        """What a person types into the browser."""
        name = "localhost" if self.host in ("127.0.0.1", "0.0.0.0", "::1") else self.host
        return f"http://{name}:{self.ports.ui}"

    @property
    def api_url(self) -> str:
        """Where programs on this machine reach the same server, without asking a resolver."""
        return f"http://{self._reachable_host}:{self.ports.ui}"

    @property
    def execution_url(self) -> str:
        """Where tasks talk to Airflow: the same server."""
        return f"{self.api_url}/execution/"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def _reachable_host(self) -> str:
        if self.host == "0.0.0.0":
            return "127.0.0.1"
        return f"[{self.host}]" if ":" in self.host else self.host

    def with_environ(self, **variables: str) -> "LocalSettings":
        """The same run with more environment variables for Airflow."""
        return replace(self, environ={**self.environ, **variables})


def settings_from(environ: Mapping[str, str] | None = None, *, home: Path | None = None) -> LocalSettings:
    """Read the settings of one run.

    environ: the variables to read, by default this process's own.
    home: the Airflow home when AIRFLOW_HOME is not set, by default `.airflow` in the workplace.
    Raises SettingRejected.
    """
    environ = os.environ if environ is None else environ
    default_home = home or workplace() / ".airflow"
    named_home = _path(environ, "AIRFLOW_HOME", default_home)
    practice = named_home / "practice" if environ.get("AIRFLOW_HOME") else workplace() / ".practice"
    return LocalSettings(
        home=named_home,
        include=_path(environ, "DEPLOYPLAN_INCLUDE", workplace() / "include"),
        records=_place(environ, "DEPLOYPLAN_RECORDS", named_home / "records"),
        users=_path(environ, "DEPLOYPLAN_USERS", named_home / "users.yaml"),
        signing_key=_path(environ, "DEPLOYPLAN_SIGNING_KEY_FILE", named_home / "signing.key"),
        practice=_path(environ, "DEPLOYPLAN_PRACTICE", practice),
        host=environ.get("DEPLOYPLAN_HOST") or "127.0.0.1",
        ports=Ports(_port(environ)),
        environ=dict(environ),
    )


def _path(environ: Mapping[str, str], name: str, default: Path) -> Path:
    value = environ.get(name)
    return Path(value).expanduser().absolute() if value else default


def _place(environ: Mapping[str, str], name: str, default: Path) -> str:
    """A folder, or the URL of one in object storage."""
    value = environ.get(name, "")
    return value if "://" in value else str(_path(environ, name, default))


def _port(environ: Mapping[str, str]) -> int:
    value = environ.get("DEPLOYPLAN_PORT") or str(DEFAULT_PORT)
    highest = 65535 - PORTS_TAKEN
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= highest:
        raise SettingRejected(f"DEPLOYPLAN_PORT is {value!r}; it is a port number from 1 to {highest}")
    return int(value)
