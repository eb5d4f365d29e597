"""One run holds a node; everybody else is told who, and is fenced off."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from deployplan.remote.errors import Fenced, LockHeld, NodeFault
from deployplan.remote.job import JobSpec, JobState
from deployplan.remote.node_client import NodeClient
from deployplan.remote.node_facts import Holder
from deployplan.remote.transport import Result, Transport
from deployplan.testing import LocalTransport
from remote_builders import a_holder, a_job, processes, ran, tools, until, watched


async def sent_by(node: NodeClient, job: JobSpec) -> str:
    """The script that a start sends to the node, not run."""
    sent: list[str] = []

    class Listening:
        name = "web-1"

        async def run(self, script: str, **_: object) -> Result:
            sent.append(script)
            return Result(96)

    with pytest.raises(NodeFault):
        await NodeClient(cast(Transport, Listening())).start(job)
    return sent[0]


async def test_two_plans_in_the_same_second_one_holds_and_the_other_learns_who(node: NodeClient) -> None:
    holders = [a_holder(run=f"run-{n}", plan=f"plan-{n}") for n in range(8)]
    answers = await asyncio.gather(*(node.lock(holder) for holder in holders), return_exceptions=True)
    won = [answer for answer in answers if not isinstance(answer, BaseException)]
    refused = [answer for answer in answers if isinstance(answer, LockHeld)]
    assert len(won) == 1
    assert len(refused) == 7
    assert {answer.holder for answer in refused} == set(won)
    assert (await node.facts()).holder == won[0]


async def test_the_same_run_holds_it_again_since_the_first_time(held: NodeClient) -> None:
    later = a_holder(since=a_holder().since.replace(year=2027))
    assert await held.lock(later) == a_holder()


async def test_a_crashed_run_of_the_same_plan_is_taken_over(held: NodeClient) -> None:
    assert await held.lock(a_holder(run="run-2")) == a_holder(run="run-2")
    with pytest.raises(Fenced, match=r"held by run run-2 of plan storefront-4.3"):
        await held.start(a_job())


async def test_only_one_of_many_takes_over(held: NodeClient) -> None:
    await held.start(a_job("sleep 620"))
    await held.terminate(a_job().job_id, grace=0, holder=a_holder())
    runs = [a_holder(run=f"run-{n}", plan=f"storefront-4.{3 if n % 2 else 4}") for n in range(2, 10)]
    await asyncio.gather(*(held.lock(holder) for holder in runs), return_exceptions=True)
    holder = (await held.facts()).holder
    assert holder is not None
    assert holder.plan == "storefront-4.3"


async def test_a_job_that_runs_keeps_its_run_in_place(held: NodeClient) -> None:
    await held.start(a_job("sleep 621"))
    with pytest.raises(LockHeld, match=f"a job still runs: {a_job().job_id}"):
        await held.lock(a_holder(run="run-2"))
    with pytest.raises(LockHeld, match="a job still runs"):
        await held.unlock(a_holder())
    await held.terminate(a_job().job_id, grace=0, holder=a_holder())
    assert (await held.lock(a_holder(run="run-2"))).run == "run-2"


def a_turn(number: int, *, plan: str = "storefront-4.3", run: str = "run-1") -> Holder:
    """A holder with a place in the order of its run's controllers."""
    return a_holder(run=f"{plan}/{run}#{number}", plan=plan, series=f"{plan}/{run}", turn=number)


async def test_a_later_turn_of_the_same_run_takes_over_while_a_job_runs_and_the_older_is_fenced(
    node: NodeClient, home: Path
) -> None:
    old, new = a_turn(2), a_turn(4)
    await node.lock(old)
    await node.start(a_job("until [ -e go ]; do sleep 0.05; done", run=old.run))
    assert await node.lock(new) == new
    for refused in (
        node.start(a_job("touch touched", attempt=2, run=old.run)),
        node.terminate(a_job().job_id, grace=0, holder=old),
        node.append_ledger({"run": old.run}),
        node.freeze_lock(old, "x"),
        node.unlock(old, force_reason="x"),
        node.lock(old),
    ):
        with pytest.raises(Fenced, match=r"held by run storefront-4\.3/run-1#4"):
            await refused
    assert (await node.start(a_job(run=new.run))).state is JobState.RUNNING, "the newer one attaches to the same job"
    (home / "go").touch()
    assert (await watched(node, a_job().job_id))[1].state is JobState.DONE
    assert not (home / "touched").exists()


@pytest.mark.parametrize(
    "other", [a_turn(4, run="run-2"), a_turn(4, plan="billing-2"), a_turn(4, run="run"), a_holder(run="run-9")]
)
async def test_no_turn_of_another_run_or_plan_takes_over_while_a_job_runs(node: NodeClient, other: Holder) -> None:
    await node.lock(a_turn(2))
    await node.start(a_job("sleep 631", run=a_turn(2).run))
    with pytest.raises(LockHeld):
        await node.lock(other)


async def test_a_run_of_another_plan_with_the_same_series_is_another(node: NodeClient) -> None:
    await node.lock(a_turn(2))
    with pytest.raises(LockHeld, match="another plan"):
        await node.lock(replace(a_turn(4), plan="billing-2"))
    with pytest.raises(LockHeld, match="another plan"):
        await node.lock(replace(a_turn(2), plan="billing-2"))


async def test_a_node_that_was_given_back_remembers_whose_turn_is_over(node: NodeClient) -> None:
    await node.lock(a_turn(2))
    await node.unlock(replace(a_turn(2), turn=3))
    with pytest.raises(Fenced, match="held by nobody"):
        await node.lock(a_turn(2))
    other = a_turn(2, plan="billing-2")
    await node.lock(other)
    await node.unlock(other)
    with pytest.raises(Fenced):
        await node.lock(a_turn(2))
    assert (await node.lock(a_turn(4))).turn == 4


async def test_only_a_later_turn_that_asks_for_it_has_a_frozen_node_and_it_stays_frozen(node: NodeClient) -> None:
    await node.lock(a_turn(3))
    await node.freeze_lock(a_turn(3), "backout of web failed")
    with pytest.raises(LockHeld, match="frozen: backout of web failed"):
        await node.lock(a_turn(4))
    with pytest.raises(LockHeld, match="frozen"):
        await node.lock(a_turn(5, run="run-2"), keep_frozen=True)
    assert (await node.lock(a_turn(5), keep_frozen=True)).frozen == "backout of web failed"
    assert (await node.facts()).holder == replace(a_turn(5), frozen="backout of web failed")


async def test_of_many_turns_at_once_the_last_has_the_node(node: NodeClient) -> None:
    turns = [a_turn(number) for number in (6, 2, 8, 4, 3, 7, 5)]
    answers = await asyncio.gather(*(node.lock(turn) for turn in turns), return_exceptions=True)
    assert answers[2] == a_turn(8)
    assert all(isinstance(each, Fenced | Holder) for each in answers), answers
    assert (await node.facts()).holder == a_turn(8)


@pytest.mark.parametrize("turn", ["", "x", "-3", "9" * 30, "08", "1 -o 1 -eq 1"])
async def test_a_turn_that_is_no_number_stops_nobody(node: NodeClient, home: Path, turn: str) -> None:
    await node.lock(a_turn(2))
    link = home / ".deployplan/lock/holder.000001"
    link.write_text(link.read_text().replace("turn=2", f"turn={turn}"))
    assert (await node.lock(a_turn(8))).turn == 8


async def test_another_plan_waits_until_the_node_is_given_back(held: NodeClient) -> None:
    other = a_holder(run="run-9", plan="billing-2")
    with pytest.raises(
        LockHeld, match=r"held by run run-1 of plan storefront-4.3 \(since 2026-11-28 22:30 UTC, worker-1\)"
    ):
        await held.lock(other)
    await held.unlock(a_holder())
    assert (await held.facts()).holder is None
    await held.unlock(a_holder())
    assert await held.lock(other) == other


async def test_a_frozen_node_stays_until_a_person_says_why_not(held: NodeClient) -> None:
    await held.freeze_lock(a_holder(), "backout failed: disk\nbroken 100%")
    holder = (await held.facts()).holder
    assert holder == a_holder(frozen="backout failed: disk\nbroken 100%")
    with pytest.raises(LockHeld, match="frozen: backout failed"):
        await held.lock(a_holder(run="run-2"))
    with pytest.raises(LockHeld, match="frozen: backout failed"):
        await held.unlock(a_holder())
    assert (await held.lock(a_holder())).frozen is not None, "its own run may go on"
    assert (await ran(held, a_job(step="undo")))[1].state is JobState.DONE
    await held.unlock(a_holder(), force_reason="repaired by hand, CHG0042")
    assert (await held.facts()).holder is None


async def test_a_forced_unlock_never_hits_a_run_that_came_meanwhile(held: NodeClient) -> None:
    await held.lock(a_holder(run="run-2"))
    with pytest.raises(Fenced, match="held by run run-2"):
        await held.unlock(a_holder(run="run-1"), force_reason="stale")
    assert (await held.facts()).holder == a_holder(run="run-2")


async def test_nobody_acts_on_a_node_that_nobody_holds(node: NodeClient, home: Path) -> None:
    for act in (
        node.start(a_job("touch touched")),
        node.terminate(a_job().job_id, grace=0, holder=a_holder()),
        node.freeze_lock(a_holder(), "x"),
        node.append_ledger({"run": "run-1"}),
    ):
        with pytest.raises(Fenced, match="held by nobody"):
            await act
    assert not (home / "touched").exists()


async def test_a_run_whose_name_contains_anothers_is_another(node: NodeClient) -> None:
    run = "manual__2026-11-28T22:00:00+00:00 100%=\nx"
    assert (await node.lock(a_holder(run=run))).run == run
    for near in (run + "1", run[:-1], run.replace("\n", "\\n"), ".*", ""):
        with pytest.raises(Fenced):
            await node.start(a_job(run=near))
    assert (await ran(node, a_job(run=run)))[1].run == run


async def test_a_launch_on_its_way_sees_that_the_lock_has_changed(held: NodeClient, home: Path) -> None:
    """The start was let in, then slept; meanwhile another run took the node. The job looks again before it begins."""
    files = home / ".deployplan/jobs" / a_job().job_id
    script = await sent_by(held, a_job("touch touched"))
    # The fence at the beginning lets it in; between that and the launch, run-2 takes over.
    takeover = f"printf 'state=held\\nrun=run-2\\nplan=storefront-4.3\\n' >{home}/.deployplan/lock/holder.000002\n"
    slept = script.replace("dp_said=", takeover + "dp_said=", 1)
    assert slept != script
    await held.transport.run(slept, label="start")
    await until((files / "proof").exists)
    job = (await held.facts()).jobs[0]
    assert (job.state, job.launched) == (JobState.TERMINATED, False)
    assert not (home / "touched").exists()


async def test_a_start_answers_when_the_job_has_looked_at_the_lock_so_that_who_takes_it_then_stops_nothing(
    held: NodeClient, home: Path
) -> None:
    script = await sent_by(held, a_job("touch touched"))
    look = 'if ! dp_held_by "$dp_run"; then'
    slow = script.replace(look, f"sleep 1\n{look}", 1)
    assert slow != script
    await held.transport.run(slow, label="start")
    (home / ".deployplan/lock/holder.000002").write_text("state=held\nrun=run-2\nplan=storefront-4.3\n")
    assert (await watched(held, a_job().job_id))[1].state is JobState.DONE
    assert (home / "touched").exists()


async def test_a_launch_that_finds_another_holder_and_cannot_say_so_is_lost_and_never_done(
    held: NodeClient, home: Path, tmp_path: Path
) -> None:
    """As on a full disk: nothing takes a name any more that the shell would give it."""
    path = tools(tmp_path / "tools")
    (tmp_path / "tools/ln").unlink()
    (tmp_path / "tools/ln").symlink_to("/bin/false")
    full = NodeClient(LocalTransport("web-1", home, {"PATH": path}))
    takeover = f"printf 'state=held\\nrun=run-2\\nplan=storefront-4.3\\n' >{home}/.deployplan/lock/holder.000002\n"
    script = await sent_by(held, a_job("touch touched"))
    await full.transport.run(script.replace("dp_said=", takeover + "dp_said=", 1), label="start")
    await full.transport.close()
    await until(lambda: not processes(home, a_job().job_id))
    job = (await held.facts()).jobs[0]
    assert (job.state, job.launched) == (JobState.LOST, True)
    assert not (home / "touched").exists()


async def test_the_history_of_holders_stays_short(held: NodeClient, home: Path) -> None:
    for number in range(30):
        await held.lock(a_holder(run=f"run-{number}x"))
    links = sorted((home / ".deployplan/lock").iterdir())
    assert len(links) <= 21
    assert (await held.facts()).holder == a_holder(run="run-29x")


async def test_a_node_whose_lock_cannot_be_written_says_so(node: NodeClient, home: Path) -> None:
    (home / ".deployplan").mkdir()
    (home / ".deployplan/lock").write_text("in the way")
    with pytest.raises(NodeFault, match=r"web-1: lock could not be done .*cannot make .*/lock"):
        await node.lock(a_holder())


async def test_the_ledger_grows_line_by_line_and_bad_lines_are_counted(held: NodeClient, home: Path) -> None:
    await held.append_ledger({"run": "run-1", "release": "4.3.0", "note": "it's\n{{ x }} é"})
    ledger = home / ".deployplan/ledger.jsonl"
    with ledger.open("ab") as file:
        file.write(b'not json\n[1]\n{"cut": "sho')
    await held.append_ledger({"release": "4.3.1"}, run="run-1")
    facts = await held.facts()
    assert [entry.get("release") for entry in facts.ledger] == ["4.3.0", "4.3.1"]
    assert facts.ledger[0]["note"] == "it's\n{{ x }} é"
    assert facts.ledger_unread == 3
    with pytest.raises(Fenced):
        await held.append_ledger({"run": "run-0"})
    with pytest.raises(ValueError, match="at most 32768 fit"):
        await held.append_ledger({"run": "run-1", "x": "y" * 40_000})
    with pytest.raises(ValueError, match="needs the run that writes it"):
        await held.append_ledger({})


async def test_a_job_that_was_claimed_and_overtaken_is_never_launched(held: NodeClient, home: Path) -> None:
    deploy = home / ".deployplan/jobs" / a_job().job_id
    await ran(held, a_job())
    for name in ("pid", "exit"):
        (deploy / name).unlink()  # as after a start that died before the launch
    assert (await held.facts()).jobs[0].state is JobState.CLAIMED
    await ran(held, a_job(step="undo"))
    after = await held.start(a_job("touch touched"))
    assert (after.state, after.launched) == (JobState.TERMINATED, False)
