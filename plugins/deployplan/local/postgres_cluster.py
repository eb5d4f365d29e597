"""The embedded PostgreSQL's files: its data inside the Airflow home, and a short folder for its socket."""

import hashlib
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from deployplan.local.database_choice import POSTGRES_FOLDER
from deployplan.local.postgres_programs import MAJOR, postgres_programs, programs_for
from deployplan.local.server_user import ServerUser, own_name, run_as, server_user
from deployplan.local.settings import LocalError, LocalSettings

ROLE = "airflow"
MAINTENANCE = "postgres"
_TEMPORARY = Path("/tmp")  # noqa: S108 - made with mode 0700 and refused when somebody else has made it
_FIXED = {
    "listen_addresses": "",  # no port: nobody but over the socket
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "max_wal_size": "256MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    # Airflow's questions are small: no helpers, which need shared memory that containers are short of.
    "max_parallel_workers_per_gather": "0",
    "max_parallel_maintenance_workers": "0",
    "jit": "off",
    # A scheduler that is killed in mid-transaction leaves its connection, with locks on all runs, to what it forked.
    "idle_in_transaction_session_timeout": "60s",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "log_checkpoints": "off",
}


class ClusterRefused(LocalError):
    """The embedded database cannot be made or used."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """One server's files, and under whom it runs."""

    home: Path
    user: ServerUser | None
    environ: Mapping[str, str]

    @property
    def data(self) -> Path:
        return self.home / POSTGRES_FOLDER

    @property
    def folder(self) -> Path:
        """Where the socket is: short however deep the home is, and one for each user and home."""
        name = f"deployplan-{os.geteuid()}-{hashlib.sha256(os.fsencode(self.home.resolve())).hexdigest()[:12]}"
        # Not XDG_RUNTIME_DIR: that one goes when its user logs out, and `make up` in a tmux stays.
        return _TEMPORARY / name

    @property
    def url(self) -> str:
        """The database as Airflow's option takes it; no password is in it, as the system tells who connects."""
        return f"postgresql+psycopg2://{ROLE}@/{ROLE}?host={quote(str(self.folder), safe='/')}"

    @property
    def place(self) -> str:
        """The data folder as the server is told it; it is started in that folder.

        Another user may be closed out of a folder on the way: in its working directory it stands nevertheless.
        """
        return "/proc/self/cwd" if self.user and sys.platform == "linux" else str(self.data)

    def programs(self) -> Path:
        """The folder of the server's programs, where its user can run them. Raises NoPostgres."""
        return programs_for(self.user, self.folder / "programs")

    def prepare(self) -> None:
        """Make what is not there yet: the socket's folder, and the data. Raises ClusterRefused, NoPostgres."""
        self._make_folder()
        if self.data.exists():
            self._require_version()
        else:
            self._initialise()
        self._write_access()

    def command(self) -> tuple[str, ...]:
        """The words that start the server in the foreground."""
        options = {**_FIXED, **_options(self.environ), "unix_socket_directories": str(self.folder)}
        words = (word for name, value in options.items() for word in ("-c", f"{name}={value}"))
        return (str(self.programs() / "postgres"), "-D", self.place, *words)

    def client(self, program: str, *words: str) -> tuple[str, ...]:
        """The words that start one of PostgreSQL's client programs (psql, pg_dump, …) on this server."""
        return (str(postgres_programs() / program), "-h", str(self.folder), "-U", ROLE, *words)

    def remove_folder(self) -> None:
        """Take the socket's folder away, of a server that has ended."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _make_folder(self) -> None:
        folder, owner = self.folder, self.user.uid if self.user else os.geteuid()
        try:
            folder.mkdir(mode=0o700)
            self._give(folder)
        except FileExistsError:
            found = folder.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or stat.S_IMODE(found.st_mode) != 0o700:
                raise ClusterRefused(
                    f"{folder} is there, and is not a folder of user {owner} with mode 0700: somebody else made it; "
                    "remove it, or name another AIRFLOW_HOME"
                ) from None

    def _initialise(self) -> None:
        """Make the data beside its place and move it there: half a database is never taken for one."""
        begun = self.data.with_name(f"{POSTGRES_FOLDER}.begun")
        shutil.rmtree(begun, ignore_errors=True)
        begun.mkdir(mode=0o700, parents=True)
        self._give(begun)
        place = str(begun) if self.place == str(self.data) else self.place
        words = ("-D", place, "-U", ROLE, "--auth=reject", "-E", "UTF8", "--locale=C")
        quick = ("--no-sync",) if _options(self.environ).get("fsync") == "off" else ()
        done = subprocess.run(
            (self.programs() / "initdb", *words, *quick),
            capture_output=True,
            text=True,
            check=False,
            cwd=begun,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            **run_as(self.user),
        )
        if done.returncode != 0:
            raise ClusterRefused(f"initdb ended with {done.returncode} in {begun}: {done.stderr.strip()[-500:]}")
        begun.rename(self.data)

    def _write_access(self) -> None:
        """Who may connect: over the socket, the user who runs this program. Written anew at each start."""
        self._write(
            "pg_hba.conf", "# TYPE DATABASE USER METHOD: everybody else is refused\nlocal all all peer map=deployplan\n"
        )
        self._write("pg_ident.conf", f'# MAP SYSTEM-USER ROLE\ndeployplan "{own_name()}" {ROLE}\n')

    def _write(self, name: str, content: str) -> None:
        path, fresh = self.data / name, self.data / f"{name}.new"
        fresh.write_text(content, encoding="utf-8")
        fresh.chmod(0o600)
        self._give(fresh)
        fresh.replace(path)

    def _give(self, path: Path) -> None:
        if self.user:
            os.chown(path, self.user.uid, self.user.gid)

    def _require_version(self) -> None:
        stamp = self.data / "PG_VERSION"
        version = stamp.read_text(encoding="ascii").strip() if stamp.exists() else "nothing"
        if version != MAJOR:
            raise ClusterRefused(
                f"{self.data} holds the data of PostgreSQL {version}, and this one is {MAJOR}; "
                "load it with `deployplan instance load` into a new AIRFLOW_HOME from a saved instance"
            )
        owner = self.user.uid if self.user else os.geteuid()
        if (found := self.data.stat().st_uid) != owner:
            raise ClusterRefused(
                f"{self.data} belongs to user {found}, and the server would run as user {owner}; start it as the user "
                "who made it" + ("" if self.user is None else ", or name that user in DEPLOYPLAN_DATABASE_USER")
            )


def cluster_of(settings: LocalSettings) -> Cluster:
    """The embedded database of this Airflow home. Raises SettingRejected."""
    return Cluster(settings.home, server_user(settings.environ), settings.environ)


def _options(environ: Mapping[str, str]) -> dict[str, str]:
    """Server settings of the user's: `name=value`, separated by spaces. Raises ClusterRefused."""
    found = {}
    for word in environ.get("DEPLOYPLAN_DATABASE_OPTIONS", "").split():
        name, equals, value = word.partition("=")
        if (
            not equals
            or not name.replace("_", "").replace(".", "").isalnum()
            or name in ("listen_addresses", "hba_file")
        ):
            raise ClusterRefused(
                f"DEPLOYPLAN_DATABASE_OPTIONS has {word!r}; it takes PostgreSQL's settings as name=value, separated by "
                "spaces, but none that opens the server to others"
            )
        found[name] = value
    return found
