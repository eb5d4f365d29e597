"""Connections as a process that is no task finds them."""

import subprocess
import sys
from pathlib import Path

import pytest

ASK = """
from deployplan.airflow_glue.connections import find_connection
found = find_connection("ssh_uri")
print(found.login, found.host, found.port, found.extra_dejson["key_file"])
print(find_connection("absent"))
"""


@pytest.mark.airflow
def test_a_connection_in_a_uri_is_found_and_an_unknown_one_is_none(tmp_path: Path) -> None:
    environment = {
        "AIRFLOW_HOME": str(tmp_path),
        "AIRFLOW_CONN_SSH_URI": "ssh://deploy@bastion:2222/?key_file=%2Fhome%2Fme%2Fkey",
        "PYTHONPATH": ":".join(sys.path),
        "PATH": "/usr/bin:/bin",
    }

    asked = subprocess.run([sys.executable, "-c", ASK], env=environment, capture_output=True, text=True, check=False)

    assert asked.stdout.splitlines()[-2:] == ["deploy bastion 2222 /home/me/key", "None"], asked.stderr
