"""The practice documents and packages: what they install, and how the fault of 4.4.0 shows."""

import json
import os
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from deployplan.local.node_processes import kill_node_processes, node_processes
from deployplan.local.practice_include import write_practice_include
from deployplan.local.practice_layout import PracticeLayout, practice_layout
from deployplan.local.practice_nodes import environment_of
from deployplan.local.practice_release import NotInstalled, install_first_release
from deployplan.local.settings import LocalSettings
from deployplan.places import CHECKOUT
from deployplan.plan.include import Include
from deployplan.plan.load.loading import load_all
from deployplan.plan.snapshot import freezes_for

NOW = datetime(2031, 5, 6, 12, 0, tzinfo=UTC)


@pytest.fixture
def layout(settings: LocalSettings) -> Iterator[PracticeLayout]:
    layout = practice_layout(settings)
    yield layout
    kill_node_processes(layout.folder)


@pytest.fixture
def include(layout: PracticeLayout) -> Path:
    return write_practice_include(layout, CHECKOUT / "include", NOW)


def health(port: int) -> tuple[int, dict[str, object]]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def run(layout: PracticeLayout, node: str, folder: Path, script: str, version: str, previous: str) -> str:
    one = layout.node(node)
    variables = {
        "DEPLOYPLAN_VERSION": version,
        "DEPLOYPLAN_PREVIOUS": previous,
        "DEPLOYPLAN_VAR_HTTP_PORT": str(one.http_port),
    }
    done = subprocess.run(
        ["/bin/sh", "-c", script],
        cwd=folder,
        env=environment_of(one) | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    return f"{done.stdout}{done.stderr}exit {done.returncode}\n"


def unpacked(include: Path, version: str, folder: Path) -> Path:
    shutil.unpack_archive(include / "packages" / f"storefront-web-{version}.tar.gz", folder)
    return folder


def scripts(include: Path, version: str, folder: Path) -> Path:
    folder.mkdir()
    for source in (include / "procedures/storefront", include / f"plans/storefront-{version}"):
        for file in source.iterdir():
            (folder / file.name).write_bytes(file.read_bytes())
            (folder / file.name).chmod(0o700)
    return folder


def test_before_the_demo_every_node_serves_the_first_release_and_a_neighbour_runs(
    layout: PracticeLayout, include: Path
) -> None:
    install_first_release(layout, include)
    for node in layout.nodes:
        assert health(node.http_port) == (200, {"status": "ok", "version": "4.2.1"})
    assert health(layout.neighbour_port) == (200, {"status": "ok", "version": "2.7"})
    assert len(node_processes(layout.folder)) == 6


def test_a_web_node_goes_to_the_next_release_and_back_and_doing_either_twice_is_fine(
    layout: PracticeLayout, include: Path, tmp_path: Path
) -> None:
    install_first_release(layout, include)
    package = unpacked(include, "4.3.0", tmp_path / "4.3.0")
    port = layout.node("web-1").http_port
    for _ in range(2):
        assert "exit 0" in run(layout, "web-1", package, "./install.sh", "4.3.0", "4.2.1")
        assert health(port) == (200, {"status": "ok", "version": "4.3.0"})
    for _ in range(2):
        assert "exit 0" in run(layout, "web-1", package, "./restore.sh", "4.3.0", "4.2.1")
        assert health(port) == (200, {"status": "ok", "version": "4.2.1"})


def test_the_fault_of_the_second_release_shows_in_its_health_and_not_in_its_install_script(
    layout: PracticeLayout, include: Path, tmp_path: Path
) -> None:
    install_first_release(layout, include)
    package = unpacked(include, "4.4.0", tmp_path / "4.4.0")
    assert "exit 0" in run(layout, "web-1", package, "./install.sh", "4.4.0", "4.2.1")
    assert health(layout.node("web-1").http_port) == (
        500,
        {"status": "error", "version": "4.4.0", "missing": ["prices.json"]},
    )


def test_a_release_that_is_not_on_the_node_is_not_restored(
    layout: PracticeLayout, include: Path, tmp_path: Path
) -> None:
    install_first_release(layout, include)
    package = unpacked(include, "4.3.0", tmp_path / "4.3.0")
    said = run(layout, "web-1", package, "./restore.sh", "4.3.0", "4.0.0")
    assert "release 4.0.0 is not on this node; there are: 4.2.1\nexit 1" in said
    assert health(layout.node("web-1").http_port) == (200, {"status": "ok", "version": "4.2.1"})


def test_the_database_goes_up_and_down_and_keeps_its_orders(
    layout: PracticeLayout, include: Path, tmp_path: Path
) -> None:
    install_first_release(layout, include)
    folder = scripts(include, "4.3.0", tmp_path / "scripts")
    port = layout.node("db-1").http_port
    count = "python3 -c \"import sqlite3, os; print(*sqlite3.connect(os.environ['HOME'] + '/database/orders.db')"
    orders = count + ".execute('SELECT * FROM orders'))\""
    before = run(layout, "db-1", folder, orders, "4.3.0", "4.2.1")
    for direction, version in (("up", "4.3.0"), ("up", "4.3.0"), ("down", "4.2.1"), ("down", "4.2.1")):
        assert "exit 0" in run(layout, "db-1", folder, f"./migrate.sh {direction}", "4.3.0", "4.2.1")
        assert health(port) == (200, {"status": "ok", "version": version})
    assert run(layout, "db-1", folder, orders, "4.3.0", "4.2.1") == before
    assert "Acme Retail" in before


def test_the_lock_check_tells_a_locked_database_from_a_free_one(
    layout: PracticeLayout, include: Path, tmp_path: Path
) -> None:
    install_first_release(layout, include)
    folder = scripts(include, "4.3.0", tmp_path / "scripts")
    assert run(layout, "db-1", folder, "./locks.sh", "4.3.0", "4.2.1") == "0\nexit 0\n"
    import sqlite3

    holder = sqlite3.connect(layout.node("db-1").home / "database/orders.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    assert run(layout, "db-1", folder, "./locks.sh", "4.3.0", "4.2.1") == "1\nexit 0\n"
    holder.close()


def test_a_service_that_cannot_start_fails_its_script_and_says_where_to_look(
    layout: PracticeLayout, include: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = include / "procedures/storefront/service.py"
    service.write_text(
        service.read_text().replace("WAIT = 20.0", "WAIT = 0.5").replace("ThreadingHTTPServer((", "1 / 0, ((")
    )
    with pytest.raises(NotInstalled, match=r"db-1: .* no answer on port \d+ within 0 s; see .*billing.log"):
        install_first_release(layout, include)


def test_the_copy_for_practice_is_accepted_and_its_windows_are_open_now(layout: PracticeLayout, include: Path) -> None:
    result = load_all(Include(include))
    assert [problem.text() for problem in result.problems] == []
    assert set(result.snapshots) == {"storefront-4.3.0", "storefront-4.4.0"}
    for snapshot in result.snapshots.values():
        windows = snapshot.plan.schedule.windows()
        spans = list(windows[0].occurrences(NOW, NOW.replace(hour=13)))
        assert len(windows) == len(spans) == 1
        assert spans[0].contains(NOW)
        assert freezes_for(snapshot.infrastructure, snapshot) == ()
        nodes = {node.name: (node.port, node.vars["http_port"]) for node in snapshot.infrastructure.nodes.values()}
        assert nodes == {node.name: (node.ssh_port, node.http_port) for node in layout.nodes}


def test_the_copy_keeps_words_that_yaml_readers_take_for_something_else(include: Path) -> None:
    text = (include / "plans/storefront-4.3.0.yaml").read_text()
    assert '"on": group:web' in text
    assert "true:" not in text
    assert yaml.safe_load(text)["scope"]["release"]["version"] == "4.3.0"


def test_a_second_copy_replaces_the_first_whole(layout: PracticeLayout, include: Path) -> None:
    (include / "plans/stray.yaml").write_text("plan: stray\n")
    again = write_practice_include(layout, CHECKOUT / "include", NOW)
    assert again == include
    assert not (again / "plans/stray.yaml").exists()


def test_the_committed_documents_name_the_default_ports() -> None:
    from deployplan.local.settings import settings_from

    committed = yaml.safe_load((CHECKOUT / "include/infrastructure/practice.yaml").read_text())
    layout = practice_layout(settings_from({}))
    for node in layout.nodes:
        assert committed["nodes"][node.name]["port"] == node.ssh_port
        assert committed["nodes"][node.name]["vars"]["http_port"] == node.http_port
    assert committed["nodes"]["db-1"]["vars"]["billing_port"] == layout.neighbour_port


def test_a_service_that_was_started_by_a_job_does_not_carry_the_jobs_environment(
    layout: PracticeLayout, include: Path, tmp_path: Path
) -> None:
    install_first_release(layout, include)
    package = unpacked(include, "4.3.0", tmp_path / "4.3.0")
    run(layout, "web-1", package, "export DEPLOYPLAN_JOB=some-job; ./install.sh", "4.3.0", "4.2.1")
    home = layout.node("web-1").home
    service = next(it for it in node_processes(layout.folder) if str(home) in " ".join(it.cmdline()))
    assert set(service.environ()) <= {"HOME", "PATH", "USER", "LANG", "DEPLOYPLAN_PRACTICE_NODE", "LC_CTYPE"}
    assert os.getsid(service.pid) != os.getsid(0)
