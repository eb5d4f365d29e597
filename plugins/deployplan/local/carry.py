"""One plan carried through Airflow as its people would do it: triggered, approved, watched to its outcome."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import httpx

from deployplan.evidence.error import RecordError
from deployplan.evidence.kinds import event_in
from deployplan.evidence.kinds.review import ControlChecked
from deployplan.evidence.record import RunRecord
from deployplan.evidence.story import sentence
from deployplan.local.airflow_api import AirflowApi
from deployplan.local.progress import Progress
from deployplan.local.rest_session import AirflowRefused, Json
from deployplan.local.run_view import view_of

ANSWER_AFTER = 5.0
"""Seconds that a card is left alone: an answer that comes while its task is still parking can be lost. A lost one is
asked for again, and answered again."""
BETWEEN_LOOKS = 1.0


@dataclass
class Carrier:
    """The engineer who triggers, and the people who answer the cards that Airflow puts up."""

    engineer: AirflowApi
    people: Mapping[str, AirflowApi]
    records: str
    answer_after: float = ANSWER_AFTER
    within: float = 300.0
    _seen: dict[str, float] = field(default_factory=dict)

    def carry(self, plan: str, run_id: str, progress: Progress) -> str:
        """Trigger the plan and see it through. Returns its outcome; `unknown` when it is not over in time."""
        self.engineer.trigger(plan, run_id, note="started by `deployplan demo`")
        told = 0
        deadline = time.monotonic() + self.within
        while time.monotonic() < deadline:
            over = self.engineer.run_state(plan, run_id) in ("success", "failed")
            cards = self.engineer.cards(plan, run_id)
            progress.show(view_of(plan, self.engineer.tasks(plan, run_id).values(), cards))
            told = self._tell(plan, run_id, told, progress)
            if over:
                return str(self.engineer.xcom(plan, run_id, "outcome", "outcome") or "unknown")
            self._answer(cards, progress)
            time.sleep(BETWEEN_LOOKS)
        progress.say(f"{plan} is not over after {self.within:.0f} s")
        return "unknown"

    def _tell(self, plan: str, run_id: str, told: int, progress: Progress) -> int:
        """Tell what the run's ledger has got since last time: waves, nodes, readings, decisions."""
        try:
            entries = RunRecord(self.records, plan, run_id).ledger().entries()
        except (RecordError, OSError):
            return told
        for entry in entries[told:]:
            # Twenty gates that hold are no news.
            event = event_in(entry)
            if not (isinstance(event, ControlChecked) and event.ok):
                progress.say(f"{plan} | {sentence(entry)}")
        return len(entries)

    def _answer(self, cards: Sequence[Json], progress: Progress) -> None:
        """Give each approval card its yes, from the first of our people who may."""
        for card in cards:
            task, may = card["task_instance"], {str(person["id"]) for person in card["assigned_users"]}
            since = self._seen.setdefault(str(task["id"]), time.monotonic())
            person = next((name for name in self.people if name in may), None)
            if "Approve" not in card["options"] or person is None or time.monotonic() - since < self.answer_after:
                continue
            self._approve(person, task, progress)

    def _approve(self, person: str, task: Json, progress: Progress) -> None:
        try:
            self.people[person].answer(task["dag_id"], task["dag_run_id"], task["task_id"], "Approve")
        except (AirflowRefused, httpx.TransportError) as error:
            # Somebody may have answered in the UI meanwhile; the next look tells.
            progress.say(f"{person} could not approve: {error}")
        else:
            progress.say(f"{task['dag_id']} | {person} approves ({task['task_id']})")
