"""A plan of four web nodes with an evening's window, simulated."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from builders import a_component, a_fleet, a_snapshot, an_include
from deployplan.airflow_glue.what_if.faults import Faults, parse_fault
from deployplan.airflow_glue.what_if.simulate import Simulated, simulate
from deployplan.airflow_glue.what_if.world import Scene
from deployplan.evidence.story import sentence
from deployplan.runbook.run.directory import Directory

EVENING = datetime(2030, 11, 30, 21, 0, tzinfo=UTC)
WINDOW = {"opens": "2030-11-30 22:00", "closes": "2030-12-01 02:00", "timezone": "UTC"}


def a_scene(folder: Path, *, web: dict[str, Any] | None = None, **keys: Any) -> Scene:
    """The scene of a plan in three waves; `web` are keys of its component, `keys` of the plan."""
    component = a_component(
        **{"nodes": ["group:web"], "waves": [1, "50%", "100%"], "timeout": "20m", "bake": "5m", "current": "cat v"}
        | (web or {})
    )
    known: dict[str, Any] = {
        "schedule": {"window": WINDOW, "backout_reserve": "30m"},
        "success": {"health": {"http": "http://{node}/health", "on": "group:web", "for": "5m", "every": "10s"}},
    }
    infrastructure = {**a_fleet(4), "timezone": "UTC"}
    snapshot = a_snapshot(infrastructure=infrastructure, components={"web": component}, **known | keys)
    return Scene(snapshot, an_include(folder), EVENING, Directory())


def what_if(scene: Scene, *faults: str) -> Simulated:
    """The run with these faults."""
    return simulate(scene, Faults(tuple(parse_fault(fault, scene.snapshot) for fault in faults)))


def told(run: Simulated) -> list[str]:
    """The run's evidence as lines: time of day and sentence."""
    return [f"{entry.at:%H:%M:%S} {sentence(entry)}" for entry in run.entries]
