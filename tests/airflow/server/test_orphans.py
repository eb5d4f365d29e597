"""Runs of plans that are gone before they were frozen, in a database with Airflow's own tables."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from builders import INFRASTRUCTURE, PLAN

pytestmark = pytest.mark.airflow
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("orphans")
    include, key = folder / "include", folder / "signing.key"
    for kind in ("plans", "infrastructure"):
        (include / kind).mkdir(parents=True)
    (include / "infrastructure" / "production.yaml").write_text(yaml.safe_dump(INFRASTRUCTURE))
    (include / "plans" / "broken.yaml").write_text("plan: broken\n")
    component = {"nodes": ["web-1"], "deploy": "true", "undo": "true"}
    there = {**PLAN, "plan": "back", "components": {"web": component}}
    (include / "plans" / "back.yaml").write_text(yaml.safe_dump(there))
    key.write_bytes(b"k" * 32)
    key.chmod(0o600)
    program = ROOT / "tests" / "airflow" / "orphan_database.py"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "DEPLOYPLAN"))}
    ours = {
        "PYTHONPATH": str(ROOT / "plugins"),
        "DEPLOYPLAN_INCLUDE": str(include),
        "DEPLOYPLAN_RECORDS": str(folder / "records"),
        "DEPLOYPLAN_SIGNING_KEY_FILE": str(key),
    }
    done = subprocess.run(
        [sys.executable, str(program), str(folder)],
        capture_output=True,
        text=True,
        check=False,
        env=environment | ours,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_a_run_whose_plan_was_removed_before_it_was_frozen_ends_as_not_ready_and_says_what_to_do(answer: Any) -> None:
    state, note, task = answer["found"]["removed"]
    assert (state, task) == ("failed", "skipped")
    assert note == (
        "not_ready: the plan's file removed.yaml was removed before this run had frozen it: nothing was touched; "
        "mend or restore the file and trigger the plan again"
    )


def test_a_run_whose_plan_became_unusable_before_it_was_frozen_ends_so_too_and_names_the_problem(answer: Any) -> None:
    state, note, task = answer["found"]["broken"]
    assert (state, task) == ("failed", "skipped")
    assert "broken.yaml cannot be used any more before this run had frozen it (" in note


def test_the_evidence_of_such_a_run_says_so_is_sealed_and_verifies(answer: Any) -> None:
    ended = [["not_ready", "sealed"], True]
    assert answer["evidence"] == {"removed": ended, "broken": ended}


@pytest.mark.parametrize("plan", ["back", "frozen", "shown", "working", "over", "another"])
def test_a_run_that_goes_on_or_is_over_or_is_none_of_ours_is_left_alone(answer: Any, plan: str) -> None:
    state, note, _ = answer["found"][plan]
    assert state == ("success" if plan == "over" else "running")
    assert note == ""


def test_a_plan_that_is_gone_for_a_moment_ends_no_run(answer: Any) -> None:
    assert answer["too_early"] == []
    assert sorted(line.partition("/")[0] for line in answer["told"]) == ["broken", "removed"]
    assert answer["again"] == []
