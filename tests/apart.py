"""Test programs that want an Airflow of their own: each is run in a process that has none of this one's settings."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


def run_apart(program: str, *given: object) -> Any:
    """Run a program of tests/airflow, and return the JSON of its last line."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "airflow" / program), *map(str, given)],
        capture_output=True,
        text=True,
        check=False,
        env=environment | {"PYTHONPATH": str(ROOT / "plugins")},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])
