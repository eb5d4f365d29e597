"""Who asks, and what may they do? Airflow's auth manager says it; whatever goes wrong with that is a no."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Depends, HTTPException, Path, Request

from deployplan.airflow_glue.server.api_door import AIRFLOW, USER
from deployplan.airflow_glue.server.asgi import App, Scope, ask_within
from deployplan.airflow_glue.settings import settings
from deployplan.airflow_glue.who import name_of_user
from deployplan.plan.include import documents_in

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks, as Airflow's auth manager knows them, and the way to ask Airflow in their name; made for one request.

    `teams` are those of the DAGs that were asked about, by plan.
    """

    user: Any
    airflow: tuple[App, Scope] | None
    teams: dict[str, str | None] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What evidence calls them, as it does where Airflow tells who answered a card."""
        return name_of_user(self.user) or "nobody"

    @property
    def session(self) -> str | None:
        """What the auth manager puts into their token, so that other rights are another; None: not known."""
        from airflow.api_fastapi.app import get_auth_manager

        try:
            return json.dumps(get_auth_manager().serialize_user(self.user), sort_keys=True)
        except Exception:
            return None

    def may(self, method: str, entity: str, plan: str | None = None) -> bool:
        """Whether the auth manager lets them do this with a plan's DAG; without `plan`, with any (FAB) or all of them.

        `entity` is RUN, TASK_INSTANCE or HITL_DETAIL, as Airflow's own routes ask for it.
        """
        from airflow.api_fastapi.app import get_auth_manager
        from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity, DagDetails
        from airflow.models.dag import DagModel

        try:
            if plan is not None and plan not in self.teams:
                self.teams[plan] = DagModel.get_team_name(plan)
            details = None if plan is None else DagDetails(id=plan, team_name=self.teams[plan])
            about: Any = {"method": method, "access_entity": DagAccessEntity[entity], "details": details}
            return get_auth_manager().is_authorized_dag(**about, user=self.user) is True
        except Exception:
            log.exception("the rights of %s could not be asked for; nothing is done", self.name)
            return False

    def readable(self) -> frozenset[str]:
        """The plans whose DAGs they may read; none when that cannot be asked."""
        from airflow.api_fastapi.app import get_auth_manager
        from airflow.utils.session import create_session

        try:
            with create_session() as session:
                return frozenset(
                    get_auth_manager().get_authorized_dag_ids(user=self.user, method="GET", session=session)
                )
        except Exception:
            log.exception("what %s may read could not be asked for; nothing is shown", self.name)
            return frozenset()

    def may_all(self, method: str, entity: str) -> bool:
        """Whether the auth manager lets them do this with the DAG of every plan there is, asked one by one.

        Asked about no DAG in particular, FAB says yes to who may do it with any.
        """
        try:
            plans = {*documents_in(settings().documents().plans), *settings().record_store().active_plans()}
        except Exception:
            log.exception("which plans there are could not be read; nothing is done")
            return False
        self._learn_teams(plans)
        return self.may(method, entity) and all(self.may(method, entity, plan) for plan in plans)

    def may_read(self, plans: Iterable[str]) -> frozenset[str]:
        """Those of the plans whose runs they may read, also before Airflow has made a DAG of one."""
        wanted, known = set(plans), self.readable()
        self._learn_teams(wanted - known)
        return frozenset(plan for plan in wanted if plan in known or self.may("GET", "RUN", plan))

    def _learn_teams(self, plans: Iterable[str]) -> None:
        """Ask for the teams of all these DAGs at once: one by one, a page with hundreds of plans is slow."""
        from airflow.models.dag import DagModel

        unknown = sorted(set(plans) - set(self.teams))
        if not unknown:
            return
        try:
            found = DagModel.get_dag_id_to_team_name_mapping(unknown)
        except Exception:
            log.exception("the teams of %d plans could not be asked for at once", len(unknown))
            return  # asked for one by one they may be known, and what cannot be asked is a no
        self.teams.update({plan: found.get(plan) for plan in unknown})

    def reads(self) -> Callable[[str], bool]:
        """As `may_read`, for plans that come one by one: each is asked for once, and only when it matters."""
        known: dict[str, bool] = dict.fromkeys(self.readable(), True)

        def may_read_one(plan: str) -> bool:
            if plan not in known:
                known[plan] = self.may("GET", "RUN", plan)
            return known[plan]

        return may_read_one

    def need(self, method: str, entity: str, plan: str | None = None, *, to: str) -> None:
        """Raise 403 unless they may; `to` says what for."""
        if not (self.may_all(method, entity) if plan is None else self.may(method, entity, plan)):
            of = "every plan" if plan is None else plan
            raise HTTPException(403, f"{self.name} may not {to}: Airflow gives you no right to change runs of {of}")

    async def ask_airflow(self, method: str, path: str, body: object = None, query: str = "") -> tuple[int, Any]:
        """Ask Airflow's own API, in this process, as this person: with their rights, and in its audit log."""
        if self.airflow is None:
            raise HTTPException(503, "Airflow's own API cannot be asked here")
        app, scope = self.airflow
        return await ask_within(app, scope, method, path, body, query)


def signed_in(request: Request) -> Person:
    """Every route's first dependency. Raises 401 where the door has not been passed."""
    user = request.scope.get(USER)
    if user is None:
        raise HTTPException(401, "Not authenticated: log in to Airflow")
    return Person(user, request.scope.get(AIRFLOW))


Signed = Annotated[Person, Depends(signed_in)]
PlanName = Annotated[str, Path(min_length=1, max_length=250, description="name of the plan: the id of its DAG")]
RunId = Annotated[str, Path(min_length=1, max_length=250, description="id of the run")]
