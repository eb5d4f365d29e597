"""The prepared store of 60 runs, made once for all tests here, which change nothing in it."""

import pytest

from deployplan.clock import SystemClock
from prepared_store import PreparedStore, prepare


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> PreparedStore:
    return prepare(tmp_path_factory.mktemp("prepared"), SystemClock().now())
