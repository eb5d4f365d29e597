"""A secret reaches its script and nothing else: no file of Airflow's, no evidence, no log, no list of processes."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from e2e.release import SECRET, Release, a_component
from e2e.scenario import scenario

pytestmark = pytest.mark.e2e

DEPLOY = """\
printf %s "$TOKEN" > used
ps -ww -e -o args > processes
echo 2.0 > version
"""


@scenario
def test_a_secret_is_in_no_file_that_a_release_leaves_behind(a_release: Callable[..., Release]) -> None:
    release = a_release()
    [(name, node)] = release.nodes.items()
    app = a_component([name], deploy=DEPLOY, secrets={"TOKEN": "e2e_secret"})
    release.write(components={"app": app}).trigger().approve()

    assert release.end() == "success"
    assert (node.home / "used").read_text() == SECRET
    assert (node.home / "processes").stat().st_size
    places = (release.airflow.settings.home, Path(release.airflow.settings.records), release.include, node.root)
    found = [path for place in places for path in files_with(SECRET.encode(), place)]
    assert found == [node.home / "used"]


def files_with(wanted: bytes, folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        if path.is_file() and wanted in path.read_bytes():
            yield path
