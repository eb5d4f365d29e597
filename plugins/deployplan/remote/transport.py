"""How a shell script reaches a node and its answer comes back, whatever carries them."""

import re
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

from deployplan.remote.command import Command, Secret, quote
from deployplan.remote.errors import NodeFault

KIBI, MEBI = 1024, 1024 * 1024
ANSWER_LIMIT = 8 * MEBI
# What shells print before they run our text (banners, .bashrc) is cut off at this line.
MARKER = b"%%deployplan%%\n"
_END_OF_SCRIPT = "#%%deployplan-end%%"
_LABEL = re.compile(r"[^A-Za-z0-9_.:-]")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a node is and how to get in.

    `host_key` pins one public key (`ssh-ed25519 AAAA…`) at any port; `known_hosts` is a file's path, or its lines.
    Without either, and without `accept_any_host_key`, the node is refused.
    `key_files`, `private_key` or `password` are tried when given, else the user's own keys and agent.
    Timeouts are in seconds. `jump` is the host through which it is reached, as with OpenSSH's ProxyJump; that may have
    one before it in turn. `proxy_command` is a shell command that is the line to it instead, as OpenSSH's ProxyCommand.
    """

    name: str
    host: str
    port: int = 22
    username: str | None = None
    host_key: str | None = None
    known_hosts: str | None = None
    accept_any_host_key: bool = False
    key_files: tuple[str, ...] = ()
    private_key: Secret | None = None
    passphrase: Secret | None = None
    password: Secret | None = None
    connect_timeout: float = 10.0
    login_timeout: float = 20.0
    jump: "Address | None" = None
    proxy_command: str | None = None

    def __str__(self) -> str:
        user = f"{self.username}@" if self.username else ""
        return f"{self.name} ({user}{self.host}:{self.port})"


@dataclass(frozen=True, slots=True)
class Result:
    """How a remote command ended and what it said; `exit` is 128 + signal number when a signal ended it."""

    exit: int
    stdout: bytes = b""
    stderr: bytes = b""

    @property
    def ok(self) -> bool:
        return self.exit == 0

    @property
    def complaint(self) -> str:
        """The end of what it said on stderr, in one line."""
        lines = "; ".join(self.stderr.decode(errors="replace").split("\n")).strip("; ")
        return "".join(character if character.isprintable() else " " for character in lines[-600:])

    @property
    def text(self) -> str:
        """What it said on stdout, as text; bytes that are not UTF-8 are replaced."""
        return self.stdout.decode(errors="replace")


class RemoteOutput(Protocol):
    """The output of a command that still runs."""

    async def read(self, limit: int) -> bytes:
        """Return up to `limit` bytes as soon as there are some; b"" at the end. Raises Unreachable."""
        ...

    async def wait(self) -> Result:
        """Wait for the end; `stdout` of the result is empty."""
        ...


class Transport(Protocol):
    """A way to one node: shell text goes there on stdin (never as an argument), output comes back."""

    @property
    def name(self) -> str:
        """The node's name, for messages."""
        ...

    async def run(
        self,
        script: str | Command,
        *,
        label: str = "run",
        data: bytes | AsyncIterator[bytes] | None = None,
        timeout: float = 60.0,
        limit: int = ANSWER_LIMIT,
    ) -> Result:
        """Run `script` with sh and return how it ended; `data` is what the script reads from its stdin.

        Raises Unreachable when no answer came within `timeout` seconds or the connection was lost,
        NodeFault when the answer is longer than `limit` bytes or no shell could be had.
        """
        ...

    def stream(self, script: str | Command, *, label: str = "stream") -> AbstractAsyncContextManager[RemoteOutput]:
        """Run `script` and give its output as it comes; leaving the context ends the command."""
        ...

    async def put(self, source: Path | bytes, path: str, *, mode: int = 0o600) -> None:
        """Write a file on the node in one atomic step; a `path` that begins with ~/ is under the home folder."""
        ...

    async def close(self) -> None: ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *exc: object) -> None: ...


def exec_line(label: str, *, with_data: bool) -> str:
    """Return the command line for the login shell: sh, which reads the real text from stdin.

    It has to be understood by any login shell, so it has no newline and no single quote inside; `label` is what
    `ps` on the node shows. The text ends with a marker line: one that was cut short on its way is not run, for half a
    line may be a command, too. With data, sh reads up to there and not past it.
    """
    marker = MARKER.decode().strip()
    if with_data:
        body = (
            f'echo "{marker}";n="$(printf "\\\\nx")";n="${{n%x}}";p=;l=;'
            f'while IFS= read -r l&&[ "$l" != "{_END_OF_SCRIPT}" ];do p="$p$l$n";done;'
            f'[ "$l" = "{_END_OF_SCRIPT}" ]||exit 96;unset l n;eval "$p"'
        )
    else:
        body = f'echo "{marker}";p="$(cat)";case "$p" in *"{_END_OF_SCRIPT}")eval "$p";;*)exit 96;;esac'
    return f"exec sh -c '{body}' deployplan:{_LABEL.sub('_', label)}"


def shell_text(script: str | Command, *, with_data: bool) -> bytes:
    """Return the bytes that go first on the stdin of `exec_line`."""
    text = script.to_shell() if isinstance(script, Command) else script
    text = text.rstrip("\n") + f"\n{_END_OF_SCRIPT}\n"
    return text.encode("utf-8", "surrogateescape")


def after_marker(node: str, stdout: bytes, stderr: bytes = b"") -> bytes:
    """Return what follows the marker; NodeFault when the login shell never ran our text."""
    _noise, found, answer = stdout.partition(MARKER)
    if not found:
        said = (stdout + stderr).decode(errors="replace").strip()[-300:] or "nothing"
        raise NodeFault(f"{node}: no POSIX shell answered on login; it said: {said}")
    return answer


def put_script(path: str, mode: int) -> str:
    """Return the script that writes its stdin to `path` in one atomic step."""
    target = f'"$HOME"/{quote(path[2:])}' if path.startswith("~/") else quote(path)
    return f"""umask 077
dp_path={target}
dp_part="$dp_path.$$.part"
mkdir -p "$(dirname "$dp_path")" && cat >"$dp_part" && chmod {mode:o} "$dp_part" && mv -f "$dp_part" "$dp_path" || {{
  rm -f "$dp_part"; exit 96; }}
"""
