"""Nobody answers a wave that asks: the default is done in time, also after an outage over its instant."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deployplan.local.readiness import wait_until_ready
from deployplan.local.running_airflow import RunningAirflow
from deployplan.local.settings import LocalSettings
from deployplan.local.supervisor import Supervisor
from e2e.release import Release, a_component, until
from faults.struck_airflow import settings_for
from openssh import OpenSshNode

pytestmark = [pytest.mark.e2e, pytest.mark.chaos]

SOON, LATE = "30s", "100s"
"""`decide_within` of the release that nothing is done to, and of the one whose instant falls into the outage."""
AWAY = ("scheduler", "triggerer")
ALIVE_WITHIN, BACK_WITHIN = 10.0, 30.0
"""Seconds that are promised: from the instant while all lives, and from when scheduler and triggerer are back."""


def test_silence_does_the_default_within_ten_seconds_and_after_an_outage_within_thirty_of_its_end(
    tmp_path: Path,
) -> None:
    nodes = [OpenSshNode(f"n{number}", tmp_path / "nodes") for number in (1, 2)]
    try:
        for node in nodes:
            (node.root / "client_key.pub").write_bytes((nodes[0].root / "client_key.pub").read_bytes())
            (node.home / "version").write_text("1.0\n")
            node.start()
        _be_silent(tmp_path, nodes)
    finally:
        for node in nodes:
            node.power_off()


def _be_silent(root: Path, nodes: list[OpenSshNode]) -> None:
    with _unwatched(settings_for(root, nodes)) as airflow:
        settings = airflow.settings
        left, struck = (
            Release(airflow, settings.include, {node.name: node}, name)
            for node, name in zip(nodes, ("left-alone", "struck"), strict=True)
        )
        for release, within in ((left, SOON), (struck, LATE)):
            app = a_component(list(release.nodes), deploy="exit 3", on_failure="ask")
            release.write(components={"app": app}, backout={"authority": ["mia"], "decide_within": within})
        for release in (left, struck):
            release.trigger().approve()
        for release in (left, struck):
            release.wait_for_card("deploy.app.wave_1")
        assert left.end() == "backed_out"
        instant = _instant(struck)
        assert datetime.now(UTC) < instant - timedelta(seconds=5), "too slow a machine: raise LATE"
        for name in AWAY:
            airflow.components[name].kill()
        time.sleep(max(0.0, (instant + timedelta(seconds=5) - datetime.now(UTC)).total_seconds()))
        assert not struck.evidence("failure_answered")
        again = datetime.now(UTC)
        for name in AWAY:
            airflow.components[name].start()
        until("scheduler and triggerer are back", lambda: struck.database.jobs_since(again) >= len(AWAY))
        back = datetime.now(UTC)
        assert struck.end() == "backed_out"
        alive, after = _late_by(left, _instant(left)), _late_by(struck, back)
        told = f"{alive:.1f} s after its instant; {after:.1f} s after scheduler and triggerer were back"
        logging.getLogger(__name__).warning("silence: %s", told)
        assert 0 <= alive <= ALIVE_WITHIN
        assert after <= BACK_WITHIN
        for release in (left, struck):
            assert [entry.facts["by"] for entry in release.evidence("decision")] == ["silence"]


@contextmanager
def _unwatched(settings: LocalSettings) -> Iterator[RunningAirflow]:
    """Airflow, ready, of which nobody starts again what dies."""
    supervisor = Supervisor(settings)
    try:
        supervisor.start()
        airflow = RunningAirflow(settings, supervisor.users, supervisor.components)
        wait_until_ready(airflow, lambda line: None, 180.0)
        yield airflow
    finally:
        supervisor.stop()


def _instant(release: Release) -> datetime:
    """When silence is taken for an answer, as the card says."""
    return datetime.fromisoformat(str(release.evidence("card_put")[-1].facts["until"]))


def _late_by(release: Release, instant: datetime) -> float:
    (answered,) = release.evidence("failure_answered")
    assert answered.facts["answer"] == "back_out"
    return (answered.at - instant).total_seconds()
