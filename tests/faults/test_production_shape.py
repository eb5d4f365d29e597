"""What docker-compose.yaml puts together, as processes: releases go the same way, and a dead triggerer has a deputy."""

from collections.abc import Iterator

import pytest

from deployplan.local.component import ManagedProcess
from e2e.release import Release, a_component, until
from faults.production_shape import POSTGRES, REDIS, production_shape
from faults.struck_airflow import UNTIL_GO
from openssh import OpenSshNode

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.chaos,
    pytest.mark.skipif(POSTGRES is None or REDIS is None, reason="no PostgreSQL or no Redis on this machine"),
]

NAMES = ("goes-well", "goes-wrong", "takes-long")


class Shape:
    """The releases, one node each, and the two triggerers."""

    def __init__(self, releases: dict[str, Release], triggerers: tuple[ManagedProcess, ManagedProcess]) -> None:
        self.releases = releases
        self.triggerers = triggerers

    def triggerer_of(self, release: Release) -> ManagedProcess:
        """The triggerer that watches the release's long wave: the log of the trigger bears the number of its job."""
        folder = release.airflow.settings.logs / f"dag_id={release.name}" / f"run_id={release.run_id}"
        (log,) = folder.glob("task_id=deploy.app.wave_1/*.trigger.*.log")
        jobs = release.api("admin").call("GET", "/api/v2/jobs?job_type=TriggererJob&is_alive=true")["jobs"]
        numbers = sorted(job["id"] for job in jobs)  # in the order in which they were started
        return self.triggerers[numbers.index(int(log.suffixes[-2].removeprefix(".")))]


@pytest.fixture(scope="module")
def shape(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shape]:
    root = tmp_path_factory.mktemp("shape")
    nodes = [OpenSshNode(f"n{number}", root / "nodes") for number in range(len(NAMES))]
    try:
        for node in nodes:
            (node.root / "client_key.pub").write_bytes((nodes[0].root / "client_key.pub").read_bytes())
            (node.home / "version").write_text("1.0\n")
            node.start()
        with production_shape(root, nodes) as (airflow, beside):
            releases = {
                name: Release(airflow, airflow.settings.include, {node.name: node}, name)
                for name, node in zip(NAMES, nodes, strict=True)
            }
            yield Shape(releases, (airflow.components["triggerer"], beside["triggerer-2"]))
    finally:
        for node in nodes:
            node.power_off()


def test_a_release_goes_well_on_postgresql_redis_and_celery(shape: Shape) -> None:
    release = shape.releases["goes-well"].write()
    assert release.trigger().approve().end() == "success"
    (node,) = release.nodes
    assert (release.version(node), release.lines(node, "steps")) == ("2.0", ["deploy 1"])
    assert "celery" in (release.airflow.settings.logs / "worker.log").read_text().lower()


def test_a_release_that_goes_wrong_is_backed_out_there_as_well(shape: Shape) -> None:
    release = shape.releases["goes-wrong"]
    (node,) = release.nodes
    release.write(components={"app": a_component([node], deploy="echo broken >> steps; exit 3")})
    assert release.trigger().approve().end() == "backed_out"
    assert (release.version(node), release.lines(node, "steps")) == ("1.0", ["broken", "undo to 1.0"])


def test_when_a_triggerer_dies_another_goes_on_with_the_wave_and_its_script_runs_once(shape: Shape) -> None:
    release = shape.releases["takes-long"]
    (node,) = release.nodes
    release.write(components={"app": a_component([node], deploy=UNTIL_GO)})
    release.trigger().approve().wait_for_state("deploy.app.wave_1", "deferred")
    until("a triggerer watches the wave", lambda: release.evidence("job_attached"))
    attached = len(release.evidence("job_attached"))
    shape.triggerer_of(release).kill()
    until("a triggerer takes over", lambda: len(release.evidence("job_attached")) > attached)
    (release.nodes[node].home / "go").touch()
    assert release.end() == "success"
    assert release.lines(node, "steps") == ["app begun 1", "ended"]
