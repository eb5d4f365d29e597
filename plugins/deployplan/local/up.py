"""`up`: Airflow for the user's own plans, until somebody stops it."""

import threading

from deployplan.local.people_told import people_told
from deployplan.local.running_airflow import RunningAirflow
from deployplan.local.settings import LocalSettings
from deployplan.local.stopping import StopRequested, stop_on_signals
from deployplan.local.supervisor import Report, running


def run_up(settings: LocalSettings, *, report: Report) -> None:
    """Run Airflow until Ctrl-C or TERM, then stop every process that was started.

    Raises LocalError when it cannot be started or does not become ready.
    """
    try:
        with stop_on_signals(), running(settings, report=report) as airflow:
            for line in where_to_look(airflow):
                report(line)
            for line in people_told(settings, airflow.users):
                report(line)
            report("Ctrl-C stops it")
            threading.Event().wait()
    except StopRequested:
        report("stopped")


def where_to_look(airflow: RunningAirflow) -> tuple[str, ...]:
    """The address of the UI, and where the users, logs and records are."""
    settings = airflow.settings
    return (
        f"Airflow is ready at {settings.url}",
        f"users and passwords: {settings.users}",
        f"plans:               {settings.include / 'plans'}",
        f"records:             {settings.records}",
        f"logs:                {settings.logs}",
    )
