"""Nothing is touched before every node is as the release needs it, and nobody else works there."""

import asyncio
import os
import socket
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from deployplan.remote.node_client import NodeClient
from deployplan.remote.ssh.transport import connect
from deployplan.runbook import arm as arming
from deployplan.runbook.arm import NodeHeld, until_unheld
from deployplan.runbook.baseline import take_baseline
from deployplan.runbook.outcome import Outcome, conclude
from deployplan.runbook.preflight import preflight
from deployplan.runbook.run import fleet
from deployplan.runbook.run.run import NotReady
from deployplan.testing import FrozenClock, LocalTransport
from remote_builders import tools
from ssh.runbook.conftest import MakeProduction
from ssh.runbook.production import UNTIL_GO, a_version, an_app, armed, deploy, deploy_first, of_kind, say_yes, until
from unit.checks.http_site import Anywhere, Site, serving

FROM_ANY = {"release": {"product": "shop", "version": "2"}, "summary": "it starts from whatever release is there"}


class SteppingClock(FrozenClock):
    """A clock on which every wait passes at once."""

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds)
        await asyncio.sleep(0)


async def test_the_problems_of_all_nodes_are_listed_at_once(production: MakeProduction) -> None:
    prod = production(3)
    prod.note_release("n1", "0.9")
    prod.nodes["n2"].stop()
    environment = {"requires": [{"command": "test ! -e incomplete"}]}
    prod.touch("n3", "incomplete")
    run = prod.run(environment=environment)
    with pytest.raises(NotReady) as refused:
        await preflight(run)
    first, second, third = refused.value.problems
    assert first == "n1: app is '0.9' there by the node's ledger; the plan starts from '1'"
    assert second.startswith("n2 (")
    assert "refused" in second
    assert third.startswith("n3: prerequisite 'test ! -e incomplete' is missing: exit 1")
    assert [entry.facts["node"] for entry in of_kind(run, "preflight")] == ["n1", "n2", "n3"]


async def test_a_current_command_that_disagrees_with_the_plan_is_not_ready(production: MakeProduction) -> None:
    prod = production(2)
    (prod.nodes["n2"].home / "version").write_text("1.1\n")
    run = prod.run(components={"app": an_app(prod.nodes, current="cat version")})
    say_yes(run)
    with pytest.raises(NotReady, match=r"n2: app is '1\.1' there; the plan starts from '1'") as refused:
        await take_baseline(run)
    assert len(refused.value.problems) == 1


async def test_a_current_command_that_fails_leaves_the_installed_release_unknown(production: MakeProduction) -> None:
    prod = production()
    run = prod.run(components={"app": an_app(prod.nodes, current="cat nowhere")})
    say_yes(run)
    with pytest.raises(NotReady, match="n1: `current` of app ended with exit code 1: the installed release is unknown"):
        await take_baseline(run)


async def test_a_clock_that_is_off_is_not_ready(production: MakeProduction) -> None:
    prod = production()
    run = prod.run(clock=FrozenClock(datetime.now(UTC) + timedelta(minutes=5)))
    with pytest.raises(NotReady, match=r"n1: its clock is -(300|299|301) s off; at most 30 s is allowed"):
        await preflight(run)


async def test_too_little_disk_is_not_ready(production: MakeProduction) -> None:
    prod = production()
    run = prod.run(environment={"min_free_mb": 10**9})
    with pytest.raises(NotReady, match=r"n1: \d+ MB free; 1000000000 MB are needed"):
        await preflight(run)


async def test_a_missing_program_is_not_ready(production: MakeProduction) -> None:
    prod = production()
    run = prod.run(environment={"requires": ["sh", "no-such-program"]})
    with pytest.raises(NotReady, match="n1: prerequisite 'no-such-program' is missing") as refused:
        await preflight(run)
    assert len(refused.value.problems) == 1


@pytest.mark.parametrize(
    ("metrics", "problem"),
    [
        ({"url": "http://127.0.0.1:1"}, "metrics cannot be asked: http://127.0.0.1:1 gave no answer: "),
        (
            {"url": "http://127.0.0.1:1", "connection": "prom"},
            "metrics cannot be asked: there is no Airflow connection 'prom'; add it, or name another one",
        ),
    ],
)
async def test_a_server_of_metrics_that_does_not_answer_is_not_ready_before_anybody_is_asked(
    production: MakeProduction, metrics: dict[str, str], problem: str
) -> None:
    """Where a metric decides; the query is the plan's, and not asked yet."""
    prod = production()
    load = {"metric": "load", "expect": {"max": 1}}
    decides, shadow = {"load": load}, {"load": load | {"shadow": True}, "version": a_version(["n1"])}
    with pytest.raises(NotReady) as refused:
        await preflight(prod.run(environment={"metrics": metrics}, success=decides))
    assert [each[: len(problem)] for each in refused.value.problems] == [problem]
    await preflight(prod.run(environment={"metrics": metrics}, success=shadow, run_id="run-2"))
    with serving(Site()) as site:
        site.pages = Anywhere(b'{"status": "success", "data": {"resultType": "vector", "result": []}}')
        environment = {"metrics": {"url": site.url("")}}
        await preflight(prod.run(environment=environment, success=decides, run_id="run-3"))
        assert [urlsplit(asked).query.partition("&")[0] for asked in site.asked] == ["query=vector%281%29"]


async def test_production_that_is_not_well_before_the_start_is_not_touched(production: MakeProduction) -> None:
    prod = production()
    with serving(Site()) as site:
        site.says("broken", status=500)
        neighbour = {"http": site.url(), "neighbour": True}
        run = prod.run(success={"version": a_version(["n1"]), "billing": neighbour})
        say_yes(run)
        with pytest.raises(NotReady, match="production is not well before the start: billing on all is fail"):
            await take_baseline(run)
    assert prod.jobs("n1") == []
    assert (await prod.facts("n1")).holder is None
    assert (await conclude(run)).outcome is Outcome.TERMINATED


async def test_a_node_connects_to_its_own_ports_and_says_when_nothing_listens(production: MakeProduction) -> None:
    prod = production()
    with serving(Site()) as site, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = {"on": "n1", "fail_after": 1, "tcp": f"localhost:{site.port}"}
        nobody = {**port, "tcp": f"localhost:{taken.getsockname()[1]}"}
        run = prod.run(success={"version": a_version(["n1"]), "port": port, "nobody": nobody})
        say_yes(run)
        with pytest.raises(
            NotReady, match=r"nobody on n1 is fail \(nothing listens there \(connection refused\)\)"
        ) as no:
            await take_baseline(run)
    assert len(no.value.problems) == 1
    (told,) = [entry for entry in of_kind(run, "baseline") if entry.facts["criterion"] == "port"]
    assert (told.facts["node"], told.facts["answer"]) == ("n1", "pass")
    assert told.facts["observed"] == f"localhost:{site.port} takes connections"


async def test_an_untouched_run_that_was_not_ready_ends_as_not_ready(production: MakeProduction) -> None:
    prod = production()
    run = prod.run(success={"billing": {"command": "false", "on": "n1", "neighbour": True}})
    say_yes(run)
    with pytest.raises(NotReady) as refused:
        await take_baseline(run)
    run.ledger.record("not_ready", phase="review.baseline", problems=list(refused.value.problems))
    conclusion = await conclude(run)
    assert conclusion.outcome is Outcome.NOT_READY
    assert "billing on n1 is fail" in conclusion.because


async def test_two_plans_on_one_node_in_the_same_moment_one_waits_and_says_for_whom(
    production: MakeProduction,
) -> None:
    prod = production(2)
    for node in prod.nodes:
        prod.note_release(node, "1")
    components = {"app": an_app(prod.nodes, deploy=UNTIL_GO)}
    plans = [prod.run(plan=name, components=components, scope=FROM_ANY) for name in ("shop-a", "shop-b")]
    tasks = [asyncio.create_task(armed(run)) for run in plans]
    done, waiting = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    assert (len(done), len(waiting)) == (1, 1)
    assert [task.exception() for task in done] == [None]
    first, second = (tasks.index(task) for task in (*done, *waiting))
    await until(lambda: bool(of_kind(plans[second], "lock_waited")), "the second says that it waits")
    assert any(f"plan {plans[first].snapshot.plan.name}" in line and "waiting" in line for line in prod.said)

    working = asyncio.create_task(deploy(plans[first], tasks[first].result()))
    for node in prod.nodes:
        await prod.file(node, "begun")
        assert len(prod.jobs(node)) == 1
        prod.touch(node, "go")
    await working
    assert not tasks[second].done()
    await conclude(plans[first])  # without a verification the nodes stay locked
    assert not tasks[second].done()
    plans[first].ledger.record("verified", ok=True)
    await conclude(plans[first])
    assert str(await tasks[second]) == "run-1#1"


async def test_a_node_that_another_plan_holds_for_long_is_left_to_a_wait_without_a_worker(
    production: MakeProduction, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arming, "LOCK_PATIENCE", timedelta(seconds=0.2))
    prod = production(3)
    holding = prod.run(plan="shop-a", components={"app": an_app(["n2"])}, success={"version": a_version(["n2"])})
    await armed(holding)
    for node in prod.nodes:
        prod.note_release(node, "1")
    run = prod.run(plan="shop-b", scope=FROM_ANY)
    with pytest.raises(NodeHeld, match=r"n2: the node is held by run shop-a/run-1#1 of plan shop-a \(since"):
        await armed(run)
    assert [(await prod.facts(node)).holder for node in ("n1", "n3")] == [None, None]  # nobody waits for us meanwhile

    waiting = asyncio.create_task(until_unheld(run))
    await until(lambda: any("n2 | waiting: the node is held by run shop-a" in line for line in prod.said), "it waits")
    assert not waiting.done()
    await deploy(holding, await arming.arm(holding, 1))
    holding.ledger.record("verified", ok=True)
    await conclude(holding)
    await asyncio.wait_for(waiting, 20)
    assert str(await armed(run)) == "run-1#1"


async def test_a_node_that_stays_held_until_the_release_could_no_longer_start_is_not_ready(
    production: MakeProduction,
) -> None:
    prod = production()
    await armed(prod.run(plan="shop-a"))
    window = {"opens": "2026-11-28 20:00", "closes": "2026-11-28 20:30", "timezone": "UTC"}
    clock = SteppingClock(datetime(2026, 11, 28, 20, 0, 1, tzinfo=UTC))
    run = prod.run(
        plan="shop-b",
        clock=clock,
        schedule={"window": window, "backout_reserve": "1m"},
        components={"app": an_app(prod.nodes, timeout="1m")},
    )
    with pytest.raises(NodeHeld):
        await armed(run)
    await until_unheld(run)
    with pytest.raises(NotReady):
        await armed(run)


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Path]:
    """A folder in which nothing can be written, by root neither."""
    folder = tmp_path / "read-only"
    folder.mkdir(mode=0o500)
    if os.geteuid() != 0:
        yield folder
        return
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", folder], capture_output=True).returncode != 0:
        pytest.skip("mounting is not allowed here")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


async def test_a_base_directory_that_cannot_be_written_is_not_ready(
    production: MakeProduction, read_only: Path
) -> None:
    prod = production()

    async def connecting(name: str) -> NodeClient:
        return NodeClient(await connect(prod.nodes[name].address()), str(read_only / "base"))

    with pytest.raises(NotReady, match=rf"n1: cannot write in {read_only}/base"):
        await preflight(prod.run(connecting=connecting))


async def test_a_node_that_can_start_no_detached_job_is_not_ready(production: MakeProduction) -> None:
    prod = production()
    path = tools(prod.folder / "tools", without=("setsid", "perl", "python3"))

    async def connecting(name: str) -> NodeClient:
        return NodeClient(LocalTransport(name, prod.nodes[name].home, {"PATH": path}))

    with pytest.raises(NotReady, match=r"n1: can start no detached job; one of setsid, perl and python3 is needed"):
        await preflight(prod.run(connecting=connecting))


async def test_the_lock_of_a_crashed_run_of_the_same_plan_is_taken_over(production: MakeProduction) -> None:
    prod = production()
    snapshot = prod.snapshot()
    await armed(prod.run(snapshot))  # and nothing more was heard of it
    run = prod.run(snapshot, run_id="run-2")
    await deploy(run, await armed(run))
    holder = (await prod.facts("n1")).holder
    assert holder is not None
    assert holder.run == "shop-2/run-2#1"


async def test_arming_locks_all_nodes_or_none(production: MakeProduction, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleet, "BETWEEN_TRIES", 0.0)
    prod = production(3)
    prod.nodes["n3"].stop()
    with pytest.raises(NotReady, match="n3"):
        await armed(prod.run())
    assert [(await prod.facts(node)).holder for node in ("n1", "n2")] == [None, None]


async def test_arming_without_an_approval_touches_no_node(production: MakeProduction) -> None:
    prod = production()
    run = prod.run()
    run.ledger.record("approved", seat=1, person="mia", digest="0" * 64)  # of another plan
    with pytest.raises(NotReady, match="seat 1 has no recorded approval of this plan"):
        await armed(run)
    assert not (prod.nodes["n1"].base / "lock").exists()


async def test_arming_without_a_reading_of_production_touches_no_node(production: MakeProduction) -> None:
    prod = production()
    run = prod.run()
    say_yes(run)  # and somebody marked review.baseline green
    with pytest.raises(NotReady, match="production was not read before the start"):
        await armed(run)
    assert not (prod.nodes["n1"].base / "lock").exists()


async def test_a_package_that_was_changed_after_the_approval_is_caught_before_any_script_runs(
    production: MakeProduction,
) -> None:
    prod = production()
    package = {"app": prod.package("app-2.tar", "echo approved >> $HOME/steps\n")}
    components = {"app": an_app(prod.nodes, package="app", deploy="./install.sh")}
    success = {"ok": {"command": "true", "on": "n1"}}
    run = prod.run(package=package, components=components, success=success)
    generation = await armed(run)
    prod.package("app-2.tar", "echo tampered >> $HOME/steps\n")
    run_deploy = deploy_first(run, generation)
    with pytest.raises(Exception, match=r"package app-2\.tar has sha256 .* there, the plan says"):
        await run_deploy
    assert prod.lines("n1") == []
    assert prod.jobs("n1") == []

    again = prod.run(package=package, components=components, success=success, run_id="run-2")
    with pytest.raises(NotReady, match=r"- n1: package app-2\.tar has sha256"):
        await preflight(again)


async def test_a_package_that_preflight_staged_is_what_runs_although_the_file_changes_later(
    production: MakeProduction,
) -> None:
    prod = production()
    package = {"app": prod.package("app-2.tar", 'echo "approved $(basename "$PWD")" >> $HOME/steps\n')}
    components = {"app": an_app(prod.nodes, package="app", deploy="./install.sh")}
    run = prod.run(package=package, components=components, success={"ok": {"command": "true", "on": "n1"}})
    await preflight(run)
    prod.package("app-2.tar", "echo tampered >> $HOME/steps\n")
    await deploy(run, await armed(run))
    assert prod.lines("n1") == ["approved content"]


async def test_a_package_that_is_not_there_is_not_ready(production: MakeProduction) -> None:
    prod = production()
    package = {"app": {"file": "gone.tar", "sha256": "a" * 64}}
    run = prod.run(package=package, components={"app": an_app(prod.nodes, package="app")})
    with pytest.raises(NotReady, match=r"n1: package .*gone\.tar cannot be read here: No such file"):
        await preflight(run)


async def test_the_plans_own_scripts_run_on_the_node_as_they_were_approved(production: MakeProduction) -> None:
    prod = production()
    scripts = {"up.sh": b'#!/bin/sh\n. ./lib/names.sh\necho "$NAME" > "$HOME/version"\n', "lib/names.sh": b"NAME=2\n"}
    components = {"app": an_app(prod.nodes, deploy="./up.sh")}
    success = {"version": a_version(["n1"], command='cat "$HOME/version"')}
    run = prod.run(scripts=scripts, components=components, success=success)
    await deploy(run, await armed(run))
    assert prod.version("n1") == "2"


async def test_a_wrong_host_key_is_named_and_nothing_is_done(production: MakeProduction) -> None:
    prod = production(2)

    async def connecting(name: str) -> NodeClient:
        key = prod.nodes["n1"].host_key  # another machine answers in place of n2
        return NodeClient(await connect(prod.nodes[name].address(host_key=key)))

    with pytest.raises(NotReady, match=r"n2 .*host key") as refused:
        await preflight(prod.run(connecting=connecting))
    assert len(refused.value.problems) == 1
