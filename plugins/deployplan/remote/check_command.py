"""A command of a plan on a node, for checks: run to its end in its folder, and ended when that takes too long."""

import math
import shlex
from collections.abc import Mapping

from deployplan.remote.command import Command, Value, as_first_line_says, exports, quote
from deployplan.remote.transport import Result

FAULT = 96
"""How the node's half says that it could not."""
_LATE = b"%%deployplan-late%%\n"
_TERMINATED = 128 + 15
"""How BusyBox's timeout ends when the time was over; and any command that was sent TERM."""


def out_of_time(result: Result, timeout: float, took: float) -> bool:
    """Whether the command was ended because its `timeout` was over; it took so many seconds."""
    return (result.exit == FAULT and result.stderr.endswith(_LATE)) or (result.exit == _TERMINATED and took >= timeout)


def check_command(command: str | Command, cwd: str | None, env: Mapping[str, Value], timeout: float) -> str:
    """Return the shell text that runs the command in the folder, and ends it after so many seconds where it can."""
    text = command.to_shell() if isinstance(command, Command) else as_first_line_says(command)
    seconds = max(1, math.ceil(timeout))
    where = f"cd && cd {_path(cwd)} || exit 126" if cwd else "cd"
    return f"""{exports(env)}{where}
dp_text={quote(text)}
{{ timeout -k 2 {seconds} sh -c 'exec 2>&5 5>&-;eval "set --;$1"' sh "$dp_text" </dev/null 2>/dev/null; }} 5>&2
dp_exit=$?
case $dp_exit in
  0) exit 0 ;;
  124 | 137) printf '%s\\n' {shlex.quote(_LATE.decode().strip())} >&2; exit {FAULT} ;;
esac
# Not every timeout knows -k, and one that does not has begun nothing.
if timeout -k 1 9 true 2>/dev/null; then exit $dp_exit; fi
exec sh -c "$dp_text" </dev/null
"""


def _path(path: str) -> str:
    if path == "~" or path.startswith("~/"):
        return f'"$HOME"{quote(path[1:]) if path[1:] else ""}'
    return quote(path if path.startswith("/") else f"./{path}")
