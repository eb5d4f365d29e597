"""Sixty runs at once, and the database killed under them."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from deployplan.local.running_airflow import RunningAirflow
from deployplan.local.supervisor import running
from e2e.at_once import answers_of_version, approved_and_ended, triggered_at_once, written
from e2e.release import until
from faults.struck_airflow import settings_for
from openssh import OpenSshNode

pytestmark = [pytest.mark.e2e, pytest.mark.chaos]

RUNS = 60
WITHIN = 3600.0
ANSWERS_WITHIN = 5.0
"""Seconds, on a machine with two cores that does nothing else."""


def some_nodes(root: Path, count: int) -> list[OpenSshNode]:
    made = [OpenSshNode(f"n{number}", root) for number in range(1, count + 1)]
    for node in made:
        # One client key for all: they are reached by one Airflow connection.
        (node.root / "client_key.pub").write_bytes((made[0].root / "client_key.pub").read_bytes())
        (node.home / "version").write_text("1.0\n")
        node.start()
    return made


def pids(airflow: RunningAirflow) -> dict[str, int | None]:
    return {name: component.pid for name, component in airflow.components.items()}


def test_sixty_runs_triggered_at_once_all_end_well_and_the_api_answers_all_the_while(tmp_path: Path) -> None:
    nodes = some_nodes(tmp_path / "nodes", RUNS)
    try:
        settings = settings_for(tmp_path, nodes)
        with running(settings, ready_within=300.0) as airflow:
            releases = written(airflow, settings.include, nodes, "crowd")
            before, began = pids(airflow), time.monotonic()
            with answers_of_version(airflow) as took:
                triggered_at_once(releases)
                outcomes = approved_and_ended(releases, patience=WITHIN)
            sys.stderr.write(f"{RUNS} runs in {time.monotonic() - began:.0f} s; /version at most {max(took):.2f} s\n")
            assert set(outcomes.values()) == {"success"}, outcomes
            assert pids(airflow) == before
            assert max(took) < ANSWERS_WITHIN, sorted(took)[-20:]
    finally:
        for node in nodes:
            node.power_off()


def test_a_database_killed_in_mid_deploy_is_back_at_once_and_each_script_has_run_once(tmp_path: Path) -> None:
    nodes = some_nodes(tmp_path / "nodes", 4)
    try:
        settings = settings_for(tmp_path, nodes)
        with running(settings, ready_within=300.0) as airflow:
            releases = written(airflow, settings.include, nodes, "struck")
            triggered_at_once(releases)
            for release in releases:
                release.approve()
            first = releases[0]
            until("a script runs", lambda: first.lines(*first.nodes, "steps"))
            database = airflow.components["database"]
            assert database.pid is not None
            os.kill(database.pid, signal.SIGKILL)
            outcomes = approved_and_ended(releases, patience=WITHIN)
            assert database.restarts == 1
        assert set(outcomes.values()) == {"success"}, outcomes
        assert [release.lines(*release.nodes, "steps") for release in releases] == [["deploy"]] * len(releases)
    finally:
        for node in nodes:
            node.power_off()
