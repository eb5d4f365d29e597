"""What a DAG file pays for knowing about windows."""

import subprocess
import sys

import pytest

HEAVY = ("holidays", "icalendar", "recurring_ical_events", "dateutil", "airflow", "pydantic", "asyncssh")
ONCE = "ReleaseWindow.once('x', datetime(2026, 1, 1), datetime(2026, 1, 2), 'Europe/Paris')"


@pytest.mark.parametrize(
    "code",
    [
        "import deployplan.window.verdict",
        "import deployplan.window",
        f"from datetime import *\nfrom deployplan.window import *\nw = {ONCE}\n"
        "judge([w], [], now=datetime(2026, 1, 1, tzinfo=UTC), work=timedelta(0), reserve=timedelta(0))",
    ],
)
def test_judging_one_off_windows_loads_no_heavy_library(code: str) -> None:
    check = f"import sys\n{code}\nprint(sorted(set(sys.modules) & set({HEAVY!r})))"
    answer = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True, env=_path())
    assert answer.stdout == "[]\n"


def _path() -> dict[str, str]:
    import deployplan

    return {"PYTHONPATH": deployplan.__path__[0].removesuffix("deployplan")}
