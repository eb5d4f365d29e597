"""Fault scenes run side by side; each is a test of its own, but all that were selected begin together."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from faults.matrix import play
from faults.scene import Scene, Wires, can_mount
from faults.zygote import Zygote
from openssh import SSHD

AT_ONCE = 5


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.ssh)
            if SSHD is None:
                item.add_marker(pytest.mark.skip(reason="no sshd on this machine"))


@pytest.fixture(scope="package")
def zygote() -> Iterator[Zygote]:
    made = Zygote()
    yield made
    made.close()


@pytest.fixture(scope="package")
def wires() -> Iterator[Wires]:
    made = Wires()
    yield made
    made.close()


@pytest.fixture(scope="package")
def small_disks(tmp_path_factory: pytest.TempPathFactory) -> bool:
    """Whether this user may mount a disk that can be filled."""
    return can_mount(tmp_path_factory.mktemp("mountable"))


@pytest.fixture(scope="package")
def cells(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    zygote: Zygote,
    wires: Wires,
    small_disks: bool,
) -> Iterator[dict[tuple[str, str], Future[None]]]:
    """The selected cells of the matrix, all begun."""
    root = tmp_path_factory.mktemp("cells")

    def cell(boundary: str, killer: str) -> None:
        disk = killer == "disk-full"
        with Scene(root / f"{boundary}-{killer}", zygote, wires, small_disk=disk) as scene:
            play(scene, boundary, killer)

    selected = [item.callspec.params for item in request.session.items if item.name.startswith("test_at_the_boundary")]  # type: ignore[attr-defined]
    wanted = [(found["boundary"], found["killer"]) for found in selected]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            yield {each: pool.submit(cell, *each) for each in wanted if small_disks or each[1] != "disk-full"}
        finally:
            pool.shutdown(cancel_futures=True)
