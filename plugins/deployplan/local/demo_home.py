"""The demo's own Airflow home: begun afresh each time, but not made from nothing each time."""

import shutil
from pathlib import Path

from deployplan.local.run_file import NAME as RUN_FILE
from deployplan.local.run_file import RunFile
from deployplan.local.settings import LocalError
from deployplan.private_files import make_folder, write_private

_MARKER = ".deployplan-demo"
# Of a demo that was killed, the file of its run says what is to be ended.
_KEPT = (_MARKER, RUN_FILE, "keys", "users.yaml", "signing.key", "airflow.cfg", "practice", "postgres", ".migrated")


class NotADemoHome(LocalError):
    """The Airflow home holds something that is not the demo's to throw away."""


def begin_afresh(home: Path) -> None:
    """Empty the home of the last demo's runs, records and logs; keys and users stay, and the database server's files.

    Raises NotADemoHome when the home has things in it and no demo made it, AlreadyRunning when a demo runs on it.
    """
    make_folder(home)
    RunFile(home).refuse_if_taken()
    if not (home / _MARKER).exists():
        if any(home.iterdir()):
            raise NotADemoHome(
                f"{home} holds another Airflow, which the demo would empty; name a new folder in AIRFLOW_HOME"
            )
        write_private(home / _MARKER, "The demo empties this folder whenever it starts.\n")
    for path in home.iterdir():
        if path.name not in _KEPT:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
