"""deployplan is updated in the middle of a wave, and back again: the run goes on as if nothing had been."""

import io
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from deployplan.local.running_airflow import RunningAirflow
from deployplan.local.users import load_users
from deployplan.places import PACKAGE
from e2e.release import Release, a_component
from faults.struck_airflow import UNTIL_GO, settings_for
from faults.test_struck_database import some_nodes
from faults.test_struck_supervisor import up
from made_tables import GiveTables

pytestmark = [pytest.mark.e2e, pytest.mark.chaos]

BEFORE = "7d77325efe6595fa5510b92eb542310b948c4d08"
"""The version from which, and back to which: 0.1.0 before it was a package."""


@pytest.fixture
def before(tmp_path: Path) -> Path:
    """The plugins folder of the version before this one."""
    words = ["git", "archive", BEFORE, "dags", "plugins", "include"]
    kept = subprocess.run(words, cwd=PACKAGE.parents[1], check=False, capture_output=True, timeout=60)
    if kept.returncode:
        pytest.skip(f"this clone does not go back to {BEFORE}: {kept.stderr.decode(errors='replace')}")
    with tarfile.open(fileobj=io.BytesIO(kept.stdout)) as archive:
        archive.extractall(tmp_path / "before", filter="data")
    return tmp_path / "before" / "plugins"


def test_a_run_is_carried_through_an_update_in_mid_wave_and_back_and_each_script_runs_once(
    tmp_path: Path, give_tables: GiveTables, before: Path
) -> None:
    nodes = some_nodes(tmp_path / "nodes", 3)
    try:
        settings = settings_for(tmp_path, nodes)
        give_tables(settings)
        with up(settings, tmp_path / "before.log", before):
            airflow = RunningAirflow(settings, load_users(settings.users), {})
            release = Release(airflow, settings.include, {node.name: node for node in nodes}, "updated")
            first, second, third = release.nodes
            app = a_component([first, second, third], deploy=UNTIL_GO, waves=[1, 2, 3])
            release.write(components={"app": app}).trigger().approve()
            release.wait_for_file(first, "begun")
        assert release.job_processes(first)

        with up(settings, tmp_path / "after.log"):
            (release.nodes[first].home / "go").touch()
            release.wait_for_file(second, "begun")
        assert release.job_processes(second)

        with up(settings, tmp_path / "back.log", before):
            (release.nodes[second].home / "go").touch()
            release.wait_for_file(third, "begun")
            (release.nodes[third].home / "go").touch()
            airflow = RunningAirflow(settings, load_users(settings.users), {})
            assert Release(airflow, settings.include, release.nodes, release.name).end() == "success"

        assert [release.lines(node, "steps") for node in release.nodes] == [["app begun 1", "ended"]] * 3
        assert [_verification(settings.records, settings.signing_key, code) for code in (before, PACKAGE.parent)] == [
            0,
            0,
        ]
    finally:
        for each in nodes:
            each.power_off()


def _verification(records: str, key: Path, plugins: Path) -> int:
    """The exit code of `evidence verify --all` by the version that is in this folder."""
    variables = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(plugins),
        "DEPLOYPLAN_RECORDS": records,
        "DEPLOYPLAN_SIGNING_KEY_FILE": str(key),
    }
    words = [sys.executable, "-m", "deployplan", "evidence", "verify", "--all"]
    return subprocess.run(words, env=variables, check=False, timeout=120).returncode
