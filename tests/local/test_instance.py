"""A drill: an instance is saved, lost, and made anew of the file. The server is a real one."""

import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from deployplan.local.instance import InstanceRefused, load_instance, save_instance
from deployplan.local.postgres_client import ask
from deployplan.local.postgres_cluster import ROLE, cluster_of
from deployplan.local.postgres_server import PostgresServer, end_leftover_server, server_processes
from deployplan.local.run_file import RunFile
from deployplan.local.settings import LocalSettings, settings_from
from deployplan.local.users import ensure_users
from deployplan.places import PACKAGE
from deployplan.private_files import keep_secret
from quick_database import QUICK_DATABASE


def at(home: Path) -> LocalSettings:
    return settings_from({"AIRFLOW_HOME": str(home), **QUICK_DATABASE})


def rows(settings: LocalSettings) -> str:
    """What the table of the drill holds in Airflow's database."""
    words = cluster_of(settings).client("psql", "-X", "-A", "-t", "-d", ROLE, "-c", "select * from dag_run order by 1")
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


class Server:
    """The home's server, as a running Airflow has it."""

    def __init__(self, settings: LocalSettings) -> None:
        self.cluster = cluster_of(settings)
        settings.home.mkdir(parents=True, exist_ok=True)
        self.run_file = RunFile(settings.home)
        self.run_file.take("http://localhost:8080")
        self.cluster.prepare()
        self.server = PostgresServer(self.cluster, settings.logs / "database.log")
        self.server.start()
        self.server.wait_until_ready()

    def stop(self) -> None:
        self.server.stop()
        self.run_file.release()


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a database, records, keys and users."""
    settings = at(tmp_path_factory.mktemp("made") / "home")
    server = Server(settings)
    ask(server.cluster, f"create database {ROLE}")
    words = server.cluster.client(
        "psql", "-X", "-q", "-d", ROLE, "-c", "create table dag_run as select 'storefront' id"
    )
    subprocess.run(words, check=True)
    (settings.home / "records/runs").mkdir(parents=True)
    (settings.home / "records/runs/ledger.jsonl").write_text("evidence\n")
    for key in ("fernet", "api", "jwt"):
        keep_secret(settings.home / f"keys/{key}.key")
    keep_secret(settings.signing_key)
    ensure_users(settings.users)
    server.stop()
    return settings.home


@pytest.fixture
def lived_in(made_once: Path, tmp_path: Path) -> Iterator[tuple[LocalSettings, Server]]:
    """A copy of that home; its server runs."""
    settings = at(tmp_path / "home")
    # Not shutil: the database's files belong to the user who runs the server.
    subprocess.run(["cp", "-a", str(made_once), str(settings.home)], check=True)
    yield settings, Server(settings)
    for home in (settings.home, tmp_path / "restored"):
        cluster = cluster_of(at(home))
        end_leftover_server(cluster.data)
        cluster.remove_folder()


@pytest.mark.parametrize("runs", [True, False], ids=["while Airflow runs", "while it is stopped"])
def test_what_was_saved_is_there_again_in_an_empty_home(
    lived_in: tuple[LocalSettings, Server], tmp_path: Path, runs: bool
) -> None:
    settings, server = lived_in
    if not runs:
        server.stop()
    file = tmp_path / "saved.tar.gz"
    save_instance(settings, file, keys=True)
    assert file.stat().st_mode & 0o777 == 0o600
    assert bool(server_processes(server.cluster.data)) is runs
    assert {path.name for path in tmp_path.iterdir()} == {"home", "saved.tar.gz"}

    restored = at(tmp_path / "restored")
    load_instance(restored, file)
    assert server_processes(cluster_of(restored).data) == ()
    for name in ("records/runs/ledger.jsonl", "keys/fernet.key", "signing.key", "users.yaml"):
        assert (restored.home / name).read_bytes() == (settings.home / name).read_bytes()
        assert (restored.home / name).stat().st_mode == (settings.home / name).stat().st_mode
    again = Server(restored)
    assert rows(restored) == "storefront\n"
    again.stop()


def test_keys_and_passwords_are_in_the_file_only_when_they_are_asked_for(
    lived_in: tuple[LocalSettings, Server], tmp_path: Path
) -> None:
    settings, _ = lived_in
    save_instance(settings, tmp_path / "saved.tar.gz", keys=False)
    with tarfile.open(tmp_path / "saved.tar.gz") as archive:
        names = set(archive.getnames())
    assert names == {"manifest.json", "database.dump", "records", "records/runs", "records/runs/ledger.jsonl"}
    restored = at(tmp_path / "restored")
    load_instance(restored, tmp_path / "saved.tar.gz")
    assert not (restored.home / "keys").exists()
    assert not restored.users.exists()


def test_nothing_is_loaded_over_anything(tmp_path: Path, settings: LocalSettings) -> None:
    settings.home.mkdir()
    (settings.home / "airflow.db").write_text("precious")
    with pytest.raises(InstanceRefused, match="is not empty; name a new folder in AIRFLOW_HOME"):
        load_instance(settings, tmp_path / "none.tar.gz")
    assert [path.name for path in settings.home.iterdir()] == ["airflow.db"]


def test_nothing_is_saved_over_anything(lived_in: tuple[LocalSettings, Server], tmp_path: Path) -> None:
    (tmp_path / "saved.tar.gz").write_text("precious")
    with pytest.raises(InstanceRefused, match="is there; name a file that is not"):
        save_instance(lived_in[0], tmp_path / "saved.tar.gz", keys=False)
    assert (tmp_path / "saved.tar.gz").read_text() == "precious"


@pytest.mark.parametrize("damage", ["cut", "text", "absent", "no dump"])
def test_a_file_that_is_no_whole_instance_is_refused_and_leaves_the_home_empty(
    lived_in: tuple[LocalSettings, Server], tmp_path: Path, damage: str
) -> None:
    file = tmp_path / "saved.tar.gz"
    save_instance(lived_in[0], file, keys=False)
    whole = file.read_bytes()
    if damage == "absent":
        file.unlink()
    elif damage == "no dump":
        (tmp_path / "manifest.json").write_text('{"format": 1}')
        with tarfile.open(file, "w:gz") as archive:
            archive.add(tmp_path / "manifest.json", "manifest.json")
    else:
        file.write_bytes(whole[: len(whole) // 2] if damage == "cut" else b"not an archive")
    restored = at(tmp_path / "restored")
    with pytest.raises(InstanceRefused, match=r"no instance|cannot be read as a saved instance"):
        load_instance(restored, file)
    assert list(restored.home.iterdir()) == []


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"DEPLOYPLAN_DATABASE": "sqlite"}, "SQLite"),
        ({"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "postgresql://db/a"}, "names"),
    ],
)
def test_a_database_that_is_not_the_embedded_one_has_tools_of_its_own(
    settings: LocalSettings, tmp_path: Path, variables: dict[str, str], named: str
) -> None:
    theirs = replace(settings, environ=variables)
    with pytest.raises(InstanceRefused, match=named):
        save_instance(theirs, tmp_path / "saved.tar.gz", keys=False)


def test_the_command_says_what_it_saved_and_where_it_could_not(
    lived_in: tuple[LocalSettings, Server], tmp_path: Path
) -> None:
    settings, _ = lived_in
    file = tmp_path / "saved.tar.gz"
    words = [sys.executable, "-m", "deployplan", "instance", "save", str(file)]
    environment = os.environ | {"AIRFLOW_HOME": str(settings.home), "PYTHONPATH": str(PACKAGE.parent)}
    saved, again = (
        subprocess.run(words, env=environment, check=False, capture_output=True, text=True) for _ in range(2)
    )
    assert (saved.returncode, again.returncode) == (0, 1), saved.stderr
    assert saved.stderr.startswith(f"saved to {file}: database, records, no keys")
    assert again.stderr.startswith(f"error: {file} is there")
