"""Under FAB, who may read the plans of one environment sees nothing of another's, on any page.

Needs the provider of FAB (requirements-fab.txt), which `make chaos` installs. It runs in a process of its own: the auth
manager is chosen once a process.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.chaos, pytest.mark.airflow]
ROOT = Path(__file__).parents[3]
FAB = "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager"
MINE, OTHERS = "shop-asked", "till-asked"
ASKED = r"""
import json, sys
from datetime import UTC, datetime
from pathlib import Path
from airflow.api_fastapi.app import create_app, get_auth_manager
from airflow.models.dag import DagModel
from airflow.utils.db import initdb
from airflow.utils.session import create_session
from fastapi.testclient import TestClient
from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder
from airflow.providers.fab.auth_manager.models.db import FABDBManager
from prepared_store import prepare

folder = Path(sys.argv[1])
initdb()
with create_session() as session:
    FABDBManager(session).initdb()
prepare(folder, datetime.now(UTC))
with create_session() as session:
    session.connection().exec_driver_sql("PRAGMA foreign_keys=OFF")
    for plan in ("shop-asked", "till-asked"):
        facts = {"is_paused": False, "is_stale": False, "max_active_tasks": 1, "bundle_name": "dags-folder"}
        limits = {"max_consecutive_failed_dag_runs": 0, "has_task_concurrency_limits": False}
        session.execute(DagModel.__table__.insert().values(dag_id=plan, **facts, **limits))
with get_application_builder() as builder:
    manager = builder.sm
    manager.sync_roles()
    role = manager.add_role("Shop")
    for action, resource in (("can_read", "DAG:shop-asked"), ("can_read", "DAG Run:shop-asked")):
        manager.add_permission_to_role(role, manager.create_permission(action, resource))
    assert manager.add_user("sue", "sue", "x", "sue@shop.example", role, password="sue")
with TestClient(create_app(apps="core"), base_url="http://localhost") as client:
    token = client.post("/auth/token", json={"username": "sue", "password": "sue"}).json()["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    found = {}
    for path in sys.argv[2:]:
        answer = client.get(path, headers=bearer)
        for _ in range(60):
            if not (answer.status_code == 503 or (answer.status_code == 200 and '"unread":' in answer.text
                    and answer.json().get("unread"))):
                break
            answer = client.get(path, headers=bearer)
        found[path] = [answer.status_code, answer.text]
    (folder / "found.json").write_text(json.dumps(found))
"""


def test_of_another_environment_nothing_is_seen_on_any_page(tmp_path: Path) -> None:
    pytest.importorskip("airflow.providers.fab", reason="pip install -r requirements-fab.txt -c constraints.txt")
    api = "/deployplan/api/v1"
    seen = (
        "/tonight",
        "/calendar",
        "/calendar.ics",
        "/plans",
        "/rejected-plans",
        "/nodes",
        f"/plans/{MINE}/slot",
        f"/releases/{MINE}/run-2",
        "/history",
        "/history/current",
    )
    hidden = (
        f"/plans/{OTHERS}",
        f"/plans/{OTHERS}/slot",
        f"/releases/{OTHERS}/run-2",
        f"/releases/{OTHERS}/run-1/story",
        "/calendar?environment=staging",
    )
    paths = [api + each for each in (*seen, *hidden)] + ["/deployplan/m"]
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "DEPLOYPLAN"))}
    done = subprocess.run(
        [sys.executable, "-c", ASKED, str(tmp_path), *paths],
        env=environ
        | {
            "PYTHONPATH": f"{ROOT / 'tests'}:{ROOT / 'plugins'}",
            "AIRFLOW_HOME": str(tmp_path / "airflow"),
            "AIRFLOW__CORE__AUTH_MANAGER": FAB,
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
            "AIRFLOW__API_AUTH__JWT_SECRET": "k" * 64,
            "DEPLOYPLAN_RECORDS": str(tmp_path / "records"),
            "DEPLOYPLAN_INCLUDE": str(tmp_path / "include"),
            "DEPLOYPLAN_SIGNING_KEY_FILE": str(tmp_path / "signing.key"),
        },
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads((tmp_path / "found.json").read_text())
    for path in seen:
        status, text = found[api + path]
        assert status == 200, (path, text)
        assert "till-" not in text, path
    assert MINE in found[f"{api}/tonight"][1]
    assert MINE in found[f"{api}/plans"][1]
    assert f"{MINE}" in found[f"{api}/history"][1]  # its earlier run is over
    may = json.loads(found[f"{api}/releases/{MINE}/run-2"][1])["may"]
    assert not any(may.values()), may  # who may read it alone is offered nothing
    for path in hidden:
        assert found[api + path][0] in (403, 404), (path, found[api + path])
    assert found["/deployplan/m"][0] == 200
    assert "till-" not in found["/deployplan/m"][1]
