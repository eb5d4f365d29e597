"""Gates on a node: places in its remote commands and tools where a test may have the work stand still."""

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from openssh import OpenSshNode

PATIENCE = 90.0
"""Seconds within which every awaited thing has to happen; it happens in a fraction of one."""

# sshd runs this instead of a command that reads data: that command, but held where a test has closed a gate. What is
# held before it began and let go after its connection was lost is a command that comes late.
FORCED = """#!/bin/sh
label=${{SSH_ORIGINAL_COMMAND##*deployplan:}}
kind=${{label%%:*}}
hold() {{
  mv "{gates}/$1" "{gates}/$1.reached" 2>/dev/null || return 0
  until [ -e "{gates}/$1.open" ]; do sleep 0.02; done
}}
hold "before-$kind"
[ -e "{gates}/after-$kind" ] || exec sh -c "$SSH_ORIGINAL_COMMAND"
sh -c "$SSH_ORIGINAL_COMMAND"
code=$?
hold "after-$kind"
exit $code
"""
# The claim is written, the runner is about to be launched: by perl, or by setsid where there is none.
LAUNCH = """#!/bin/sh
case " $* " in
*'link $draft'*|*'/runner'*)
  if mv "{gates}/launch" "{gates}/launch.reached" 2>/dev/null; then
    until [ -e "{gates}/launch.open" ]; do sleep 0.02; done
  fi
  ;;
esac
exec {real} "$@"
"""

# What a shell is told comes through dd: a text whose first line has its kind. Held before it is passed on, it comes
# late; to be held after it, it is given that as its last command.
# Or ten blocks of a package have arrived, and the rest is on its way.
DD = """#!/bin/sh
case " $* " in
*count=1*iflag=fullblock*)
  text=$({real} "$@"; echo x)
  text=${{text%x}}
  label=${{text#* }}
  kind=${{label%%[: ]*}}
  if mv "{gates}/before-$kind" "{gates}/before-$kind.reached" 2>/dev/null; then
    until [ -e "{gates}/before-$kind.open" ]; do sleep 0.02; done
  fi
  if [ -e "{gates}/after-$kind" ]; then
    newline='
'
    body=${{text#*"$newline"}}
    body=${{body%"$newline"}}
    last=${{body##*"$newline"}}
    printf '%s\\n' "${{text%%"$newline"*}}" "(" "${{body%"$newline$last"}}" ")" 'code=$?' \\
      "mv '{gates}/after-$kind' '{gates}/after-$kind.reached' 2>/dev/null &&" \\
      "until [ -e '{gates}/after-$kind.open' ]; do sleep 0.02; done" 'exit $code' "$last"
  else
    printf '%s' "$text"
  fi
  exit
  ;;
*conv=notrunc*)
  if mv "{gates}/upload" "{gates}/upload.reached" 2>/dev/null; then
    for word; do case $word in seek=*) seek=${{word#*=}} ;; of=*) part=$word ;; esac; done
    {real} ibs=32768 obs=65536 iflag=fullblock count=20 "seek=$seek" conv=notrunc "$part" || exit
    until [ -e "{gates}/upload.open" ]; do sleep 0.02; done
    exec {real} ibs=32768 obs=65536 "seek=$((seek + 10))" conv=notrunc "$part"
  fi
  ;;
esac
exec {real} "$@"
"""


class GatedNode:
    """A real OpenSSH node with gates: `launch`, `upload`, and `before-X` and `after-X` a remote command X."""

    def __init__(self, name: str, root: Path) -> None:
        self.gates = root / name / "gates"
        shims = root / name / "shims"
        path = f"{shims}:{os.environ['PATH']}"
        forced = root / name / "forced"
        self.node = OpenSshNode(name, root, options={"ForceCommand": str(forced)}, path=path)
        shims.mkdir()
        self.gates.mkdir()
        texts = {forced: FORCED, shims / "perl": LAUNCH, shims / "setsid": LAUNCH, shims / "dd": DD}
        for file, text in texts.items():
            file.write_text(text.format(gates=self.gates, real=shutil.which(file.name)))
            file.chmod(0o755)

    def close_gate(self, point: str) -> None:
        """The next work that comes to this point stands still there."""
        (self.gates / point).touch()

    def reached(self, point: str) -> bool:
        return (self.gates / f"{point}.reached").exists()

    def open_gates(self) -> None:
        """Let go what stands still, and never hold anything again at these points."""
        for closed in list(self.gates.iterdir()):
            if closed.suffix == ".reached":
                closed.with_suffix(".open").touch()
            elif closed.suffix != ".open":
                closed.unlink(missing_ok=True)


def until(what: str, true: Callable[[], bool], patience: float = PATIENCE) -> None:
    """Wait until `true()`; AssertionError naming `what` when it does not come to pass."""
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline, f"waited {patience:g} s in vain: {what}"
        time.sleep(0.02)
