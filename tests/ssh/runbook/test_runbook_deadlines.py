"""A node beyond its timeout, a wave beyond its deadline: who is ended, who goes on, and what the ledger says of it."""

import asyncio

import pytest

from deployplan.remote.job import JobState
from deployplan.remote.node_client import NodeClient
from deployplan.runbook.outcome import Outcome, conclude
from deployplan.runbook.run.run import Run, StepFailed
from deployplan.runbook.verify import verify_smoke
from ssh.runbook.conftest import MakeProduction
from ssh.runbook.production import HANG, UNTIL_GO, Production, an_app, armed, deploy, deploy_first, of_kind, until

HANGS_ON_N1 = f'if [ "$DEPLOYPLAN_NODE" = n1 ]; then {HANG}; fi; {UNTIL_GO}'


def alive(prod: Production, node: str) -> list[int]:
    """The living processes of the deploy on the node."""
    (folder,) = (prod.nodes[node].base / "jobs").glob("*-app-deploy-1")
    return prod.nodes[node].processes(folder.name)


def said_of_nodes(run: Run) -> list[dict[str, str]]:
    """The state of each node at the end of each wave, by the ledger."""
    return [
        {node: result["state"] for node, result in entry.facts["nodes"].items()}  # type: ignore[attr-defined]
        for entry in of_kind(run, "wave_ended")
    ]


def ended(run: Run) -> dict[str, bool]:
    """The nodes on which a job was terminated, each with whether it was proven dead."""
    return {str(entry.facts["node"]): bool(entry.facts["gone"]) for entry in of_kind(run, "terminated")}


class Staggered:
    """A release on n1, which hangs, and n2, which begins only when `start_n2` says so, and then on n3."""

    def __init__(self, prod: Production, max_failures: int) -> None:
        self.prod = prod
        self.turn = asyncio.Event()
        app = an_app(prod.nodes, deploy=HANGS_ON_N1, timeout="6s", waves=[2, 3], max_failures=max_failures)
        self.run = prod.run(components={"app": app}, connecting=self._connect)

    async def start(self) -> "asyncio.Task[None]":
        self.turn.set()
        generation = await armed(self.run)
        self.turn.clear()
        await self.run.fleet.drop("n2")
        return asyncio.create_task(deploy(self.run, generation))

    async def start_n2_when_half_the_timeout_of_n1_is_over(self) -> None:
        await self.prod.file("n1", "begun")
        began = self.run.clock.now()
        await until(lambda: (self.run.clock.now() - began).total_seconds() > 3, "half the timeout is over")
        self.turn.set()
        await self.prod.file("n2", "begun")

    async def _connect(self, name: str) -> NodeClient:
        if name == "n2":
            await self.turn.wait()
        return await self.prod.client(name)


async def test_a_node_beyond_its_timeout_is_ended_and_left_out_while_the_others_go_on(
    production: MakeProduction,
) -> None:
    prod = production(3)
    release = Staggered(prod, max_failures=1)
    run, working = release.run, await release.start()
    await release.start_n2_when_half_the_timeout_of_n1_is_over()
    await until(lambda: bool(of_kind(run, "node_failed")), "n1 is beyond its timeout")
    assert (bool(alive(prod, "n1")), bool(alive(prod, "n2"))) == (False, True)
    for node in ("n2", "n3"):
        prod.touch(node, "go")
    await working
    await verify_smoke(run)

    (failed,) = of_kind(run, "node_failed")
    assert failed.facts == {
        "node": "n1",
        "component": "app",
        "why": "not done within its timeout of 6s",
        "state": "failed",
    }
    assert ended(run) == {"n1": True}
    assert (await prod.facts("n1")).jobs[0].state is JobState.TERMINATED
    assert said_of_nodes(run) == [{"n1": "failed", "n2": "done"}, {"n3": "done"}]
    assert [entry.facts["excluded"] for entry in of_kind(run, "wave_ended")] == [["n1"], []]
    assert [prod.version(node) for node in prod.nodes] == ["1", "2", "2"]
    conclusion = await conclude(run)
    assert conclusion.outcome is Outcome.SUCCESS_WITH_ISSUES
    assert conclusion.because == "failed within the budget and left out: n1"


async def test_a_node_beyond_its_timeout_and_the_budget_ends_what_runs_elsewhere_and_no_wave_follows(
    production: MakeProduction,
) -> None:
    prod = production(3)
    release = Staggered(prod, max_failures=0)
    run, working = release.run, await release.start()
    await release.start_n2_when_half_the_timeout_of_n1_is_over()
    with pytest.raises(StepFailed, match=r"app wave 1: .*, 0 may \(n1: not done within its timeout of 6s"):
        await working

    assert ended(run) == {"n1": True, "n2": True}
    assert [alive(prod, node) for node in ("n1", "n2")] == [[], []]
    (wave,) = of_kind(run, "wave_ended")
    assert wave.facts["ok"] is False
    assert said_of_nodes(run) == [{"n1": "failed", "n2": "failed"}]
    assert prod.jobs("n3") == []


async def test_a_wave_beyond_its_deadline_fails_whatever_the_budget_and_no_wave_follows(
    production: MakeProduction,
) -> None:
    prod = production(3)
    prod.touch("n2", "go")
    app = an_app(prod.nodes, deploy=HANGS_ON_N1, timeout="10m", wave_timeout="5s", waves=[2, 3], max_failures=3)
    run = prod.run(components={"app": app})
    with pytest.raises(StepFailed, match=r"app wave 1: not done on all its nodes within 5s \(wave_timeout\): n1$"):
        await deploy(run, await armed(run))

    assert ended(run) == {"n1": True}
    assert alive(prod, "n1") == []
    (wave,) = of_kind(run, "wave_ended")
    assert (wave.facts["ok"], wave.facts["why"]) == (False, "not done on all its nodes within 5s (wave_timeout): n1")
    assert said_of_nodes(run) == [{"n1": "failed", "n2": "done"}]
    assert prod.jobs("n3") == []


async def test_a_node_that_is_away_at_the_waves_deadline_is_unknown_and_not_said_to_be_dead(
    production: MakeProduction,
) -> None:
    prod = production(2)
    app = an_app(prod.nodes, deploy=HANG, timeout="10m", wave_timeout="6s", max_failures=2)
    run = prod.run(components={"app": app})
    working = asyncio.create_task(deploy_first(run, await armed(run)))
    for node in prod.nodes:
        await prod.file(node, "begun")
    prod.nodes["n2"].stop()
    with pytest.raises(StepFailed, match=r"\(wave_timeout\): n1, n2$"):
        await working

    assert said_of_nodes(run) == [{"n1": "failed", "n2": "unknown"}]
    assert ended(run) == {"n1": True}
    assert (bool(alive(prod, "n1")), bool(alive(prod, "n2"))) == (False, True)
