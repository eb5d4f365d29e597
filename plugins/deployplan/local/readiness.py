"""Is Airflow ready to carry plans? Both servers answer, every component is healthy, the plans are known."""

from collections.abc import Collection

import httpx

from deployplan.local.airflow_api import AirflowApi, AirflowRefused
from deployplan.local.settings import LocalSettings

_COMPONENTS = ("metadatabase", "scheduler", "triggerer", "dag_processor")


def not_healthy(settings: LocalSettings) -> tuple[str, ...]:
    """What is not healthy yet, by name; empty when all is well."""
    missing = [] if _answers(f"{settings.execution_url}health") else ["api-server for tasks"]
    try:
        answer = httpx.get(f"{settings.api_url}/api/v2/monitor/health", timeout=10, trust_env=False)
        health = answer.json() if answer.is_success else {}
    except (httpx.TransportError, ValueError):
        return (*missing, "api-server")
    missing += [name for name in _COMPONENTS if (health.get(name) or {}).get("status") != "healthy"]
    return tuple(missing)


def plan_names(settings: LocalSettings) -> tuple[str, ...]:
    """The names of the plan files in the include folder: the DAGs that can be expected."""
    folder = settings.include / "plans"
    return tuple(sorted(path.stem for path in folder.glob("*.yaml"))) if folder.is_dir() else ()


def not_known(api: AirflowApi, names: Collection[str]) -> tuple[str, ...]:
    """Which of the named plans Airflow has neither taken nor rejected yet."""
    try:
        known = {str(dag["dag_id"]) for dag in api.dags() if not dag.get("is_stale")}
        rejected = "\n".join(str(error["stack_trace"]) for error in api.import_errors())
    except (AirflowRefused, httpx.TransportError):
        return tuple(names)
    return tuple(name for name in names if name not in known and name not in rejected)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=10, trust_env=False).is_success
    except httpx.TransportError:
        return False
