"""Kills a node's shell at a chosen call of one of its programs, and counts the calls."""

from collections.abc import Iterable
from pathlib import Path

# A program is replaced by one that counts the calls, and at the call it was told kills its whole process group: before
# it does its work, or after.
SABOTEUR = """#!/bin/dash
exec 9>>{count}.lock
/usr/bin/flock 9
read -r n <{count} || n=0
n=$((n + 1))
echo $n >{count}
exec 9>&-
if [ $n = {at} ] && [ {when} = before ]; then kill -KILL 0; fi
if [ $n = {at} ]; then {real} "$@"; kill -KILL 0; fi
exec {real} "$@"
"""


def sabotage(folder: Path, programs: Iterable[str], at: int, when: str) -> Path:
    """Put saboteurs in front of these programs in `folder`; return the file that counts."""
    count = folder.parent / "count"
    count.write_text("0\n")
    for tool in programs:
        real = (folder / tool).resolve()
        (folder / tool).unlink()
        (folder / tool).write_text(SABOTEUR.format(count=count, at=at, when=when, real=real))
        (folder / tool).chmod(0o755)
    return count
