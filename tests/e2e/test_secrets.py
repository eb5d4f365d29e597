"""A secret reaches its script and nothing else: no file of Airflow's, no evidence, no log, no list of processes."""

import base64
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from e2e.release import SECRET, Release, a_component
from e2e.scenario import scenario

pytestmark = pytest.mark.e2e

DEPLOY = """\
printf %s "$TOKEN" > used
ps -ww -e -o args > processes
echo 2.0 > version
"""


@scenario
def test_a_secret_is_in_no_file_that_a_release_leaves_behind(a_release: Callable[..., Release]) -> None:
    release = a_release()
    [(name, node)] = release.nodes.items()
    app = a_component([name], deploy=DEPLOY, secrets={"TOKEN": "e2e_secret"})
    release.write(components={"app": app}).trigger().approve()

    assert release.end() == "success"
    assert (node.home / "used").read_text() == SECRET
    assert (node.home / "processes").stat().st_size
    places = (release.airflow.settings.home, Path(release.airflow.settings.records), release.include, node.root)
    found = [path for place in places for path in files_with(SECRET.encode(), place)]
    assert found == [node.home / "used"]


@scenario
def test_a_significant_error_terminates_the_component_and_the_secret_that_it_tells_is_in_no_log_evidence_or_message(
    a_release: Callable[..., Release],
) -> None:
    """Besides the log on the node, where the script itself has printed it."""
    release = a_release(2)
    bad, other = release.nodes
    script = (
        f'touch begun; [ "$DEPLOYPLAN_NODE" = {bad} ] || sleep 300; while [ ! -e go ]; do sleep 0.2; done; '
        'echo "ordinary line with $TOKEN"; printf %s "$TOKEN" | base64; echo "FATAL: refused for $TOKEN"; sleep 300'
    )
    app = a_component(
        [bad, other],
        deploy=script,
        secrets={"TOKEN": "e2e_secret"},
        significant_errors=["^FATAL"],
        max_failures=1,
    )
    release.write(components={"app": app}).trigger().approve().wait_for_file(other, "begun")
    release.wait_for_file(bad, "begun")
    (release.nodes[bad].home / "go").touch()

    assert release.end() == "backed_out"
    assert not any(release.job_processes(node) for node in release.nodes)
    assert len(release.evidence("terminated")) == 2
    airflow, nodes = release.airflow.settings, release.nodes.values()
    places = (airflow.home, Path(airflow.records), release.include, *(node.root for node in nodes))
    encoded = base64.b64encode(SECRET.encode()).rstrip(b"=")[:-1]
    found = {path for secret in (SECRET.encode(), encoded) for place in places for path in files_with(secret, place)}
    assert {path.name for path in found} == {"log"}
    assert all(path.is_relative_to(release.nodes[bad].home) for path in found)


def files_with(wanted: bytes, folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        if path.is_file() and wanted in path.read_bytes():
            yield path
