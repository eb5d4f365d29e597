"""docker-compose.yaml is read and held against this repository and the installed Airflow, without a container engine.

What this cannot tell is in docs/guides/production.md: whether the images build, start and work together.
"""

import json
import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml

from deployplan.local.postgres_programs import postgres_programs
from real_postgres import password_server

ROOT = Path(__file__).resolve().parents[1]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
AIRFLOW = ("init", "api-server", "scheduler", "dag-processor", "worker", "triggerer")
PRACTICE = ("db-1", "web-1", "web-2")
MADE_BY = {"postgres_password", "redis_password", "fernet_key", "api_secret_key", "jwt_secret", "signing_key"} | {
    "airflow_passwords",
    "practice_client_key",
    "practice_client_key_pub",
    "practice_host_key",
    "practice_known_hosts",
}


def options() -> dict[tuple[str, str], str]:
    """Every Airflow option that a service sets, as (section, name) without _CMD, and its value."""
    found: dict[tuple[str, str], str] = {}
    for service in AIRFLOW:
        for variable, value in SERVICES[service]["environment"].items():
            if variable.startswith("AIRFLOW__"):
                section, name = variable.removeprefix("AIRFLOW__").lower().split("__")
                found[section, name] = value
    return found


def test_the_parts_of_a_production_airflow_are_there() -> None:
    assert set(SERVICES) == {*AIRFLOW, "postgres", "redis", *PRACTICE}
    assert options()["core", "executor"] == "CeleryExecutor"
    assert SERVICES["triggerer"]["deploy"] == {"replicas": 2}
    assert SERVICES["worker"]["deploy"]["replicas"] >= 2
    assert {name: service["command"] for name, service in SERVICES.items() if name in ("scheduler", "triggerer")} == {
        "scheduler": ["scheduler"],
        "triggerer": ["triggerer"],
    }


def test_the_image_is_the_official_airflow_of_the_pinned_version_with_the_locked_requirements() -> None:
    dockerfile = (ROOT / "docker/airflow/Dockerfile").read_text()
    pinned = re.search(r"^apache-airflow==(\S+)", (ROOT / "requirements.txt").read_text(), re.M)
    assert pinned is not None
    assert f"FROM apache/airflow:{pinned[1]}\n" in dockerfile
    assert "-c /opt/deployplan/constraints.txt" in dockerfile
    assert "-r /opt/deployplan/requirements.txt -r /opt/deployplan/requirements-production.txt" in dockerfile
    assert {SERVICES[name]["image"] for name in AIRFLOW} == {f"deployplan-airflow:{pinned[1]}"}


@pytest.mark.airflow
def test_every_option_is_one_that_the_installed_airflow_has() -> None:
    from airflow.configuration import conf, retrieve_configuration_description

    described = retrieve_configuration_description(include_providers=True)
    known = {(section, name.lower()) for section, its in described.items() for name in its["options"]}
    by_command = {(section, f"{name}_cmd") for section, name in conf.sensitive_config_values}
    unknown = {key for key in options() if key not in known | by_command}
    assert unknown == set()


@pytest.mark.airflow
def test_every_option_has_a_value_that_the_installed_airflow_takes() -> None:
    from airflow.configuration import retrieve_configuration_description

    described = retrieve_configuration_description(include_providers=True)
    takes = {
        "boolean": lambda value: value in ("True", "False"),
        "integer": lambda value: re.fullmatch(r"-?\d+", value),
        "float": lambda value: re.fullmatch(r"-?\d+(\.\d+)?", value),
    }
    wrong = []
    for (section, name), value in options().items():
        kind = described[section]["options"].get(name, {}).get("type", "string")
        if not isinstance(value, str) or not takes.get(kind, str)(value):
            wrong.append((section, name, value, kind))
    assert wrong == []


@pytest.mark.airflow
def test_the_executor_can_be_loaded_as_it_is_locked_and_its_health_check_exists() -> None:
    from airflow.executors.executor_loader import ExecutorLoader

    executor = ExecutorLoader.executors["CeleryExecutor"]
    module, _, name = executor.rpartition(".")
    assert getattr(import_module(module), name).__name__ == "CeleryExecutor"
    assert f"celery --app {module}.app inspect ping" in health_of("worker")


@pytest.mark.airflow
@pytest.mark.parametrize(
    ("service", "words"),
    [
        ("init", ["db", "migrate"]),
        ("api-server", ["api-server"]),
        ("scheduler", ["scheduler"]),
        ("dag-processor", ["dag-processor"]),
        ("triggerer", ["triggerer"]),
        ("worker", ["celery", "worker"]),
        ("dag-processor health", ["jobs", "check", "--job-type", "DagProcessorJob", "--hostname", "x"]),
        ("triggerer health", ["jobs", "check", "--job-type", "TriggererJob", "--hostname", "x"]),
    ],
)
def test_every_airflow_command_is_one_that_the_installed_airflow_understands(service: str, words: list[str]) -> None:
    from airflow.cli.cli_parser import get_parser

    name, _, health = service.partition(" ")
    said = health_of(name) if health else " ".join(SERVICES[name]["command"])
    assert " ".join(words[:-1]) in said
    get_parser().parse_args(words)


def test_nobody_gains_rights_and_only_airflow_reaches_database_and_broker() -> None:
    for name in (*AIRFLOW, "postgres", "redis"):
        assert SERVICES[name]["security_opt"] == ["no-new-privileges:true"], name
        assert not SERVICES[name].get("privileged"), name
    assert all(SERVICES[name]["cap_drop"] == ["ALL"] for name in AIRFLOW)
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    on = {name: set(service["networks"]) for name, service in SERVICES.items()}
    assert {name for name, networks in on.items() if "inside" in networks} == {*AIRFLOW, "postgres", "redis"}
    assert on["postgres"] == on["redis"] == {"inside"}
    assert all(on[name] == {"outside"} for name in PRACTICE)


def test_a_task_that_may_still_try_is_not_declared_dead() -> None:
    workers = [int(options()["workers", name]) for name in ("min_heartbeat_interval", "max_failed_heartbeats")]
    assert workers[0] * workers[1] < int(options()["scheduler", "task_instance_heartbeat_timeout"])


def test_options_that_matter_here_are_the_same_as_on_one_machine() -> None:
    from deployplan.local.airflow_environment import _pace

    here = {name: value for name, value in _pace().items() if "WORKERS" in name or "HEARTBEAT_TIMEOUT" in name}
    assert here
    assert here.items() <= SERVICES["scheduler"]["environment"].items()


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"init"}))
def test_every_service_that_stays_up_has_a_health_check(name: str) -> None:
    check = SERVICES[name]["healthcheck"]
    assert check["test"][0] in ("CMD", "CMD-SHELL")
    assert {"interval", "timeout", "retries", "start_period"} <= set(check)


def health_of(name: str) -> str:
    return " ".join(SERVICES[name]["healthcheck"]["test"])


def test_a_health_check_asks_the_port_that_its_service_listens_on() -> None:
    assert "http://localhost:8080/api/v2/monitor/health" in health_of("api-server")
    assert SERVICES["api-server"]["ports"] == ["${DEPLOYPLAN_HOST:-127.0.0.1}:${DEPLOYPLAN_PORT:-8080}:8080"]
    assert "http://localhost:8974/health" in health_of("scheduler")
    assert options()["scheduler", "enable_health_check"] == "True"
    assert options()["core", "execution_api_server_url"] == "http://api-server:8080/execution/"


def test_nothing_starts_before_what_it_needs_is_well() -> None:
    for name in set(AIRFLOW) - {"init"}:
        assert SERVICES[name]["depends_on"] == {
            "postgres": {"condition": "service_healthy"},
            "redis": {"condition": "service_healthy"},
            "init": {"condition": "service_completed_successfully"},
        }
    assert SERVICES["init"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_mounted_path_is_in_the_repository_and_every_volume_is_named(name: str) -> None:
    for mount in SERVICES[name].get("volumes", []):
        source, target, *mode = mount.split(":")
        if source.startswith("."):
            assert (ROOT / source).is_dir(), mount
            assert mode == ["ro"], f"{mount}: what belongs to the repository is mounted read-only"
        else:
            assert source in COMPOSE["volumes"], mount
        assert target.startswith("/")


def test_the_documents_are_mounted_read_only_where_deployplan_looks_for_them() -> None:
    for name in AIRFLOW:
        environment = SERVICES[name]["environment"]
        assert f"./include:{environment['DEPLOYPLAN_INCLUDE']}:ro" in SERVICES[name]["volumes"]
        assert f"records:{environment['DEPLOYPLAN_RECORDS']}" in SERVICES[name]["volumes"]


def test_what_the_images_copy_is_in_the_repository() -> None:
    for dockerfile, context in (
        (ROOT / "docker/airflow/Dockerfile", ROOT),
        (ROOT / "docker/node/Dockerfile", ROOT / "docker/node"),
    ):
        for line in re.findall(r"^COPY (.+)$", dockerfile.read_text(), re.M):
            for source in line.split()[:-1]:
                assert (context / source).exists(), line
    ignored = (ROOT / "docker/airflow/Dockerfile.dockerignore").read_text().splitlines()
    copied = re.findall(r"^COPY (.+)$", (ROOT / "docker/airflow/Dockerfile").read_text(), re.M)
    for source in {word for line in copied for word in line.split()[:-1]}:
        assert f"!{source}" in ignored, f"{source} is copied, but not sent to the build"


def test_airflow_finds_dags_and_package_where_the_image_has_them() -> None:
    dockerfile = (ROOT / "docker/airflow/Dockerfile").read_text()
    for option, source in (("dags_folder", "dags"), ("plugins_folder", "plugins")):
        assert f"COPY {source} {options()['core', option]}\n" in dockerfile
    assert f"ENV PYTHONPATH={options()['core', 'plugins_folder']}\n" in dockerfile


def test_every_secret_comes_from_a_file_that_the_script_writes_privately(tmp_path: Path) -> None:
    subprocess.run([ROOT / "docker/make-secrets.sh", tmp_path], check=True, capture_output=True)
    written = {path.name for path in tmp_path.iterdir()}
    assert written == MADE_BY
    assert {COMPOSE["secrets"][name]["file"] for name in COMPOSE["secrets"]} == {
        f"docker/secrets/{it}" for it in written
    }
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
    assert all(path.stat().st_size > 20 for path in tmp_path.iterdir())


def test_making_the_secrets_again_changes_none_of_them(tmp_path: Path) -> None:
    def make() -> dict[str, bytes]:
        subprocess.run([ROOT / "docker/make-secrets.sh", tmp_path], check=True, capture_output=True)
        return {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    assert make() == make()


def test_airflow_takes_the_secrets_that_are_made(tmp_path: Path) -> None:
    from cryptography.fernet import Fernet

    subprocess.run([ROOT / "docker/make-secrets.sh", tmp_path], check=True, capture_output=True)
    Fernet((tmp_path / "fernet_key").read_bytes())
    people = dict(
        pair.split(":")
        for pair in re.findall(r"\w+:\w+", options()["core", "simple_auth_manager_users"].split(":-")[1])
    )
    assert set(json.loads((tmp_path / "airflow_passwords").read_text())) == set(people)
    assert len((tmp_path / "signing_key").read_bytes()) >= 32


BY_COMMAND = {
    ("database", "sql_alchemy_conn"): "postgresql+psycopg2://airflow:{postgres_password}@postgres/airflow",
    ("celery", "result_backend"): "db+postgresql://airflow:{postgres_password}@postgres/airflow",
    ("celery", "broker_url"): "redis://:{redis_password}@redis:6379/0",
    ("core", "fernet_key"): "{fernet_key}",
    ("api", "secret_key"): "{api_secret_key}",
    ("api_auth", "jwt_secret"): "{jwt_secret}",
}


def environment(service: str, secrets: Path, home: Path) -> dict[str, str]:
    """What a process of the service finds in its environment, with these secrets; compose says `$$` for a dollar."""
    theirs = {
        name: value.replace("$$", "$").replace("/run/secrets", str(secrets))
        for name, value in SERVICES[service]["environment"].items()
        if name.endswith("_CMD")
    }
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "DEPLOYPLAN", "PG"))}
    return ours | theirs | {"AIRFLOW_HOME": str(home), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}


def made_secrets(folder: Path, ending: str) -> dict[str, str]:
    """The secrets as the script makes them, in files that end so."""
    subprocess.run([ROOT / "docker/make-secrets.sh", folder], check=True, capture_output=True)
    secrets = {path.name: path.read_text().rstrip("\n") for path in folder.iterdir()}
    for name, secret in secrets.items():
        (folder / name).write_text(secret + ending)
    return secrets


def test_every_option_that_a_command_gives_is_among_those_whose_effect_is_tested() -> None:
    assert {(section, name) for section, name in options() if name.endswith("_cmd")} == {
        (section, f"{name}_cmd") for section, name in BY_COMMAND
    }


@pytest.mark.airflow
@pytest.mark.parametrize("ending", ["", "\n"], ids=["no line end", "a line end"])
def test_airflows_configuration_returns_each_secret_as_it_is_whatever_its_file_ends_in(
    ending: str, tmp_path: Path
) -> None:
    secrets = made_secrets(tmp_path / "secrets", ending)
    program = (
        "import json; from airflow.configuration import conf; "
        f"print('\\n' + json.dumps([conf.get(*option) for option in {list(BY_COMMAND)!r}]))"
    )
    told = subprocess.run(
        [sys.executable, "-c", program],
        env=environment("worker", tmp_path / "secrets", tmp_path / "home"),
        check=True,
        capture_output=True,
        text=True,
    )
    assert json.loads(told.stdout.splitlines()[-1]) == [scheme.format_map(secrets) for scheme in BY_COMMAND.values()]


@pytest.mark.airflow
def test_airflow_logs_in_to_a_real_postgresql_with_the_very_command_of_the_file(tmp_path: Path) -> None:
    secrets = made_secrets(tmp_path / "secrets", "\n")
    program, *settings = SERVICES["postgres"]["command"]
    assert program == "postgres"
    with password_server(secrets["postgres_password"], *settings) as port:
        # The host of the file is a name in the composed network; libpq is told where that is here.
        here = {"PGHOSTADDR": "127.0.0.1", "PGPORT": str(port)}
        checked = subprocess.run(
            [sys.executable, "-m", "airflow", "db", "check"],
            env=environment("init", tmp_path / "secrets", tmp_path / "home") | here,
            check=False,
            capture_output=True,
            text=True,
        )
        address = ("-h", "127.0.0.1", "-p", str(port), "-U", "airflow", "-d", "airflow", "-tA")
        asked = subprocess.run(
            [postgres_programs() / "psql", *address, "-c", "show idle_in_transaction_session_timeout"],
            env=dict(os.environ, PGPASSWORD=secrets["postgres_password"]),
            check=True,
            capture_output=True,
            text=True,
        )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "Connection successful" in checked.stdout + checked.stderr
    assert asked.stdout == "1min\n"


def test_the_database_driver_is_locked() -> None:
    assert re.search(r"^psycopg2-binary==", (ROOT / "constraints.txt").read_text(), re.M)


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_is_given_every_secret_it_reads_and_each_of_them_is_defined(name: str) -> None:
    service = SERVICES[name]
    given = set(service.get("secrets", []))
    assert given <= set(COMPOSE["secrets"])
    said = json.dumps([service.get("command"), service.get("environment"), service.get("healthcheck")])
    if name in PRACTICE:
        said += (ROOT / "docker/node/Dockerfile").read_text()
    read = set(re.findall(r"/run/secrets/([a-z_]+)", said))
    if name == "api-server":
        read -= {"practice_client_key", "practice_known_hosts"}  # it shows connections, it uses none
    assert read <= given, f"{name} reads {sorted(read - given)} and is not given it"


def test_no_secret_is_written_in_the_file() -> None:
    for name in SERVICES:
        for variable, value in SERVICES[name].get("environment", {}).items():
            if re.search(r"PASSWORD|SECRET|KEY|CONN(_|$)|URL_CMD|BACKEND", variable):
                assert "/run/secrets/" in value or value.startswith("/opt/airflow/"), variable


def test_the_practice_nodes_start_only_when_they_are_asked_for() -> None:
    assert all(SERVICES[name]["profiles"] == ["practice"] for name in PRACTICE)
    assert all("profiles" not in service for name, service in SERVICES.items() if name not in PRACTICE)


def test_airflows_connection_to_the_practice_nodes_is_whole() -> None:
    connection = json.loads(SERVICES["worker"]["environment"]["AIRFLOW_CONN_SSH_PRACTICE"])
    assert connection["conn_type"] == "ssh"
    assert "AllowUsers " + connection["login"] in (ROOT / "docker/node/sshd_config").read_text()
    assert set(connection["extra"]) == {"key_file", "known_hosts"}


def test_known_hosts_has_every_practice_node(tmp_path: Path) -> None:
    subprocess.run([ROOT / "docker/make-secrets.sh", tmp_path], check=True, capture_output=True)
    lines = (tmp_path / "practice_known_hosts").read_text().splitlines()
    assert [line.split()[0] for line in lines] == list(PRACTICE)
    assert [SERVICES[name]["hostname"] for name in PRACTICE] == list(PRACTICE)


@pytest.mark.skipif(not Path("/usr/sbin/sshd").exists(), reason="sshd is not installed; .ci/run installs it")
def test_sshd_takes_the_nodes_configuration(tmp_path: Path) -> None:
    subprocess.run([ROOT / "docker/make-secrets.sh", tmp_path], check=True, capture_output=True)
    config = (
        (ROOT / "docker/node/sshd_config").read_text().replace("/etc/ssh/host_key", str(tmp_path / "practice_host_key"))
    )
    (tmp_path / "sshd_config").write_text(config)
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    checked = subprocess.run(
        ["/usr/sbin/sshd", "-t", "-f", tmp_path / "sshd_config"], capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stderr) == (0, "")
