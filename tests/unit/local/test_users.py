"""The users file and what Airflow hears of it."""

import json
from pathlib import Path

import pytest
import yaml

from deployplan.local.users import (
    AUTH_MANAGER,
    FIRST_USERS,
    USERS,
    User,
    UsersRejected,
    airflow_users,
    ensure_users,
    list_users,
    load_users,
    write_airflow_passwords,
)


def test_the_first_users_file_is_private_and_every_password_in_it_is_another(tmp_path: Path) -> None:
    path = tmp_path / "users.yaml"
    assert ensure_users(path)
    assert path.stat().st_mode & 0o777 == 0o600
    users = load_users(path)
    assert {name: user.role for name, user in users.items()} == {
        "erin": "user",
        "amir": "user",
        "mia": "user",
        "vic": "viewer",
        "admin": "admin",
    }
    assert len({user.password for user in users.values()}) == 5
    assert min(len(user.password) for user in users.values()) >= 16


def test_a_users_file_that_is_there_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "users.yaml"
    path.write_text("olga: {role: op, password: secret}\n")
    assert not ensure_users(path)
    assert load_users(path) == {"olga": User("olga", "op", "secret")}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no users"),
        ("[erin]", "holds no users"),
        ("erin: {role: user", "cannot be read"),
        ("erin: secret", "user 'erin' is not a mapping of exactly role and password"),
        ("erin: {role: user}", "user 'erin' is not a mapping of exactly role and password"),
        ("erin: {role: user, password: x, team: web}", "exactly role and password"),
        ("erin: {role: boss, password: x}", "role 'boss'; roles are viewer, user, op, admin"),
        ("erin: {role: user, password: 1234}", "the password of user 'erin' is not text; put it in quotes"),
        ("erin: {role: user, password: ''}", "the password of user 'erin' is not text"),
        ("no: {role: user, password: x}", "user name False"),
        ("'erin:admin': {role: user, password: x}", "user name 'erin:admin'"),
        ("'erin,eve': {role: user, password: x}", "user name 'erin,eve'"),
    ],
)
def test_a_users_file_that_cannot_be_used_is_refused_in_plain_words(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "users.yaml"
    path.write_text(text)
    with pytest.raises(UsersRejected) as caught:
        load_users(path)
    assert str(path) in str(caught.value)
    assert said in str(caught.value)


def test_a_password_is_told_to_nobody(tmp_path: Path) -> None:
    assert "hunter2" not in repr(User("erin", "user", "hunter2"))
    path = tmp_path / "users.yaml"
    path.write_text("erin: {role: boss, password: hunter2}")
    with pytest.raises(UsersRejected) as caught:
        load_users(path)
    assert "hunter2" not in str(caught.value)


def test_airflow_gets_roles_and_passwords_apart(tmp_path: Path) -> None:
    people = [User("erin", "user", "a"), User("vic", "viewer", 'b"\n')]
    write_airflow_passwords(people, tmp_path / "passwords.json")
    assert airflow_users(people) == "erin:user,vic:viewer"
    assert json.loads((tmp_path / "passwords.json").read_text()) == {"erin": "a", "vic": 'b"\n'}
    assert (tmp_path / "passwords.json").stat().st_mode & 0o777 == 0o600


def test_the_first_users_file_is_plain_yaml(tmp_path: Path) -> None:
    ensure_users(tmp_path / "users.yaml")
    assert set(yaml.safe_load((tmp_path / "users.yaml").read_text())["erin"]) == {"role", "password"}


def test_who_may_log_in_is_known_from_airflows_option_or_from_the_users_file_of_these_plans(tmp_path: Path) -> None:
    file, include, other = tmp_path / "users.yaml", tmp_path / "include", tmp_path / "other"
    ensure_users(file)
    here = {"AIRFLOW_HOME": str(tmp_path), "DEPLOYPLAN_INCLUDE": str(include)}
    theirs, fab = dict(FIRST_USERS), "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager"

    assert list_users({USERS: "ann:op, bob:Viewer"}, include) == ({"ann": "op", "bob": "viewer"}, USERS)
    assert list_users(here, include) == (theirs, str(file))
    assert list_users(here, other) is None
    assert list_users({**here, "DEPLOYPLAN_USERS": str(file)}, other) == (theirs, str(file))
    assert list_users({**here, "DEPLOYPLAN_USERS": str(tmp_path / "none.yaml")}, include) is None
    assert list_users({**here, AUTH_MANAGER: fab}, include) is None
