"""The whole API application of Airflow, with what the plugin adds to it, in this process."""

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(scope="module")
def airflow_api() -> Iterator[Any]:
    """A client of the whole API application; it begins once, as it does in a server."""
    from airflow.api_fastapi.app import create_app
    from airflow.utils.db import initdb
    from fastapi.testclient import TestClient

    initdb()
    with TestClient(create_app(apps="core"), base_url="http://localhost") as client:
        yield client
