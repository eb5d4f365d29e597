"""`deployplan up` is killed under a run: the next in the same home ends what it left behind, and the run goes on."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deployplan.local.running_airflow import RunningAirflow
from deployplan.local.settings import LocalSettings
from deployplan.local.users import load_users
from deployplan.places import PACKAGE
from e2e.release import Release, a_component, until
from faults.struck_airflow import UNTIL_GO, settings_for
from faults.test_struck_database import some_nodes
from made_tables import GiveTables

pytestmark = [pytest.mark.e2e, pytest.mark.chaos]


@contextmanager
def up(settings: LocalSettings, log: Path, plugins: Path = PACKAGE.parent) -> Iterator[subprocess.Popen[bytes]]:
    """`deployplan up` in this home, ready; told to end when left, if it still runs."""
    with log.open("wb") as said:
        words = [sys.executable, "-m", "deployplan", "up"]
        variables = {**os.environ, **settings.environ, "PYTHONPATH": str(plugins)}
        process = subprocess.Popen(words, env=variables, stdout=said, stderr=said)
    try:
        until("Airflow is ready", lambda: "Airflow is ready" in log.read_text(), instead=log.read_text)
        yield process
    finally:
        process.terminate()
        process.wait(timeout=120)


def test_a_supervisor_killed_under_a_run_is_followed_by_one_in_whose_airflow_it_ends_as_if_nothing_had_been(
    tmp_path: Path, give_tables: GiveTables
) -> None:
    nodes = some_nodes(tmp_path / "nodes", 1)
    try:
        settings = settings_for(tmp_path, nodes)
        give_tables(settings)
        with up(settings, tmp_path / "first.log") as first:
            airflow = RunningAirflow(settings, load_users(settings.users), {})
            release = Release(airflow, settings.include, {node.name: node for node in nodes}, "struck-above")
            (node,) = release.nodes
            release.write(components={"app": a_component([node], deploy=UNTIL_GO)}).trigger().approve()
            release.wait_for_file(node, "begun")
            first.kill()
            first.wait(timeout=60)
            assert release.job_processes(node)

            second = tmp_path / "second.log"
            with up(settings, second):
                assert "processes that an earlier supervisor left behind" in second.read_text()
                until("somebody attaches to the job", lambda: release.evidence("job_attached"), instead=release.told)
                (release.nodes[node].home / "go").touch()
                assert Release(airflow, settings.include, release.nodes, release.name).end() == "success"
        assert release.lines(node, "steps") == ["app begun 1", "ended"]
        assert release.job_processes(node) == []
        assert "state=free" in release.lock(node)
    finally:
        for each in nodes:
            each.power_off()
