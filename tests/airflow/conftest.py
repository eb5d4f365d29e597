"""Airflow in this process, with a home of its own; nothing of it is started."""

import os
import shutil
import tempfile
from pathlib import Path

# Airflow reads these when it is first imported, so they have to be there before any test module is.
_HOME = Path(tempfile.mkdtemp(prefix="airflow-"))
os.environ["AIRFLOW_HOME"] = str(_HOME)  # of this process: a worker of the tests would take over another's
os.environ.setdefault("AIRFLOW__CORE__LOAD_EXAMPLES", "False")
os.environ.setdefault("AIRFLOW__CORE__UNIT_TEST_MODE", "False")
os.environ.setdefault("AIRFLOW__CORE__PLUGINS_FOLDER", str(Path(__file__).parents[2] / "plugins"))


def pytest_unconfigure() -> None:
    shutil.rmtree(_HOME, ignore_errors=True)
