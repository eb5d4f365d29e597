"""Airflow is away while a window opens and closes: nothing is started late, and all that was missed is listed."""

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from command_line import deployplan
from deployplan.local.running_airflow import RunningAirflow
from deployplan.local.supervisor import running
from e2e.release import Release
from faults.struck_airflow import settings_for, stays
from openssh import OpenSshNode

pytestmark = [pytest.mark.e2e, pytest.mark.chaos]

OPENS_AFTER, OPEN_FOR, CREATED = 120, 25, 30
"""Seconds from now to the opening, its length, and how long before it the run is to be created."""


def test_what_an_outage_kept_from_its_window_is_missed_and_listed_and_never_started_late(tmp_path: Path) -> None:
    nodes = [OpenSshNode(f"n{number}", tmp_path / "nodes") for number in (1, 2)]
    try:
        for node in nodes:
            (node.root / "client_key.pub").write_bytes((nodes[0].root / "client_key.pub").read_bytes())
            node.start()
        _miss(tmp_path, nodes)
    finally:
        for node in nodes:
            node.power_off()


def _miss(root: Path, nodes: list[OpenSshNode]) -> None:
    settings = settings_for(root, nodes)
    with running(settings) as airflow:
        opens = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=OPENS_AFTER)
        waiting, to_be_created = (
            _written(Release(airflow, settings.include, {node.name: node}, name), opens, **schedule)
            for node, name, schedule in zip(
                nodes, ("waits", "is-to-be-created"), ({}, {"create": f"{CREATED}s before"}), strict=True
            )
        )
        waiting.trigger().approve().wait_for_state("window", "deferred")
        assert datetime.now(UTC) < opens - timedelta(seconds=CREATED), "too slow a machine: raise OPENS_AFTER"
        assert to_be_created.engineer.runs(to_be_created.name) == ()
    time.sleep(max(0.0, (opens + timedelta(seconds=OPEN_FOR + 2) - datetime.now(UTC)).total_seconds()))
    with running(settings) as airflow:
        _see(airflow, waiting, to_be_created)


def _written(release: Release, opens: datetime, **schedule: str) -> Release:
    wall = "%Y-%m-%d %H:%M:%S"
    closes = opens + timedelta(seconds=OPEN_FOR)
    window = {"name": "night", "opens": f"{opens:{wall}}", "closes": f"{closes:{wall}}", "timezone": "UTC"}
    component = {"nodes": list(release.nodes), "deploy": "echo deploy >> steps", "undo": "true", "timeout": "5s"}
    return release.write(
        schedule={"window": window, "backout_reserve": "1s", **schedule}, components={"app": component | {"bake": "0s"}}
    )


def _see(airflow: RunningAirflow, waiting: Release, to_be_created: Release) -> None:
    for release in (waiting, to_be_created):
        release.airflow, release.engineer = airflow, airflow.login("erin")
    waiting.wait_for_state("window", "failed")
    assert waiting.evidence("window_missed")
    stays("no run is created late", lambda: not to_be_created.engineer.runs(to_be_created.name), 20)
    assert [release.lines(node, "steps") for release in (waiting, to_be_created) for node in release.nodes] == [[], []]

    places = ["--include", str(airflow.settings.include), "--records", airflow.settings.records]
    told = deployplan("missed", "--json", *places)
    assert told.exit_code == 0, told.output
    assert {each["plan"]: each["owner"] for each in json.loads(told.stdout)} == {
        "waits": "olga",
        "is-to-be-created": "olga",
    }
