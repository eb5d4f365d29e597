"""The whole API application of Airflow, with what the plugin adds to it, in this process."""

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from browsing import Seen, a_browser, a_served_airflow
from deployplan.airflow_glue.settings import settings
from unit.runbook.other_plans import OtherPlans


@pytest.fixture(scope="session")
def airflow_application() -> Any:
    """Airflow's API application: its routes are made once for all files of a worker, by seconds of a core."""
    from airflow.api_fastapi.app import create_app
    from airflow.utils.db import initdb

    initdb()
    return create_app(apps="core")


@pytest.fixture(scope="module")
def airflow_api(airflow_application: Any) -> Iterator[Any]:
    """A client of the whole API application, which begins and ends with the file, as it does in a server."""
    from fastapi.testclient import TestClient

    with TestClient(airflow_application, base_url="http://localhost") as client:
        yield client


@pytest.fixture(scope="module")
def served_api(airflow_api: Any) -> Iterator[str]:
    """The address of a server that serves the same application, for programs that come over a connection."""
    import uvicorn

    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(airflow_api.app, lifespan="off", log_level="error"))
        serving = Thread(target=lambda: asyncio.run(server.serve([listening])), daemon=True)
        serving.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        serving.join(60)


@pytest.fixture
def other_plans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OtherPlans]:
    """An include folder and a record store, those of the application."""
    found = OtherPlans(tmp_path)
    (tmp_path / "signing.key").write_bytes(b"k" * 32)
    monkeypatch.setenv("DEPLOYPLAN_RECORDS", str(tmp_path / "records"))
    monkeypatch.setenv("DEPLOYPLAN_INCLUDE", str(found.include.root))
    monkeypatch.setenv("DEPLOYPLAN_SIGNING_KEY_FILE", str(tmp_path / "signing.key"))
    settings.cache_clear()
    yield found
    settings.cache_clear()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with a_browser() as chromium:
        yield chromium


@pytest.fixture(scope="module")
def address(browser: Any, night: object, airflow_application: Any) -> Iterator[str]:
    """Where Airflow's API server listens, in this process; what it shows is the module's own `night`."""
    with a_served_airflow(airflow_application) as served:
        yield served


@pytest.fixture
def looks(browser: Any, address: str) -> Iterator[Any]:
    made: list[Seen] = []

    def look(who: str = "mia", role: str = "USER", **seen: Any) -> Seen:
        made.append(Seen(browser, address, who=who, role=role, **seen))
        return made[-1]

    yield look
    refused = [text for each in made for text in each.refused]
    for each in made:
        each.context.close()
    assert refused == []
