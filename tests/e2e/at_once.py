"""Many releases triggered at the same instant, and whether the API answers all the while."""

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx

from deployplan.local.running_airflow import RunningAirflow
from e2e.release import Release, a_component, until
from openssh import OpenSshNode


def written(airflow: RunningAirflow, include: Path, nodes: Sequence[OpenSshNode], name: str) -> list[Release]:
    """One release a node, known to Airflow."""
    releases = [Release(airflow, include, {node.name: node}, f"{name}-{number}") for number, node in enumerate(nodes)]
    with ThreadPoolExecutor(len(releases)) as pool:  # each waits until Airflow knows its plan
        return list(pool.map(lambda release: release.write(components=_slow(release)), releases))


def _slow(release: Release) -> dict[str, object]:
    return {"app": a_component(list(release.nodes), deploy="echo deploy >> steps; sleep 2; echo 2.0 > version")}


def triggered_at_once(releases: Sequence[Release]) -> None:
    """All REST calls begin together, each with a login of its own."""
    together = threading.Barrier(len(releases))

    def trigger(release: Release) -> None:
        release.engineer.health()
        together.wait(timeout=120)
        release.engineer.trigger(release.name, release.run_id)

    with ThreadPoolExecutor(len(releases)) as pool:
        list(pool.map(trigger, releases))


def approved_and_ended(releases: Sequence[Release], patience: float) -> dict[str, str]:
    """Approve each release as its card appears, and wait for all ends. Returns each release's outcome."""
    amir = releases[0].airflow.login("amir")
    outcomes: dict[str, str] = {}

    def all_ended() -> bool:
        for release in releases:
            if release.name in outcomes:
                continue
            for card in amir.cards(release.name, release.run_id) if release.is_asked() else ():
                amir.answer(release.name, release.run_id, card["task_instance"]["task_id"], "Approve")
            if release.has_ended():
                outcomes[release.name] = release.outcome()
        return len(outcomes) == len(releases)

    until(f"{len(releases)} ends", all_ended, patience, every=0.5, instead=lambda: outcomes)
    return outcomes


@contextmanager
def answers_of_version(airflow: RunningAirflow) -> Iterator[list[float]]:
    """Asks for `/version` once a second all the while; yields the seconds that each answer took, 60 where none came."""
    took: list[float] = []
    done = threading.Event()

    def ask() -> None:
        with httpx.Client(base_url=airflow.settings.api_url, timeout=60, trust_env=False) as client:
            while not done.wait(1.0):
                began = time.monotonic()
                try:
                    client.get("/api/v2/version").raise_for_status()
                    took.append(time.monotonic() - began)
                except httpx.HTTPError:
                    took.append(60.0)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    try:
        yield took
    finally:
        done.set()
        asking.join(timeout=90)
