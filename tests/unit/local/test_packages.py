"""The packages in include/packages are what their sources say."""

import hashlib
import importlib.util
import tarfile
from types import ModuleType

import pytest
import yaml

from deployplan.places import CHECKOUT

PACKAGES = CHECKOUT / "include/packages"


@pytest.fixture(scope="module")
def build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_packages", PACKAGES / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_same_sources_give_the_same_bytes(build: ModuleType) -> None:
    assert build.package("4.3.0") == build.package("4.3.0")


@pytest.mark.parametrize("version", ["4.2.1", "4.3.0", "4.4.0"])
def test_a_committed_package_holds_what_its_sources_hold_now(build: ModuleType, version: str) -> None:
    """By content, not by bytes: another zlib may pack the same files otherwise."""
    with tarfile.open(PACKAGES / f"storefront-web-{version}.tar.gz") as package:
        held = {entry.name: package.extractfile(entry).read() for entry in package}  # type: ignore[union-attr]
        assert {entry.uid for entry in package} == {0}
    assert held == build.contents(version), "run `make packages`, and put the new sha256 into the plans"


def test_only_the_faulty_release_forgets_its_price_list(build: ModuleType) -> None:
    assert {version: "prices.json" in build.contents(version) for version in build.VERSIONS} == {
        "4.2.1": True,
        "4.3.0": True,
        "4.4.0": False,
    }


@pytest.mark.parametrize("version", ["4.3.0", "4.4.0"])
def test_a_plan_names_the_sha256_of_its_package(version: str) -> None:
    package = yaml.safe_load((CHECKOUT / f"include/plans/storefront-{version}.yaml").read_text())["package"]["web"]
    assert hashlib.sha256((PACKAGES / package["file"]).read_bytes()).hexdigest() == package["sha256"]
