"""An Airflow that is up: what tests and the demo hold in their hands."""

from collections.abc import Mapping
from dataclasses import dataclass

from deployplan.local.airflow_api import AirflowApi
from deployplan.local.component import ManagedProcess
from deployplan.local.settings import LocalError, LocalSettings
from deployplan.local.users import User


@dataclass(frozen=True, slots=True)
class RunningAirflow:
    """The processes of one Airflow and the people who may use it."""

    settings: LocalSettings
    users: Mapping[str, User]
    components: Mapping[str, ManagedProcess]

    def login(self, name: str, *, patience: float = 90.0) -> AirflowApi:
        """A session of one of the people in the users file. Raises LocalError when there is no such person."""
        if name not in self.users:
            raise LocalError(f"user {name!r} is not in {self.settings.users}; there are {', '.join(self.users)}")
        return AirflowApi(self.settings.api_url, name, self.users[name].password, patience=patience)
