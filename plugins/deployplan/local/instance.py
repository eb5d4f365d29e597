"""An Airflow home in one file: its database, its records and, when asked for, its keys; and a new home made of it."""

import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import Any

from deployplan.clock import SystemClock
from deployplan.local.database_choice import CONNECTION, Database, database_of
from deployplan.local.postgres_client import dump, restore
from deployplan.local.postgres_cluster import Cluster, cluster_of
from deployplan.local.postgres_server import PostgresServer, end_leftover_server
from deployplan.local.run_file import AlreadyRunning, RunFile
from deployplan.local.settings import LocalError, LocalSettings
from deployplan.private_files import make_folder

FORMAT = 1
_MANIFEST, _DUMP, _RECORDS, _KEYS = "manifest.json", "database.dump", "records", "keys"


class InstanceRefused(LocalError):
    """The instance cannot be saved, or not loaded from this file into this home."""


def save_instance(settings: LocalSettings, file: Path, *, keys: bool) -> dict[str, Any]:
    """Write the home's database and records to a new file of mode 0600; Airflow may run meanwhile.

    keys: also the keys, the signing key and the users with their passwords. Without them the connections and variables
    that Airflow keeps encrypted cannot be read where the file is loaded.
    Returns the manifest. Raises InstanceRefused, AlreadyRunning.
    """
    _require_embedded(settings)
    if file.exists():
        raise InstanceRefused(f"{file} is there; name a file that is not")
    if not file.absolute().parent.is_dir():
        raise InstanceRefused(f"{file.absolute().parent} is no folder; name a file in one")
    cluster = cluster_of(settings)
    if not cluster.data.exists():
        raise InstanceRefused(f"{settings.home} has no embedded database; name the home in AIRFLOW_HOME")
    manifest = {
        "format": FORMAT,
        "airflow": version("apache-airflow-core"),
        "saved": SystemClock().now().isoformat(timespec="seconds"),
        "records": "://" not in settings.records,
        "keys": keys,
    }
    # Beside its final place, so that a disk that fills up on the way leaves no half file under its name.
    with tempfile.TemporaryDirectory(dir=file.absolute().parent, prefix=f".{file.name}.") as name:
        folder = Path(name)
        with _server(settings, cluster):
            dump(cluster, folder / _DUMP)
        (folder / _MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
        packed = folder / "instance.tar.gz"
        with os.fdopen(os.open(packed, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as raw:
            with tarfile.open(fileobj=raw, mode="w:gz") as archive:
                for member in (_MANIFEST, _DUMP):
                    archive.add(folder / member, member)
                for path, member in _files(settings, keys):
                    archive.add(path, member)
            raw.flush()
            os.fsync(raw.fileno())
        packed.rename(file)
    return manifest


def load_instance(settings: LocalSettings, file: Path) -> dict[str, Any]:
    """Make an Airflow home, which must be empty or not there, of a saved file. Returns the manifest.

    A load that fails leaves the home as it found it. Raises InstanceRefused.
    """
    _require_embedded(settings)
    home = settings.home
    if home.exists() and any(home.iterdir()):
        raise InstanceRefused(f"{home} is not empty; name a new folder in AIRFLOW_HOME")
    if "://" not in settings.records and Path(settings.records).exists():
        raise InstanceRefused(f"{settings.records} is there already; name a new folder in DEPLOYPLAN_RECORDS")
    make_folder(home)
    try:
        with tempfile.TemporaryDirectory(dir=home, prefix=".loading.") as name:
            folder = Path(name)
            manifest = _unpack(file, folder)
            cluster = cluster_of(settings)
            with _server(settings, cluster, new=True):
                restore(cluster, folder / _DUMP)
            _put_in_place(settings, folder, manifest)
    except BaseException:
        for path in home.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        raise
    return manifest


def _require_embedded(settings: LocalSettings) -> None:
    if database_of(settings) is not Database.EMBEDDED:
        raise InstanceRefused(
            f"only an instance on the embedded PostgreSQL is saved and loaded; this one is on "
            f"{'SQLite' if database_of(settings) is Database.SQLITE else f'the database that {CONNECTION} names'}, "
            "which has tools of its own"
        )


@contextmanager
def _server(settings: LocalSettings, cluster: Cluster, *, new: bool = False) -> Iterator[None]:
    """The home's database server: the one that a running Airflow has, or one for the length of the with-block."""
    run_file = RunFile(settings.home)
    try:
        run_file.take("no address: an instance is saved or loaded")
    except AlreadyRunning:
        if new:
            raise
        yield
        return
    server = None
    try:
        end_leftover_server(cluster.data)
        cluster.prepare()
        server = PostgresServer(cluster, settings.logs / "database.log")
        server.start()
        server.wait_until_ready()
        yield
    finally:
        if server:
            server.stop()
        run_file.release()


def _files(settings: LocalSettings, keys: bool) -> Iterator[tuple[Path, str]]:
    """What else goes into the file, and under which name."""
    if "://" not in settings.records and Path(settings.records).is_dir():
        yield Path(settings.records), _RECORDS
    if keys:
        for path, member in _private(settings):
            if path.exists():
                yield path, member


def _private(settings: LocalSettings) -> tuple[tuple[Path, str], ...]:
    return (
        (settings.home / "keys", f"{_KEYS}/airflow"),
        (settings.signing_key, f"{_KEYS}/signing.key"),
        (settings.users, f"{_KEYS}/users.yaml"),
    )


def unpack(archive: tarfile.TarFile, folder: Path) -> None:
    """Unpack files and folders, and nothing that would land elsewhere. Raises TarError for anything else."""
    safely: Any = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}  # Python 3.11.4 and newer
    for member in archive.getmembers():
        place = PurePosixPath(member.name)
        if not (member.isreg() or member.isdir()) or place.is_absolute() or ".." in place.parts:
            raise tarfile.TarError(f"{member.name!r} is no file or folder below its own")
        member.mode = member.mode & 0o755 | (0o700 if member.isdir() else 0o600)
        archive.extract(member, folder, **safely)


def _unpack(file: Path, folder: Path) -> dict[str, Any]:
    try:
        with tarfile.open(file, mode="r:gz") as archive:
            unpack(archive, folder)
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
    except (OSError, EOFError, tarfile.TarError, ValueError) as error:
        raise InstanceRefused(f"{file} cannot be read as a saved instance: {error}") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT or not (folder / _DUMP).is_file():
        raise InstanceRefused(f"{file} is no instance that this version can load; it loads format {FORMAT}")
    return manifest


def _put_in_place(settings: LocalSettings, folder: Path, manifest: dict[str, Any]) -> None:
    moves = list(_private(settings)) if manifest.get("keys") else []
    if "://" not in settings.records:
        moves.append((Path(settings.records), _RECORDS))
    for target, member in moves:
        if (folder / member).exists():
            if target.exists():
                raise InstanceRefused(f"{target} is there already; name a place that is not, or move it away")
            make_folder(target.parent)
            shutil.move(folder / member, target)
