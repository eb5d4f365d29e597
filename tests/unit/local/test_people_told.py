"""`up` says whom nobody knows, before anybody waits for them."""

from dataclasses import replace
from pathlib import Path

import pytest

from builders import an_include
from deployplan.local.people_told import people_told
from deployplan.local.settings import LocalSettings, settings_from
from deployplan.local.users import AUTH_MANAGER

FAB = "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager"


def told(settings: LocalSettings) -> list[str]:
    return list(people_told(settings, ["mia", "amir"]))


@pytest.fixture
def here(tmp_path: Path) -> LocalSettings:
    an_include(tmp_path)
    return settings_from({"DEPLOYPLAN_INCLUDE": str(tmp_path), "AIRFLOW_HOME": str(tmp_path / "home")})


def test_names_that_are_ids_need_no_file(here: LocalSettings) -> None:
    assert told(here) == []


def test_another_auth_manager_without_the_file_lets_nobody_approve(here: LocalSettings) -> None:
    (line,) = told(replace(here, environ={AUTH_MANAGER: FAB}))
    assert "no people.yaml to say whose they are: nobody can approve" in line


def test_users_whom_the_file_does_not_know_are_named(here: LocalSettings) -> None:
    (here.include / "people.yaml").write_text("people: {amir: {}}\n")
    assert told(here) == ["nobody of people.yaml, so they can look and no more: mia"]


def test_a_file_that_cannot_be_used_is_told_with_its_place(here: LocalSettings) -> None:
    (here.include / "people.yaml").write_text("people: {amir: {idz: 4}}\n")
    (line,) = told(here)
    assert line.startswith("people.yaml cannot be used, so nobody can approve and all is held: ")
    assert ":1:17: unknown key 'idz'" in line
