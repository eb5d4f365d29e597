"""What earlier runs left behind about their ends and times: an index that the ledgers can always give again."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from builders import a_component, a_plan, a_snapshot
from deployplan.evidence import ends
from deployplan.evidence.record import Records
from deployplan.runbook.run.run import Run
from deployplan.runbook.timing import past_runs
from deployplan.runbook.timing.past_runs import history_of, past_run, remember
from deployplan.testing import FrozenClock
from first_format import SUCCEEDED, unpack
from unit.runbook.runs import KEY, NOON, a_run, armed, node_result, wave_ended

TWO_WAVES = {"web": a_component(nodes=["web-1", "web-2"], waves=[1, "100%"], bake="1m")}


class Store:
    """A record store, and runs of one plan in it whose evidence a test writes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.records = Records(folder / "records", key=KEY)

    def run(self, run_id: str = "run-1", *, at: timedelta = timedelta(), **plan: Any) -> Run:
        clock = FrozenClock(NOON + at)
        run = a_run(self.folder, snapshot=a_snapshot(plan=a_plan(**{"components": TWO_WAVES, **plan})))
        plan_name = run.snapshot.plan.name
        ledger = self.records.run(plan_name, run_id).ledger(clock=clock)
        run = replace(run, run_id=run_id, clock=clock, ledger=ledger, records=self.records)
        self.records.save_snapshot(plan_name, run.snapshot.digest, run.snapshot.to_json())
        armed(run)
        return run

    def of(self, run: Run) -> list[tuple[str, str, list[tuple[int, float]]]]:
        past = history_of(self.records, "production", run.snapshot.plan.scope.release.product)
        return [(each.run_id, each.outcome, [(time.number, time.seconds) for time in each.waves]) for each in past]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


async def a_wave(run: Run, number: int, seconds: float, **facts: Any) -> None:
    run.ledger.record("wave_started", component="web", wave=number, nodes=["web-1"], generation="run-1#1")
    await run.clock.sleep(seconds)
    wave_ended(run, wave=number, **facts)


def end(run: Run, outcome: str = "success") -> None:
    run.ledger.record("outcome", outcome=outcome, because="")
    remember(run.records, run.snapshot, run.run_id, run.ledger)  # type: ignore[arg-type]


async def a_release(store: Store, run_id: str = "run-1", *, seconds: float = 100, at: timedelta = timedelta()) -> Run:
    run = store.run(run_id, at=at)
    await a_wave(run, 1, seconds)
    await a_wave(run, 2, 2 * seconds)
    end(run)
    return run


async def test_the_times_of_a_released_runs_waves_are_kept_without_their_bake(store: Store) -> None:
    run = await a_release(store, seconds=100)
    assert store.of(run) == [("run-1", "success", [(1, 40.0), (2, 140.0)])]


async def test_a_wave_that_a_second_process_went_on_with_began_when_the_first_one_did(store: Store) -> None:
    run = store.run()
    run.ledger.record("wave_started", component="web", wave=1, nodes=["web-1"], generation="run-1#1")
    await run.clock.sleep(600)
    await a_wave(run, 1, 60)
    end(run)
    assert store.of(run) == [("run-1", "success", [(1, 600.0)])]


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({"nodes": {"web-1": node_result() | {"already": True}}}, id="a node was done before"),
        pytest.param({"nodes": {"web-1": node_result("failed")}}, id="a node was left out"),
        pytest.param({"ok": False}, id="it was stopped"),
    ],
)
async def test_a_wave_that_was_not_done_as_a_whole_has_no_time(store: Store, facts: dict[str, Any]) -> None:
    run = store.run()
    await a_wave(run, 1, 100, **facts)
    end(run)
    assert store.of(run) == [("run-1", "success", [])]


async def test_a_run_that_did_not_release_is_known_by_its_outcome_and_times_nothing(store: Store) -> None:
    run = store.run()
    await a_wave(run, 1, 100)
    end(run, "backed_out")
    assert store.of(run) == [("run-1", "backed_out", [])]


async def test_an_index_that_is_lost_is_built_again_from_the_ledgers(store: Store) -> None:
    run = await a_release(store)
    await a_release(store, "run-2", at=timedelta(days=1))
    before = store.of(run)
    for path in (store.folder / "records" / "ends").iterdir():
        path.unlink()
    assert store.of(run) == before
    assert [name for name, _, _ in before] == ["run-1", "run-2"]


async def test_the_index_costs_one_read_and_no_look_at_a_ledger(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    run = await a_release(store)

    def no_runs(self: Records) -> None:
        raise AssertionError("the ledgers were read")

    monkeypatch.setattr(Records, "runs", no_runs)
    assert len(store.of(run)) == 1
    assert history_of(store.records, "production", "another product") == ()


async def test_a_rerun_that_ends_otherwise_replaces_what_was_known(store: Store) -> None:
    run = await a_release(store)
    end(run, "backed_out")
    assert store.of(run) == [("run-1", "backed_out", [])]


async def test_products_and_environments_are_kept_apart(store: Store) -> None:
    await a_release(store)
    release = {"release": {"product": "billing", "version": "2"}, "summary": "s"}
    other = store.run("run-9", plan="billing-2", scope=release)
    end(other)
    assert store.of(other) == [("run-9", "success", [])]
    assert history_of(store.records, "staging", "shop") == ()


async def test_an_end_that_cannot_be_understood_is_as_good_as_none(store: Store) -> None:
    run = await a_release(store)
    (kept,) = (store.folder / "records" / "ends").glob("*.json")
    kept.write_text('{"format": 2, "facts": {"plan": 1}}')
    ends._read.clear()  # as another process would
    assert store.of(run) == []


async def test_a_damaged_ledger_is_left_out_and_hides_no_other(store: Store) -> None:
    run = await a_release(store)
    await a_release(store, "run-2")
    for path in (store.folder / "records" / "ends").iterdir():
        path.unlink()
    ends._read.clear()  # as another process would
    segment = next((store.folder / "records" / "runs" / "shop-2" / "run-1").glob("*000001.jsonl"))
    segment.write_bytes(b"{}\n")
    assert [name for name, _, _ in store.of(run)] == ["run-2"]


def test_what_the_first_format_kept_of_its_runs_is_known_beside_what_is_kept_now(tmp_path: Path) -> None:
    records = Records(unpack(tmp_path), key=KEY)
    past = history_of(records, "production", "shop")
    assert [(run.plan, run.run_id, run.outcome) for run in past] == [(*SUCCEEDED, "success")]
    assert [run.outcome for run in history_of(records, "production", "desk")] == ["backed_out"]
    assert history_of(records, "production", "till") == ()


def test_asking_where_nothing_ever_ran_leaves_no_trace(tmp_path: Path) -> None:
    assert history_of(Records(tmp_path / "records"), "production", "shop") == ()
    assert not (tmp_path / "records").exists()


def test_a_run_without_an_outcome_is_no_past_run(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    armed(run)
    assert past_run(run.snapshot, run.run_id, run.read_state()) is None


def test_runs_that_have_no_outcome_yet_are_not_read_at_every_look(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = store.run()
    assert store.of(run) == []
    monkeypatch.setattr(past_runs, "_keep", lambda *_: pytest.fail("it read a ledger again"))
    assert store.of(run) == []


def test_who_has_no_key_keeps_no_end_of_signed_runs_and_leaves_them_to_who_has_it(tmp_path: Path) -> None:
    root = unpack(tmp_path)
    plan, run_id = SUCCEEDED
    keyless, keyed = Records(root), Records(root, key=KEY)
    history_of(keyless, "production", "till")
    assert (keyless.ends.all(), keyless.ends.are_built) == ((), False)
    history_of(keyed, "production", "till")
    assert keyed.ends.are_built
    assert all(end.is_signed_with(KEY) for end in keyed.ends.of_run(plan, run_id))
    assert keyed.ends.of_run(plan, run_id)
