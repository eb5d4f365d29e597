"""deploy/helm/values.yaml is held against docker-compose.yaml and the installed Airflow, without Helm and a cluster."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
VALUES: dict[str, Any] = yaml.safe_load((ROOT / "deploy/helm/values.yaml").read_text())
COMPOSE: dict[str, str] = yaml.safe_load((ROOT / "docker-compose.yaml").read_text())["services"]["scheduler"][
    "environment"
]
# What a cluster gives by other means, and what one host alone wants.
ELSEWHERE = {
    ("core", "executor"): "the chart's `executor`",
    ("core", "execution_api_server_url"): "the chart names its own API server",
    ("core", "simple_auth_manager_users"): "the auth manager is the cluster's",
    ("core", "simple_auth_manager_passwords_file"): "the auth manager is the cluster's",
    ("api", "base_url"): "the ingress is the cluster's",
    ("api", "instance_name"): "what the page is called is the cluster's",
    ("scheduler", "enable_health_check"): "the chart has probes of its own",
}


def options() -> dict[tuple[str, str], str]:
    return {(section, name): value for section, its in VALUES["config"].items() for name, value in its.items()}


def compose_options() -> dict[tuple[str, str], str]:
    """Options of docker-compose.yaml but the secrets, which a command gives there and the chart takes otherwise."""
    found = {}
    for variable, value in COMPOSE.items():
        if variable.startswith("AIRFLOW__") and not variable.endswith("_CMD"):
            section, name = variable.removeprefix("AIRFLOW__").lower().split("__")
            found[section, name] = value
    return found


def test_every_option_has_the_value_of_the_compose_file_and_none_of_them_is_missing() -> None:
    expected = {key: value for key, value in compose_options().items() if key not in ELSEWHERE}
    assert options() == expected
    assert ELSEWHERE.keys() <= compose_options().keys()


@pytest.mark.airflow
def test_every_option_is_one_that_the_installed_airflow_has() -> None:
    from airflow.configuration import retrieve_configuration_description

    described = retrieve_configuration_description(include_providers=True)
    known = {(section, name.lower()) for section, its in described.items() for name in its["options"]}
    assert options().keys() - known == set()


def test_every_setting_of_deployplan_exists_and_what_it_names_is_mounted() -> None:
    settings = (ROOT / "docs/reference/settings.md").read_text()
    env = {entry["name"]: entry["value"] for entry in VALUES["env"]}
    assert {name for name in env if name.startswith("DEPLOYPLAN_") and f"`{name}`" not in settings} == set()
    mounted = {mount["mountPath"]: mount["name"] for mount in VALUES["volumeMounts"]}
    assert mounted == {"/opt/plans": "plans", "/opt/signing": "signing"}
    assert Path("/opt/plans") in Path(env["DEPLOYPLAN_INCLUDE"]).parents
    assert Path(env["DEPLOYPLAN_SIGNING_KEY_FILE"]).parent == Path("/opt/signing")
    assert set(mounted.values()) == {volume["name"] for volume in VALUES["volumes"]}


def test_every_pod_that_reads_plans_has_them_before_airflow_starts_and_looks_for_new_ones() -> None:
    pods = [VALUES["apiServer"], VALUES["dagProcessor"], VALUES["triggerer"], VALUES["workers"]["celery"]]
    for pod in pods:
        (first,), (then,) = pod["extraInitContainers"], pod["extraContainers"]
        assert "--one-time" in first["args"]
        assert "--period=30s" in then["args"]
        assert [word for word in first["args"] if word != "--one-time"] == then["args"][:-1]
        assert {"--root=/opt/plans", "--link=current"} <= set(then["args"])


def test_the_image_is_that_of_the_pinned_airflow() -> None:
    pinned = re.search(r"^apache-airflow==(\S+)", (ROOT / "requirements.txt").read_text(), re.M)
    assert pinned is not None
    assert (VALUES["airflowVersion"], VALUES["images"]["airflow"]["tag"]) == (pinned[1], pinned[1])


def test_no_secret_is_written_in_the_file_and_none_is_made_by_the_chart() -> None:
    named = [VALUES[name] for name in ("fernetKeySecretName", "apiSecretKeySecretName", "jwtSecretName")]
    named += [value for name, value in VALUES["data"].items()]
    assert set(VALUES["data"]) == {"metadataSecretName", "resultBackendSecretName", "brokerUrlSecretName"}
    page = (ROOT / "docs/guides/kubernetes.md").read_text()
    assert [name for name in [*named, "deployplan-signing"] if f"| `{name}` |" not in page] == []


def test_the_guide_says_what_each_top_key_is_for() -> None:
    page = (ROOT / "docs/guides/kubernetes.md").read_text()
    assert [key for key in VALUES if f"`{key}" not in page] == []
