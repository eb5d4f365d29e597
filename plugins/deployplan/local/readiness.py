"""Is Airflow ready to carry plans? The server answers, every component is healthy, the plans are known."""

import time
from collections.abc import Callable, Collection

import httpx

from deployplan.local.airflow_api import AirflowApi
from deployplan.local.rest_session import AirflowRefused
from deployplan.local.running_airflow import RunningAirflow
from deployplan.local.settings import LocalError, LocalSettings

_COMPONENTS = ("metadatabase", "scheduler", "triggerer", "dag_processor")


class AirflowNotReady(LocalError):
    """Airflow did not become ready in time."""


def wait_until_ready(airflow: RunningAirflow, report: Callable[[str], None], within: float) -> None:
    """Return when Airflow is healthy and knows its plans; a plan it does not know in time is only reported.

    within: seconds. Raises NotReady with the last words of every component that has died.
    """
    deadline = time.monotonic() + within
    last: tuple[str, ...] = ()
    while missing := not_healthy(airflow.settings):
        if missing != last:
            report(f"waiting for {', '.join(missing)}")
            last = missing
        if time.monotonic() > deadline:
            raise AirflowNotReady(_why_not(airflow, missing))
        time.sleep(0.5)
    _wait_for_plans(airflow, report, deadline)


def not_healthy(settings: LocalSettings) -> tuple[str, ...]:
    """What is not healthy yet, by name; empty when all is well."""
    try:
        # The server makes what tasks speak to when it is first asked, and stands still for seconds meanwhile: now,
        # and not when the first release begins (cadwyn's _cadwyn_initialize).
        httpx.get(f"{settings.execution_url}health", timeout=60, trust_env=False).raise_for_status()
        answer = httpx.get(f"{settings.api_url}/api/v2/monitor/health", timeout=10, trust_env=False)
        health = answer.json() if answer.is_success else {}
    except (httpx.HTTPError, ValueError):
        return ("api-server",)
    return tuple(name for name in _COMPONENTS if (health.get(name) or {}).get("status") != "healthy")


def plan_names(settings: LocalSettings) -> tuple[str, ...]:
    """The names of the plan files in the include folder: the DAGs that can be expected."""
    folder = settings.include / "plans"
    return tuple(sorted(path.stem for path in folder.glob("*.yaml"))) if folder.is_dir() else ()


def find_unknown(api: AirflowApi, names: Collection[str]) -> tuple[str, ...]:
    """Which of the named plans Airflow has neither taken nor rejected yet."""
    try:
        known = {str(dag["dag_id"]) for dag in api.dags() if not dag.get("is_stale")}
        rejected = "\n".join(str(error["stack_trace"]) for error in api.import_errors())
    except (AirflowRefused, httpx.TransportError):
        return tuple(names)
    return tuple(name for name in names if name not in known and name not in rejected)


def _wait_for_plans(airflow: RunningAirflow, report: Callable[[str], None], deadline: float) -> None:
    names = plan_names(airflow.settings)
    if not names:
        return
    with airflow.login(next(iter(airflow.users))) as api:
        while missing := find_unknown(api, names):
            if time.monotonic() > deadline:
                report(f"not known to Airflow yet: {', '.join(missing)}; deployplan lint tells whether they are right")
                return
            time.sleep(0.5)


def _why_not(airflow: RunningAirflow, missing: tuple[str, ...]) -> str:
    dead = (f"--- {it.log}\n{it.last_lines()}" for it in airflow.components.values() if not it.runs)
    first = f"airflow is not ready: no {', no '.join(missing)}; logs are in {airflow.settings.logs}"
    return "\n".join([first, *dead])
