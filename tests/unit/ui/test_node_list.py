"""The nodes by the evidence of the runs: what is on each and why, its own results, and nothing that nobody may read."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from deployplan.evidence.archive import Tombstone
from deployplan.plan.load.loading import load_all, load_infrastructure
from deployplan.runbook.run.run import Run
from deployplan.runbook.timing.past_runs import remember
from deployplan.ui import node_reader
from deployplan.ui.json_values import LONGEST
from deployplan.ui.node_csv import HEAD, nodes_as_csv
from deployplan.ui.node_filter import NodeFilter
from deployplan.ui.node_json import node_as_json, node_history_as_json, nodes_as_json
from deployplan.ui.node_list import Environments, NodeList, NodeOverview, list_nodes, seen_nodes
from deployplan.ui.node_reader import NodeReader
from deployplan.ui.run_reader import RunReader
from deployplan.ui.tonight import Sources, read_tonight
from unit.runbook.other_plans import OtherPlans, a_night
from unit.runbook.runs import KEY, NOON, node_result, undo_ended, wave_ended

BOTH = a_night("tonight") + 'components: {web: {nodes: ["group:web"], max_failures: 1}}\n'
GENERATION = "run-1#1"


@pytest.fixture
def plans(tmp_path: Path) -> OtherPlans:
    return OtherPlans(tmp_path)


def look(plans: OtherPlans, reader: NodeReader | None = None, in_time: Callable[[], bool] = lambda: True) -> NodeList:
    found = load_all(plans.include)
    today = load_infrastructure("production", plans.include)
    sources = Sources(plans.include, plans.records, RunReader(plans.records), found.snapshots, lambda _: today)
    runs = (reader or NodeReader(plans.records)).read(in_time)
    targets = {name: tuple(node.name for node in each.target_nodes()) for name, each in found.snapshots.items()}
    return list_nodes(Environments({"production": today}, {}), runs, read_tonight(sources, NOON), targets)


def rows(plans: OtherPlans) -> dict[str, NodeOverview]:
    return {row.node: row for row in look(plans).rows}


def both(plans: OtherPlans, name: str = "own") -> Run:
    """A run of two nodes in one wave: web-1 is done, web-2 fails within the budget; it is not over."""
    run = plans.approved(name, BOTH)
    run.ledger.record("armed", generation=1, nodes=["web-1", "web-2"], digest=run.snapshot.digest)
    run.ledger.record("wave_started", component="web", wave=1, nodes=["web-1", "web-2"], generation=GENERATION)
    for node in ("web-1", "web-2"):
        run.ledger.record("job_started", node=node, job=f"job-{node}", step="deploy", component="web")
    return run


def script_ended(run: Run, node: str, exit: int, after: timedelta = timedelta(seconds=12)) -> None:
    run.clock.move_to(run.clock.now() + after)  # type: ignore[attr-defined]
    state = "failed" if exit else "done"
    run.ledger.record("job_ended", node=node, job=f"job-{node}", state=state, exit=exit)


def end(plans: OtherPlans, run: Run, outcome: str) -> None:
    run.ledger.record("outcome", outcome=outcome, because="")
    remember(plans.records, run.snapshot, run.run_id, run.ledger)
    plans.records.close_run(run.snapshot.plan.name, run.run_id)


def half_good(plans: OtherPlans, name: str = "own") -> Run:
    """A run that is over: web-1 has the release, web-2 failed and was left out."""
    run = both(plans, name)
    script_ended(run, "web-1", 0)
    script_ended(run, "web-2", 3)
    run.ledger.record("node_failed", node="web-2", component="web", why="exit 3: no space left", state="failed")
    nodes = {"web-1": node_result(), "web-2": node_result("failed", "exit 3: no space left")}
    wave_ended(run, nodes=nodes, excluded=["web-2"])
    end(plans, run, "success_with_issues")
    return run


def test_a_node_that_no_run_has_touched_has_nothing_recorded(plans: OtherPlans) -> None:
    found = rows(plans)
    assert list(found) == ["db-1", "web-1", "web-2"]
    assert {(row.state, row.installed, row.holder) for row in found.values()} == {("nothing recorded", (), None)}


def test_each_node_has_its_own_result_and_not_that_of_its_wave(plans: OtherPlans) -> None:
    half_good(plans)
    found = rows(plans)
    assert (found["web-1"].state, found["web-1"].why) == ("done", None)
    assert (found["web-2"].state, found["web-2"].why) == ("failed", "exit 3: no space left")
    (installed,) = found["web-1"].installed
    assert (installed.version, installed.run, installed.plan, installed.verified_by) == ("2", "run-1", "own", "run-1")
    assert installed.at == (NOON + timedelta(seconds=12)).isoformat()
    assert found["web-2"].installed == ()
    assert [row.holder for row in found.values()] == [None, None, None]


def test_while_a_run_is_under_way_it_holds_its_nodes_and_its_scripts_are_named(plans: OtherPlans) -> None:
    run = both(plans)
    script_ended(run, "web-1", 0)
    found = rows(plans)
    assert [found[name].state for name in ("web-1", "web-2", "db-1")] == ["done", "working", "nothing recorded"]
    holder = found["web-2"].holder
    assert holder is not None
    assert (holder.plan, holder.run, holder.since, holder.frozen) == ("own", "run-1", NOON, None)
    assert [(job.job, job.component, job.step) for job in found["web-2"].jobs] == [("job-web-2", "web", "deploy")]
    assert found["web-1"].jobs == ()
    assert [each.verified for each in found["web-1"].installed] == [False]


@pytest.mark.parametrize(("proven", "outcome"), [(True, "backed_out"), (False, "backout_failed")])
def test_what_a_backout_brought_back_is_on_the_node_and_verified_where_that_was_proven(
    plans: OtherPlans, proven: bool, outcome: str
) -> None:
    run = plans.armed("own", a_night("tonight"))
    run.ledger.record("rollback_point", component="web", node="web-1", version="1", known_by="ledger")
    wave_ended(run, ok=False, nodes={"web-1": node_result("failed", "exit 3")})
    undo_ended(run)
    run.ledger.record("backout_verified", ok=proven)
    end(plans, run, outcome)
    row = rows(plans)["web-1"]
    assert (row.state, [(each.version, each.event, each.verified) for each in row.installed]) == (
        "undone",
        [("1", "restored", proven)],
    )


def test_who_verified_a_release_is_named_only_to_who_may_read_that_plan(plans: OtherPlans) -> None:
    half_good(plans)
    half_good(plans, "other")
    found = look(plans)
    row = next(each for each in found.rows if each.node == "web-1")
    (last,) = row.installed
    mixed = replace(found, rows=(replace(row, installed=(replace(last, plan="own", run="run-0"),)),))
    for mine, by in (({"own", "other"}, "run-1"), ({"own"}, None)):
        (seen,) = seen_nodes(mixed, mine.__contains__, reads_all=False).rows
        told = node_as_json(seen)["installed"]
        assert [(each["verified"], each["verified_by"]) for each in told] == [(True, by)]  # type: ignore[attr-defined]
        assert ("by run run-1" in str(told)) is (by is not None)


def test_nodes_stay_held_after_an_unproven_end_until_a_person_takes_the_lock_away(plans: OtherPlans) -> None:
    run = plans.armed("own", a_night("tonight"))
    wave_ended(run, ok=False, nodes={"web-1": node_result("unknown", "no answer")})
    end(plans, run, "unknown")
    reader = NodeReader(plans.records)
    (row,) = (each for each in look(plans, reader).rows if each.node == "web-1")
    assert row.holder is not None
    assert (row.state, row.holder.frozen) == ("unknown", "the run ended in unknown")
    run.clock.move_to(NOON + timedelta(hours=1))  # type: ignore[attr-defined]
    run.ledger.record("unlocked", node="web-1", by="olga", why="looked at it")
    (row,) = (each for each in look(plans, reader).rows if each.node == "web-1")
    assert row.holder is None


def test_a_run_that_left_its_nodes_locked_is_read_again_only_where_it_has_new_entries_and_there_is_time(
    plans: OtherPlans, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = plans.armed("own", a_night("tonight"))
    wave_ended(run, ok=False, nodes={"web-1": node_result("unknown", "no answer")})
    end(plans, run, "unknown")
    run.ledger.seal()
    reader, folds = NodeReader(plans.records), list[int]()
    whole = node_reader.fold_all
    monkeypatch.setattr(node_reader, "fold_all", lambda entries: folds.append(1) or whole(entries))
    for _ in range(3):
        (seen,) = reader.read().runs
        assert set(seen.holders) == {"web-1"}
    assert len(folds) == 1
    plans.records.run("own", "run-1").apart().record("unlocked", node="web-1", by="olga", why="looked at it")
    (seen,) = reader.read(lambda: False).runs
    assert (set(seen.holders), len(folds)) == ({"web-1"}, 1)
    for _ in range(3):
        (seen,) = reader.read().runs
        assert (set(seen.holders), len(folds)) == (set(), 2)


def test_the_plan_that_opens_first_is_the_next_of_its_nodes(plans: OtherPlans) -> None:
    plans.plan("later", a_night("late"))
    plans.plan("own", BOTH)
    found = rows(plans)
    assert [None if (each := found[name].next) is None else each.plan for name in ("web-1", "web-2", "db-1")] == [
        "own",
        "own",
        None,
    ]


def test_a_record_that_cannot_be_believed_is_told_on_its_nodes_and_hides_no_other(plans: OtherPlans) -> None:
    half_good(plans)
    damaged = plans.armed("ledger-9", a_night("tonight"))
    (Path(str(damaged.ledger.folder)) / "ledger-000002.jsonl").write_text("{}\n")
    found = rows(plans)
    assert (found["web-1"].state, found["web-2"].state) == ("not known", "failed")
    (problem,) = found["web-1"].problems
    assert (problem.plan, "not intact" in str(problem.problem)) == ("ledger-9", True)


def test_a_run_whose_record_was_archived_is_named_with_where_it_is(plans: OtherPlans) -> None:
    run = half_good(plans)
    stone = Tombstone("own", "run-1", "0" * 64, 7, NOON, "mia", "/mnt/archive/own")
    plans.records.tombstones.put(stone, KEY)
    for segment in Path(str(run.ledger.folder)).glob("ledger-*.jsonl"):
        segment.unlink()
    (problem,) = rows(plans)["web-1"].problems
    assert problem.problem == f"its record was {stone}"


def test_runs_that_were_not_read_in_time_are_counted_and_read_by_the_next_look(plans: OtherPlans) -> None:
    half_good(plans)
    reader = NodeReader(plans.records)
    first = look(plans, reader, lambda: False)
    assert (first.runs.unread, {row.state for row in first.rows}) == (1, {"nothing recorded"})
    assert look(plans, reader).runs.unread == 0
    again = look(plans, reader, lambda: False)
    assert (again.runs.unread, again.runs.runs[0]) == (0, reader.read().runs[0])


def test_who_may_not_read_a_plan_does_not_learn_what_it_left(plans: OtherPlans) -> None:
    half_good(plans)
    both(plans, "other")
    found = look(plans)
    hers = {row.node: row for row in seen_nodes(found, {"other"}.__contains__, reads_all=False).rows}
    assert (hers["web-1"].installed, hers["web-1"].hidden) == ((), 1)
    assert hers["web-1"].state == "working"
    mine = {row.node: row for row in seen_nodes(found, {"own"}.__contains__, reads_all=False).rows}
    assert (mine["web-2"].holder, mine["web-2"].jobs, mine["web-2"].state) == (None, (), "not known")
    assert mine["web-2"].hidden == 3
    assert seen_nodes(found, set().__contains__, reads_all=False).rows == ()


def test_of_an_environment_without_plans_only_who_reads_everything_sees_the_nodes(plans: OtherPlans) -> None:
    found = look(plans)
    assert seen_nodes(found, set().__contains__, reads_all=False).rows == ()
    assert len(seen_nodes(found, set().__contains__, reads_all=True).rows) == 3


@pytest.mark.parametrize(
    ("wanted", "nodes"),
    [
        (NodeFilter(), ["db-1", "web-1", "web-2"]),
        (NodeFilter(environment="staging"), []),
        (NodeFilter(product="shop"), ["web-1"]),
        (NodeFilter(state="failed"), ["web-2"]),
        (NodeFilter(verified="yes"), ["web-1"]),
        (NodeFilter(verified="no"), []),
        (NodeFilter(holder="nobody"), ["db-1", "web-1", "web-2"]),
        (NodeFilter(holder="somebody"), []),
        (NodeFilter(text="NO SPACE"), ["web-2"]),
        (NodeFilter(text="run-1"), ["web-1", "web-2"]),
        (NodeFilter(text="web", state="done"), ["web-1"]),
    ],
)
def test_a_filter_takes_what_has_all_its_words(plans: OtherPlans, wanted: NodeFilter, nodes: list[str]) -> None:
    half_good(plans)
    assert [row.node for row in look(plans).rows if wanted.takes(row)] == nodes


def test_a_long_list_is_told_in_pages_each_of_which_names_the_next(plans: OtherPlans) -> None:
    found = look(plans)
    pages: list[Any] = []
    after = ""
    while not pages or after:
        page: Any = nodes_as_json(found, NodeFilter(), after=after, limit=2)
        pages.append([row["node"] for row in page["rows"]])
        assert (page["total"], page["matching"]) == (3, 3)
        after = page["next"] or ""
    assert pages == [["db-1", "web-1"], ["web-2"]]


def test_the_history_of_a_node_has_its_runs_the_latest_first_with_times_and_exit(plans: OtherPlans) -> None:
    half_good(plans)
    both(plans, "later")
    found = look(plans)
    row = next(each for each in found.rows if each.node == "web-2")
    told: Any = node_history_as_json(found, row, {"own", "later"}.__contains__, limit=20)
    assert [(each["plan"], each["outcome"], each["standing"]) for each in told["runs"]] == [
        ("later", None, "working"),
        ("own", "success_with_issues", "failed"),
    ]
    (result,) = told["runs"][1]["results"]
    assert (result["exit"], result["seconds"], result["why"]) == (3, 24.0, "exit 3: no space left")
    first: Any = node_history_as_json(found, row, {"own", "later"}.__contains__, limit=1)
    rest: Any = node_history_as_json(found, row, {"own", "later"}.__contains__, before=first["next"], limit=1)
    assert [each["plan"] for each in (*first["runs"], *rest["runs"])] == ["later", "own"]
    assert rest["next"] is None


def test_hostile_text_is_one_line_of_a_thousand_characters_that_turns_nothing_round(plans: OtherPlans) -> None:
    half_good(plans)
    row = next(each for each in look(plans).rows if each.node == "web-2")
    shown = node_as_json(replace(row, why="\u202e<b>\n" + "x" * 10_000))["why"]
    assert isinstance(shown, str)
    assert (shown.startswith("\\u202e<b>\\nxxx"), len(shown)) == (True, LONGEST + 1)


def test_no_text_becomes_a_formula_of_a_spreadsheet_or_a_line_of_its_own(plans: OtherPlans) -> None:
    half_good(plans)
    row = next(each for each in look(plans).rows if each.node == "web-2")
    hostile = [replace(row, why=why) for why in ("=cmd|' /C calc'!A0", "+1", "-1", "@x", " =1", "a\r\nb,c", "\u202ex")]
    lines = list(csv.reader(io.StringIO(nodes_as_csv(hostile))))
    assert lines[0] == list(HEAD)
    assert [line[3] for line in lines[1:]] == [
        "'=cmd|' /C calc'!A0",
        "'+1",
        "'-1",
        "'@x",
        "' =1",
        "a\\r\\nb,c",
        "\\u202ex",
    ]
    assert {len(line) for line in lines} == {len(HEAD)}


def test_a_node_is_drained_until_any_run_puts_it_back_and_only_who_may_know_is_told(plans: OtherPlans) -> None:
    run = both(plans)
    run.ledger.record("drain_begun", node="web-2", component="web", on=None)
    script_ended(run, "web-1", 0)
    script_ended(run, "web-2", 3)
    run.ledger.record("node_left_out", node="web-2", component="web", why="its deploy did not end well")
    wave_ended(run, nodes={"web-1": node_result(), "web-2": node_result("failed")}, excluded=["web-2"])
    end(plans, run, "success_with_issues")
    found = look(plans)
    told = {row.node: row.drained.words if row.drained else None for row in found.rows}
    assert told["web-1"] is None
    assert told["web-2"] is not None
    assert told["web-2"].startswith("drained since 2026-11-28")
    assert told["web-2"].endswith(": its deploy did not end well")
    assert all(row.drained is None for row in seen_nodes(found, lambda plan: plan != "own", reads_all=True).rows)

    later = both(plans, "later")
    later.clock.move_to(later.clock.now() + timedelta(hours=1))  # type: ignore[attr-defined]
    later.ledger.record("node_put_back", node="web-2", component="web")
    end(plans, later, "backed_out")
    assert rows(plans)["web-2"].drained is None
