"""What must be true of a run after whatever happened to it, read from the nodes' own files."""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from deployplan.evidence.kinds.deploy import WaveEnded
from faults.scene import Scene

KEPT = {"backout_failed", "unknown"}
"""Outcomes after which the nodes stay locked for people to look at."""


@dataclass(frozen=True)
class Job:
    """A job as its files on the node tell it; `exit` is None when it did not end by itself."""

    component: str
    step: str
    attempt: int
    seq: int
    launched: bool
    exit: int | None


def broken_promises(scene: Scene, components: dict[str, list[str]]) -> list[str]:
    """Every promise that was broken; `components` are the nodes of each."""
    found: list[str] = []
    outcome = scene.outcome()
    left_out = {node for entry in scene.evidence("wave_ended") for node in WaveEnded.of(entry.facts).excluded}
    for controller in scene.controllers:
        if controller.ended and controller.told.startswith("crashed"):
            found.append(f"controller {controller.order.acts} crashed: {controller.told}")
    for name in scene.nodes:
        jobs = read_jobs(scene, name)
        found += [f"{name}: {line}" for line in scene.steps(name) if line.startswith(("TWICE", "OVERLAP"))]
        if living := scene.living(name):
            found.append(f"{name}: processes of jobs live: {living}")
        for component, nodes in components.items():
            if name in nodes:
                mine = [job for job in jobs if job.component == component and job.launched]
                found += [f"{name}: {each}" for each in _repeated(mine)]
                found += [f"{name}: {each}" for each in _false(mine, outcome, excused=name in left_out)]
        if jobs and ("state=free" in scene.lock(name)) == (outcome in KEPT):
            found.append(f"{name}: after {outcome} its lock says {scene.lock(name)!r}")
    return found


def read_jobs(scene: Scene, name: str) -> list[Job]:
    """All jobs on the node, in the order in which they were claimed."""
    folders = (scene.nodes[name].node.base / "jobs").glob("*-*")
    return sorted((_read(folder) for folder in folders if (folder / "claim").exists()), key=lambda job: job.seq)


def _read(folder: Path) -> Job:
    claim, pid, end = (_fields(folder / name) for name in ("claim", "pid", "exit"))
    begun = "started" in pid and not (
        "launched=0" in (folder / "proof").read_text() if (folder / "proof").exists() else False
    )
    code = int(end["exit"]) if "exit" in end else None
    return Job(claim["component"], claim["step"], int(claim["attempt"]), int(claim["seq"]), begun, code)


def _fields(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    return dict(line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)


def _repeated(jobs: list[Job]) -> list[str]:
    """A step that was done is done again only after the other step has been at work."""
    found = []
    for before, after in pairwise(jobs):
        if before.exit == 0 and before.step == after.step:
            found.append(f"{before} was done, and yet {after} was launched")
    return found


def _false(jobs: list[Job], outcome: str, *, excused: bool) -> list[str]:
    """The outcome says no more than the node can prove."""
    last = jobs[-1] if jobs else None
    if outcome in {"success", "success_with_issues"}:
        if last is None or (last.step, last.exit) != ("deploy", 0):
            return [] if excused and outcome == "success_with_issues" else [f"{outcome}, but the last job is {last}"]
    elif outcome in {"backed_out", "terminated"}:
        if last is not None and (last.step, last.exit) != ("undo", 0):
            return [f"{outcome}, but the last job is {last}"]
    elif outcome not in KEPT:
        return [f"an odd outcome: {outcome}"]
    return []
