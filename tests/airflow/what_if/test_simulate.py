"""Whole runs by the steps' own code, with a clock, nodes and people that are made up."""

import asyncio
import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from builders import a_fleet, a_snapshot, an_include
from command_line import deployplan
from deployplan.airflow_glue.what_if.faults import BadFault, Faults, parse_fault
from deployplan.airflow_glue.what_if.made_up_node import MadeUpJob
from deployplan.airflow_glue.what_if.many import by_chance, simulate_many
from deployplan.airflow_glue.what_if.memory import MemoryLedger, MemoryRecords
from deployplan.airflow_glue.what_if.random_faults import random_faults
from deployplan.airflow_glue.what_if.report import many_as_json, simulated_as_json, simulated_as_text
from deployplan.airflow_glue.what_if.simulate import run_virtually
from deployplan.airflow_glue.what_if.world import World
from deployplan.cli.simulate import rehearsals_in
from deployplan.clock import SystemClock
from deployplan.evidence.kinds.backout import PlanRehearsed
from deployplan.evidence.record import Records
from deployplan.remote.job import JobState
from deployplan.runbook.run.outcome_kinds import Outcome
from deployplan.runbook.run.rehearsal_record import last_rehearsal
from remote_builders import a_job
from simulated_runs import EVENING, a_scene, told, what_if


def test_a_run_in_which_all_goes_well_waits_for_its_window_and_bakes_each_wave(tmp_path: Path) -> None:
    run = what_if(a_scene(tmp_path))
    lines = told(run)
    assert run.outcome is Outcome.SUCCESS
    assert not run.is_bad
    assert "21:05:15 mia approved digest" in " ".join(lines)
    starts = [line for line in lines if "started on" in line]
    # Ten minutes of deploy, which is half the timeout, and five of bake, each; five seconds between two tasks.
    assert starts == [
        "22:00:10 web wave 1 started on web-1",
        "22:15:15 web wave 2 started on web-2",
        "22:30:20 web wave 3 started on web-3, web-4",
    ]
    assert run.ends == datetime(2030, 11, 30, 22, 50, 30, tzinfo=UTC)
    (card,) = run.cards
    assert (card.people, card.option, card.answered) == (
        ("mia",),
        "Approve",
        EVENING + timedelta(minutes=5, seconds=15),
    )


@pytest.mark.parametrize(
    ("fault", "outcome", "because"),
    [
        ("web-2:deploy:exit=3", "backed_out", "web-2: deploy script ended with exit code 3"),
        ("web-2:deploy:silent", "backed_out", "not done within its timeout of 20m"),
        ("web-2:deploy:takes=30m", "backed_out", "not done within its timeout of 20m"),
        ("web-3:deploy:unreachable=2m", "success", "every wave is done"),
        ("web-3:deploy:unreachable=30m", "backout_failed", "the undo of web failed"),
        ("web-1:deploy:reboot", "backed_out", "vanished without an exit code"),
        ("web-1:verify:fails@2m", "backed_out", "health on web-1: fail"),
        ("health:verify:unknown", "backed_out", "gave no answer"),
        ("*:preflight:unreachable=1h", "not_ready", "connection refused"),
        ("people:approve:never", "expired", "nobody"),
        ("people:approve:reject", "rejected", "mia"),
        ("people:approve:after=6h", "window_missed", "does not open again"),
    ],
)
def test_what_goes_wrong_ends_as_the_steps_decide(tmp_path: Path, fault: str, outcome: str, because: str) -> None:
    run = what_if(a_scene(tmp_path), fault)
    assert (str(run.outcome), because in run.because) == (outcome, True), run.because
    assert run.is_bad is (outcome == "backout_failed")


def test_an_undo_that_fails_leaves_all_nodes_locked(tmp_path: Path) -> None:
    run = what_if(a_scene(tmp_path), "web-2:deploy:exit=3", "web-2:undo:exit=4")
    assert (run.outcome, run.nodes_out) == (Outcome.BACKOUT_FAILED, ("web-1", "web-2", "web-3", "web-4"))


def test_a_wave_that_asks_does_what_is_answered_and_silence_backs_out(tmp_path: Path) -> None:
    scene = a_scene(tmp_path, web={"on_failure": "ask"})
    left = what_if(scene, "web-2:deploy:exit=3", "people:answer:leave-out")
    assert left.outcome is Outcome.SUCCESS_WITH_ISSUES
    silent = what_if(scene, "web-2:deploy:exit=3", "people:answer:never")
    assert silent.outcome is Outcome.BACKED_OUT
    card = silent.cards[-1]
    assert (card.answered, card.until, "Try again" in card.options) == (None, card.asked + timedelta(minutes=15), True)


def test_a_window_that_is_too_short_starts_nothing(tmp_path: Path) -> None:
    short = {"opens": "2030-11-30 22:00", "closes": "2030-11-30 23:00", "timezone": "UTC"}
    run = what_if(a_scene(tmp_path, schedule={"window": short, "backout_reserve": "30m"}))
    assert (run.outcome, run.work_ended) == (Outcome.NOT_READY, None) or run.outcome is Outcome.WINDOW_MISSED


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("web-9:deploy:exit=3", "'web-9' is no node of the plan"),
        (
            "web-1:deploy:explodes",
            "'explodes' is not known at 'deploy'; there exit, silent",
        ),
        ("web-1:approve:never", "nothing can be made up for 'web-1' at 'approve'"),
        ("web-1:deploy:exit", "exit wants a code"),
        ("web-1:deploy:takes=soon", "is not a length of time"),
        ("web-1:deploy:exit=3@5m", "only what a criterion says can begin later"),
        ("web-1", "is not NODE:STEP:KIND"),
    ],
)
def test_a_fault_that_is_not_known_is_refused_by_name(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(BadFault, match=told.replace("(", r"\(")):
        parse_fault(text, a_scene(tmp_path).snapshot)


def test_the_same_seed_makes_up_the_same_run_and_the_worst_can_be_repeated(tmp_path: Path) -> None:
    scene = a_scene(tmp_path, web={"on_failure": "ask", "max_failures": 1})
    many = simulate_many(scene, Faults(), 1, 12)
    assert sum(many.counts.values()) == 12
    assert [end.seed for end in many.ends] == list(range(1, 13))
    for end in many.worst.values():
        again = by_chance(scene, Faults(), end.seed)
        assert (again.ended_as, again.nodes_out, again.ends) == (end.outcome, end.nodes_out, end.ended)
    assert json.loads(json.dumps(many_as_json(many, scene)))["runs"] == 12


def test_what_is_stated_holds_in_every_run_by_chance(tmp_path: Path) -> None:
    snapshot = a_scene(tmp_path).snapshot
    words = ("*:deploy:silent", "*:verify:unknown", "people:answer:accept", "people:approve:after=1h")
    stated = Faults(tuple(parse_fault(word, snapshot) for word in words))
    for seed in range(300):
        found = random_faults(snapshot, Random(seed), stated)
        assert {str(each) for each in found.each if each.step in ("deploy", "verify", "answer", "approve")} == set(
            words
        )


@pytest.mark.parametrize(
    ("words", "asked", "told"),
    [
        (("web-1:verify:fails", "*:verify:unknown"), (("health", "web-1"), "verify"), "web-1:verify:fails"),
        (("health:verify:fails", "web-1:verify:unknown"), (("health", "web-1"), "verify"), "web-1:verify:unknown"),
        (("web-1:verify:unknown", "health:verify:fails"), (("health", "web-1"), "verify"), "health:verify:fails"),
        (("*:deploy:silent", "*:deploy:exit=3"), (("web-1",), "deploy"), "*:deploy:exit=3"),
    ],
)
def test_of_two_faults_the_one_with_a_name_counts_and_of_equal_ones_the_latest(
    tmp_path: Path, words: tuple[str, ...], asked: tuple[tuple[str, ...], str], told: str
) -> None:
    snapshot = a_scene(tmp_path).snapshot
    assert str(Faults(tuple(parse_fault(word, snapshot) for word in words)).of_any(*asked)) == told


def test_of_what_people_are_said_to_answer_the_latest_counts(tmp_path: Path) -> None:
    scene = a_scene(tmp_path)
    assert what_if(scene, "people:approve:never", "people:approve:reject").outcome is Outcome.REJECTED
    assert what_if(scene, "people:approve:reject", "people:approve:never").outcome is Outcome.EXPIRED


def test_many_runs_are_carried_out_where_the_system_knows_no_affinity(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert len(simulate_many(a_scene(tmp_path), Faults(), 1, 2).ends) == 2


def test_a_script_that_died_in_a_reboot_ended_then_and_not_when_that_was_proven(tmp_path: Path) -> None:
    async def ended() -> tuple[float, JobState]:
        world = World(a_scene(tmp_path), Faults())
        job = MadeUpJob(a_job(), 1, 0.0, 600.0, 0, lost=300.0)
        await asyncio.sleep(7200)
        world.nodes["web-1"].terminate(job)
        return min(job.ends, job.lost, job.terminated), job.state(7200.0)

    assert run_virtually(ended()) == (300.0, JobState.TERMINATED)


def test_a_freeze_closes_the_window_of_a_simulated_run_as_of_a_real_one(tmp_path: Path) -> None:
    scene = a_scene(tmp_path)
    freeze = {"name": "books", "from": "2030-12-01 00:30", "to": "2030-12-02 00:00", "timezone": "UTC"}
    infrastructure = {**a_fleet(4), "timezone": "UTC", "freezes": [freeze]}
    run = what_if(replace(scene, today=a_snapshot(infrastructure=infrastructure).infrastructure))
    assert (run.outcome, run.closes) == (Outcome.SUCCESS, datetime(2030, 12, 1, 0, 30, tzinfo=UTC))


def test_a_run_is_told_with_its_cards_its_last_safe_starts_and_its_end(tmp_path: Path) -> None:
    scene = a_scene(tmp_path)
    run = what_if(scene, "web-2:deploy:exit=3")
    text = "\n".join(simulated_as_text(run, scene))
    assert "made up: web-2:deploy:exit=3" in text
    # 02:00, less half an hour for the backout, and 25 minutes for each wave that is left and 5 of verification.
    assert "last safe start of web wave 1 of 3: 2030-12-01 00:10:00" in text
    assert "card review.approve_1 asks mia from 2030-11-30 21:00:15" in text
    assert "the last script ended 3h24m35s before the window closed" in text
    told = simulated_as_json(run, scene)
    assert (told["outcome"], told["outside_window"], told["cards"][0]["answer"]) == ("backed_out", False, "Approve")


def test_the_command_tells_the_run_and_its_exit_code_says_whether_it_ended_badly(tmp_path: Path) -> None:
    window = "schedule: {window: {opens: 2030-11-30 22:00, closes: 2030-12-01 02:00, timezone: UTC}}\n"
    include = an_include(tmp_path / "include", shop_2=window)
    where = ("--include", str(include.root), "--records", str(tmp_path / "records"))
    well = deployplan("simulate", "shop-2", "--json", *where)
    assert (well.exit_code, json.loads(well.stdout)["outcome"]) == (0, "success"), well.output
    assert json.loads(well.stdout)["begins"] == "2030-11-30T21:00:00+00:00"
    bad = deployplan("simulate", "shop-2", "--fault", "web-1:deploy:exit=3", "--fault", "web-1:undo:exit=4", *where)
    assert (bad.exit_code, "backout_failed at" in bad.stdout) == (1, True)
    many = deployplan("simulate", "shop-2", "--seed", "1", "--runs", "3", *where)
    assert "3 runs of shop-2 from 2030-11-30 21:00:00 on" in many.stdout
    unknown = deployplan("simulate", "shop-2", "--fault", "web-1:deploy:melts", *where)
    assert (unknown.exit_code, "'melts' is not known at 'deploy'" in unknown.stderr) == (2, True)
    assert not (tmp_path / "records").exists()


def test_a_plan_with_traffic_is_refused_by_name(tmp_path: Path) -> None:
    traffic = "components:\n  web:\n    traffic: {drain: ./down.sh, put_back: ./up.sh}\n"
    include = an_include(tmp_path / "include", shop_2=traffic)
    refused = deployplan("simulate", "shop-2", "--include", str(include.root), "--records", str(tmp_path / "records"))
    assert (refused.exit_code, "`traffic` of web cannot be simulated" in refused.stderr) == (2, True), refused.output


@pytest.mark.parametrize(
    ("held", "signed", "counts"),
    [("ours", "ours", True), ("ours", "other", False), ("ours", None, False), (None, "ours", False)],
)
def test_a_rehearsal_counts_only_when_the_key_of_this_installation_has_signed_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: str | None, signed: str | None, counts: bool
) -> None:
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DEPLOYPLAN_SIGNING_KEY_FILE", raising=False)
    if held is not None:
        (tmp_path / "key").write_text(held)
        monkeypatch.setenv("DEPLOYPLAN_SIGNING_KEY_FILE", str(tmp_path / "key"))
    store, snapshot = str(tmp_path / "records"), a_scene(tmp_path).snapshot
    rehearsal = Records(store, key=signed.encode() if signed else None).rehearsal(snapshot.plan.name, "once")
    rehearsal.keep(
        PlanRehearsed(
            content=snapshot.content_digest,
            environment="practice",
            by="tom",
            deploy_ok=True,
            deploy_seconds=2.5,
            backout_ok=True,
            backout_seconds=1.5,
            problems=(),
        )
    )
    ledger = MemoryLedger(SystemClock(), snapshot.plan.name, "simulated")
    records = MemoryRecords(ledger, (), rehearsals_in(store, snapshot.plan.name))
    assert (last_rehearsal(records, snapshot) is not None) is counts
