"""FAB calls people by a number and a user name: they are one person all the same, and who is unknown is nobody.

Needs the provider of FAB (requirements-fab.txt), which `make chaos` installs.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deployplan.local.airflow_environment import airflow_environment
from deployplan.local.person import PersonApi
from deployplan.local.readiness import wait_until_ready
from deployplan.local.rest_session import AirflowRefused
from deployplan.local.running_airflow import RunningAirflow
from deployplan.local.settings import LocalSettings, settings_from
from deployplan.local.supervisor import Supervisor
from deployplan.local.users import User
from e2e.conftest import _free_port_range
from e2e.release import Release, connection, until
from openssh import OpenSshNode
from quick_database import QUICK_DATABASE

pytestmark = [pytest.mark.chaos, pytest.mark.e2e]
FAB = "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager"
PEOPLE = ("erin", "mia", "amir", "zoe", "ona", "lena", "anna", "aude", "vera")
SHIPPED_ROLES = Path(__file__).parents[2] / "deploy" / "fab" / "roles.json"
SHOP = {"Shop engineers": "engineer", "Shop approvers": "approver", "Shop viewers": "viewer"}
"""What the roles of the auth manager may do with the releases of one environment."""


@dataclass
class FabAirflow:
    """Airflow under FAB, with its users' numbers by their names."""

    airflow: RunningAirflow
    include: Path
    node: OpenSshNode
    ids: dict[str, str]

    def release(self, name: str) -> Release:
        return Release(self.airflow, self.include, {self.node.name: self.node}, name)


@pytest.fixture(scope="module")
def fab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FabAirflow]:
    pytest.importorskip("airflow.providers.fab", reason="pip install -r requirements-fab.txt -c constraints.txt")
    home, include = tmp_path_factory.mktemp("fab"), tmp_path_factory.mktemp("include")
    (home / "users.yaml").write_text("".join(f"{name}: {{role: admin, password: {name}}}\n" for name in PEOPLE))
    for folder in ("plans", "procedures", "infrastructure", "controls", "packages"):
        (include / folder).mkdir()
    node = OpenSshNode("n1", tmp_path_factory.mktemp("nodes"))
    node.start()
    (node.home / "version").write_text("1.0\n")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "DEPLOYPLAN"))}
    settings = settings_from(
        environ
        | QUICK_DATABASE
        | {
            "AIRFLOW_HOME": str(home),
            "DEPLOYPLAN_INCLUDE": str(include),
            "DEPLOYPLAN_PORT": str(_free_port_range()),
            "AIRFLOW_CONN_SSH_E2E": connection(node, {node.name: node}, home),
            "AIRFLOW__CORE__AUTH_MANAGER": FAB,
        }
    )
    supervisor = Supervisor(settings)
    try:
        supervisor.start()
        ids = made_users(settings, supervisor.users.values())
        airflow = RunningAirflow(settings, supervisor.users, supervisor.components)
        wait_until_ready(airflow, print, 300.0)
        yield FabAirflow(airflow, include, node, ids)
    finally:
        supervisor.stop()
        node.power_off()


MAKE_USERS = """
import json, sys
from argparse import Namespace
from airflow.providers.fab.auth_manager.cli_commands.role_command import roles_import
from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder

ROLES = {
    "erin": ["Admin"],
    "ona": ["One plan"],
    "lena": ["Release engineer", "Shop engineers"],
    "anna": ["Release approver", "Shop approvers"],
    "aude": ["Release auditor", "Shop viewers"],
    "vera": ["Release viewer", "Shop viewers"],
}
BOTH = ("can_read", "can_edit")
OF_ONE_PLAN = [("can_read", "Website"), *((can, what) for what in ("DAG:fab-one", "DAG Runs") for can in BOTH)]

roles_import(Namespace(file=sys.argv[2], verbose=False))
with get_application_builder() as builder:
    manager = builder.sm
    for name in ("Shop engineers", "Shop approvers", "Shop viewers"):
        manager.add_role(name)
    one = manager.add_role("One plan")
    for can, what in OF_ONE_PLAN:
        manager.add_permission_to_role(one, manager.create_permission(can, what))
    for name in sys.argv[3:]:
        roles = [manager.find_role(role) for role in ROLES.get(name, ["Op"])]
        assert manager.add_user(name, name, "x", f"{name}@shop.example", roles, password=name)
    found = {name: str(manager.find_user(username=name).id) for name in sys.argv[3:]}
    open(sys.argv[1], "w").write(json.dumps(found))
"""
"""FAB's users, made by what Airflow's own command is made of; in one process, as each takes half a minute to begin."""


def made_users(settings: LocalSettings, users: Iterable[User]) -> dict[str, str]:
    """Return the number of each user by their name."""
    told = settings.home / "fab-users.json"
    command = [sys.executable, "-c", MAKE_USERS, str(told), str(SHIPPED_ROLES), *PEOPLE]
    environment = airflow_environment(settings, users)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, str] = json.loads(told.read_text())
    return found


def test_who_triggers_by_her_login_cannot_approve_by_her_number_and_the_unmapped_are_told(fab: FabAirflow) -> None:
    ids = fab.ids
    assert set(ids) == set(PEOPLE)
    assert set(ids) & set(ids.values()) == set()  # numbers, and no names

    unmapped = fab.release("fab-unmapped").write()
    unmapped.trigger("mia")
    assert unmapped.end() == "not_ready"
    (told,) = unmapped.evidence("not_ready")
    assert "there is no include/people.yaml to say whose they are" in str(told.facts["problems"])

    entries = "".join(f"  {name}: {{ids: ['{ids[name]}']}}\n" for name in ("mia", "amir"))
    (fab.include / "people.yaml").write_text(f"people:\n{entries}  olga:\n")
    stranger = fab.release("fab-stranger").write()
    stranger.trigger("zoe")
    assert stranger.end() == "not_ready"
    (told,) = stranger.evidence("not_ready")
    assert "user 'zoe' triggered the run, and that is nobody of include/people.yaml" in str(told.facts["problems"])

    release = fab.release("fab-release").write()
    release.trigger("mia")
    card = release.wait_for_card("review.approve_1")
    assert [each["id"] for each in card["assigned_users"]] == [ids["amir"]]
    for name in ("mia", "zoe"):
        with pytest.raises(AirflowRefused) as refused:
            release.api(name).answer(release.name, release.run_id, "review.approve_1", "Approve")
        assert refused.value.status == 403
    release.approve("amir")
    assert release.end() == "success"
    (frozen,) = release.evidence("plan_frozen")
    assert (frozen.facts["triggered_by"], frozen.facts["login"]) == ("mia", "mia")
    (yes,) = release.evidence("approved")
    assert [yes.facts[fact] for fact in ("person", "user", "login")] == ["amir", ids["amir"], "amir"]
    until("the answer as evidence", lambda: release.evidence("card_answered"))
    assert {entry.facts["person"] for entry in release.evidence("card_answered")} == {"amir"}


def test_who_may_change_the_runs_of_one_plan_holds_not_all_of_them(fab: FabAirflow) -> None:
    """FAB says yes to who may do it with any DAG, when it is asked about none in particular."""
    for name in ("fab-one", "fab-other"):
        fab.release(name).write()
    url = fab.airflow.settings.api_url
    ona, mia, erin = (PersonApi(url, name, name) for name in ("ona", "mia", "erin"))
    assert [ona.me(plan)["may_change_runs"] for plan in ("fab-one", "fab-other", None)] == [True, False, False]
    assert [each.me(None)["may_change_runs"] for each in (mia, erin)] == [True, True]
    for refused in (lambda: ona.hold_all("network works"), lambda: ona.resume_all("over")):
        with pytest.raises(AirflowRefused) as told:
            refused()
        assert (told.value.status, "may not hold or resume all plans" in told.value.detail) == (403, True)
    assert ona.hold_state()["held"] is False
    assert mia.hold_all("network works")["held"] is True
    assert erin.resume_all("over")["held"] is False


def test_a_new_release_has_the_grants_of_its_environment_without_an_administrator(fab: FabAirflow) -> None:
    entries = "".join(f"  {name}: {{ids: ['{fab.ids[name]}']}}\n" for name in ("mia", "amir", "lena", "anna"))
    (fab.include / "people.yaml").write_text(f"people:\n{entries}  olga:\n")
    fab.release("fab-elsewhere").write()
    authorities = {"authorities": {"anna": "product owner"}, "quorum": 1}
    release = fab.release("fab-shop").write(access=SHOP, approval=authorities)
    release.trigger("lena")
    release.wait_for_card("review.approve_1")
    dag, runs = f"/api/v2/dags/{release.name}", f"/api/v2/dags/{release.name}/dagRuns"
    asks = {
        "sees the release": ("GET", dag, None),
        "sees another environment's": ("GET", "/api/v2/dags/fab-elsewhere", None),
        "sees its run": ("GET", f"{runs}/{release.run_id}", None),
        "reads the evidence": ("GET", f"/deployplan/api/v1/releases/{release.name}/{release.run_id}/story", None),
        "reads the audit log": ("GET", f"/api/v2/eventLogs?dag_id={release.name}", None),
        "clears a task": ("POST", f"{dag}/clearTaskInstances", {"dry_run": True, "dag_run_id": release.run_id}),
        "starts another": ("POST", runs, {"dag_run_id": release.run_id, "logical_date": None}),  # there is one: 409
    }
    table = {what: "".join("-+"[_may(release, who, *ask)] for who in KINDS) for what, ask in asks.items()}
    assert table == {
        "sees the release": "++++",
        "sees another environment's": "----",
        "sees its run": "++++",
        "reads the evidence": "++++",
        "reads the audit log": "--+-",
        "clears a task": "+---",
        "starts another": "+---",
    }
    for who in ("lena", "aude", "vera"):
        with pytest.raises(AirflowRefused) as refused:
            release.api(who).answer(release.name, release.run_id, "review.approve_1", "Approve")
        assert refused.value.status == 403
    release.approve("anna")
    assert release.end() == "success"
    assert not any(_may(release, who, "DELETE", f"{runs}/{release.run_id}", None) for who in KINDS)


KINDS = ("lena", "anna", "aude", "vera")
"""An engineer, an approver, an auditor and a viewer."""


def _may(release: Release, who: str, method: str, path: str, body: object) -> bool:
    """Whether it is not forbidden; that there is one already (409) is no question of rights."""
    try:
        release.api(who).call(method, path, body)
    except AirflowRefused as refused:
        if refused.status not in (403, 409):
            raise
        return refused.status == 409
    return True
