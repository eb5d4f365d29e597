"""Who is who under Airflow's auth manager for Keycloak, the real one, against a server that speaks Keycloak's words.

A real Keycloak is a Java program of its own and is not tried. `make chaos` installs the provider.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from faults.test_notifiers import PACKAGES
from notifier_server import a_service

pytestmark = [pytest.mark.airflow, pytest.mark.chaos]

MANAGER = "airflow.providers.keycloak.auth_manager.keycloak_auth_manager.KeycloakAuthManager"
SUB = "2f6c1b9e-0d0b-4a7e-9d53-6a4d1f0c2b11"
LOGS_IN = """
import asyncio, json
from airflow.api_fastapi.app import create_auth_manager, get_auth_manager

from airflow import settings
from airflow.models.revoked_token import RevokedToken

RevokedToken.metadata.create_all(settings.get_engine(), [RevokedToken.__table__])
create_auth_manager()
from airflow.providers.keycloak.auth_manager.services.token import create_token_for
from deployplan.airflow_glue import who

token = create_token_for("mia.martin", "pw")
user = asyncio.run(get_auth_manager().get_user_from_token(token))
known = who.directory()
told = [type(user).__name__, *who.names_of_user(user), who.name_of_user(user)]
print(json.dumps([*told, known.name_of_login(user.get_name()), list(known.users_of("mia")), known.ids_are_logins]))
"""


@pytest.mark.parametrize(
    ("people", "name", "login", "users"),
    [
        (f"people: {{mia: {{ids: [{SUB}], logins: [mia.martin]}}}}\n", "mia", "mia", [SUB]),
        ("people: {amir: }\n", f"user {SUB} (mia.martin)", None, []),
        (None, f"user {SUB} (mia.martin)", None, []),
    ],
)
def test_who_logs_in_by_keycloak_is_the_person_of_people_yaml_and_without_it_nobody(
    tmp_path: Path, people: str | None, name: str, login: str | None, users: list[str]
) -> None:
    if not (PACKAGES / "keycloak").is_dir():
        pytest.skip("`make chaos` installs Keycloak's provider")
    if people is not None:
        (tmp_path / "people.yaml").write_text(people)
    answer = {"access_token": "a.b.c", "refresh_token": "r", "sub": SUB, "preferred_username": "mia.martin"}
    with a_service(answer=answer) as keycloak:
        section = "AIRFLOW__KEYCLOAK_AUTH_MANAGER__"
        done = subprocess.run(
            [sys.executable, "-c", LOGS_IN],
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join([*sys.path, str(PACKAGES)]),
                "AIRFLOW_HOME": str(tmp_path / "airflow"),
                "DEPLOYPLAN_INCLUDE": str(tmp_path),
                "AIRFLOW__CORE__AUTH_MANAGER": MANAGER,
                "AIRFLOW__API_AUTH__JWT_SECRET": "s" * 64,
                f"{section}CLIENT_ID": "airflow",
                f"{section}CLIENT_SECRET": "secret",
                f"{section}REALM": "shop",
                f"{section}SERVER_URL": keycloak.url,
            },
            capture_output=True,
            text=True,
            timeout=300,
        )
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told == ["KeycloakAuthManagerUser", SUB, "mia.martin", name, login, users, False]
    asked = [path for _, path, _, _ in keycloak.asked]
    assert asked == [f"/realms/shop/protocol/openid-connect/{word}" for word in ("token", "userinfo")]
