"""A command looks at the one Airflow that is up in its checkout, and at nothing that is not."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from deployplan.local.component import ManagedProcess
from deployplan.local.here import adopt, variables_of
from deployplan.local.run_file import RunFile
from deployplan.local.settings import settings_from


@pytest.fixture
def homes(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "up", tmp_path / "demo"


def is_up(home: Path, *components: ManagedProcess, **environ: str) -> RunFile:
    settings = settings_from({"AIRFLOW_HOME": str(home), "DEPLOYPLAN_PORT": "8180", **environ})
    file = RunFile(home)
    file.take(settings.url, variables_of(settings))
    file.note(components)
    return file


@pytest.fixture
def component(tmp_path: Path) -> Iterator[ManagedProcess]:
    environ = {"PATH": os.environ["PATH"], "AIRFLOW_CONN_SSH_PROD": '{"conn_type": "ssh", "password": "hunter2"}'}
    made = ManagedProcess("scheduler", ("sleep", "600"), environ, tmp_path / "log")
    made.start()
    yield made
    made.kill()


def test_the_one_that_is_up_is_looked_at_with_its_own_places_and_connections(
    homes: tuple[Path, Path], component: ManagedProcess
) -> None:
    file = is_up(homes[1], component, DEPLOYPLAN_INCLUDE="/srv/include")
    environ: dict[str, str] = {"PATH": "/bin"}
    try:
        assert adopt(environ, homes) == "http://localhost:8180"
        assert "hunter2" not in file.path.read_text()
    finally:
        file.release()
    assert environ["DEPLOYPLAN_INCLUDE"] == "/srv/include"
    assert environ["AIRFLOW_HOME"] == str(homes[1])
    assert environ["DEPLOYPLAN_RECORDS"] == str(homes[1] / "records")
    assert environ["AIRFLOW_CONN_SSH_PROD"] == '{"conn_type": "ssh", "password": "hunter2"}'


@pytest.mark.parametrize("name", ["AIRFLOW_HOME", "DEPLOYPLAN_INCLUDE", "DEPLOYPLAN_RECORDS"])
def test_whoever_has_named_a_place_is_given_no_other(homes: tuple[Path, Path], name: str) -> None:
    file = is_up(homes[0])
    environ = {name: "/elsewhere"}
    try:
        assert adopt(environ, homes) is None
    finally:
        file.release()
    assert environ == {name: "/elsewhere"}


def test_of_two_that_are_up_none_is_chosen(homes: tuple[Path, Path]) -> None:
    files = [is_up(home) for home in homes]
    try:
        assert adopt({}, homes) is None
    finally:
        for file in files:
            file.release()


def test_a_note_of_a_supervisor_that_is_gone_leads_nowhere(homes: tuple[Path, Path]) -> None:
    settings = settings_from({"AIRFLOW_HOME": str(homes[0])})
    homes[0].mkdir()
    note = {"pid": 1, "url": settings.url, "variables": variables_of(settings)}
    (homes[0] / "deployplan.pid").write_text(json.dumps(note))
    assert adopt({}, homes) is None


def test_the_note_can_be_read_by_its_owner_only(homes: tuple[Path, Path]) -> None:
    file = is_up(homes[0])
    try:
        assert file.path.stat().st_mode & 0o077 == 0
    finally:
        file.release()
