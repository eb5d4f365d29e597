"""A run whose evidence a test writes entry by entry, without nodes and without Airflow."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from builders import a_snapshot, an_include
from deployplan.evidence.ledger import Ledger
from deployplan.plan.snapshot import Snapshot
from deployplan.remote.node_client import NodeClient
from deployplan.runbook.run.fleet import Fleet
from deployplan.runbook.run.run import Run
from deployplan.testing import FrozenClock

NOON = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
KEY = b"k" * 32


async def no_node(name: str) -> NodeClient:
    raise AssertionError(f"this test has no node {name}")


def a_run(
    folder: Path, *, snapshot: Snapshot | None = None, at: datetime = NOON, triggered_by: str = "tom", **plan: Any
) -> Run:
    """A run at noon of a plan with two seats' worth of people; its log is thrown away."""
    clock = FrozenClock(at)
    return Run(
        snapshot=snapshot or a_snapshot(**plan),
        run_id="run-1",
        triggered_by=triggered_by,
        ledger=Ledger(folder / "record", key=KEY, clock=clock),
        include=an_include(folder / "include"),
        fleet=Fleet(no_node),
        clock=clock,
        say=lambda line: None,
    )


def node_result(state: str = "done", why: str = "") -> dict[str, Any]:
    return {"state": state, "why": why, "job": "j", "already": False}


def freeze(run: Run) -> None:
    """The evidence that the review of this plan has begun."""
    run.ledger.record("plan_frozen", plan=run.snapshot.plan.name, run=run.run_id, digest=run.snapshot.digest)


def armed(run: Run, generation: int = 1) -> None:
    """The evidence that the run was armed after its review."""
    freeze(run)
    run.ledger.record("armed", generation=generation, nodes=["web-1"], digest=run.snapshot.digest)


def wave_ended(run: Run, *, ok: bool = True, wave: int = 1, component: str = "web", **facts: Any) -> None:
    nodes = facts.pop("nodes", {"web-1": node_result("done" if ok else "failed", facts.get("why", ""))})
    run.ledger.record(
        "wave_ended",
        component=component,
        wave=wave,
        ok=ok,
        nodes=nodes,
        generation="run-1#1",
        **{"excluded": [], **facts},
    )


def undo_ended(run: Run, *, ok: bool = True, state: str = "done", component: str = "web") -> None:
    run.ledger.record(
        "undo_ended", component=component, ok=ok, nodes={"web-1": node_result(state)}, generation="run-1#1"
    )
