"""A script that breaks a limit is terminated, and terminated means proven dead."""

import asyncio
import os
import signal
from datetime import timedelta

import pytest

from deployplan.remote.job import JobState
from deployplan.remote.node_client import NodeClient
from deployplan.runbook.node.terminate_job import terminate_job
from deployplan.runbook.outcome import Outcome, conclude
from deployplan.runbook.run.run import Run, StepFailed
from ssh.runbook.conftest import MakeProduction
from ssh.runbook.production import (
    DEPLOY,
    HANG,
    UNDO,
    UNTIL_GO,
    Production,
    an_app,
    armed,
    back_out,
    deploy,
    deploy_first,
    of_kind,
    until,
)

STUBBORN = """\
trap '' TERM HUP INT
(trap '' TERM; setsid sh -c "trap '' TERM; touch orphaned; sleep 300" & ) &
nohup sh -c 'sleep 300' >/dev/null 2>&1 &
until [ -e orphaned ]; do sleep 0.05; done
echo begun >> steps; touch begun
sleep 300; sleep 300
"""


def alive(prod: Production, node: str, job: str = "app-deploy-1") -> list[int]:
    """The living processes of a job on the node."""
    (folder,) = (prod.nodes[node].base / "jobs").glob(f"*-{job}")
    return prod.nodes[node].processes(folder.name)


def proven(run: Run) -> list[bool]:
    return [bool(entry.facts["gone"]) for entry in of_kind(run, "terminated")]


async def test_a_script_that_outlives_its_timeout_is_terminated_and_proven_dead(production: MakeProduction) -> None:
    prod = production()
    run = prod.run(components={"app": an_app(prod.nodes, deploy=HANG, timeout="1s")})
    with pytest.raises(StepFailed, match="n1: not done within its timeout of 1s"):
        await deploy_first(run, await armed(run))
    assert proven(run) == [True]
    assert alive(prod, "n1") == []
    assert (await prod.facts("n1")).jobs[0].state is JobState.TERMINATED


async def test_a_wave_beyond_its_deadline_is_terminated_on_every_node_and_names_them(
    production: MakeProduction,
) -> None:
    prod = production(3)
    prod.touch("n1", "quick")
    script = f"test -e quick && {{ echo 2 > version; exit 0; }}; {HANG}"
    app = an_app(prod.nodes, deploy=script, timeout="10m", wave_timeout="8s", max_failures=3)
    run = prod.run(components={"app": app})
    with pytest.raises(StepFailed, match=r"app wave 1: not done on all its nodes within 8s \(wave_timeout\): n2, n3"):
        await deploy_first(run, await armed(run))
    assert proven(run) == [True, True]
    assert [alive(prod, node) for node in ("n2", "n3")] == [[], []]


async def test_the_deadline_of_a_wave_counts_from_its_start_whoever_carries_it_out(production: MakeProduction) -> None:
    prod = production()
    app = an_app(prod.nodes, deploy=HANG, timeout="10m", wave_timeout="3s")
    snapshot = prod.snapshot(components={"app": app})
    run = prod.run(snapshot)
    generation = await armed(run)
    working = asyncio.create_task(deploy_first(run, generation))
    await until(lambda: bool(of_kind(run, "wave_started")), "the wave has started")
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    began = of_kind(run, "wave_started")[0].at
    await until(lambda: (run.clock.now() - began).total_seconds() > 3.5, "the wave is beyond its deadline")
    with pytest.raises(StepFailed, match="wave_timeout"):
        await deploy_first(prod.run(snapshot), generation)
    assert not any(prod.nodes["n1"].processes(job.job_id) for job in (await prod.facts("n1")).jobs)


async def test_the_timeout_of_a_job_counts_from_its_start_whoever_watches_it(production: MakeProduction) -> None:
    prod = production()
    snapshot = prod.snapshot(components={"app": an_app(prod.nodes, deploy=HANG, timeout="5s")})
    run = prod.run(snapshot)
    generation = await armed(run)
    working = asyncio.create_task(deploy_first(run, generation))
    await prod.file("n1", "begun")
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    began = (await prod.facts("n1")).jobs[0].started
    assert began is not None
    await until(lambda: run.clock.now().timestamp() - began.timestamp() > 6, "the job is older than its timeout")
    later = asyncio.get_running_loop().time()
    with pytest.raises(StepFailed, match="timeout"):
        await deploy_first(prod.run(snapshot), generation)
    assert asyncio.get_running_loop().time() - later < 5
    assert alive(prod, "n1") == []


async def test_a_script_without_progress_is_terminated_long_before_its_timeout(production: MakeProduction) -> None:
    prod = production()
    run = prod.run(components={"app": an_app(prod.nodes, deploy=HANG, timeout="10m", no_progress="1s")})
    with pytest.raises(StepFailed, match="n1: no output for 1s"):
        await deploy_first(run, await armed(run))
    assert proven(run) == [True]
    assert alive(prod, "n1") == []


async def test_a_script_that_ignores_term_and_gives_away_its_children_is_proven_dead(
    production: MakeProduction,
) -> None:
    prod = production()
    run = prod.run(components={"app": an_app(prod.nodes, deploy=STUBBORN, timeout="1s")})
    with pytest.raises(StepFailed, match="timeout"):
        await deploy_first(run, await armed(run))
    assert proven(run) == [True]
    assert alive(prod, "n1") == []
    (entry,) = of_kind(run, "terminated")
    signals = [str(each).split()[0] for each in entry.facts["signals"]]  # type: ignore[attr-defined]
    assert signals == ["TERM", "KILL"]


async def test_a_significant_error_ends_the_component_on_every_node(production: MakeProduction) -> None:
    prod = production(3)
    for node in ("n2", "n3"):
        prod.touch(node, "well")
    script = (
        "echo begun >> steps; touch begun; if [ -e well ]; then sleep 300; fi; "
        "until [ -e go ]; do sleep 0.05; done; echo FATAL: no index; sleep 300"
    )
    app = an_app(prod.nodes, deploy=script, significant_errors=["^FATAL", "OutOfMemory"], max_failures=2)
    run = prod.run(components={"app": app})
    working = asyncio.create_task(deploy(run, await armed(run)))
    for node in prod.nodes:
        await prod.file(node, "begun")
    prod.touch("n1", "go")
    with pytest.raises(StepFailed, match="significant error on n1: significant error: FATAL: no index"):
        await working
    assert proven(run) == [True, True, True]
    assert [alive(prod, node) for node in prod.nodes] == [[], [], []]


async def test_the_other_nodes_are_stopped_at_once_and_not_when_the_harmed_one_is_proven_dead(
    production: MakeProduction,
) -> None:
    prod = production(2)
    prod.touch("n2", "well")
    script = (
        "touch begun; if [ -e well ]; then exec sleep 300; fi; "
        "until [ -e go ]; do sleep 0.05; done; trap '' TERM; echo FATAL: no index; while :; do sleep 0.1; done"
    )
    app = an_app(prod.nodes, deploy=script, significant_errors=["^FATAL"], terminate_grace="6s")
    run = prod.run(components={"app": app})
    working = asyncio.create_task(deploy(run, await armed(run)))
    for node in prod.nodes:
        await prod.file(node, "begun")
    prod.touch("n1", "go")
    with pytest.raises(StepFailed, match="significant error on n1"):
        await working
    assert [entry.facts["node"] for entry in of_kind(run, "terminated")] == ["n2", "n1"]


async def test_a_node_that_is_still_waiting_for_its_turn_never_starts_after_a_significant_error(
    production: MakeProduction,
) -> None:
    prod = production(2)
    turn = asyncio.Event()

    async def connecting(name: str) -> NodeClient:
        if name == "n2" and arming.done():
            await turn.wait()
        return await prod.client(name)

    app = an_app(prod.nodes, deploy="echo FATAL; sleep 300", significant_errors=["^FATAL"], max_failures=1)
    run = prod.run(components={"app": app}, connecting=connecting)
    arming = asyncio.ensure_future(armed(run))
    generation = await arming
    await run.fleet.drop("n2")
    working = asyncio.create_task(deploy_first(run, generation))
    await until(lambda: bool(of_kind(run, "node_failed")), "n1 fails")
    turn.set()
    with pytest.raises(StepFailed, match="significant error on n1"):
        await working
    assert prod.jobs("n2") == []


async def test_a_significant_error_stops_the_component_although_the_script_ends_well(
    production: MakeProduction,
) -> None:
    prod = production(2)
    app = an_app(
        prod.nodes,
        deploy="echo java.lang.OutOfMemoryError",
        significant_errors=["OutOfMemory"],
        waves=[1, 2],
        max_failures=1,
    )
    run = prod.run(components={"app": app})
    with pytest.raises(StepFailed, match="OutOfMemoryError"):
        await deploy(run, await armed(run))
    assert prod.jobs("n2") == []


async def test_after_a_significant_error_in_a_script_that_ended_well_a_new_generation_runs_it_again(
    production: MakeProduction,
) -> None:
    prod = production()
    script = 'echo "deploy $DEPLOYPLAN_ATTEMPT" >> steps; test -e repaired || echo FATAL; echo 2 > version'
    run = prod.run(components={"app": an_app(prod.nodes, deploy=script, significant_errors=["^FATAL"])})
    generation = await armed(run)
    for _ in range(2):
        with pytest.raises(StepFailed, match="FATAL"):
            await deploy_first(run, generation)
    prod.touch("n1", "repaired")
    await deploy_first(run, await armed(run, clear=1))
    assert prod.lines("n1") == ["deploy 1", "deploy 2"]


async def test_a_script_whose_shell_is_killed_has_failed_and_what_it_started_is_ended(
    production: MakeProduction,
) -> None:
    prod = production()
    run = prod.run(components={"app": an_app(prod.nodes, deploy=f"sleep 300 & {HANG}")})
    working = asyncio.create_task(deploy_first(run, await armed(run)))
    await prod.file("n1", "begun")
    (pid_file,) = (prod.nodes["n1"].base / "jobs").glob("*-app-deploy-1/pid")
    os.kill(int(pid_file.read_text().split("pid=")[1].split()[0]), signal.SIGKILL)
    with pytest.raises(StepFailed, match="vanished without an exit code"):
        await working
    assert alive(prod, "n1") == []
    assert proven(run) == [True]


async def test_a_node_that_reboots_in_mid_script_has_failed_and_is_backed_out(production: MakeProduction) -> None:
    prod = production()
    run = prod.run(components={"app": an_app(prod.nodes, deploy=HANG)})
    generation = await armed(run)
    working = asyncio.create_task(deploy_first(run, generation))
    await prod.file("n1", "begun")
    prod.nodes["n1"].power_off()
    prod.nodes["n1"].start()
    with pytest.raises(StepFailed, match="n1"):
        await working
    await back_out(run, generation)
    assert prod.lines("n1") == ["begun", "undo to 1"]


async def test_a_backout_waits_until_the_deploy_is_dead(production: MakeProduction) -> None:
    prod = production()
    undo = f"ps -e -o args= | grep -q '[s]leep 4321' && echo alive >> steps; {UNDO}"
    script = "trap '' TERM; echo begun >> steps; touch begun; sleep 4321; echo late >> steps; sleep 4321"
    snapshot = prod.snapshot(components={"app": an_app(prod.nodes, deploy=script, undo=undo, terminate_grace="1s")})
    run = prod.run(snapshot)
    generation = await armed(run)
    working = asyncio.create_task(deploy_first(run, generation))
    await prod.file("n1", "begun")
    await back_out(prod.run(snapshot), generation)  # while the deploy's own controller still watches
    assert prod.lines("n1") == ["begun", "undo to 1"]
    with pytest.raises(StepFailed, match="terminated"):
        await working


async def test_a_run_that_ends_while_its_job_hangs_ends_the_job_first(production: MakeProduction) -> None:
    prod = production()
    run = prod.run(components={"app": an_app(prod.nodes, deploy=HANG)})
    working = asyncio.create_task(deploy_first(run, await armed(run)))
    await prod.file("n1", "begun")
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    assert (await conclude(run)).outcome is Outcome.UNKNOWN  # nobody backed it out, and no wave ended
    assert alive(prod, "n1") == []
    assert proven(run) == [True]


async def test_a_script_that_had_ended_well_when_its_end_was_ordered_is_done_and_not_run_again(
    production: MakeProduction,
) -> None:
    prod = production()
    run = prod.run(components={"app": an_app(prod.nodes, deploy=UNTIL_GO)})
    generation = await armed(run)
    working = asyncio.create_task(deploy_first(run, generation))
    await prod.file("n1", "begun")
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    (running,) = (await prod.facts("n1")).jobs
    prod.touch("n1", "go")
    (folder,) = (prod.nodes["n1"].base / "jobs").iterdir()
    await until(lambda: (folder / "exit").exists(), "the job ends")

    holder = run.holder(generation.deploy)
    ended = await terminate_job(run, "n1", running, "marked failed by hand", holder=holder, grace=timedelta())
    assert ended is not None
    assert ended.state is JobState.DONE
    await deploy_first(run, await armed(run, clear=1))
    assert prod.lines("n1") == ["begun", "ended"]
    assert prod.jobs("n1") == ["app-deploy-1"]


async def test_a_script_that_ends_well_after_its_end_was_ordered_is_not_done(production: MakeProduction) -> None:
    prod = production()
    script = f"trap '' TERM; touch begun; until [ -e go ]; do sleep 0.02; done; {DEPLOY}"
    run = prod.run(components={"app": an_app(prod.nodes, deploy=script, terminate_grace="5s", no_progress="1s")})
    generation = await armed(run)
    working = asyncio.create_task(deploy_first(run, generation))
    jobs = prod.nodes["n1"].base / "jobs"
    await until(lambda: any(jobs.glob("*/exit")), "the end is ordered")
    prod.touch("n1", "go")
    with pytest.raises(StepFailed, match="no output for 1s"):
        await working
    assert (await prod.facts("n1")).jobs[0].state is JobState.TERMINATED
    await deploy_first(run, await armed(run, clear=1))
    assert prod.lines("n1")[-1] == "deploy 2"
