"""Which try it is: counted by what a person cleared; and what a node's lock holds for it."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from builders import a_plan, a_snapshot
from deployplan.evidence.record import Records
from deployplan.runbook.arm import arm, next_number
from deployplan.runbook.node.node_story import run_of
from deployplan.runbook.review import answer_seat, missing_approvals, offer_seat
from deployplan.runbook.run.frozen_plan import frozen_plan
from deployplan.runbook.run.generation import Generation, current, generation_of, latest, refuse_second_use
from deployplan.runbook.run.run import NotReady, Refused, Run
from first_format import UNDER_WAY, unpack
from unit.runbook.runs import KEY, a_run, armed

FIRST = Generation("shop-2", "run-1", 1)


def test_the_first_arming_is_number_one_however_often_it_is_retried(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    assert [next_number(run, clear=3) for _ in range(3)] == [1, 1, 1]
    assert len(run.ledger.entries()) == 1


def test_each_clear_begins_a_new_generation(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    assert [next_number(run, clear=clear) for clear in (0, 0, 1, 1, 4)] == [1, 1, 2, 2, 3]


def test_a_run_that_was_never_armed_has_no_generation(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    next_number(run, clear=0)  # it began to arm, and was refused
    with pytest.raises(Refused, match=r"clear deploy\.arm with Downstream"):
        current(run)


def test_the_present_generation_is_the_one_that_was_armed_last(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    armed(run, 1)
    armed(run, 2)
    assert current(run) == Generation("shop-2", "run-1", 2)


def test_the_backout_holds_the_node_under_another_name_than_the_deploy() -> None:
    assert (FIRST.deploy, FIRST.backout) == ("shop-2/run-1#1", "shop-2/run-1#1/backout")


@pytest.mark.parametrize(
    ("other", "owned"),
    [
        (Generation("shop-2", "run-1", 7), True),
        (Generation("shop-2", "run-11", 1), False),
        (Generation("shop-2", "run", 1), False),
        (Generation("shop-22", "run-1", 1), False),
        (Generation("shop-3", "run-1", 1), False),  # Airflow's run ids are unique within a DAG only
    ],
)
def test_a_run_owns_the_locks_of_all_its_generations_and_no_other(other: Generation, owned: bool) -> None:
    assert FIRST.owns(other.deploy) is owned
    assert FIRST.owns(other.backout) is owned


def test_two_plans_whose_runs_have_the_same_id_hold_a_node_under_different_names(tmp_path: Path) -> None:
    plans = [a_snapshot(plan=a_plan(plan=name)) for name in ("shop-a", "shop-b")]
    one, two = (generation_of(a_run(tmp_path / plan.plan.name, snapshot=plan), 1) for plan in plans)
    assert one.deploy != two.deploy


def test_the_run_can_be_read_from_what_a_lock_holds() -> None:
    assert [run_of(token) for token in (FIRST.deploy, FIRST.backout)] == ["run-1", "run-1"]
    assert run_of(Generation("shop-2", "manual/a#b/c", 12).backout) == "manual/a#b/c"


@pytest.fixture
def under_way(tmp_path: Path) -> Run:
    """A run that an earlier version had approved and armed, as it left it."""
    records = Records(unpack(tmp_path), key=KEY)
    plan, run_id = UNDER_WAY
    snapshot = frozen_plan(records, plan, records.active_plans()[plan][1])
    run = a_run(tmp_path, snapshot=snapshot)
    return replace(run, run_id=run_id, ledger=records.run(plan, run_id).ledger(), records=records)


async def test_a_run_under_way_of_the_first_format_starts_nothing_more_and_says_how_to_go_on(under_way: Run) -> None:
    assert under_way.read_state().armed is not None
    assert under_way.read_state().review.approved_at is not None
    with pytest.raises(Refused, match=r"clear the approval seats with Downstream, so that they are asked again"):
        current(under_way)
    with pytest.raises(NotReady, match="seat 1 has no recorded approval of this plan"):
        await arm(under_way, 2)


def test_a_run_under_way_of_the_first_format_can_still_be_ended_and_backed_out(under_way: Run) -> None:
    plan, run_id = UNDER_WAY
    assert latest(under_way) == Generation(plan, run_id, 1)


def test_a_run_under_way_of_the_first_format_goes_on_once_it_is_approved_again(under_way: Run) -> None:
    frozen = under_way.read_state().frozen
    assert frozen is not None
    seat = offer_seat(under_way, 1)
    answer_seat(under_way, 1, person=seat.people[0], approved=True, people=seat.people)
    assert missing_approvals(under_way) == []
    under_way.ledger.record("armed", generation=2, nodes=["n1"], digest=under_way.snapshot.digest)
    assert current(under_way).number == 2


def frozen_with(run: Run, clear: int, *then: str) -> Run:
    """The run, frozen when it had been cleared so often, and what came then."""
    run.ledger.record("plan_frozen", plan="shop-2", run=run.run_id, digest=run.snapshot.digest, clear=clear)
    facts: dict[str, dict[str, object]] = {
        "preflight": {"node": "n1", "problems": []},
        "seat_asked": {"seat": 1, "people": ["mia"], "digest": run.snapshot.digest},
        "arming": {"generation": 1, "clear": clear},
        "window_verdict": {"open": True, "reason": "open"},
        "not_ready": {"phase": "preflight", "problems": ["no"]},
        "outcome": {"outcome": "success", "because": "all well"},
    }
    for kind in then:
        run.ledger.record(kind, **facts[kind])
    return run


@pytest.mark.parametrize(
    ("then", "told"),
    [
        (["preflight"], "has no outcome"),
        (["seat_asked"], "has no outcome"),
        (["arming"], "has no outcome"),
        (["not_ready", "outcome"], r"ended as success on .* UTC"),
    ],
)
def test_a_run_id_that_another_run_had_is_refused_as_its_work_would_count_as_this_ones(
    tmp_path: Path, then: list[str], told: str
) -> None:
    run = frozen_with(a_run(tmp_path), 2, *then)
    with pytest.raises(NotReady) as refused:
        refuse_second_use(run.run_id, run.read_state(), clear=2)
    (sentence,) = refused.value.problems
    assert re.fullmatch(
        f"run id 'run-1' was given before, and that run {told}: trigger the plan again under an id of its own", sentence
    )


def test_a_first_use_a_retry_and_a_clear_by_a_person_are_no_second_use(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    refuse_second_use(run.run_id, run.read_state(), clear=2)
    frozen_with(run, 2, "window_verdict")
    refuse_second_use(run.run_id, run.read_state(), clear=2)  # Airflow tries the freezing again
    frozen_with(run, 2, "arming", "outcome")
    refuse_second_use(run.run_id, run.read_state(), clear=3)
