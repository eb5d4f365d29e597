"""What one process leaves to the next that watches a wave: what began, and how much of its output was shown."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from builders import a_component, a_snapshot
from deployplan.remote.node_client import NodeClient
from deployplan.runbook.backout import undo_component
from deployplan.runbook.node import run_step
from deployplan.runbook.node.handover import handing_over
from deployplan.runbook.node.node_step import NodeState, NodeStep
from deployplan.runbook.node.run_step import bring_node
from deployplan.runbook.node.terminate_job import terminate_all
from deployplan.runbook.outcome import Outcome, conclude
from deployplan.runbook.run.fleet import Fleet
from deployplan.runbook.run.generation import generation_of
from deployplan.runbook.run.run import Run, StepFailed
from deployplan.testing import LocalTransport
from remote_builders import end_all
from unit.runbook.runs import NOON, a_run, armed, undo_ended

JOB = "0123456789ab-web-deploy-1"


def started(run: Run, job: str = JOB, node: str = "web-1", step: str = "deploy") -> None:
    run.ledger.record("job_started", node=node, job=job, step=step, component="web")


def begun(run: Run, step: str = "deploy") -> dict[str, set[str]]:
    return {node: set(jobs) for node, jobs in run.read_state().jobs_begun("web", step).items()}


def test_what_was_started_since_the_last_arming_has_begun_whether_it_ended_or_not(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    armed(run)
    assert begun(run) == {}
    started(run)
    run.ledger.record("job_ended", node="web-1", job=JOB, state="done", exit=0, log_sha256="", log_bytes=0)
    assert begun(run) == {"web-1": {JOB}}
    assert begun(run, "undo") == {}


def test_what_ended_before_the_last_arming_may_begin_again_and_what_did_not_end_may_not(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    armed(run)
    started(run)
    started(run, node="web-2")
    started(run, node="web-3")
    run.ledger.record("terminated", node="web-1", job=JOB, why="", gone=True, survivors=[])
    run.ledger.record("terminated", node="web-2", job=JOB, why="", gone=False, survivors=["1 sh"])
    armed(run, 2)
    assert begun(run) == {"web-2": {JOB}, "web-3": {JOB}}


def test_a_deploy_that_was_undone_has_not_begun(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    started(run)
    undo_ended(run, ok=False)
    assert begun(run) == {"web-1": {JOB}}
    undo_ended(run)
    assert begun(run) == {}


async def test_a_process_that_is_cut_short_leaves_word_of_what_it_has_shown(tmp_path: Path) -> None:
    run = a_run(tmp_path, components={"web": a_component()})
    wave = run.snapshot.wave("web", 1)

    async def watch() -> None:
        async with handing_over(run, wave):
            run.shown["web-1", JOB] = 4711
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await watch()
    then = replace(run, shown={})
    async with handing_over(then, wave):
        assert then.shown == {("web-1", JOB): 4711}


class Node:
    """A node that is a folder."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.transport = LocalTransport("web-1", self.home)
        self.client = NodeClient(self.transport)
        component = a_component(deploy="echo began; sleep 60", undo="true", terminate_grace="0s")
        snapshot = a_snapshot(components={"web": component})
        self.run = replace(a_run(folder, snapshot=snapshot), fleet=Fleet(self.connect))
        self.generation = generation_of(self.run, 1)
        armed(self.run)

    async def connect(self, name: str) -> NodeClient:
        return self.client

    async def lock(self) -> None:
        await self.client.lock(self.run.holder(self.generation.deploy))

    def forget(self) -> None:
        """Take away all that the node knows, in one instant: a runner may be writing there."""
        (self.home / ".deployplan").rename(self.home / "removed")

    def step(self) -> NodeStep:
        component, token = self.run.snapshot.plan.components["web"], self.generation.deploy
        jobs = self.run.read_state().jobs_begun("web", "deploy").get("web-1", frozenset())
        return NodeStep(component, "deploy", component.deploy, token, token, begun=jobs)

    async def deploy_and_leave(self) -> None:
        """Start the script and go away, as a process does that hands over."""
        bringing = asyncio.create_task(bring_node(self.run, self.step(), "web-1", asyncio.Event()))
        while not begun(self.run):
            await asyncio.sleep(0.05)
        bringing.cancel()
        await asyncio.gather(bringing, return_exceptions=True)


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    made = Node(tmp_path)
    yield made
    end_all(made.home)


async def test_a_lost_node_is_unknown_after_a_handover_as_before_and_as_patiently_waited_for(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    await node.lock()
    await node.deploy_and_leave()
    node.transport.unplug()
    monkeypatch.setattr(run_step, "BETWEEN_TRIES", 0.05)
    monkeypatch.setattr(run_step, "FIRST_CONTACT_FOR", 0.0)
    monkeypatch.setattr(run_step, "RECONNECT_FOR", 0.5)
    before = asyncio.get_running_loop().time()
    result = await bring_node(node.run, node.step(), "web-1", asyncio.Event())
    assert result.state is NodeState.UNKNOWN
    assert asyncio.get_running_loop().time() - before > 0.5


async def test_what_was_started_on_a_node_that_has_forgotten_it_is_unknown_and_not_started_again(node: Node) -> None:
    await node.lock()
    await node.deploy_and_leave()
    node.forget()
    await node.lock()
    result = await bring_node(node.run, node.step(), "web-1", asyncio.Event())
    assert result.state is NodeState.UNKNOWN
    assert "the node knows nothing of it" in result.why
    assert "deployplan unlock" in result.why


async def test_the_backout_of_a_node_that_has_forgotten_its_deploy_fails_and_keeps_it_locked(node: Node) -> None:
    await node.lock()
    await node.deploy_and_leave()
    node.forget()
    with pytest.raises(StepFailed, match=r"the evidence says that .*-web-deploy-1 was started on web-1"):
        await undo_component(node.run, "web", node.generation, "1")
    holder = (await node.client.facts()).holder
    assert holder is not None
    assert holder.frozen == "backout of web failed"


async def test_the_termination_of_a_job_that_the_node_has_forgotten_proves_nothing(node: Node) -> None:
    await node.lock()
    await node.deploy_and_leave()
    node.forget()
    await node.lock()
    token = node.generation.backout
    for _ in range(2):
        unproven = await terminate_all(node.run, ["web-1"], "the run has ended", token=token)
        assert "the node knows nothing of it" in unproven["web-1"]


async def test_a_script_that_is_ended_when_its_node_has_forgotten_it_is_unknown_and_stays_so(node: Node) -> None:
    await node.lock()
    stop = asyncio.Event()
    bringing = asyncio.create_task(bring_node(node.run, node.step(), "web-1", stop))
    while not begun(node.run):
        await asyncio.sleep(0.05)
    node.forget()
    await node.lock()
    stop.set()
    result = await asyncio.wait_for(bringing, 60)
    assert result.state is NodeState.UNKNOWN
    ended = [entry for entry in node.run.ledger.entries() if entry.kind == "terminated"]
    assert not any(entry.facts["gone"] for entry in ended)
    # The termination has left word on the node that the job never will be launched: that is no proof either.
    unproven = await terminate_all(node.run, ["web-1"], "the run has ended", token=node.generation.backout)
    assert "the node knows nothing of it" in unproven["web-1"]


async def test_a_run_whose_node_has_forgotten_its_job_ends_unknown_and_stays_locked(node: Node) -> None:
    await node.lock()
    await node.deploy_and_leave()
    node.forget()
    await node.lock()
    conclusion = await conclude(node.run)
    assert conclusion.outcome is Outcome.UNKNOWN
    assert "the node knows nothing of it" in conclusion.because
    assert (await node.client.facts()).holder is not None


async def test_how_long_a_node_is_lost_already_is_read_from_the_evidence_however_often_the_wave_changed_hands(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_step, "BETWEEN_TRIES", 0.01)
    await node.lock()
    generation = str(node.generation)
    node.run.ledger.record("wave_started", component="web", wave=1, nodes=["web-1"], generation=generation)
    await node.deploy_and_leave()
    node.transport.unplug()
    for minute in (0, 2, 4):
        lost = node.run.read_state().lost_since("web", "deploy", generation).get("web-1")
        assert lost == (None if minute == 0 else NOON)
        step = replace(node.step(), lost_at=lost)
        bringing = asyncio.create_task(bring_node(node.run, step, "web-1", asyncio.Event()))
        while not node.run.read_state().lost_since("web", "deploy", generation):
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        assert not bringing.done()
        bringing.cancel()
        await asyncio.gather(bringing, return_exceptions=True)
        await node.run.clock.sleep(120)
    step = replace(node.step(), lost_at=NOON)
    result = await asyncio.wait_for(bring_node(node.run, step, "web-1", asyncio.Event()), 60)
    assert result.state is NodeState.UNKNOWN


def test_a_node_that_came_back_or_was_lost_in_an_earlier_turn_is_not_lost_any_more(tmp_path: Path) -> None:
    run = a_run(tmp_path)

    def lost() -> set[str]:
        return set(run.read_state().lost_since("web", "deploy", "run-1#2"))

    run.ledger.record("wave_started", component="web", wave=1, nodes=["web-1"], generation="run-1#1")
    run.ledger.record("node_lost", node="web-1", component="web", why="unreachable")
    run.ledger.record("wave_started", component="web", wave=1, nodes=["web-1"], generation="run-1#2")
    assert lost() == set()
    run.ledger.record("node_lost", node="web-1", component="web", why="unreachable")
    run.ledger.record("node_lost", node="web-2", component="data", why="unreachable")
    assert lost() == {"web-1"}
    run.ledger.record("node_back", node="web-1", component="web")
    assert lost() == set()
