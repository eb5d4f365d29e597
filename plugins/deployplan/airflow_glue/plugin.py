"""What deployplan adds to Airflow: the timetable, the listener, our routes and pages, and what watches requests."""

from typing import Any

from airflow.plugins_manager import AirflowPlugin

from deployplan.airflow_glue.dags.timetable import ReleaseTimetable
from deployplan.airflow_glue.server import listener
from deployplan.airflow_glue.server.answers import KeepAnswers
from deployplan.airflow_glue.server.api_door import ApiDoor
from deployplan.airflow_glue.server.fresh_cards import FreshCards
from deployplan.airflow_glue.server.interventions import KeepInterventions
from deployplan.airflow_glue.server.middleware import Guard
from deployplan.airflow_glue.server.outbox import CarryMessages
from deployplan.airflow_glue.server.page_files import PageFiles
from deployplan.airflow_glue.server.turns import TriggersTakeTurns

BUNDLE = "deployplan/static/releases.js"
"""Without a slash in front: Airflow's page resolves it against its own address, wherever it is mounted."""


def load_api() -> Any:
    """Our own routes; loaded with the first request for one."""
    from deployplan.airflow_glue.server.api.app import make_app

    return make_app()


class DeployPlanPlugin(AirflowPlugin):
    """Registers the timetable that names the runs, what keeps people's answers, our own routes and page, and more."""

    name = "deployplan"
    listeners = [listener]  # noqa: RUF012
    timetables = [ReleaseTimetable]  # noqa: RUF012  (Airflow reads a plain list)
    fastapi_apps = [  # noqa: RUF012  (the first that fits answers)
        {"app": PageFiles(), "url_prefix": "/deployplan/static", "name": "deployplan: the page's script"},
        {"app": ApiDoor(load_api), "url_prefix": "/deployplan", "name": "deployplan"},
    ]
    react_apps = [  # noqa: RUF012  (a bundle's name is what its part is called in ui/src/main.tsx)
        {
            "name": "Releases",
            "bundle_url": BUNDLE,
            "destination": "nav",
            "url_route": "releases",
            "icon": "deployplan/static/releases.svg",
        },
        {
            "name": "Release",
            "bundle_url": BUNDLE,
            "destination": "dag_run",
            "url_route": "release",
            "icon": "deployplan/static/releases.svg",
        },
        {
            "name": "Plan",
            "bundle_url": BUNDLE,
            "destination": "dag",
            "url_route": "plan",
            "icon": "deployplan/static/releases.svg",
            "applies_to": {"tags.name": ["deployplan"]},  # Airflow 3.3 shows it on every DAG, and it says so
        },
        {"name": "Deployplan strip", "bundle_url": BUNDLE, "destination": "dashboard", "url_route": "deployplan-strip"},
        {"name": "Deployplan banner", "bundle_url": BUNDLE, "destination": "base", "url_route": "deployplan-banner"},
    ]
    fastapi_root_middlewares = [  # noqa: RUF012  (the first one is the innermost: evidence is kept of its refusals, too)
        {"middleware": Guard, "args": [], "kwargs": {}, "name": "deployplan: guard runs under way"},
        {"middleware": FreshCards, "args": [], "kwargs": {}, "name": "deployplan: cards say what is asked now"},
        {"middleware": KeepAnswers, "args": [], "kwargs": {}, "name": "deployplan: keep answers"},
        {"middleware": KeepInterventions, "args": [], "kwargs": {}, "name": "deployplan: keep interventions"},
        {"middleware": CarryMessages, "args": [], "kwargs": {}, "name": "deployplan: carry messages"},
        {"middleware": TriggersTakeTurns, "args": [], "kwargs": {}, "name": "deployplan: triggers take turns"},
    ]
