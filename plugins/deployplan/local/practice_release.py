"""What is in service on the practice nodes before the first plan: release 4.2.1, and a neighbour of it."""

import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from deployplan.local.node_processes import kill_node_processes
from deployplan.local.practice_layout import PracticeLayout, PracticeNode
from deployplan.local.practice_nodes import environment_of
from deployplan.local.settings import LocalError
from deployplan.plan.snapshot import Snapshot
from deployplan.private_files import UMASK, make_folder

FIRST_RELEASE = "4.2.1"
_NEIGHBOUR_VERSION = "2.7"


class NotInstalled(LocalError):
    """The first release could not be put on a practice node."""


def install_first_release(layout: PracticeLayout, include: Path) -> None:
    """Empty every node and install release 4.2.1 on it, with the release's own scripts. Raises NotInstalled."""
    kill_node_processes(layout.folder / "nodes")
    for node in layout.nodes:
        shutil.rmtree(node.home, ignore_errors=True)
        make_folder(node.home)
    with ThreadPoolExecutor(len(layout.nodes)) as at_once:
        list(at_once.map(lambda node: _install(node, layout, include), layout.nodes))


def prepare_nodes(layout: PracticeLayout, script: Path, snapshot: Snapshot) -> None:
    """Run a script on every node, which puts there what a plan starts from. Raises NotInstalled."""
    release = snapshot.plan.scope.release.previous or ""
    for node in layout.nodes:
        _run(node, ["sh", str(script.absolute())], node.home, release)


def _install(node: PracticeNode, layout: PracticeLayout, include: Path) -> None:
    scripts = include / "procedures" / "storefront"
    with tempfile.TemporaryDirectory() as folder:
        if node.name.startswith("db"):
            _start_neighbour(node, layout, scripts)
            _run(node, ["sh", str(scripts / "migrate.sh"), "up"], scripts)
        else:
            shutil.unpack_archive(include / "packages" / f"storefront-web-{FIRST_RELEASE}.tar.gz", folder)
            _run(node, ["sh", "install.sh"], Path(folder))


def _start_neighbour(node: PracticeNode, layout: PracticeLayout, scripts: Path) -> None:
    folder = node.home / "billing"
    make_folder(folder)
    (folder / "VERSION").write_text(_NEIGHBOUR_VERSION)
    service = shutil.copy(scripts / "service.py", folder)
    _run(node, ["python3", str(service), "start", str(folder), str(layout.neighbour_port)], folder)


def _run(node: PracticeNode, words: list[str], folder: Path, version: str = FIRST_RELEASE) -> None:
    environment = environment_of(node) | {
        "DEPLOYPLAN_VERSION": version,
        "DEPLOYPLAN_NODE": node.name,
        "DEPLOYPLAN_VAR_HTTP_PORT": str(node.http_port),
    }
    done = subprocess.run(
        words, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False, umask=UMASK
    )
    if done.returncode != 0:
        said = (done.stdout + done.stderr).decode(errors="replace").strip()
        raise NotInstalled(f"{node.name}: {' '.join(words)} ended with {done.returncode}: {said}")
