"""The figures of sixty runs in every phase and with every outcome: what is counted is what the page shows."""

from datetime import timedelta

import pytest

from deployplan.clock import SystemClock
from deployplan.evidence.hold import Hold
from deployplan.plan.load.loading import load_all, load_infrastructure
from deployplan.runbook.run.outcome_kinds import Outcome
from deployplan.ui.gauges import FAR, gauges_now, places_of
from deployplan.ui.run_reader import RunReader
from deployplan.ui.tonight import Sources, Tonight, WaitsFor, read_tonight
from prepared_store import PreparedStore

SHOP = (("environment", "production"), ("product", "shop"))


def look(prepared: PreparedStore, hold: Hold | None = None) -> tuple[Tonight, dict[tuple[object, ...], float]]:
    plans, now = load_all(prepared.include), SystemClock().now()
    tonight = read_tonight(
        Sources(
            prepared.include,
            prepared.records,
            RunReader(prepared.records),
            plans.snapshots,
            lambda environment: load_infrastructure(environment, prepared.include),
            hold,
        ),
        now,
    )
    return tonight, {(each.name, *sorted(each.tags.items())): each.value for each in gauges_now(tonight, now)}


@pytest.fixture(scope="module")
def found(prepared: PreparedStore) -> tuple[Tonight, dict[tuple[object, ...], float]]:
    return look(prepared)


def test_every_run_is_counted_once_by_what_it_waits_for_or_how_it_ended(
    found: tuple[Tonight, dict[tuple[object, ...], float]],
) -> None:
    tonight, figures = found
    shop = [row for row in tonight.rows if row.product == "shop" and row.run is not None]
    ended = {outcome: figures[("releases_ended", SHOP[0], ("outcome", str(outcome)), SHOP[1])] for outcome in Outcome}
    assert ended == dict.fromkeys(Outcome, 1)
    waiting = {str(why): figures[("runs_waiting", *SHOP, ("reason", str(why)))] for why in WaitsFor}
    assert waiting == {"people": 4, "checks": 1, "hold": 0, "queue": 1, "lock": 1, "window": 3}
    counted = sum(ended.values()) + sum(waiting.values()) + figures[("runs_working", *SHOP)]
    assert counted + figures[("records_damaged", *SHOP)] == len(shop)


def test_cards_windows_and_nodes_are_figures_and_what_there_is_none_of_is_zero(
    found: tuple[Tonight, dict[tuple[object, ...], float]],
) -> None:
    _, figures = found
    assert 0 < figures[("card_age_seconds", *SHOP)] <= 3600
    assert 0 <= figures[("window_left_seconds", *SHOP)] < FAR.total_seconds()
    assert figures[("nodes_failed", *SHOP)] > 0
    assert figures[("nodes_locked", *SHOP)] > 0
    assert figures[("hold_seconds",)] == figures[("runs_unread",)] == 0


def test_a_hold_has_an_age_and_is_what_runs_wait_for(prepared: PreparedStore) -> None:
    hold = Hold("inventory", "mia", SystemClock().now() - timedelta(days=2))
    _, figures = look(prepared, hold)
    assert figures[("hold_seconds",)] == pytest.approx(2 * 86400, abs=60)
    assert figures[("runs_waiting", *SHOP, ("reason", "hold"))] > 0


def test_a_place_of_which_nothing_is_left_is_told_as_zero_and_names_are_the_same_everywhere(
    found: tuple[Tonight, dict[tuple[object, ...], float]],
) -> None:
    tonight, figures = found
    gone = gauges_now(Tonight(()), SystemClock().now(), places_of(tonight))
    assert {(each.name, *sorted(each.tags.items())) for each in gone} == figures.keys()
    told = {each.name: each.value for each in gone}
    assert told["window_left_seconds"] == FAR.total_seconds()
    assert sum(value for name, value in told.items() if name != "window_left_seconds") == 0
