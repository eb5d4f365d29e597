"""The wheel that `make release` builds: it has all that it needs, and says what else it needs."""

import ast
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
ONLY_FOR_TESTS = {"pytest"}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's files as an installer lays them out, far from the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build = ["-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run([sys.executable, *build], cwd=ROOT, check=True, capture_output=True, timeout=120)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        wheel.extractall(folder / "site")
    return folder / "site"


def test_the_wheel_has_what_airflow_reads_and_the_practice_documents_as_they_are_in_the_checkout(installed: Path):
    shipped = installed / "deployplan" / "shipped"
    tracked = subprocess.run(
        ["git", "ls-files", "dags", "include"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    expected = {name: (ROOT / name).read_bytes() for name in tracked.stdout.splitlines()}
    found = {str(path.relative_to(shipped)): path.read_bytes() for path in shipped.rglob("*") if path.is_file()}
    assert found == expected
    assert not (installed / "deployplan_plugin.py").exists(), "Airflow would be told of the plugin twice"


def test_the_command_of_an_installed_package_works_in_any_folder_and_takes_the_include_folder_that_is_above_it(
    installed: Path, tmp_path: Path
):
    (tmp_path / "include").symlink_to(installed / "deployplan" / "shipped" / "include")
    below = tmp_path / "notes"
    below.mkdir()
    lint = _command(installed, below, "lint")
    assert lint.returncode == 0, lint.stderr
    assert "storefront-4.3.0" in lint.stdout + lint.stderr or "2 plans" in lint.stdout + lint.stderr
    assert _command(installed, below, "--version").stdout.split()[-1] == _version()


def test_airflow_finds_the_plugin_of_an_installed_package_by_its_entry_point(installed: Path):
    entry_points = (next(installed.glob("*.dist-info")) / "entry_points.txt").read_text()
    assert "[airflow.plugins]\ndeployplan = deployplan.airflow_glue.plugin:DeployPlanPlugin" in entry_points


def test_each_module_that_the_package_imports_is_of_a_package_that_the_wheel_asks_for():
    asked = {canonicalize_name(Requirement(line).name) for line in PROJECT["dependencies"]}
    of_airflow = {"pydantic-core"}  # of the very pydantic that is asked for
    owners = packages_distributions()
    missing = {
        module: owners.get(module)
        for module in _imported()
        if not {canonicalize_name(name) for name in owners.get(module, [])} & (asked | of_airflow)
        and module != "airflow"
    }
    assert missing == {}


@pytest.mark.parametrize(
    ("pins", "ranges"),
    [
        ("requirements.txt", PROJECT["dependencies"]),
        ("requirements-production.txt", PROJECT["optional-dependencies"]["production"]),
    ],
)
def test_what_the_wheel_asks_for_is_what_a_checkout_pins_and_each_pin_is_within_its_range(pins: str, ranges: list[str]):
    pinned = {
        canonicalize_name(name): version
        for name, version in re.findall(r"(?m)^([\w.-]+)==(\S+)", (ROOT / pins).read_text())
        if name not in ONLY_FOR_TESTS
    }
    wanted = {canonicalize_name(requirement.name): requirement.specifier for requirement in map(Requirement, ranges)}
    assert wanted.keys() == pinned.keys()
    assert [name for name, allowed in wanted.items() if pinned[name] not in allowed] == []


def _imported() -> set[str]:
    modules: set[str] = set()
    for path in (ROOT / "plugins/deployplan").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                modules |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                modules.add(node.module.split(".")[0])
    return modules - set(sys.stdlib_module_names) - {"deployplan"}


def _command(site: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "DEPLOYPLAN"))}
    code = f"import sys; sys.path.insert(0, {str(site)!r}); from deployplan.__main__ import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=folder, env=ours, capture_output=True, text=True, timeout=120
    )


def _version() -> str:
    return re.findall(r'"(.+)"', (ROOT / "plugins/deployplan/__init__.py").read_text())[-1]
