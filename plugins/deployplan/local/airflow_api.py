"""Airflow's public REST API, as far as carrying a plan through needs it."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from deployplan.local.rest_session import AirflowRefused, Json, RestSession


class AirflowApi(RestSession):
    """What one person can see and do in Airflow; errors and patience as in RestSession."""

    # -- what there is

    def health(self) -> Json:
        """The state of each component, as Airflow sees it; needs no login."""
        return self._object("GET", "/api/v2/monitor/health", login=False)

    def dags(self) -> tuple[Json, ...]:
        return self._list("/api/v2/dags", "dags")

    def dag(self, dag_id: str) -> Json:
        return self._object("GET", f"/api/v2/dags/{_q(dag_id)}")

    def import_errors(self) -> tuple[Json, ...]:
        return self._list("/api/v2/importErrors", "import_errors")

    def plugins(self) -> tuple[Json, ...]:
        return self._list("/api/v2/plugins", "plugins")

    def unpause(self, dag_id: str) -> Json:
        return self._object("PATCH", f"/api/v2/dags/{_q(dag_id)}", {"is_paused": False})

    # -- runs

    def trigger(
        self, dag_id: str, run_id: str, *, conf: Mapping[str, Any] | None = None, note: str | None = None
    ) -> Json:
        """Start a run; a run of that id that is already there is returned instead of a second one."""
        body: Json = {"dag_run_id": run_id, "logical_date": None, "conf": dict(conf or {})}
        if note is not None:
            body["note"] = note
        try:
            return self._object("POST", f"/api/v2/dags/{_q(dag_id)}/dagRuns", body)
        except AirflowRefused as error:
            # A first try that answered 500 may have done its work all the same.
            if error.status != 409:
                raise
            return self.run(dag_id, run_id)

    def runs(self, dag_id: str) -> tuple[Json, ...]:
        return self._list(f"/api/v2/dags/{_q(dag_id)}/dagRuns", "dag_runs")

    def run(self, dag_id: str, run_id: str) -> Json:
        return self._object("GET", _run(dag_id, run_id))

    def run_state(self, dag_id: str, run_id: str) -> str:
        """`queued`, `running`, `success` or `failed`."""
        return str(self.run(dag_id, run_id)["state"])

    def set_run_state(self, dag_id: str, run_id: str, state: str) -> Json:
        """Mark a run `success` or `failed`, or `queued` to let it go on."""
        return self._object("PATCH", _run(dag_id, run_id), {"state": state})

    # -- tasks

    def tasks(self, dag_id: str, run_id: str) -> dict[str, Json]:
        """Every task instance of a run by its task id."""
        found = self._list(f"{_run(dag_id, run_id)}/taskInstances", "task_instances")
        return {str(task["task_id"]): task for task in found}

    def task_states(self, dag_id: str, run_id: str) -> dict[str, str | None]:
        return {task_id: task["state"] for task_id, task in self.tasks(dag_id, run_id).items()}

    def set_task_state(self, dag_id: str, run_id: str, task_id: str, state: str) -> Json:
        """Mark a task `success`, `failed` or `skipped`, as the buttons in the UI do."""
        return self._object("PATCH", _task(dag_id, run_id, task_id), {"new_state": state})

    def clear(
        self,
        dag_id: str,
        run_id: str,
        task_ids: Sequence[str] | None = None,
        *,
        downstream: bool = False,
        only_failed: bool = False,
        dry_run: bool = False,
        note: str | None = None,
    ) -> tuple[str, ...]:
        """Clear tasks of a run (None: all) so that they run again. Returns the ids of the tasks that were cleared."""
        body: Json = {
            "dry_run": dry_run,
            "dag_run_id": run_id,
            "include_downstream": downstream,
            "only_failed": only_failed,
            "reset_dag_runs": True,
        }
        if task_ids is not None:
            body["task_ids"] = list(task_ids)
        if note is not None:
            body["note"] = note
        answer = self.call("POST", f"/api/v2/dags/{_q(dag_id)}/clearTaskInstances", body)
        return tuple(str(task["task_id"]) for task in answer["task_instances"])

    def xcom(self, dag_id: str, run_id: str, task_id: str, key: str = "return_value") -> Any:
        """A value that a task left; None when there is none."""
        try:
            return self.call("GET", f"{_task(dag_id, run_id, task_id)}/xcomEntries/{_q(key)}")["value"]
        except AirflowRefused as error:
            if error.status == 404:
                return None
            raise

    def set_xcom(self, dag_id: str, run_id: str, task_id: str, key: str, value: Any) -> Json:
        """Write a value into a task's place, as any user of Airflow may."""
        body = {"key": key, "value": value, "map_index": -1}
        return self._object("POST", f"{_task(dag_id, run_id, task_id)}/xcomEntries", body)

    def events(self, dag_id: str, run_id: str, event: str) -> tuple[Json, ...]:
        """Entries of Airflow's audit log of this kind for a run: `running` is a worker process that took a task up."""
        path = f"/api/v2/eventLogs?dag_id={_q(dag_id)}&run_id={_q(run_id)}&event={_q(event)}"
        return self._list(path, "event_logs")

    def log(self, dag_id: str, run_id: str, task_id: str, attempt: int = 1) -> str:
        """What a task wrote, one line an event."""
        answer = self.call("GET", f"{_task(dag_id, run_id, task_id)}/logs/{attempt}?full_content=true")
        content = answer.get("content", "")
        if isinstance(content, str):
            return content
        return "\n".join(str(it.get("event", it)) if isinstance(it, dict) else str(it) for it in content)

    # -- cards that ask a person

    def cards(self, dag_id: str = "~", run_id: str = "~") -> tuple[Json, ...]:
        """The cards that wait for an answer now; one whose task was marked by hand no longer waits."""
        found = self._list(f"{_run(dag_id, run_id)}/hitlDetails?response_received=false", "hitl_details")
        return tuple(card for card in found if card["task_instance"]["state"] == "awaiting_input")

    def card(self, dag_id: str, run_id: str, task_id: str) -> Json:
        return self._object("GET", f"{_task(dag_id, run_id, task_id)}/-1/hitlDetails")

    def answer(
        self, dag_id: str, run_id: str, task_id: str, option: str, params: Mapping[str, Any] | None = None
    ) -> Json:
        """Answer a card. Raises AirflowRefused: 403 when this person may not, 409 when somebody else has answered."""
        body = {"chosen_options": [option], "params_input": dict(params or {})}
        try:
            return self._object("PATCH", f"{_task(dag_id, run_id, task_id)}/-1/hitlDetails", body)
        except AirflowRefused as error:
            if error.status != 409:
                raise
            card = self.card(dag_id, run_id, task_id)
            by = card.get("responded_by_user") or {}
            if self.user not in (by.get("id"), by.get("name")) or card.get("chosen_options") != [option]:
                raise
            return card


def _q(text: str) -> str:
    return quote(text, safe="~")


def _run(dag_id: str, run_id: str) -> str:
    return f"/api/v2/dags/{_q(dag_id)}/dagRuns/{_q(run_id)}"


def _task(dag_id: str, run_id: str, task_id: str) -> str:
    return f"{_run(dag_id, run_id)}/taskInstances/{_q(task_id)}"
