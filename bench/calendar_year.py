"""How long does a year's calendar take with 1,000 plans, and how does that grow with their number?

Run: PYTHONPATH=plugins python bench/calendar_year.py
"""

import json
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from deployplan.evidence.record import Records
from deployplan.plan.include import Include
from deployplan.plan.load.loading import load_all, load_infrastructure
from deployplan.plan.model.infrastructure import Infrastructure
from deployplan.plan.snapshot import Snapshot
from deployplan.runbook.calendar.calendar import Calendar, calendar_of
from deployplan.runbook.timing.past_runs import history_of, remember
from deployplan.ui.calendar_ics import as_ics
from deployplan.ui.calendar_rows import as_json, calendar_rows
from deployplan.window.interval import Interval

NODES = 200
YEAR = Interval(datetime(2026, 12, 31, 23, tzinfo=UTC), datetime(2027, 12, 31, 23, tzinfo=UTC))
ROUNDS = 3
INFRASTRUCTURE = """\
connection: ssh_production
timezone: Europe/Paris
nodes: {{{nodes}}}
windows:
  - {{name: third saturday, rule: FREQ=MONTHLY;BYDAY=3SA, first: 2026-01-17 22:00, duration: 4h}}
  - {{name: tuesdays, rule: FREQ=WEEKLY;BYDAY=TU, first: 2026-01-06 20:00, duration: 3h}}
freezes:
  - {{name: year end, rule: FREQ=YEARLY, first: 2026-12-20 00:00, duration: 15d}}
  - {{name: month end, rule: FREQ=MONTHLY;BYMONTHDAY=-1, first: 2026-01-31 18:00, duration: 1d}}
  - {{name: holidays, holidays: FR}}
  - {{name: changes, calendar: changes.ics}}
  - {{name: audit, from: 2027-03-01 00:00, to: 2027-03-08 00:00, nodes: [n1, n2, n3]}}
"""
CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//bench//EN
BEGIN:VEVENT
UID:1
DTSTART;TZID=Europe/Paris:20260105T060000
DTEND;TZID=Europe/Paris:20260105T200000
RRULE:FREQ=MONTHLY;BYDAY=1MO
SUMMARY:closing of the books
END:VEVENT
END:VCALENDAR
"""
PROCEDURE = """\
environment: production
author: erin
scope: {release: {product: shop, version: "2", previous: "1"}, summary: The shop}
components: {web: {nodes: [n1], deploy: "true", undo: "true"}}
approval: {authorities: {mia: deployment manager}}
success: {health: {http: "http://{node}/health"}}
"""


def include_of(count: int, folder: Path) -> Include:
    """Two thirds of the plans have a night of their own, the others take the environment's next window."""
    include = Include(folder)
    for each in (include.plans, include.procedures, include.infrastructure):
        each.mkdir(parents=True)
    nodes = ", ".join(f"n{number}: 10.0.{number // 250}.{number % 250}" for number in range(NODES))
    (include.infrastructure / "production.yaml").write_text(INFRASTRUCTURE.format(nodes=nodes))
    (include.infrastructure / "changes.ics").write_text(CALENDAR)
    (include.procedures / "shop.yaml").write_text(PROCEDURE)
    for number in range(count):
        at = datetime.fromisoformat("2027-01-01 22:00") + timedelta(days=number * 7 % 360)
        own = f"{{opens: {at:%Y-%m-%d %H:%M}, closes: {at + timedelta(hours=4):%Y-%m-%d %H:%M}}}"
        nodes = ", ".join(f"n{(number * 3 + each) % NODES}" for each in range(4))
        (include.plans / f"p{number}.yaml").write_text(
            f"plan: p{number}\nfollows: shop\ncomponents: {{web: {{nodes: [{nodes}]}}}}\n"
            f"schedule: {{window: {own if number % 3 else 'next'}}}\n"
        )
    return include


def records_of(snapshots: dict[str, Snapshot], folder: Path) -> Records:
    """A record store in which every third plan has been released, and ten are under way."""
    records = Records(folder)
    for number, (name, snapshot) in enumerate(snapshots.items()):
        if number % 3 == 0 or number % 100 == 1:
            records.save_snapshot(name, snapshot.digest, snapshot.to_json())
            ledger = records.run(name, "run-1").ledger()
            ledger.record("plan_frozen", plan=name, run="run-1", digest=snapshot.digest)
            if number % 3 == 0:
                ledger.record("outcome", outcome="success", because="")
                remember(records, snapshot, "run-1", ledger)
            else:
                records.open_run(name, "run-1", snapshot.digest)
    return records


def median_s(ask: Callable[[], object]) -> float:
    """The median of some rounds, in CPU seconds."""
    taken = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        ask()
        taken.append(time.process_time() - begun)
    return statistics.median(taken)


def measure(count: int) -> dict[str, float]:
    """The median of each part, in seconds."""
    with tempfile.TemporaryDirectory() as folder:
        include = include_of(count, Path(folder) / "include")
        loading = median_s(lambda: load_all(include))
        result, today = load_all(include), load_infrastructure("production", include)
        assert len(result.snapshots) == count, result.problems[:3]
        snapshots = dict(result.snapshots)
        records = records_of(snapshots, Path(folder) / "records")

        def calendar(store: Records | None) -> Calendar:
            return calendar_of("production", today, _fresh(snapshots, today), YEAR, at=YEAR.start, records=store)

        made = calendar(records)
        print(f"{count} plans: {len(made.plans)} shown, {sum(bool(each.rivals) for each in made.plans)} in conflict")
        return {
            "read the plans": loading,
            "history": median_s(lambda: history_of(records, "production", "shop")),
            "calendar, no records": median_s(lambda: calendar(None)),
            "calendar": median_s(lambda: calendar(records)),
            "... as lines": median_s(lambda: calendar_rows(made)),
            "... as JSON": median_s(lambda: json.dumps(as_json(made))),
            "... as iCalendar": median_s(lambda: as_ics([made], YEAR.start)),
        }


def _fresh(snapshots: dict[str, Snapshot], today: Infrastructure) -> dict[str, Snapshot]:
    """Snapshots that have computed nothing yet."""
    return {name: each.model_copy(update={"infrastructure": today}) for name, each in snapshots.items()}


def main() -> None:
    few, many = measure(100), measure(1000)
    for part, taken in many.items():
        print(f"{part:20} {taken:7.3f} s for 1000 plans, {taken / few[part]:6.1f} times that of 100")
    print(f"{'calendar and lines':20} {many['calendar'] + many['... as lines']:7.3f} s; the aim is 2 s")


if __name__ == "__main__":
    main()
