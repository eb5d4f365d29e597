"""What the state of a task instance means for its work on the nodes."""

from collections.abc import Mapping

ENDED_BY_A_PERSON = {"failed", "success", "skipped", "upstream_failed", "removed"}
"""States in which a task's remote work must not go on. After a clear the next try attaches, so nothing is ended."""


def states_in_run(answer: Mapping[str, Mapping[str, str | None]], run_id: str) -> Mapping[str, str | None]:
    """The states by task id, from what `get_task_states` answers; a task that has none yet is missing there."""
    return answer.get(run_id) or {}
