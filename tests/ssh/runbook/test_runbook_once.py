"""Each step runs once on each node, whoever dies in between and whoever comes back."""

import asyncio

import pytest

from deployplan.remote.errors import Fenced
from deployplan.runbook.arm import arm, next_number
from deployplan.runbook.backout_proof import verify_backout
from deployplan.runbook.deploy import deploy_wave
from deployplan.runbook.node.follow_job import follow
from deployplan.runbook.node.node_step import NodeState, NodeStep
from deployplan.runbook.node.terminate_job import terminate_all
from deployplan.runbook.outcome import Outcome, conclude
from deployplan.runbook.preflight import preflight
from deployplan.runbook.run.generation import latest
from deployplan.runbook.run.run import NotReady, Refused, StepFailed
from deployplan.runbook.verify import verify_smoke
from ssh.runbook.conftest import MakeProduction
from ssh.runbook.production import (
    HANG,
    UNTIL_GO,
    a_version,
    an_app,
    armed,
    back_out,
    deploy,
    deploy_first,
    of_kind,
    until,
)


async def test_a_release_that_goes_well_is_brought_out_verified_noted_and_unlocked(production: MakeProduction) -> None:
    prod = production(2)
    run = prod.run()
    generation = await armed(run)
    await preflight(run)
    await deploy(run, generation)
    await verify_smoke(run)

    assert (await conclude(run)).outcome is Outcome.SUCCESS
    for node in prod.nodes:
        assert prod.lines(node) == ["deploy 1"]
        facts = await prod.facts(node)
        assert facts.holder is None
        assert [(entry["event"], entry["version"]) for entry in facts.ledger] == [("installed", "2"), ("verified", "2")]


async def test_a_migration_runs_exactly_once_in_a_plan_with_waves(production: MakeProduction) -> None:
    prod = production(3)
    names = list(prod.nodes)
    database = an_app(names[:1], deploy="echo migrate >> migrations", undo="echo down >> migrations")
    app = an_app(names, after=["database"], waves=[1, "50%", "100%"])
    run = prod.run(components={"app": app, "database": database})
    generation = await armed(run)
    await deploy(run, generation)

    assert len(run.snapshot.waves) == 3  # 50 % of three is one, which the canary is already
    assert prod.lines("n1", "migrations") == ["migrate"]
    assert [prod.lines(node) for node in names] == [["deploy 1"]] * 3


async def test_a_controller_killed_in_mid_job_leaves_it_running_and_the_next_one_attaches(
    production: MakeProduction,
) -> None:
    prod = production()
    snapshot = prod.snapshot(components={"app": an_app(prod.nodes, deploy=UNTIL_GO)})
    first = prod.run(snapshot)
    generation = await armed(first)
    working = asyncio.create_task(deploy_first(first, generation))
    await prod.file("n1", "begun")
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working

    second = prod.run(snapshot)
    again = asyncio.create_task(deploy_first(second, generation))
    await until(lambda: bool(of_kind(second, "job_attached")), "the second controller attaches")
    prod.touch("n1", "go")
    await again
    assert prod.lines("n1") == ["begun", "ended"]
    assert prod.jobs("n1") == ["app-deploy-1"]


async def test_a_job_that_ended_while_nobody_watched_is_not_started_again(production: MakeProduction) -> None:
    prod = production()
    snapshot = prod.snapshot(components={"app": an_app(prod.nodes, deploy=UNTIL_GO)})
    first = prod.run(snapshot)
    generation = await armed(first)
    working = asyncio.create_task(deploy_first(first, generation))
    await prod.file("n1", "begun")
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    prod.touch("n1", "go")
    await until(lambda: prod.lines("n1") == ["begun", "ended"], "the job ends")

    second = prod.run(snapshot)
    await deploy_first(second, generation)
    assert prod.lines("n1") == ["begun", "ended"]
    assert [entry["event"] for entry in (await prod.facts("n1")).ledger] == ["installed"]


async def test_a_significant_error_is_seen_although_nobody_watched_when_it_was_printed(
    production: MakeProduction,
) -> None:
    prod = production()
    script = UNTIL_GO.replace("echo ended", "echo FATAL: half the index is gone; echo ended")
    snapshot = prod.snapshot(components={"app": an_app(prod.nodes, deploy=script, significant_errors=["^FATAL"])})
    first = prod.run(snapshot)
    generation = await armed(first)
    working = asyncio.create_task(deploy_first(first, generation))
    await prod.file("n1", "begun")
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    prod.touch("n1", "go")
    await until(lambda: prod.lines("n1") == ["begun", "ended"], "the job ends")

    for _ in range(2):  # and a retry does not forget it
        with pytest.raises(StepFailed, match="FATAL: half the index is gone"):
            await deploy_first(prod.run(snapshot), generation)
    assert prod.jobs("n1") == ["app-deploy-1"]


async def test_two_controllers_at_once_run_the_script_once(production: MakeProduction) -> None:
    prod = production()
    snapshot = prod.snapshot()
    generation = await armed(prod.run(snapshot))
    await asyncio.gather(*(deploy_first(prod.run(snapshot), generation) for _ in range(3)))
    assert prod.lines("n1") == ["deploy 1"]


async def test_a_failed_script_is_only_reported_again_until_a_person_clears(production: MakeProduction) -> None:
    prod = production()
    script = 'echo "deploy $DEPLOYPLAN_ATTEMPT" >> steps; test -e repaired && echo 2 > version'
    snapshot = prod.snapshot(components={"app": an_app(prod.nodes, deploy=script)})
    run = prod.run(snapshot)
    generation = await armed(run)
    for controller in (run, run, prod.run(snapshot)):
        with pytest.raises(StepFailed, match="exit code 1"):
            await deploy_first(controller, generation)
    assert prod.lines("n1") == ["deploy 1"]

    prod.touch("n1", "repaired")
    cleared = await armed(run, clear=1)
    assert cleared.number == 2
    await deploy_first(run, cleared)
    assert prod.lines("n1") == ["deploy 1", "deploy 2"]


async def test_a_rerun_works_on_the_nodes_that_are_not_done_and_on_no_other(production: MakeProduction) -> None:
    prod = production(3)
    names = list(prod.nodes)
    prod.touch("n2", "broken")
    script = 'test ! -e broken || exit 1; echo "deploy $DEPLOYPLAN_ATTEMPT" >> steps; echo 2 > version'
    run = prod.run(components={"app": an_app(names, deploy=script, waves=[2, "100%"])})
    generation = await armed(run)
    with pytest.raises(StepFailed):
        await deploy(run, generation)
    (prod.nodes["n2"].home / "broken").unlink()

    cleared = await armed(run, clear=1)
    await deploy_wave(run, run.snapshot.waves[1], cleared)  # only the later wave was cleared
    assert [prod.lines(node) for node in names] == [["deploy 1"], ["deploy 2"], ["deploy 1"]]


async def test_an_older_controller_is_fenced_off_once_the_backout_has_the_node(production: MakeProduction) -> None:
    prod = production(2)
    snapshot = prod.snapshot(components={"app": an_app(prod.nodes, waves=[1, "100%"])})
    old, new = prod.run(snapshot), prod.run(snapshot)
    generation = await armed(old)
    await deploy_first(old, generation)
    await back_out(new, generation)
    with pytest.raises(Refused, match="no longer holds the node"):
        await deploy_wave(old, snapshot.waves[1], generation)
    with pytest.raises(Refused):
        await deploy_wave(old, snapshot.waves[0], generation)
    assert prod.lines("n1") == ["deploy 1", "undo to 1"]
    assert prod.lines("n2") == []
    assert prod.jobs("n2") == []


async def test_a_controller_of_an_older_generation_starts_nothing(production: MakeProduction) -> None:
    prod = production(2)
    snapshot = prod.snapshot(components={"app": an_app(prod.nodes, waves=[1, "100%"])})
    old = prod.run(snapshot)
    before = await armed(old)
    await deploy_first(old, before)
    await armed(prod.run(snapshot), clear=1)
    with pytest.raises(Refused, match="no longer holds the node"):
        await deploy_wave(old, snapshot.waves[1], before)
    assert prod.jobs("n2") == []


async def test_a_controller_of_an_older_generation_cannot_end_what_a_newer_one_runs(production: MakeProduction) -> None:
    prod = production()
    snapshot = prod.snapshot(components={"app": an_app(prod.nodes, deploy=UNTIL_GO)})
    old, new = prod.run(snapshot), prod.run(snapshot)
    before = await armed(old)
    working = asyncio.create_task(deploy_first(new, await armed(new, clear=1)))
    await prod.file("n1", "begun")
    step = NodeStep(snapshot.plan.components["app"], "deploy", UNTIL_GO, before.deploy, before.deploy)
    stop = asyncio.Event()
    stop.set()
    (job,) = (await prod.facts("n1")).jobs
    events = (await old.fleet.client("n1")).watch(job.job_id)
    ended = await follow(old, step, "n1", events, job, 0.0, stop)
    assert ended.state is NodeState.UNKNOWN
    prod.touch("n1", "go")
    await working
    assert prod.lines("n1") == ["begun", "ended"]


async def test_a_wave_cleared_while_it_runs_is_taken_over_at_once_and_its_job_attached_to(
    production: MakeProduction,
) -> None:
    prod = production()
    snapshot = prod.snapshot(components={"app": an_app(prod.nodes, deploy=UNTIL_GO)})
    old, new = prod.run(snapshot), prod.run(snapshot)
    before = await armed(old)
    frozen = asyncio.create_task(deploy_first(old, before))  # nobody told it that it was cleared
    await prod.file("n1", "begun")

    after = await armed(new, clear=1)  # its job runs, and the arming does not wait for it
    working = asyncio.create_task(deploy_first(new, after))
    await until(lambda: bool(of_kind(new, "job_attached")), "the newer generation attaches")
    prod.touch("n1", "go")
    await working
    (ended,) = await asyncio.gather(frozen, return_exceptions=True)
    assert ended is None or isinstance(ended, Refused), ended  # None: what it wanted to note was noted already
    assert prod.lines("n1") == ["begun", "ended"]
    assert prod.jobs("n1") == ["app-deploy-1"]
    assert [entry["event"] for entry in (await prod.facts("n1")).ledger] == ["installed"]


async def test_an_arming_that_slept_is_refused_by_the_node_and_frees_nothing(production: MakeProduction) -> None:
    prod = production(2)
    snapshot = prod.snapshot()
    old, new = prod.run(snapshot), prod.run(snapshot)
    before = await armed(old)
    await armed(new, clear=1)
    with pytest.raises(Refused, match="a later arming of this run has taken over"):
        await arm(old, before.number)
    holders = [(await prod.facts(node)).holder for node in prod.nodes]
    assert [holder and holder.run for holder in holders] == ["shop-2/run-1#2"] * 2


async def test_an_arming_that_slept_through_the_end_of_its_run_gets_no_node_again(production: MakeProduction) -> None:
    prod = production()
    run = prod.run()
    generation = await armed(run)
    await deploy(run, generation)
    await verify_smoke(run)
    assert (await conclude(run)).outcome is Outcome.SUCCESS
    with pytest.raises(Fenced):
        await run.fleet.ask("n1", lambda client: client.lock(run.holder(generation.deploy)))
    assert (await prod.facts("n1")).holder is None
    again = await arm(run, next_number(run, clear=1))  # a person cleared it
    assert again.number == 2


async def test_what_a_slept_controller_was_told_to_end_is_left_alone_when_a_newer_one_has_it(
    production: MakeProduction,
) -> None:
    prod = production()
    snapshot = prod.snapshot(components={"app": an_app(prod.nodes, deploy=UNTIL_GO)})
    old, new = prod.run(snapshot), prod.run(snapshot)
    before = await armed(old)
    working = asyncio.create_task(deploy_first(new, await armed(new, clear=1)))
    await prod.file("n1", "begun")
    unproven = await terminate_all(old, ["n1"], "the task was marked failed", token=before.deploy)
    assert list(unproven) == ["n1"]
    prod.touch("n1", "go")
    await working
    assert prod.lines("n1") == ["begun", "ended"]


async def test_an_undo_that_still_runs_is_let_end_before_the_cleared_wave_deploys(production: MakeProduction) -> None:
    prod = production()
    undo = "touch undoing; until [ -e go ]; do sleep 0.05; done; echo 1 > version; echo undone >> steps"
    snapshot = prod.snapshot(components={"app": an_app(prod.nodes, undo=undo)})
    run = prod.run(snapshot)
    generation = await armed(run)
    await deploy(run, generation)
    backing_out = asyncio.create_task(back_out(run, generation))
    await prod.file("n1", "undoing")
    backing_out.cancel()
    await asyncio.gather(backing_out, return_exceptions=True)

    new = prod.run(snapshot)
    working = asyncio.create_task(deploy_first(new, await armed(new, clear=1)))
    await until(lambda: any("has to end first" in line for line in prod.said), "the wave waits")
    prod.touch("n1", "go")
    await working
    assert prod.lines("n1") == ["deploy 1", "undone", "deploy 2"]


async def test_a_backout_that_slept_while_the_run_went_on_undoes_nothing(production: MakeProduction) -> None:
    prod = production()
    snapshot = prod.snapshot()
    old, new = prod.run(snapshot), prod.run(snapshot)
    before = await armed(old)
    await deploy_first(old, before)
    await deploy_first(new, await armed(new, clear=1))
    with pytest.raises(Refused, match="a later generation of this run has taken over"):
        await back_out(old, before)
    assert prod.lines("n1") == ["deploy 1"]
    facts = await prod.facts("n1")
    assert facts.holder is not None
    assert (facts.holder.run, facts.holder.frozen) == ("shop-2/run-1#2", None)


async def test_the_backout_of_a_run_whose_next_arming_was_cut_short_gets_its_nodes(production: MakeProduction) -> None:
    prod = production(2)
    run = prod.run()
    await deploy(run, await armed(run))
    prod.nodes["n2"].stop()
    with pytest.raises(NotReady):
        await armed(run, clear=1)
    prod.nodes["n2"].start()
    await back_out(run, latest(run))
    assert [prod.lines(node) for node in prod.nodes] == [["deploy 1", "undo to 1"]] * 2


async def test_arming_again_ends_a_job_of_the_generation_before_that_is_beyond_its_timeout(
    production: MakeProduction,
) -> None:
    prod = production()
    script = "test -e begun || { touch begun; sleep 300; }; echo 2 > version"
    run = prod.run(components={"app": an_app(prod.nodes, deploy=script, timeout="1s")})
    working = asyncio.create_task(deploy_first(run, await armed(run)))
    await prod.file("n1", "begun")
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    (job,) = (await prod.facts("n1")).jobs
    assert job.started is not None
    began = job.started.timestamp()
    await until(lambda: run.clock.now().timestamp() - began > 2.5, "the job is older than its timeout")

    generation = await armed(run, clear=1)
    assert [entry.facts["gone"] for entry in of_kind(run, "terminated")] == [True]
    await deploy_first(run, generation)
    assert prod.jobs("n1") == ["app-deploy-1", "app-deploy-2"]


async def test_values_reach_the_script_as_the_characters_they_are(production: MakeProduction) -> None:
    prod = production()
    values = ['it\'s "quoted"', "two\nlines\n", "$(touch hacked) `touch hacked` ${HOME} $HOME", "{{ ds }} % \\n \\"]
    env = {f"ODD_{number}": value for number, value in enumerate(values)}
    script = "".join(f'printf %s "${name}" > {name}; ' for name in env) + "echo 2 > version"
    run = prod.run(components={"app": an_app(prod.nodes, deploy=script, env=env)})
    await deploy(run, await armed(run))
    assert [(prod.nodes["n1"].home / name).read_text() for name in env] == values
    assert not (prod.nodes["n1"].home / "hacked").exists()


async def test_a_secret_reaches_the_script_and_is_left_nowhere(production: MakeProduction) -> None:
    prod = production()
    secret = "hunter2 'and' $(more)"
    script = 'printf %s "$TOKEN" > told; cat /proc/[0-9]*/cmdline > seen 2>/dev/null; echo 2 > version'
    run = prod.run(components={"app": an_app(prod.nodes, deploy=script)}, secrets={"app": {"TOKEN": secret}})
    await deploy(run, await armed(run))
    told = prod.nodes["n1"].home / "told"
    assert told.read_text() == secret
    told.unlink()

    kept = [file for folder in (prod.nodes["n1"].home, prod.folder / "records") for file in folder.rglob("*")]
    assert any(file.name == "env" for file in kept)
    for file in kept:
        assert not file.is_file() or b"hunter2" not in file.read_bytes(), file
    assert "hunter2" not in "\n".join(prod.said)
    assert "hunter2" not in repr(run)


async def test_a_hanging_job_is_left_alone_when_its_controller_is_cancelled(production: MakeProduction) -> None:
    prod = production()
    run = prod.run(components={"app": an_app(prod.nodes, deploy=HANG)})
    working = asyncio.create_task(deploy_first(run, await armed(run)))
    await prod.file("n1", "begun")
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    (job,) = (await prod.facts("n1")).jobs
    assert prod.nodes["n1"].processes(job.job_id)
    assert not of_kind(run, "terminated")


async def test_preflight_sees_that_this_very_plan_is_on_a_node_and_verified(production: MakeProduction) -> None:
    prod = production(2)
    run = prod.run()
    generation = await armed(run)
    await deploy(run, generation)
    again = prod.run(run.snapshot, run_id="run-2")
    await preflight(again)
    assert [entry.facts["verified"] for entry in of_kind(again, "preflight")] == [None, None]  # there, and not verified
    await verify_smoke(run)
    await conclude(run)
    later = prod.run(run.snapshot, run_id="run-3")
    await preflight(later)
    assert all(entry.facts["verified"] for entry in of_kind(later, "preflight"))


async def test_a_redeploy_runs_every_script_once_more_and_its_second_process_no_script_again(
    production: MakeProduction,
) -> None:
    prod = production(2)
    run = prod.run()
    await deploy(run, await armed(run))
    await verify_smoke(run)
    await conclude(run)

    again = prod.run(run.snapshot, run_id="run-2")
    await deploy(again, await armed(again))
    assert [prod.lines(node) for node in prod.nodes] == [["deploy 1"], ["deploy 1"]]  # nobody asked for it
    await conclude(again)

    redeploy = prod.run(run.snapshot, run_id="run-3")
    known = {"plan": run.snapshot.plan.name, "run": "run-3", "digest": run.snapshot.digest}
    redeploy.ledger.record("plan_frozen", **known, redeploy=True)
    redeploy.ledger.record("seat_asked", seat=1, people=["mia"], digest=run.snapshot.digest)
    redeploy.ledger.record("approved", seat=1, person="mia", digest=run.snapshot.digest)
    redeploy.ledger.record("baseline_taken", digest=run.snapshot.digest)
    generation = await armed(redeploy)
    await deploy(redeploy, generation)
    await deploy(prod.run(run.snapshot, run_id="run-3"), generation)
    assert [prod.lines(node) for node in prod.nodes] == [["deploy 1", "deploy 2"]] * 2
    await back_out(redeploy, generation)
    assert [prod.version(node) for node in prod.nodes] == ["1", "1"]


async def test_a_redeploy_takes_a_node_for_its_own_that_a_later_releases_backout_gave_back(
    production: MakeProduction,
) -> None:
    prod = production(2)
    run = prod.run()
    await deploy(run, await armed(run))
    await verify_smoke(run)
    await conclude(run)
    release = {"product": "shop", "version": "3", "previous": "2"}
    app = an_app(["n1"], deploy="echo 3 > version")
    scope = {"release": release, "summary": "the next one"}
    version = a_version(["n1"], expect={"stdout": "3"})
    later = prod.run(plan="shop-3", scope=scope, components={"app": app}, success={"version": version})
    generation = await armed(later)
    await deploy(later, generation)
    await back_out(later, generation)
    await verify_backout(later, generation)
    assert (await conclude(later)).outcome is Outcome.BACKED_OUT
    assert prod.version("n1") == "2"

    redeploy = prod.run(run.snapshot, run_id="run-2")
    known = {"plan": run.snapshot.plan.name, "run": "run-2", "digest": run.snapshot.digest}
    redeploy.ledger.record("plan_frozen", **known, redeploy=True)
    await preflight(redeploy)
    redeploy.ledger.record("seat_asked", seat=1, people=["mia"], digest=run.snapshot.digest)
    redeploy.ledger.record("approved", seat=1, person="mia", digest=run.snapshot.digest)
    redeploy.ledger.record("baseline_taken", digest=run.snapshot.digest)
    generation = await armed(redeploy)
    await deploy(redeploy, generation)
    assert [prod.lines(node)[-1] for node in prod.nodes] == ["deploy 2", "deploy 2"]
    await back_out(redeploy, generation)
    assert [prod.version(node) for node in prod.nodes] == ["1", "1"]
