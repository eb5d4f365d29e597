"""What Airflow knows of a plan's windows: the run that it creates ahead of one, and the choice in the trigger form."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from builders import a_snapshot
from deployplan.airflow_glue import settings as settings_module
from deployplan.airflow_glue.dags import factory
from deployplan.airflow_glue.dags import timetable as timetable_module
from deployplan.airflow_glue.dags.dag_spec import Outline, outline_of
from deployplan.airflow_glue.dags.schedule import creation_of, window_params
from deployplan.airflow_glue.dags.timetable import NotDue, ReleaseTimetable
from deployplan.airflow_glue.plan_source import PlanSource
from deployplan.airflow_glue.settings import Settings
from deployplan.plan.snapshot import Snapshot
from deployplan.runbook import task_names
from deployplan.runbook.timing.past_runs import remember
from deployplan.testing import FrozenClock

pytestmark = pytest.mark.airflow

NIGHT = {"opens": "2026-11-28 22:00", "closes": "2026-11-29 02:00", "timezone": "UTC"}
SATURDAYS = {"rule": "FREQ=WEEKLY;BYDAY=SA", "first": "2026-01-03 22:00", "duration": "4h", "timezone": "UTC"}
NOON = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
OPENING = datetime(2026, 11, 28, 22, 0, tzinfo=UTC)
DAY = timedelta(days=1)
WEEK = timedelta(days=7)


@pytest.fixture
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FrozenClock:
    """Two days before the night, with records that are empty."""
    found = FrozenClock(NOON)
    store = Settings(tmp_path / "include", str(tmp_path / "records"), tmp_path / "signing.key")
    for module in (factory, timetable_module):
        monkeypatch.setattr(module, "SystemClock", lambda: found)
    monkeypatch.setattr(settings_module, "settings", lambda: store)
    return found


def a_release(window: dict[str, Any], **schedule: Any) -> Snapshot:
    return a_snapshot(schedule={"window": window, **schedule})


def a_dag(outline: Outline) -> Any:
    return factory.build_outlined(outline, PlanSource(outline.name, outline.digest, lambda: pytest.fail("not read")))


def serialised(outline: Outline) -> str:
    """The DAG as the database keeps it."""
    from airflow.serialization.serialized_objects import DagSerialization

    return json.dumps(DagSerialization.to_dict(a_dag(outline)), sort_keys=True)


def asked(snapshot: Snapshot, at: datetime = NOON, last: datetime | None = None) -> datetime | None:
    """When the next run is to be created, by a timetable that went through the database."""
    made = ReleaseTimetable(creation_of(outline_of(snapshot, at), at))
    again = ReleaseTimetable.deserialize(json.loads(json.dumps(made.serialize())))
    interval = None if last is None else SimpleNamespace(start=last, end=last)
    info = again.next_dagrun_info(last_automated_data_interval=interval, restriction=None)
    return None if info is None else info.run_after


def ended(snapshot: Snapshot, outcome: str, run_id: str = "run-1") -> None:
    """A run of the plan that has this outcome."""
    records = settings_module.settings().record_store()
    records.save_snapshot(snapshot.plan.name, snapshot.digest, snapshot.to_json())
    ledger = records.run(snapshot.plan.name, run_id).ledger()
    ledger.record("plan_frozen", plan=snapshot.plan.name, run=run_id, digest=snapshot.digest)
    ledger.record("outcome", outcome=outcome, because="of this test")
    remember(records, snapshot, run_id, ledger)


def test_a_run_is_created_so_long_before_its_window_opens(clock: FrozenClock) -> None:
    assert asked(a_release(NIGHT, create="24h before")) == OPENING - DAY
    assert asked(a_release(NIGHT)) is None


def test_an_edited_window_moves_the_creation(clock: FrozenClock) -> None:
    later = {**NIGHT, "opens": "2026-11-28 23:00"}
    assert asked(a_release(later, create="24h before")) == OPENING - DAY + timedelta(hours=1)


def test_of_a_window_that_comes_back_only_the_next_opening_is_asked_for(clock: FrozenClock) -> None:
    weekly = a_release(SATURDAYS, create="24h before")
    assert asked(weekly) == OPENING - DAY
    ended(weekly, "rejected")
    clock._now = OPENING + DAY
    assert asked(weekly, clock.now()) is None


def test_a_plan_that_is_written_too_late_for_its_creation_and_before_its_window_gets_its_run_at_once(
    clock: FrozenClock,
) -> None:
    clock._now = OPENING - timedelta(hours=1)
    assert asked(a_release(NIGHT, create="24h before"), clock.now()) == OPENING - DAY


def test_nothing_is_created_once_the_window_has_opened(clock: FrozenClock) -> None:
    clock._now = OPENING
    assert asked(a_release(NIGHT, create="24h before"), clock.now()) is None
    assert asked(a_release(SATURDAYS, create="24h before"), clock.now()) == OPENING - DAY + WEEK


def test_no_second_run_is_created_for_the_same_opening(clock: FrozenClock) -> None:
    assert asked(a_release(NIGHT, create="24h before"), last=OPENING - DAY) is None


def test_a_run_under_way_and_a_released_plan_get_none(clock: FrozenClock) -> None:
    plan = a_release(NIGHT, create="24h before")
    records = settings_module.settings().record_store()
    records.open_run("shop-2", "run-1", plan.digest)
    assert asked(plan) is None
    records.close_run("shop-2", "run-1")
    assert asked(plan) == OPENING - DAY
    ended(a_release(NIGHT), "success_with_issues")  # whatever was edited since
    assert asked(plan) is None


def test_a_plan_that_was_not_released_gets_a_run_again_once_it_is_edited(clock: FrozenClock) -> None:
    plan = a_release(NIGHT, create="24h before")
    ended(plan, "rejected")
    assert asked(plan) is None
    assert asked(a_release(NIGHT, create="23h before")) == OPENING - DAY + timedelta(hours=1)


def test_a_run_that_was_due_during_an_outage_is_not_created_late(clock: FrozenClock) -> None:
    made = ReleaseTimetable(creation_of(outline_of(a_release(NIGHT, create="24h before"), NOON), NOON))
    model = SimpleNamespace(dag_id="shop-2", next_dagrun=OPENING, next_dagrun_create_after=OPENING - DAY)
    clock._now = OPENING + timedelta(minutes=1)
    with pytest.raises(NotDue, match="no run of shop-2 is created: its window opened at 2026-11-28T22:00:00"):
        made.next_run_info_from_dag_model(dag_model=model)
    assert (model.next_dagrun, model.next_dagrun_create_after, model.next_dagrun_data_interval) == (None, None, None)


def test_a_dag_stays_the_same_from_parse_to_parse_until_an_opening_passes(clock: FrozenClock) -> None:
    weekly = a_release(SATURDAYS, create="24h before")
    before = serialised(outline_of(weekly, NOON))
    for hours in (1, 30, 57):
        clock._now = NOON + timedelta(hours=hours)
        kept = Outline.of_json(json.loads(json.dumps(outline_of(weekly, NOON).as_json())))
        assert serialised(outline_of(weekly, clock.now())) == before
        assert serialised(kept) == before, "an outline from the cache gives another DAG"
    clock._now = OPENING + timedelta(hours=4)
    assert serialised(outline_of(weekly, clock.now())) != before


def test_openings_that_are_computed_ahead_are_used_up_before_they_run_out(clock: FrozenClock) -> None:
    offer = outline_of(a_release(SATURDAYS), NOON).offer
    assert len(offer.ahead(NOON)) == 5
    assert not offer.is_used_up(NOON + 15 * WEEK)
    assert offer.is_used_up(NOON + 17 * WEEK)
    assert not outline_of(a_release(NIGHT), NOON).offer.is_used_up(NOON + 17 * WEEK)


def test_the_trigger_form_offers_the_next_openings_by_local_time_and_takes_the_first(clock: FrozenClock) -> None:
    (param,) = window_params(outline_of(a_release(SATURDAYS), NOON).offer.ahead(NOON)).values()
    assert param.value == "2026-11-28T22:00+00:00"
    assert len(param.schema["enum"]) == 5
    assert param.schema["values_display"][param.value] == "Sat 2026-11-28 22:00 to Sun 02:00 UTC, release window"


def test_a_plan_that_may_start_at_any_time_has_nothing_to_choose(clock: FrozenClock) -> None:
    assert window_params(outline_of(a_snapshot(), NOON).offer.ahead(NOON)) == {}


def test_a_choice_that_has_passed_since_ends_neither_a_triggerer_nor_a_task(clock: FrozenClock) -> None:
    """Airflow checks the parameters again in both; in a triggerer an error there would end all its triggers."""
    from airflow.sdk.definitions.param import process_params
    from airflow.serialization.serialized_objects import DagSerialization

    outlined = a_dag(outline_of(a_release(SATURDAYS), NOON))
    kept = DagSerialization.from_dict(json.loads(json.dumps(DagSerialization.to_dict(outlined))))
    conf = {task_names.WINDOW_PARAM: "2026-11-21T22:00+00:00", task_names.REDEPLOY_PARAM: True}
    for dag in (outlined, kept):
        found = process_params(dag, dag.get_task(task_names.SMOKE), conf, suppress_exception=False)
        assert found == conf
    in_a_task = factory.build_dag(a_release(SATURDAYS))
    assert process_params(in_a_task, in_a_task.get_task(task_names.ARM), conf, suppress_exception=False) == conf
