"""One controller: carries some tasks of one run out in this process, as Airflow's worker or triggerer would."""

import asyncio
import json
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from builders import a_plan, a_snapshot
from deployplan.clock import SystemClock
from deployplan.errors import DeployPlanError
from deployplan.evidence.ledger import Ledger
from deployplan.plan.include import Include
from deployplan.plan.snapshot import Snapshot
from deployplan.plan.waves import component_order
from deployplan.remote.node_client import NodeClient
from deployplan.remote.ssh.transport import connect
from deployplan.remote.transport import Address
from deployplan.runbook.arm import arm, next_number
from deployplan.runbook.backout import undo_component
from deployplan.runbook.backout_proof import verify_backout
from deployplan.runbook.deploy import deploy_wave
from deployplan.runbook.node import run_step
from deployplan.runbook.node.terminate_job import terminate_all
from deployplan.runbook.outcome import conclude
from deployplan.runbook.preflight import nodes_of_plan
from deployplan.runbook.run import fleet
from deployplan.runbook.run.fleet import Fleet
from deployplan.runbook.run.generation import Generation, current, latest
from deployplan.runbook.run.run import Run
from deployplan.runbook.verify import verify_smoke

KEY = b"k" * 32
RUN = "run-1"
ASKING = ("wave", "decide")
"""Acts that may ask people (asking.py)."""


@dataclass(frozen=True)
class Order:
    """What a controller is to do.

    `acts` are tasks, in order; `clear` rises with each clear of a person. A task that may ask is carried out as in a
    worker, or `in_triggerer`, and killed before or after the first entry of the kind that `death` names. It leaves how
    it ended in `result` and what it said in `result` + `.said`; `result` + `.marked` is there when a person has marked
    its task failed.
    """

    folder: Path
    addresses: Mapping[str, Mapping[str, Any]]
    infrastructure: Mapping[str, Any]
    plan: Mapping[str, Any]
    acts: tuple[str, ...]
    result: Path
    clear: int = 0
    death: tuple[str, str] = ("", "")
    in_triggerer: bool = False


class SteppedClock(SystemClock):
    """The machine's clock, but `folder/step` says by how many seconds somebody has stepped it; it looks again soon."""

    def __init__(self, folder: Path) -> None:
        self._step = folder / "step"

    def now(self) -> datetime:
        step = float(self._step.read_text()) if self._step.exists() else 0.0
        return datetime.now(UTC) + timedelta(seconds=step)

    async def sleep(self, seconds: float) -> None:
        await super().sleep(min(seconds, 0.1))


def carry(order: Order) -> None:
    """Carry the order out and write down how it ended: done, failed, refused, or stopped from outside."""
    run_step.FIRST_CONTACT_FOR, run_step.RECONNECT_FOR, run_step.BETWEEN_TRIES = 15.0, 30.0, 0.1
    fleet.BETWEEN_TRIES = 0.1
    end, why = "done", ""
    try:
        asyncio.run(_until_told_to_stop(order))
    except asyncio.CancelledError:
        end, why = "stopped", "told to stop"
    except DeployPlanError as error:
        end, why = type(error).__name__, str(error)
    except Exception as error:
        end, why = "crashed", repr(error)
    draft = order.result.with_suffix(".draft")
    draft.write_text(json.dumps({"end": end, "why": why}))
    draft.rename(order.result)


async def _until_told_to_stop(order: Order) -> None:
    run = open_run(order)
    begun: list[Generation] = []
    working = asyncio.create_task(_acts(run, order, begun))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, working.cancel)
    try:
        await working
    except asyncio.CancelledError:
        if order.result.with_suffix(".marked").exists() and begun:
            await terminate_all(run, nodes_of_plan(run), "the task was marked failed", token=begun[-1].deploy)
        raise
    finally:
        await run.fleet.close()


def snapshot_of(order: Order) -> Snapshot:
    return a_snapshot(infrastructure=dict(order.infrastructure), plan=a_plan(**order.plan))


def open_run(order: Order) -> Run:
    """The run with connections of its own, on the one ledger that all its controllers write."""
    said = order.result.with_suffix(".said").open("a", buffering=1)

    def say(line: str) -> None:
        said.write(f"{line}\n")

    async def client(name: str) -> NodeClient:
        return NodeClient(await connect(Address(**order.addresses[name])))

    ledger = Ledger
    if set(order.acts) & set(ASKING):
        from faults.asking import MortalLedger as ledger
    return Run(
        snapshot=snapshot_of(order),
        run_id=RUN,
        triggered_by="tom",
        ledger=ledger(order.folder / "records", key=KEY),
        include=Include(order.folder / "include"),
        fleet=Fleet(client),
        clock=SteppedClock(order.folder),
        say=say,
        controller="control-1",
    )


async def _acts(run: Run, order: Order, begun: list[Generation]) -> None:
    """`begun` is told the generation in which waves are brought out."""
    for act in order.acts:
        if act == "deploy":
            begun.append(current(run))
        if act in ASKING:
            from faults.asking import carry_task

            await carry_task(run, act, clear=order.clear, death=order.death, in_triggerer=order.in_triggerer)
        else:
            await _act(run, act, order.clear)


async def _act(run: Run, act: str, clear: int) -> None:
    match act:
        case "approve":
            run.ledger.record("plan_frozen", plan=run.snapshot.plan.name, run=run.run_id, digest=run.snapshot.digest)
            run.ledger.record("seat_asked", seat=1, people=["mia"], digest=run.snapshot.digest)
            run.ledger.record("approved", seat=1, person="mia", digest=run.snapshot.digest)
            run.ledger.record("baseline_taken", digest=run.snapshot.digest)
        case "arm":
            await arm(run, next_number(run, clear=clear))
        case "deploy":
            for wave in run.snapshot.waves:
                await deploy_wave(run, wave, current(run))
        case "verify":
            await verify_smoke(run)
        case "backout":
            for name in reversed(component_order(run.snapshot.plan.components)):
                await undo_component(run, name, latest(run), str(clear))
            await verify_backout(run, latest(run))
        case "outcome":
            await conclude(run)
        case _:
            raise ValueError(act)
