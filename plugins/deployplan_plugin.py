"""The one file that Airflow's plugin loader takes: it hands over what deployplan adds to Airflow."""

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
from deployplan.airflow_glue.server.turns import TriggersTakeTurns


def load_api() -> Any:
    """Our own routes; loaded with the first request for one."""
    from deployplan.airflow_glue.server.api.app import make_app

    return make_app()


class DeployPlanPlugin(AirflowPlugin):
    """Registers the timetable that names the runs, what keeps people's answers, our own routes, and more."""

    name = "deployplan"
    listeners = [listener]  # noqa: RUF012
    timetables = [ReleaseTimetable]  # noqa: RUF012  (Airflow reads a plain list)
    fastapi_apps = [  # noqa: RUF012
        {"app": ApiDoor(load_api), "url_prefix": "/deployplan", "name": "deployplan"},
    ]
    fastapi_root_middlewares = [  # noqa: RUF012  (the first one is the innermost: evidence is kept of its refusals, too)
        {"middleware": Guard, "args": [], "kwargs": {}, "name": "deployplan: guard runs under way"},
        {"middleware": FreshCards, "args": [], "kwargs": {}, "name": "deployplan: cards say what is asked now"},
        {"middleware": KeepAnswers, "args": [], "kwargs": {}, "name": "deployplan: keep answers"},
        {"middleware": KeepInterventions, "args": [], "kwargs": {}, "name": "deployplan: keep interventions"},
        {"middleware": CarryMessages, "args": [], "kwargs": {}, "name": "deployplan: carry messages"},
        {"middleware": TriggersTakeTurns, "args": [], "kwargs": {}, "name": "deployplan: triggers take turns"},
    ]
