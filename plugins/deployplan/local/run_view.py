"""What a run looks like at one moment: its phases, their tasks, and what it waits for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

PHASES = ("review", "window", "deploy", "verify", "backout", "outcome")

_BAD = ("failed", "upstream_failed")
_WAITING = {
    "awaiting_input": "waits for a person",
    "deferred": "waits",
    "up_for_retry": "tries again soon",
    "up_for_reschedule": "tries again soon",
    "running": "runs",
    "queued": "is about to start",
    "scheduled": "is about to start",
    "restarting": "is about to start",
}


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task and its state; `state` is empty while it has none."""

    task_id: str
    state: str

    @property
    def phase(self) -> str:
        return self.task_id.split(".")[0]

    @property
    def name(self) -> str:
        """The id without its phase: `web.wave_1`."""
        return self.task_id.partition(".")[2] or self.task_id


@dataclass(frozen=True, slots=True)
class RunView:
    """A run at one moment."""

    plan: str
    tasks: tuple[TaskView, ...]
    asked: Mapping[str, str]
    """Who is asked, by the id of the task that waits for an answer."""

    def phase(self, name: str) -> tuple[TaskView, ...]:
        return tuple(task for task in self.tasks if task.phase == name)

    def state_of(self, name: str) -> str:
        """A phase's state: failed, active, done, skipped, or empty before it began."""
        states = [task.state for task in self.phase(name)]
        if any(state in _WAITING for state in states):
            return "active"
        if any(state in _BAD for state in states):
            return "failed"
        if states and all(states):
            return "done" if "success" in states else "skipped"
        return "active" if any(states) else ""

    def waiting(self) -> tuple[str, ...]:
        """What the run is doing or waiting for now, one phrase a task."""
        return tuple(self._doing(task) for task in self.tasks if task.state in _WAITING)

    def _doing(self, task: TaskView) -> str:
        if task.state == "awaiting_input" and task.task_id in self.asked:
            return f"{task.task_id} waits for {self.asked[task.task_id]}"
        if task.state == "deferred" and task.phase == "window":
            return "waits for the release window"
        return f"{task.task_id} {_WAITING[task.state]}"


def view_of(plan: str, tasks: Iterable[Mapping[str, Any]], cards: Iterable[Mapping[str, Any]]) -> RunView:
    """The view of a run, from Airflow's task instances and open cards."""
    ordered = sorted(tasks, key=lambda task: (_place(task), task["start_date"] or "~", *_rank(str(task["task_id"]))))
    asked = {
        str(card["task_instance"]["task_id"]): " or ".join(str(person["name"]) for person in card["assigned_users"])
        for card in cards
    }
    return RunView(plan, tuple(TaskView(str(it["task_id"]), str(it["state"] or "")) for it in ordered), asked)


def _place(task: Mapping[str, Any]) -> int:
    phase = str(task["task_id"]).split(".")[0]
    return PHASES.index(phase) if phase in PHASES else len(PHASES)


def _rank(task_id: str) -> tuple[int, str]:
    """Where a task that has not begun will come within its phase, as far as its name tells."""
    name = task_id.partition(".")[2]
    first, last = ("controls", "preflight", "arm", "smoke", "decide"), ("verify",)
    return (first.index(name) if name in first else len(first) + (name in last), task_id)
