"""What people must be able to look up is written down: settings and dependencies, all of them and no others."""

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = (ROOT / "docs/reference/settings.md").read_text()
DEPENDENCIES = (ROOT / "docs/reference/dependencies.md").read_text()
REQUIREMENTS = (
    "requirements.txt",
    "requirements-production.txt",
    "requirements-dev.txt",
    "requirements-database.txt",
    "requirements-ui.txt",
    "requirements-fab.txt",
)
OURS = re.compile(r"\b(DEPLOYPLAN_[A-Z]+(?:_[A-Z]+)*|AIRFLOW_HOME|AIRFLOW_UID|DEMO)\b")


def sources() -> list[Path]:
    found = [path for pattern in ("*.py", "*.sh") for path in (ROOT / "plugins").rglob(pattern)]
    return [*found, ROOT / "docker-compose.yaml", ROOT / "Makefile", *(ROOT / "include").rglob("*.sh")]


def read_somewhere() -> set[str]:
    names: set[str] = set()
    for path in sources():
        names |= {name for name in OURS.findall(path.read_text()) if not name.startswith("DEPLOYPLAN_VAR_")}
    return names


def test_every_environment_variable_is_documented() -> None:
    assert read_somewhere() - set(OURS.findall(SETTINGS)) - {"DEPLOYPLAN_VAR"} == set()


def test_every_documented_variable_is_one_that_is_read_or_set() -> None:
    assert set(OURS.findall(SETTINGS)) - read_somewhere() - {"DEPLOYPLAN_VAR_NAME", "DEPLOYPLAN_VAR"} == set()


def test_the_documented_ports_are_those_that_are_used() -> None:
    from deployplan.local.practice_layout import practice_layout
    from deployplan.local.settings import settings_from

    settings = settings_from({})
    layout = practice_layout(settings)
    table = re.search(r"## Ports.*?(?=\n## )", SETTINGS, re.S)
    assert table is not None
    numbers = {int(number) for number in re.findall(r"\b8\d{3}\b", table[0])}
    ssh, http = ([getattr(node, kind) for node in layout.nodes] for kind in ("ssh_port", "http_port"))
    ports = settings.ports
    servers = {ports.ui, ports.worker_logs, ports.trigger_logs, ports.scheduler_health}
    assert numbers == servers | {ssh[0], ssh[-1], http[0], http[-1], layout.neighbour_port}


def pinned(file: str) -> dict[str, str]:
    lines = (ROOT / file).read_text().splitlines()
    pins = [line.split("==") for line in lines if line and not line.startswith("#")]
    assert all(len(pin) == 2 for pin in pins), f"{file}: every line pins one version"
    return dict(pins)


@pytest.mark.parametrize("file", [*REQUIREMENTS, "requirements-chaos.txt"])
def test_every_dependency_is_documented_with_its_reason_and_no_other_is(file: str) -> None:
    section = DEPENDENCIES.split(f"## {file}\n")[1].split("\n## ")[0]
    reasons = dict(re.findall(r"^\| ([a-z0-9-]+) \| (.+) \|$", section, re.M))
    reasons.pop("package", None)
    assert set(reasons) == set(pinned(file))
    assert all(len(reason) > 10 for reason in reasons.values())


@pytest.mark.parametrize("file", REQUIREMENTS)
def test_every_pin_is_in_the_lock(file: str) -> None:
    locked = dict(re.findall(r"^([a-z0-9-]+)==([^\s;]+)", (ROOT / "constraints.txt").read_text(), re.M))
    assert {name: locked.get(name) for name in pinned(file)} == pinned(file)


def test_the_lock_names_no_place_to_install_from() -> None:
    for file in (*REQUIREMENTS, "constraints.txt"):
        assert not re.search(r"://|^-i|^--", (ROOT / file).read_text(), re.M), file


def test_every_library_that_is_imported_is_pinned() -> None:
    """Airflow is imported in parts, and pydantic pins its own core to the last digit."""
    wanted = set(pinned("requirements.txt"))
    distributions = packages_distributions()
    for path in [*(ROOT / "plugins").rglob("*.py"), *(ROOT / "dags").rglob("*.py")]:
        for name in imported(path) - set(sys.stdlib_module_names) - {"deployplan", "airflow", "pydantic_core"}:
            owners = {owner.lower().replace("_", "-") for owner in distributions.get(name, [])}
            assert owners & wanted, f"{path.relative_to(ROOT)} imports {name}, which no line of requirements.txt pins"


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module.split(".")[0])
    return names
