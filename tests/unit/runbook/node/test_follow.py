"""A job is followed to its end: what it prints, the limits it may break, and what its end means."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from builders import a_component, a_snapshot
from deployplan.evidence.kinds.deploy import NodeFailed
from deployplan.remote.job import JobSpec
from deployplan.remote.node_client import NodeClient
from deployplan.runbook.node.follow_job import follow
from deployplan.runbook.node.node_step import NodeState, NodeStep, StepResult
from deployplan.runbook.run.fleet import Fleet
from deployplan.runbook.run.generation import generation_of
from deployplan.runbook.run.run import Run
from deployplan.testing import LocalTransport
from remote_builders import end_all, until
from unit.runbook.runs import a_run


class Followed:
    """A node that is a folder, held by a run, and what was said of a job that ran there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.client = NodeClient(LocalTransport("web-1", self.home))
        self.said: list[str] = []
        self.stop = asyncio.Event()
        self.run: Run | None = None
        self.secrets: dict[str, dict[str, str]] = {}
        self.shown = 0

    async def job(self, script: str, *, age: float = 0.0, **component: Any) -> StepResult:
        """Start the script and follow it; `component` are keys of the plan's component."""
        snapshot = a_snapshot(components={"web": a_component(deploy=script, terminate_grace="0s", **component)})

        async def connect(name: str) -> NodeClient:
            return self.client

        self.run = run = replace(
            a_run(self.folder, snapshot=snapshot), fleet=Fleet(connect), say=self.said.append, secrets=self.secrets
        )
        token = generation_of(run, 1).deploy
        await self.client.lock(run.holder(token))
        step = NodeStep(snapshot.plan.components["web"], "deploy", script, token, token)
        spec = JobSpec(snapshot.digest, "web", "deploy", 1, token, token, script)
        job = await self.client.start(spec)
        run.shown["web-1", job.job_id] = self.shown
        return await follow(run, step, "web-1", self.client.watch(job.job_id), job, age, self.stop)

    @property
    def kinds(self) -> list[str]:
        assert self.run is not None
        return [entry.kind for entry in self.run.ledger.entries()]


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Followed]:
    followed = Followed(tmp_path)
    yield followed
    end_all(followed.home)


async def test_a_script_that_ends_with_0_is_done_and_its_output_was_passed_on(node: Followed) -> None:
    result = await node.job("echo one; echo two >&2; printf three")
    assert (result.state, result.why) == (NodeState.DONE, "")
    assert node.said[:3] == ["web-1 | one", "web-1 | two", "web-1 | three"]
    assert node.kinds == ["job_ended"]


async def test_another_exit_code_is_failed_and_named(node: Followed) -> None:
    result = await node.job("exit 42")
    assert (result.state, result.why) == (NodeState.FAILED, "deploy script ended with exit code 42")
    assert not result.significant


@pytest.mark.parametrize(
    ("script", "line"),
    [
        ("echo fine; echo FATAL: one; echo FATAL: two; sleep 60", "FATAL: one"),  # the first is kept
        ("printf FAT; sleep 0.3; echo AL: cut in two; sleep 60", "FATAL: cut in two"),
        ("echo FATAL: said on stderr >&2; sleep 60", "FATAL: said on stderr"),
        ("printf 'FATAL: without a line end'", "FATAL: without a line end"),
        ("echo FATAL: and well; exit 0", "FATAL: and well"),
        ("echo FATAL: and bad; exit 3", "FATAL: and bad"),
        ("echo FATAL: $(head -c 500 /dev/zero | tr '\\0' x)", "FATAL: " + "x" * 193),
    ],
)
async def test_a_line_that_matches_is_a_significant_error_however_the_script_ends(
    node: Followed, script: str, line: str
) -> None:
    result = await node.job(script, significant_errors=["OutOfMemory", "^FATAL"])
    assert (result.state, result.significant) == (NodeState.FAILED, True)
    assert result.why == f"significant error: {line}"


async def test_a_line_that_does_not_match_is_none(node: Followed) -> None:
    result = await node.job("echo this is not FATAL", significant_errors=["^FATAL"])
    assert result.state is NodeState.DONE


async def test_a_job_that_is_older_than_its_timeout_is_ended_at_once(node: Followed) -> None:
    result = await node.job("sleep 60", age=601.0)
    assert (result.state, result.why) == (NodeState.FAILED, "not done within its timeout of 10m")
    assert node.kinds == ["terminated"]


async def test_a_silent_script_is_not_taken_for_dead_unless_the_plan_says_so(node: Followed) -> None:
    result = await node.job("sleep 1.3")
    assert result.state is NodeState.DONE


async def test_output_is_progress(node: Followed) -> None:
    result = await node.job("for i in 1 2 3 4; do echo $i; sleep 0.4; done", no_progress="1s")
    assert result.state is NodeState.DONE


async def test_the_limit_that_is_broken_first_is_the_one_that_is_named(node: Followed) -> None:
    result = await node.job("sleep 60", timeout="5s", no_progress="1s", age=4.0 - 0.5)
    assert result.why == "no output for 1s"


async def test_a_component_that_stops_ends_its_job(node: Followed) -> None:
    node.stop.set()
    result = await node.job("sleep 60")
    assert (result.state, result.why) == (NodeState.FAILED, "terminated with its component")
    assert node.kinds == ["terminated"]


async def test_a_job_that_cannot_be_reached_to_be_ended_is_unknown(
    node: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deployplan.runbook.run.fleet.BETWEEN_TRIES", 0.0)
    transport = node.client.transport
    assert isinstance(transport, LocalTransport)
    following = asyncio.create_task(node.job("echo began; sleep 60", no_progress="1s"))
    await until(lambda: any("began" in line for line in node.said))
    transport.unplug()
    result = await following
    assert result.state is NodeState.UNKNOWN
    assert result.why.endswith("not proven dead")


async def test_a_secret_in_a_significant_line_is_in_no_evidence_and_in_nothing_that_is_said(node: Followed) -> None:
    node.secrets = {"web": {"TOKEN": "hunter2-hunter2"}}
    result = await node.job(
        'echo FATAL: token "$(printf hunter2-; printf hunter2)" and $(printf hunter2-hunter2 | base64); sleep 60',
        significant_errors=["^FATAL"],
    )
    assert result.why == "significant error: FATAL: token *** and ***"
    assert node.run is not None
    node.run.record(NodeFailed(node="web-1", component="web", why="it said hunter2-hunter2", state="failed"))
    told = [*node.said, *(str(entry.as_json()) for entry in node.run.ledger.entries())]
    assert len(told) > 3
    assert not any("hunter2" in each or "aHVudGVy" in each for each in told)


async def test_a_progress_bar_hides_no_error(node: Followed) -> None:
    result = await node.job(r"printf '10%%\r20%%\rERROR: disk full\r30%%\n'", significant_errors=["^ERROR"])
    assert result.why == "significant error: ERROR: disk full"
    assert node.said[0] == "web-1 | 30%"


async def test_output_that_was_shown_before_is_not_shown_again_but_searched(node: Followed) -> None:
    node.shown = len("seen\nFATAL: then\n")
    result = await node.job("printf 'seen\\nFATAL: then\\nnew\\n'", significant_errors=["^FATAL"])
    assert result.why == "significant error: FATAL: then"
    assert node.said[0] == "web-1 | new"
