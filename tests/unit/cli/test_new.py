"""`deployplan new`: what somebody begins with lints clean, and nothing is written over."""

import json
import os
import pty
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from typer.testing import Result

from command_line import deployplan
from deployplan.cli.first.components import of_service, yaml_text
from deployplan.cli.first.inventory import ListedMachines, read_inventory
from deployplan.cli.first.refusal import NotDrafted

WHO = ("--environment", "production", "--author", "erin", "--product", "shop", "--version", "2.1", "--previous", "2.0")
PLAN = (*WHO, "--summary", "Customers see: their orders")
WORK = ("--nodes", "group:web", "--authority", "mia=deployment manager", "--authority", "amir=owner")
YAML = """
all:
  vars: {ansible_user: deploy, colour: blue}
  children:
    web:
      hosts:
        web-[01:03].example:
        edge: {ansible_host: 10.0.0.9, ansible_port: 2222}
    shop:
      vars: {ansible_user: shop}
      children: {web: {}}
    empty: {}
"""
INI = """
[web]
web-[01:03].example
edge ansible_host=10.0.0.9 ansible_port=2222  # the one outside

[shop:children]
web
[shop:vars]
ansible_user = shop
[all:vars]
ansible_user=deploy
colour=blue
[empty]
"""


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))  # whatever is installed on the machine of the test
    monkeypatch.delenv("DEPLOYPLAN_INCLUDE", raising=False)


def an_environment() -> Result:
    nodes = ("--node", "web-1=10.0.0.1", "--node", "web-2=10.0.0.2", "--group", "web=web-1,web-2")
    return deployplan(
        "new", "environment", "production", *nodes, "--connection", "ssh_prod", "--timezone", "Europe/Paris"
    )


def linted() -> tuple[int, str]:
    result = deployplan("lint", "--strict")
    return result.exit_code, result.stdout


def some_scripts(*names: str) -> Path:
    folder = Path("scripts")
    folder.mkdir()
    for name in names:
        (folder / name).write_text("#!/bin/sh\ntrue\n")
        (folder / name).chmod(0o755)
    return folder


def test_services_make_a_plan_that_lints_clean_and_brings_its_schemas() -> None:
    assert an_environment().exit_code == 0
    services = ("--systemd", "web.service", "--systemd", "api@.service")

    result = deployplan("new", "plan", "shop-2.1", *PLAN, *WORK, *services)

    assert (result.exit_code, linted()) == (0, (0, ""))
    text = Path("include/plans/shop-2.1.yaml").read_text()
    first = text.splitlines()[0].partition("$schema=")[2]
    assert json.loads((Path("include/plans") / first).read_text())["title"]
    assert yaml.safe_load(text)["components"]["api"]["undo"].endswith("start api@$DEPLOYPLAN_PREVIOUS.service")


@pytest.mark.parametrize(("theirs", "written_above"), [("plans", True), ("infrastructure", True), ("stdio.h", False)])
def test_new_writes_to_an_include_folder_above_only_where_it_is_one_of_ours(
    theirs: str, written_above: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    above, below = Path("include").absolute(), Path("work").absolute()
    (above / theirs).mkdir(parents=True)
    below.mkdir()
    monkeypatch.chdir(below)
    assert an_environment().exit_code == 0
    assert (above / "infrastructure" / "production.yaml").exists() == written_above
    assert (below / "include" / "infrastructure" / "production.yaml").exists() != written_above


def test_scripts_make_a_procedure_that_a_plan_follows_without_a_mistake() -> None:
    an_environment()
    folder = some_scripts("install.sh", "rollback.sh", "current.sh", "health.sh", "lib.sh")

    made = deployplan("new", "procedure", "shop", "--scripts", str(folder), *WORK)
    result = deployplan("new", "plan", "shop-2.1", *PLAN, "--follows", "shop")

    assert (made.exit_code, result.exit_code, linted()) == (0, 0, (0, ""))
    written = Path("include/procedures/shop.yaml").read_text()
    part = yaml.safe_load(written)["components"]["shop"]
    assert [part[key] for key in ("deploy", "undo", "current")] == ["./install.sh", "./rollback.sh", "./current.sh"]
    assert "sent along to the nodes: lib.sh" in written
    assert os.access("include/procedures/shop/install.sh", os.X_OK)


@pytest.mark.parametrize(("product", "component"), [("Shop: EU", "Shop-EU"), ("shop.api", "shop-api"), ("1e3", "1e3")])
def test_the_component_of_scripts_has_a_legal_name_made_of_the_products(product: str, component: str) -> None:
    an_environment()
    folder = some_scripts("deploy.sh", "undo.sh", "check.sh")
    answers = [product if word == "shop" else word for word in PLAN]

    result = deployplan("new", "plan", "shop-2.1", *answers, *WORK, "--scripts", str(folder))

    assert (result.exit_code, linted()) == (0, (0, "")), result.output
    document = yaml.safe_load(Path("include/plans/shop-2.1.yaml").read_text())
    assert (list(document["components"]), document["scope"]["release"]["product"]) == ([component], product)


def test_a_procedure_with_a_dot_in_its_name_has_a_component_that_a_plan_can_follow() -> None:
    an_environment()
    folder = some_scripts("deploy.sh", "undo.sh", "check.sh")

    made = deployplan("new", "procedure", "shop.api", "--scripts", str(folder), *WORK)
    result = deployplan("new", "plan", "shop-2.1", *PLAN, "--follows", "shop.api")

    assert (made.exit_code, result.exit_code, linted()) == (0, 0, (0, "")), result.output


def test_a_product_of_which_no_name_can_be_made_is_refused_before_anything_is_written() -> None:
    folder = some_scripts("deploy.sh", "undo.sh")
    answers = ["店" if word == "shop" else word for word in PLAN]

    result = deployplan("new", "plan", "shop-2.1", *answers, *WORK, "--scripts", str(folder))

    assert (result.exit_code, Path("include").exists()) == (2, False)
    assert "no component can be named after '店'" in result.stderr


def test_scripts_without_a_way_back_are_refused() -> None:
    folder = some_scripts("deploy.sh")

    result = deployplan("new", "procedure", "shop", "--scripts", str(folder), *WORK)

    assert (result.exit_code, Path("include").exists()) == (2, False)
    assert "has no script to undo; its name would be one of undo.sh, backout.sh" in result.stderr


def test_nothing_is_written_over_and_a_dry_run_writes_nothing() -> None:
    dry = deployplan("new", "environment", "practice", "--connection", "ssh", "--node", "web-1", "--dry-run")
    assert (dry.exit_code, Path("include").exists()) == (0, False)
    assert "web-1: {host: web-1}" in dry.stdout
    an_environment()
    path = Path("include/infrastructure/production.yaml")
    path.write_text("mine")

    again = an_environment()

    assert (again.exit_code, path.read_text()) == (2, "mine")
    assert "is there already" in again.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("plan", "shop-2.1"), "--environment is missing, and nobody is at a terminal"),
        (("plan", "../shop", *PLAN), "'../shop' is no name"),
        (("plan", "shop", *PLAN, "--opens", "tonight", "--closes", "later"), "--opens 'tonight' is no time"),
        (("procedure", "shop", "--systemd", "web.timer", *WORK), "'web.timer' is no service"),
        (("environment", "p", "--connection", "c", "--node", "a b"), "['a b'] names no node or group"),
    ],
)
def test_what_is_missing_or_wrong_is_said_and_nothing_written(words: tuple[str, ...], said: str) -> None:
    result = deployplan("new", *words)

    assert (result.exit_code, Path("include").exists()) == (2, False)
    assert said in result.stderr


def test_at_a_terminal_what_no_option_says_is_asked() -> None:
    outer, inner = pty.openpty()
    os.write(outer, b"ssh_other\nweb-1=10.0.0.1 web-2\n")
    words = [sys.executable, "-m", "deployplan", "new", "environment", "production"]

    done = subprocess.run(words, stdin=inner, capture_output=True, text=True, timeout=120, check=False)

    os.close(inner)
    os.close(outer)
    assert done.returncode == 0, done.stderr
    written = yaml.safe_load(Path("include/infrastructure/production.yaml").read_text())
    assert (written["connection"], written["nodes"]) == (
        "ssh_other",
        {"web-1": {"host": "10.0.0.1"}, "web-2": {"host": "web-2"}},
    )


def the_fleet() -> ListedMachines:
    hosts = [f"web-{number}.example" for number in ("01", "02", "03")]
    nodes: dict[str, dict[str, str | int]] = {host: {"host": host, "user": "deploy"} for host in hosts}
    nodes["edge"] = {"host": "10.0.0.9", "user": "deploy", "port": 2222}
    return ListedMachines(nodes, {"web": (*hosts, "edge"), "shop": (*hosts, "edge")})


@pytest.mark.parametrize(("name", "text"), [("inventory.yml", YAML), ("hosts.ini", INI)])
def test_an_inventory_gives_hosts_ports_users_and_groups_and_what_was_left_is_named(name: str, text: str) -> None:
    Path(name).write_text(text)

    result = deployplan("new", "environment", "production", "--connection", "ssh_prod", "--from-ansible", name)

    assert result.exit_code == 0, result.stderr
    assert "not carried: colour of edge" in result.stderr
    assert "not carried: the group 'empty', which is empty" in result.stderr
    fleet = read_inventory(Path(name))
    assert (fleet.groups["web"], fleet.groups["shop"]) == (the_fleet().groups["web"], the_fleet().groups["shop"])
    assert fleet.nodes["edge"]["port"] == 2222
    users = {str(facts["user"]) for facts in fleet.nodes.values()}
    assert users == {"shop"} or name == "inventory.yml"
    written = yaml.safe_load(Path("include/infrastructure/production.yaml").read_text())
    assert written["nodes"] == fleet.nodes
    assert deployplan("new", "plan", "shop-2.1", *PLAN, *WORK, "--systemd", "web.service").exit_code == 0


def test_where_ansible_inventory_is_installed_it_is_asked() -> None:
    told = {
        "_meta": {"hostvars": {"web-1": {"ansible_host": "10.0.0.1", "ansible_port": 2222, "colour": "blue"}}},
        "all": {"children": ["ungrouped", "web"]},
        "web": {"hosts": ["web-1"]},
    }
    program = Path("ansible-inventory")
    program.write_text(f"#!{sys.executable}\nprint({json.dumps(told)!r})\n")
    program.chmod(0o755)
    Path("inventory.yml").write_text("plugin: of_a_cloud\n")

    fleet = read_inventory(Path("inventory.yml"))

    assert fleet == ListedMachines(
        {"web-1": {"host": "10.0.0.1", "port": 2222}}, {"web": ("web-1",)}, ("colour of web-1",)
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("all: {hosts: {web: {ansible_host: '{{ address }}'}}}", "not written out"),
        ("plugin: amazon.aws.aws_ec2", "is no mapping"),
        ("all: {hosts: {}}", "has no host"),
        ("all: {hosts: {a: {}}, sorts: {}}", "'sorts'"),
        ("a: {hosts: {x: }, children: {b: }}\nb: {children: {a: }}", "is inside itself"),
        ("all: {hosts: {x: {ansible_port: 99999}}}", "a port is 1 to 65535"),
        ("all: {vars: {ansible_group_priority: 2}, hosts: {x: }}", "ansible_group_priority"),
        ("a: [", "is not YAML"),
    ],
)
def test_an_inventory_that_cannot_be_read_wholly_is_refused(text: str, said: str) -> None:
    Path("inventory.yml").write_text(text)

    with pytest.raises(NotDrafted, match=said):
        read_inventory(Path("inventory.yml"))


def test_an_inventory_that_is_a_program_or_has_more_files_is_refused_without_ansible() -> None:
    path = Path("inventory.ini")
    path.write_text("web-1\n")
    Path("group_vars").mkdir()
    with pytest.raises(NotDrafted, match="group_vars may say more"):
        read_inventory(path)
    path.chmod(0o755)
    with pytest.raises(NotDrafted, match="is a program"):
        read_inventory(path)


def test_a_text_stays_one_value_on_one_line() -> None:
    for text in ("a: b", "x\ny", "# no comment", "2.10", "yes", "é 'quoted' \"twice\"", "{a}", ""):
        assert "\n" not in yaml_text(text)
        assert yaml.safe_load(yaml_text(text)) == text
    assert of_service("web").deploy == "sudo -n systemctl restart web.service"


def test_the_commands_of_the_guide_do_what_it_says_in_their_order() -> None:
    guide = (Path(__file__).parents[3] / "docs/guides/first-plan.md").read_text()
    block = re.search(r"```sh\n(.*?)```", guide, re.S)
    assert block
    for line in block[1].splitlines():
        result = deployplan(*shlex.split(line)[1:])
        assert result.exit_code == 0, (line, result.output)


def test_a_plan_that_follows_says_no_work_of_its_own() -> None:
    result = deployplan("new", "plan", "shop-2.1", *PLAN, "--follows", "shop", "--systemd", "web.service")

    assert (result.exit_code, Path("include").exists()) == (2, False)
    assert "--follows says that a procedure does the work" in result.stderr
