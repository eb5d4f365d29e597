"""Which processes make up Airflow here."""

import sys
from collections.abc import Iterator, Mapping

from deployplan.local.component import ManagedProcess
from deployplan.local.settings import LocalSettings

AIRFLOW = (sys.executable, "-m", "airflow")


def airflow_processes(settings: LocalSettings, environment: Mapping[str, str]) -> Iterator[ManagedProcess]:
    """Airflow's components, the slowest to start first; none is started yet."""
    ports = settings.ports
    words: dict[str, tuple[str, ...]] = {
        "api-server": ("api-server", "--workers", "1", "--port", str(ports.ui), "--host", settings.host),
        # Logs are files here, which the API server reads itself: no log servers.
        "scheduler": ("scheduler", "--skip-serve-logs"),
        "dag-processor": ("dag-processor",),
        "triggerer": ("triggerer", "--skip-serve-logs"),
    }
    for name, arguments in words.items():
        yield ManagedProcess(name, (*AIRFLOW, *arguments), environment, settings.logs / f"{name}.log")
