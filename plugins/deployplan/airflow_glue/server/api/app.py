"""The FastAPI application behind the door: versioned routes, JSON only, errors in sentences."""

from __future__ import annotations

import logging

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from deployplan.airflow_glue.server.api import (
    ack_routes,
    backout_pages,
    backout_routes,
    calendar_routes,
    card_routes,
    history_routes,
    hold_routes,
    me_routes,
    message_routes,
    node_routes,
    plan_routes,
    release_detail_routes,
    release_routes,
    rerun_routes,
    stop_routes,
    tonight_routes,
)
from deployplan.airflow_glue.server.api.rights import signed_in
from deployplan.airflow_glue.settings import settings
from deployplan.errors import DeployPlanError

PREFIX = "/api/v1"
ROUTERS = (
    hold_routes.router,
    tonight_routes.router,
    calendar_routes.router,
    plan_routes.router,
    backout_routes.router,
    stop_routes.router,
    ack_routes.router,
    message_routes.router,
    me_routes.router,
    release_routes.router,
    node_routes.router,
    release_detail_routes.router,
    rerun_routes.router,
    history_routes.router,
)

log = logging.getLogger(__name__)


def make_app() -> FastAPI:
    """Build it. Raises NotConfigured where this server has no signing key: an action without evidence is none."""
    settings().signing_key()
    app = FastAPI(
        title="deployplan",
        version="1",
        dependencies=[Depends(signed_in)],
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    for router in ROUTERS:
        app.include_router(router, prefix=PREFIX)
    app.include_router(card_routes.router)
    app.include_router(backout_pages.router)

    @app.get(f"{PREFIX}/openapi.json", include_in_schema=False)
    def describe() -> JSONResponse:
        """The routes, for programs; for those alone who are logged in, as everything here."""
        return JSONResponse(app.openapi())

    app.add_exception_handler(RequestValidationError, _unfit)
    for kind in (DeployPlanError, OSError):
        app.add_exception_handler(kind, _failed)
    return app


def _unfit(_: Request, error: Exception) -> JSONResponse:
    """What does not fit, in one sentence; not what was sent, which may be long."""
    assert isinstance(error, RequestValidationError)  # for mypy: it is registered for nothing else
    problems = [f"{'.'.join(map(str, each['loc'][1:])) or 'the request'}: {each['msg']}" for each in error.errors()[:5]]
    return JSONResponse({"detail": "; ".join(problems)[:1000]}, 422)


def _failed(request: Request, error: Exception) -> JSONResponse:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return JSONResponse({"detail": str(error)[:1000]}, 500)
