"""What was released where and by whom, and the ended runs: searched, in pages, compared with earlier ones."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from deployplan.evidence.archive import Tombstone
from deployplan.evidence.end import End
from deployplan.runbook.run.run import Run
from deployplan.runbook.timing.past_runs import PastRun, WaveTime, remember
from deployplan.ui.history import EndedRun, HistoryFilter, HistoryPage, current_releases, find_runs, with_pace
from deployplan.ui.history_json import MissedNow, current_as_json, runs_as_json
from deployplan.ui.history_reader import HistoryReader
from unit.runbook.other_plans import OtherPlans, a_night
from unit.runbook.runs import KEY, NOON

HOUR = timedelta(hours=1)
TICKETS = """\
change: CHG-77
scope:
  release: {product: shop, version: "2.1", previous: "2"}
  summary: Vouchers
  fixes: [INC-9]
  features: {SHOP-12: Vouchers at the till}
"""


@pytest.fixture
def plans(tmp_path: Path) -> OtherPlans:
    return OtherPlans(tmp_path)


def end(plans: OtherPlans, run: Run, outcome: str, after: timedelta = HOUR, because: str = "") -> None:
    """The end of a run so long after noon."""
    run.clock.move_to(NOON + after)  # type: ignore[attr-defined]
    run.ledger.record("outcome", outcome=outcome, because=because)
    remember(plans.records, run.snapshot, run.run_id, run.ledger)
    plans.records.close_run(run.snapshot.plan.name, run.run_id)


def find(plans: OtherPlans, *, after: str = "", limit: int = 50, reads: Any = bool, **wanted: str) -> HistoryPage:
    reader = HistoryReader(plans.records)
    return find_runs(reader.ends()[0], HistoryFilter(**wanted), reader.facts, reads, after=after, limit=limit)


def named(page: HistoryPage) -> list[str]:
    return [ended.run.plan for ended, _ in page.rows]


def test_an_ended_run_says_how_and_why_it_ended_and_who_approved_it(plans: OtherPlans) -> None:
    end(plans, plans.armed("own", a_night("tonight") + TICKETS), "success", because="every criterion held")
    ((ended, facts),) = find(plans).rows
    assert (ended.environment, ended.product, ended.run.outcome) == ("production", "shop", "success")
    assert (facts.release, facts.approved_by, facts.author, facts.nodes) == ("2.1", ("mia",), "erin", ("web-1",))
    assert (facts.tickets, facts.features, facts.because) == (
        ("CHG-77", "INC-9"),
        {"SHOP-12": "Vouchers at the till"},
        "every criterion held",
    )


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["other", "own"]),
        ({"text": "chg-77"}, ["own"]),
        ({"text": "CHG-77", "within": "ticket"}, ["own"]),
        ({"text": "vouchers", "within": "feature"}, ["own"]),
        ({"text": "vouchers", "within": "ticket"}, []),
        ({"text": "mia", "within": "person"}, ["other", "own"]),
        ({"text": "web-1", "within": "node"}, ["other", "own"]),
        ({"text": "web-2", "within": "node"}, []),
        ({"outcome": "backed_out"}, ["other"]),
        ({"product": "till"}, []),
        ({"environment": "production", "text": "other"}, ["other"]),
    ],
)
def test_runs_are_found_by_ticket_feature_person_and_node(
    plans: OtherPlans, wanted: dict[str, str], found: list[str]
) -> None:
    end(plans, plans.armed("own", a_night("tonight") + TICKETS), "success")
    end(plans, plans.armed("other", a_night("late")), "backed_out", 2 * HOUR)
    assert named(find(plans, **wanted)) == found


def test_pages_go_on_where_the_one_before_ended(plans: OtherPlans) -> None:
    for number in range(5):
        end(plans, plans.armed(f"own-{number}", a_night("tonight")), "success", number * HOUR)
    pages, after = [], ""
    while not pages or after:
        page = find(plans, after=after, limit=2)
        pages.append(named(page))
        after = page.next or ""
    assert pages == [["own-4", "own-3"], ["own-2", "own-1"], ["own-0"]]


def test_where_time_is_over_the_page_is_cut_and_the_next_goes_on_there(plans: OtherPlans) -> None:
    for number in range(4):
        end(plans, plans.armed(f"own-{number}", a_night("tonight")), "success", number * HOUR)
    reader = HistoryReader(plans.records)
    ends, _ = reader.ends()
    asked: list[str] = []

    def facts_of(ended: EndedRun) -> Any:
        asked.append(ended.run.plan)
        return reader.facts(ended, lambda: len(asked) < 3)

    first = find_runs(ends, HistoryFilter(text="own-0"), facts_of, bool, limit=10)
    assert (first.rows, first.cut) == ((), True)
    rest = find_runs(ends, HistoryFilter(text="own-0"), reader.facts, bool, after=first.next or "", limit=10)
    assert (named(rest), rest.cut, rest.next) == (["own-0"], False, None)
    assert asked == ["own-3", "own-2", "own-1"]


def test_what_is_where_is_the_latest_release_and_what_came_after_it_is_told(plans: OtherPlans) -> None:
    end(plans, plans.armed("own", a_night("tonight") + TICKETS), "success")
    end(plans, plans.armed("other", a_night("late")), "backed_out", 2 * HOUR)
    ends, _ = HistoryReader(plans.records).ends()
    (cell,) = current_releases(ends, bool)
    assert cell.since is not None
    assert cell.later is not None
    assert (cell.since.run.plan, cell.later.run.plan, cell.doubt) == ("own", "other", False)
    end(plans, plans.armed("third", a_night("late")), "backout_failed", 3 * HOUR)
    (cell,) = current_releases(HistoryReader(plans.records).ends()[0], bool)
    assert (cell.later is not None and cell.later.run.plan, cell.doubt) == ("third", True)


def test_a_release_that_was_taken_back_is_not_what_is_there(plans: OtherPlans) -> None:
    end(plans, plans.armed("own", a_night("tonight")), "success")
    run = plans.armed("other", a_night("late"))
    end(plans, run, "success", 2 * HOUR)
    end(plans, run, "backed_out", 3 * HOUR)
    (cell,) = current_releases(HistoryReader(plans.records).ends()[0], bool)
    assert (cell.since is not None and cell.since.run.plan, cell.later is not None and cell.later.run.plan) == (
        "own",
        "other",
    )


def test_plans_that_one_may_not_read_are_in_no_answer(plans: OtherPlans) -> None:
    end(plans, plans.armed("own", a_night("tonight")), "success")
    end(plans, plans.armed("secret", a_night("late")), "success", 2 * HOUR)
    reads = {"own"}.__contains__
    reader = HistoryReader(plans.records)
    ends, older = reader.ends()
    page = find(plans, reads=reads)
    assert named(page) == ["own"]
    assert "secret" not in str(runs_as_json(page, ends, older, reads))
    assert "secret" not in str(current_as_json(current_releases(ends, reads), reader.facts, MissedNow()))


@pytest.mark.parametrize("outcome", ["success", "backed_out", "backout_failed"])
def test_what_is_where_is_not_told_from_a_part_of_the_runs_only_that_the_rest_may_not_be_read(
    plans: OtherPlans, outcome: str
) -> None:
    """An older release is not called the current one because the plan that replaced it is somebody else's."""
    end(plans, plans.armed("own", a_night("tonight")), "success")
    end(plans, plans.armed("secret", a_night("late")), outcome, 2 * HOUR)
    ends, _ = HistoryReader(plans.records).ends()
    (cell,) = current_releases(ends, {"own"}.__contains__)
    assert (cell.later, cell.doubt, cell.hidden) == (None, True, True)
    assert (cell.since is None) == (outcome == "success")
    assert current_releases(ends, {"third"}.__contains__) == ()
    (whole,) = current_releases(ends, bool)
    assert (whole.hidden, whole.doubt) == (False, outcome == "backout_failed")


def test_a_run_that_changed_nothing_takes_no_doubt_away(plans: OtherPlans) -> None:
    end(plans, plans.armed("own", a_night("tonight")), "success")
    end(plans, plans.armed("other", a_night("late")), "backout_failed", 2 * HOUR)
    end(plans, plans.armed("third", a_night("late")), "rejected", 3 * HOUR)
    (cell,) = current_releases(HistoryReader(plans.records).ends()[0], bool)
    assert (cell.later is not None and cell.later.run.plan, cell.doubt) == ("other", True)


def a_release(number: int, seconds: float, nodes: int = 3) -> tuple[End, PastRun]:
    at = NOON + number * HOUR
    wave = WaveTime("web", 1, 1, nodes, seconds)
    run = PastRun("own", f"run-{number}", "d", "success", at, at, (wave,))
    return End("own", run.run_id, "production", "shop", at, "h", 1, {}), run


def test_a_release_is_compared_with_what_nine_in_ten_of_the_earlier_ones_took() -> None:
    ends = [a_release(number, 60 + number) for number in range(5)]
    found = with_pace([*ends, a_release(5, 70), a_release(6, 61)])
    paces = [each.pace for each in found]
    assert [None if pace is None else (pace.usual, pace.runs) for pace in paces[:3]] == [(70, 6), (64, 5), (None, 4)]
    assert [pace and pace.told for pace in paces[:3]] == [
        "not slower than the p90 of 6 earlier runs",
        "slower than the p90 of 5 earlier runs",
        "no p90 yet (4 earlier runs with these waves, 5 make one)",
    ]


def test_other_waves_and_runs_that_released_nothing_are_not_compared() -> None:
    ends = [a_release(number, 60) for number in range(5)]
    other = a_release(5, 60, nodes=30)
    failed = a_release(6, 60)[0], replace(a_release(6, 60)[1], outcome="backed_out")
    failed_now, other_now, *_ = with_pace([*ends, other, failed])
    assert failed_now.pace is None
    assert other_now.pace is not None
    assert (other_now.pace.usual, other_now.pace.runs) == (None, 0)


def test_a_damaged_and_an_archived_record_are_named_and_hide_no_other(plans: OtherPlans) -> None:
    end(plans, plans.armed("own", a_night("tonight") + TICKETS), "success")
    damaged, gone = plans.armed("damaged", a_night("late")), plans.armed("gone", a_night("late"))
    end(plans, damaged, "success", 2 * HOUR)
    end(plans, gone, "success", 3 * HOUR)
    (Path(str(damaged.ledger.folder)) / "ledger-000002.jsonl").write_text("{}\n")
    stone = Tombstone("gone", "run-1", "0" * 64, 7, NOON, "mia", "/mnt/archive/gone")
    plans.records.tombstones.put(stone, KEY)
    for segment in Path(str(gone.ledger.folder)).glob("ledger-*.jsonl"):
        segment.unlink()
    facts = {ended.run.plan: each for ended, each in find(plans).rows}
    assert facts["gone"].problem == f"its record was {stone}"
    assert "not intact" in str(facts["damaged"].problem)
    assert (facts["damaged"].release, facts["damaged"].approved_by) == ("2", ())
    assert facts["own"].problem is None


@pytest.mark.parametrize("lie", ["outcome", "head", "entries"])
def test_a_note_of_an_end_that_its_record_does_not_bear_out_is_not_believed(plans: OtherPlans, lie: str) -> None:
    run = plans.armed("own", a_night("tonight"))
    end(plans, run, "backed_out")
    (note,) = plans.records.ends.all()
    forged = {"outcome": {"facts": {**note.facts, "outcome": "success"}}, "head": {"head": "0" * 64}}
    changes: Any = forged.get(lie, {"entries": note.entries + 1})
    plans.records.ends.put(replace(note, at=note.at + HOUR, mac=None, **changes), lambda _: None)
    (told,), count = [facts.problem for _, facts in find(plans).rows], note.entries
    assert (
        told
        == {
            "outcome": "the note of its end says success, and its record backed_out",
            "head": f"the note of its end names another entry {count} than its record has",
            "entries": f"the note of its end names {count + 1} entries of evidence, and there are {count}",
        }[lie]
    )
