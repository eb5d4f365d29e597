"""The demo's own home: fresh each time, and nobody else's."""

from pathlib import Path

import pytest

from deployplan.local.demo_home import NotADemoHome, begin_afresh
from deployplan.local.run_file import NAME as RUN_FILE
from deployplan.local.run_file import AlreadyRunning, RunFile


def test_the_last_demos_runs_are_gone_and_its_keys_users_and_database_server_stay(tmp_path: Path) -> None:
    home = tmp_path / "home"
    begin_afresh(home)
    for name in ("airflow.db", "airflow.db-wal", "users.yaml", "signing.key"):
        (home / name).write_text(name)
    for name in ("records/runs", "logs", "keys", "practice", "postgres"):
        (home / name).mkdir(parents=True)
    begin_afresh(home)
    left = {path.name for path in home.iterdir()}
    assert left == {".deployplan-demo", "users.yaml", "signing.key", "keys", "practice", "postgres"}


def test_a_home_with_somebody_elses_airflow_in_it_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "airflow.db").write_text("precious")
    with pytest.raises(NotADemoHome, match="AIRFLOW_HOME"):
        begin_afresh(tmp_path)
    assert (tmp_path / "airflow.db").read_text() == "precious"
    assert [path.name for path in tmp_path.iterdir()] == ["airflow.db"]


def test_an_empty_folder_will_do(tmp_path: Path) -> None:
    begin_afresh(tmp_path)
    begin_afresh(tmp_path)


def test_a_demo_that_runs_loses_nothing_to_a_second_one(tmp_path: Path) -> None:
    begin_afresh(tmp_path)
    running = RunFile(tmp_path)
    running.take("http://localhost:8080")
    running.note([])
    (tmp_path / "records").mkdir()
    with pytest.raises(AlreadyRunning, match=r"process \d+ at http://localhost:8080"):
        begin_afresh(tmp_path)
    assert (tmp_path / "records").is_dir()
    running.release()
    begin_afresh(tmp_path)
    assert not (tmp_path / "records").exists()


def test_what_a_killed_demo_left_is_still_known_to_the_next_one(tmp_path: Path) -> None:
    begin_afresh(tmp_path)
    (tmp_path / RUN_FILE).write_text('{"sessions": {"scheduler": 1}}')
    begin_afresh(tmp_path)
    assert (tmp_path / RUN_FILE).read_text() == '{"sessions": {"scheduler": 1}}'
