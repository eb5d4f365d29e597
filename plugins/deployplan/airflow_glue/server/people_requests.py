"""Which requests to Airflow's API change a run past its cards, and what do they ask for, in words?

Names of plans and runs come from the request; who asks comes from Airflow's authentication (interventions.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import unquote

ANY = "~"
"""What Airflow's paths have for "whichever": the names are in the body then."""
MOST_TASKS = 50
"""Task names that one entry has; the others are counted."""
LONGEST_NOTE = 1000
"""Characters of a note that are kept: Airflow takes no longer one."""

Body: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Intervention:
    """What a person asks Airflow to do to a run; without `run_id` it is about the run under way, whichever it is."""

    plan: str
    run_id: str | None
    action: str
    did: str
    tasks: tuple[str, ...] = ()
    state: str | None = None
    note: str | None = None


def interventions_in(method: str, path: str, body: Any, answer: Any, *, whole: bool = True) -> tuple[Intervention, ...]:
    """What the request asks for; nothing when it changes no run. `path` is percent-quoted, as it was sent.

    `answer` is what Airflow answered, where the names of what was changed are found that the request only selects.
    Without the `whole` body only the path tells.
    """
    for verb, pattern, read in _ROUTES:
        found = pattern.search(path) if verb == method else None
        if found is not None:
            names = {key: unquote(value) for key, value in found.groupdict().items() if value is not None}
            if not whole:
                did = f"sent {method} {path[:200]} with more than can be read"
                return (Intervention(names.get("dag", ANY), names.get("run"), "unread", did),)
            return tuple(read(names, body if isinstance(body, Mapping) else {}, answer))
    return ()


def _task(names: Mapping[str, str], body: Body, _: Any) -> Iterator[Intervention]:
    yield from _changed(names["dag"], names["run"], (names["task"],), body)


def _group(names: Mapping[str, str], body: Body, _: Any) -> Iterator[Intervention]:
    yield from _changed(names["dag"], names["run"], (f"{names['group']}.*",), body)


def _changed(plan: str, run: str, tasks: tuple[str, ...], body: Body) -> Iterator[Intervention]:
    """A new state, a note, or both; of these tasks, or of the run when there are none."""
    state, note = body.get("new_state", body.get("state")), _note(body)
    what = _listed(tasks) or "the run"
    if state is not None:
        yield Intervention(plan, run, "mark", f"marked {what} {state}{_reach(body)}", tasks, str(state), note)
    elif "note" in body:
        yield Intervention(plan, run, "note", f"wrote a note on {what}", tasks, None, note)


def _tasks(names: Mapping[str, str], body: Body, _: Any) -> Iterator[Intervention]:
    """Many task instances at once, perhaps of several runs: one intervention a run and change."""
    found: dict[tuple[object, ...], list[str]] = {}
    bodies: dict[tuple[object, ...], Body] = {}
    for verb, entity in _entities(body):
        plan, run = _where(names, entity)
        key: tuple[object, ...] = (verb, plan, run, str(entity.get("new_state")), str(entity.get("note")))
        found.setdefault(key, []).append(str(entity.get("task_id") or entity.get("id") or "?"))
        bodies[key] = entity
    for key, tasks in found.items():
        verb, plan, run = str(key[0]), str(key[1]), str(key[2])
        if verb == "delete":
            yield Intervention(plan, run, "delete", f"deleted {_listed(tuple(tasks))}", tuple(tasks))
        else:
            yield from _changed(plan, run, tuple(tasks), bodies[key])


def _runs(names: Mapping[str, str], body: Body, _: Any) -> Iterator[Intervention]:
    for verb, entity in _entities(body):
        plan, run = _where(names, entity)
        if verb == "delete":
            yield Intervention(plan, run, "delete", "deleted the run")
        else:
            yield from _changed(plan, run, (), entity)


def _entities(body: Body) -> Iterator[tuple[str, Body]]:
    for action in _maps(body.get("actions")):
        entities = action.get("entities")
        for entity in entities if isinstance(entities, list) else []:
            yield str(action.get("action")), entity if isinstance(entity, Mapping) else {"id": entity}


def _where(names: Mapping[str, str], entity: Body) -> tuple[str, str]:
    """The plan and the run that an entity names, where the path does not."""
    plan = entity.get("dag_id") or names["dag"]
    run = entity.get("dag_run_id") or names.get("run") or entity.get("id") or ANY
    return str(plan), str(run)


def _clear_tasks(names: Mapping[str, str], body: Body, answer: Any) -> Iterator[Intervention]:
    if body.get("dry_run", True):
        return
    wanted = body.get("task_ids")
    tasks = tuple(str(each[0] if isinstance(each, list) and each else each) for each in wanted or ())
    failed = " where they failed" if body.get("only_failed", True) else ""
    did = f"cleared {_listed(tasks) or 'all tasks'}{_reach(body)}{failed}"
    run = body.get("dag_run_id")
    cleared = answer.get("task_instances") if isinstance(answer, Mapping) else None
    found = [str(run)] if run else dict.fromkeys(str(each.get("dag_run_id")) for each in _maps(cleared))
    for each in [*found] or [None]:
        yield Intervention(names["dag"], each, "clear", did, tasks, None, _note(body))


def _clear_run(names: Mapping[str, str], body: Body, _: Any) -> Iterator[Intervention]:
    if not body.get("dry_run", True):
        failed = ", where tasks failed" if body.get("only_failed") else ""
        yield Intervention(names["dag"], names["run"], "clear", f"cleared the run{failed}", (), None, _note(body))


def _clear_runs(names: Mapping[str, str], body: Body, _: Any) -> Iterator[Intervention]:
    if body.get("dry_run", True):
        return
    for entity in _maps(body.get("dag_runs")) or [{}]:
        plan, run = _where(names, entity)
        yield Intervention(plan, None if run == ANY else run, "clear", "cleared the run", (), None, _note(body))


def _trigger(names: Mapping[str, str], body: Body, answer: Any) -> Iterator[Intervention]:
    found = answer.get("dag_run_id") if isinstance(answer, Mapping) else None
    run = str(found or body.get("dag_run_id") or "a run")
    yield Intervention(names["dag"], None, "trigger", f"triggered {run}", (), None, _note(body))


def _pause(names: Mapping[str, str], body: Body, _: Any) -> Iterator[Intervention]:
    if "is_paused" in body:
        yield Intervention(names["dag"], None, "pause", _paused(body))


def _pause_many(_: Mapping[str, str], body: Body, answer: Any) -> Iterator[Intervention]:
    for dag in _maps(answer.get("dags") if isinstance(answer, Mapping) else None):
        yield Intervention(str(dag.get("dag_id")), None, "pause", f"{_paused(body)}, with others")


def _paused(body: Body) -> str:
    return "paused the plan's DAG" if body.get("is_paused") else "let the plan's paused DAG go on"


def _backfill(_: Mapping[str, str], body: Body, answer: Any) -> Iterator[Intervention]:
    found = answer.get("dag_id") if isinstance(answer, Mapping) else None
    if plan := found or body.get("dag_id"):
        yield Intervention(str(plan), None, "backfill", "started a backfill")


def _backfill_changed(names: Mapping[str, str], _: Body, answer: Any) -> Iterator[Intervention]:
    plan = answer.get("dag_id") if isinstance(answer, Mapping) else None
    if plan:
        yield Intervention(str(plan), None, "backfill", f"asked to {names['verb']} backfill {names['backfill']}")


def _deleted(what: str) -> Callable[[Mapping[str, str], Body, Any], Iterator[Intervention]]:
    def read(names: Mapping[str, str], _: Body, __: Any) -> Iterator[Intervention]:
        tasks = (names["task"],) if "task" in names else ()
        yield Intervention(names["dag"], names.get("run"), "delete", f"deleted {_listed(tasks) or what}", tasks)

    return read


def _xcom(verb: str) -> Callable[[Mapping[str, str], Body, Any], Iterator[Intervention]]:
    def read(names: Mapping[str, str], body: Body, _: Any) -> Iterator[Intervention]:
        key, task = names.get("key") or body.get("key") or body.get("xcom_key") or "?", names["task"]
        yield Intervention(names["dag"], names["run"], "xcom", f"{verb} the XCom {key} of {task}", (task,))

    return read


def _reach(body: Body) -> str:
    """Which other tasks and runs Airflow was to take along."""
    along = [word for word in ("upstream", "downstream", "past", "future") if body.get(f"include_{word}")]
    return f" with {' and '.join(along)}" if along else ""


def _note(body: Body) -> str | None:
    note = body.get("note")
    return None if note is None else str(note)[:LONGEST_NOTE]


def _listed(tasks: tuple[str, ...]) -> str:
    more = f" and {len(tasks) - MOST_TASKS} more" if len(tasks) > MOST_TASKS else ""
    return ", ".join(tasks[:MOST_TASKS]) + more


def _maps(value: Any) -> list[Body]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, Iterable) else []


_DAG = r"/api/v2/dags/(?P<dag>[^/]+)"
_RUN = _DAG + r"/dagRuns/(?P<run>[^/]+)"
_TASK = _RUN + r"/taskInstances/(?P<task>[^/]+)"
_XCOM = _TASK + r"/xcomEntries"
_BACKFILL = r"/api/v2/backfills"

Reader: TypeAlias = Callable[[Mapping[str, str], Body, Any], Iterable[Intervention]]
_ROUTES: tuple[tuple[str, re.Pattern[str], Reader], ...] = tuple(
    (method, re.compile(path + r"/?$"), read)
    for method, path, read in (
        ("PATCH", _TASK + r"(?:/-?\d+)?", _task),
        ("PATCH", _RUN + "/taskInstances", _tasks),
        ("PATCH", _RUN + "/taskGroupInstances/(?P<group>[^/]+)", _group),
        ("DELETE", _TASK, _deleted("a task")),
        ("POST", _DAG + "/clearTaskInstances", _clear_tasks),
        ("PATCH", _RUN, lambda names, body, _: _changed(names["dag"], names["run"], (), body)),
        ("PATCH", _DAG + "/dagRuns", _runs),
        ("DELETE", _RUN, _deleted("the run")),
        ("POST", _RUN + "/clear", _clear_run),
        ("POST", _DAG + "/(?:clearDagRuns|clearPartitions)", _clear_runs),
        ("POST", _DAG + "/dagRuns", _trigger),
        ("PATCH", _DAG, _pause),
        ("PATCH", "/api/v2/dags", _pause_many),
        ("DELETE", _DAG, _deleted("the plan's DAG, with all its runs")),
        ("POST", _BACKFILL, _backfill),
        ("PUT", _BACKFILL + "/(?P<backfill>[^/]+)/(?P<verb>pause|unpause|cancel)", _backfill_changed),
        ("POST", _XCOM, _xcom("set")),
        ("PATCH", _XCOM + "/(?P<key>.+)", _xcom("changed")),
        ("DELETE", _XCOM + "/(?P<key>.+)", _xcom("deleted")),
    )
)


def may_intervene(method: str, path: str) -> bool:
    """Whether a request of this kind could change a run: only then need its body be kept."""
    return any(verb == method and pattern.search(path) for verb, pattern, _ in _ROUTES)
