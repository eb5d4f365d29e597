"""A record store and plans in it, of which some are under way or over, as their runs would have left them."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from builders import an_include, write_plan
from deployplan.evidence.record import Records
from deployplan.plan.load.loading import load
from deployplan.plan.snapshot import Snapshot
from deployplan.runbook.run.run import Run
from deployplan.runbook.timing.past_runs import remember
from deployplan.testing import FrozenClock
from unit.runbook.runs import KEY, NOON, a_run

TIMES = {"tonight": ("28 22:00", "28 23:30"), "late": ("28 23:00", "29 02:00"), "long": ("28 22:00", "29 06:00")}


def a_night(name: str) -> str:
    """The YAML text of a schedule: `tonight` 22:00 to 23:30, `late` 23:00 to 02:00, `long` 22:00 to 06:00, in UTC."""
    opens, closes = TIMES[name]
    return f"schedule: {{window: {{opens: 2026-11-{opens}, closes: 2026-11-{closes}, timezone: UTC}}}}\n"


class OtherPlans:
    """An include folder and a record store; each plan works on web-1 for at most ten minutes, and keeps thirty."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.include = an_include(folder / "include")
        self.records = Records(folder / "records", key=KEY)

    def plan(self, name: str, text: str) -> Snapshot:
        """Write a plan and return it."""
        write_plan(self.include, name, text)
        return load(self.include.plan_path(name), self.include)

    def run(self, name: str, text: str, *, at: datetime = NOON) -> Run:
        """The run of a plan, with its record opened, whose review has begun."""
        snapshot, clock = self.plan(name, text), FrozenClock(at)
        self.records.save_snapshot(name, snapshot.digest, snapshot.to_json())
        self.records.open_run(name, "run-1", snapshot.digest)
        ledger = self.records.run(name, "run-1").ledger(clock=clock)
        ledger.record("plan_frozen", plan=name, run="run-1", digest=snapshot.digest)
        made = a_run(self.folder / name, snapshot=snapshot, at=at)
        return replace(made, ledger=ledger, clock=clock, include=self.include, records=self.records)

    def approved(self, name: str, text: str) -> Run:
        """A run that waits for its window."""
        run = self.run(name, text)
        run.ledger.record("seat_asked", seat=1, people=["mia"], digest=run.snapshot.digest)
        run.ledger.record("approved", seat=1, person="mia", digest=run.snapshot.digest)
        return run

    def armed(self, name: str, text: str) -> Run:
        """A run that has taken its nodes."""
        run = self.approved(name, text)
        run.ledger.record("armed", generation=1, nodes=["web-1"], digest=run.snapshot.digest)
        return run

    def ended(self, name: str, text: str, outcome: str) -> Run:
        """A run that is over."""
        run = self.armed(name, text)
        run.ledger.record("outcome", outcome=outcome, because="")
        remember(self.records, run.snapshot, run.run_id, run.ledger)
        self.records.close_run(name, "run-1")
        return run
