"""Commands and the nodes they ask."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import Result

import command_line
from builders import an_include
from deployplan.cli import reach
from deployplan.runbook.run import fleet
from remote_builders import end_all
from unit.cli.local_nodes import Nodes


@pytest.fixture
def nodes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Nodes]:
    """The environment `production` with web-1, web-2 and db-1, and the plan `shop-2` on web-1."""
    monkeypatch.chdir(tmp_path)
    for name in ("DEPLOYPLAN_INCLUDE", "DEPLOYPLAN_RECORDS", "DEPLOYPLAN_SIGNING_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    for name in [name for name in os.environ if name.startswith("AIRFLOW__")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path / "airflow"))
    monkeypatch.setenv("AIRFLOW_CONN_SSH_PRODUCTION", '{"conn_type": "ssh"}')
    monkeypatch.setattr(fleet, "BETWEEN_TRIES", 0.0)
    here = Nodes(tmp_path / "nodes", an_include(tmp_path / "include", shop_2=""))
    monkeypatch.setattr(reach, "open_node", here.open)
    yield here
    for name in ("web-1", "web-2", "db-1"):
        end_all(here.home(name))


@pytest.fixture
def deployplan() -> Callable[..., Result]:
    """Run a command; `input` is what the person types."""
    return command_line.deployplan
