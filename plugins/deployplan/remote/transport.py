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
BEGIN_OF_SCRIPT, _END_OF_SCRIPT = "#%%deployplan-begin%%", "#%%deployplan-end%%"
_LASTING = "%%deployplan-shell%%"
_MARK = MARKER.decode().strip()
_NEWLINE = 'dp_n="$(printf "\\\\nx")";dp_n="${dp_n%x}";'
# dp_no: how both kinds of shell refuse what is not whole.
_REFUSE = (
    'dp_no(){ echo "what was sent did not arrive whole, so nothing of it was done;'
    ' does a program that the log-in starts read its stdin?">&2;exit 96;};'
)
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


@dataclass(frozen=True, slots=True)
class Counted:
    """Data for a script that, when it ends with 0, has taken exactly `length` bytes of its stdin, which goes on then.

    What `pieces` has beyond is not sent; RemoteError when it has fewer.
    """

    pieces: AsyncIterator[bytes]
    length: int


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
        data: "bytes | AsyncIterator[bytes] | Counted | None" = None,
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


def exec_line(label: str) -> str:
    """Return the command line for the login shell: sh, which reads the real text from stdin, and leaves it the data.

    It has to be understood by any login shell, so it has no newline and no single quote inside; `label` is what
    `ps` on the node shows. The text begins and ends with a line of ours and knows how many lines it has: one of which a
    part was lost on its way, or to a log-in that reads, is not run, for half a line may be a command, too. sh reads up
    to the end and not past it.
    """
    return _called(
        f'echo "{_MARK}";{_REFUSE}{_NEWLINE}'
        f'dp_p=;IFS=" " read -r dp_b dp_l dp_k;[ "$dp_b" = "{BEGIN_OF_SCRIPT}" ]||dp_no;'
        f'while IFS= read -r dp_l&&[ "$dp_l" != "{_END_OF_SCRIPT}" ];do dp_p="$dp_p$dp_l$dp_n";dp_k=$((dp_k-1));done;'
        f'[ "$dp_l$dp_k" = "{_END_OF_SCRIPT}0" ]||dp_no;unset dp_l dp_n dp_k;eval "$dp_p"',
        label,
    )


def shell_text(script: str | Command, label: str = "run", *, end: str = "") -> bytes:
    """Return the bytes that go first on the stdin of `exec_line`; with `end` what its last line has besides."""
    text = (script.to_shell() if isinstance(script, Command) else script).rstrip("\n")
    last = f"{_END_OF_SCRIPT} {end}" if end else _END_OF_SCRIPT
    first = f"{BEGIN_OF_SCRIPT} {_label_word(label)} {text.count(chr(10)) + 1}"
    return f"{first}\n{text}\n{last}\n".encode("utf-8", "surrogateescape")


def lasting_line() -> str:
    """Return the command line for an sh that carries out one command after another, as its stdin brings them.

    First comes a line with the mark of this shell, which nobody can guess. Each command is a line `MARK LENGTH` and a
    text of so many bytes, as `shell_text` makes it with the mark as its `end`; it is run in a shell of its own, without
    stdin. When it is over the mark stands on stderr, and on stdout mark, blank, exit code, newline. Whatever else
    comes is not run, and ends the shell.

    A command whose line has the word `data` besides finds its data, and after them a line with the mark, on stdin. It
    ends with 0 when it has taken them all and nothing of that line; the shell sees to it. When it ends otherwise, so
    does the shell: nobody knows what is left of them.
    """
    return _called(
        f'echo "{_MARK}";{_REFUSE}{_NEWLINE}'
        f'IFS=" " read -r dp_h dp_m;[ "$dp_h" = "{_LASTING}" ]&&[ -n "$dp_m" ]||dp_no;'
        'while IFS=" " read -r dp_h dp_s dp_d;do [ "$dp_h" = "$dp_m" ]||dp_no;'
        # dd takes exactly so many bytes, and a hundred times as fast as read; one that cannot has taken none.
        'dp_p=;[ "$dp_s" -lt 1000 ]||dp_p="$(dd bs="$dp_s" count=1 iflag=fullblock 2>/dev/null)";'
        '[ -n "$dp_p" ]||while IFS= read -r dp_l;do dp_p="$dp_p$dp_l$dp_n";'
        f'[ "$dp_l" != "{_END_OF_SCRIPT} $dp_m" ]||break;done;dp_p="${{dp_p%"$dp_n"}}";'
        f'case "$dp_p" in "{BEGIN_OF_SCRIPT}"*"{_END_OF_SCRIPT} $dp_m");;*)dp_no;;esac;'
        # In bytes: the log-in's locale may count characters.
        'dp_l="${LC_ALL-}";LC_ALL=C;[ "${#dp_p}" -eq $((dp_s-1)) ]||dp_no;'
        'if [ -n "$dp_l" ];then LC_ALL="$dp_l";else unset LC_ALL;fi;'
        'if [ -z "$dp_d" ];then (eval "$dp_p")</dev/null;dp_e=$?;else (eval "$dp_p");dp_e=$?;'
        '[ "$dp_e" != 0 ]||{ IFS= read -r dp_l&&[ "$dp_l" = "$dp_m" ]||dp_no;};fi;'
        'printf "%s" "$dp_m">&2;printf "%s %s\\\\n" "$dp_m" "$dp_e";'
        '[ -z "$dp_d" ]||[ "$dp_e" = 0 ]||exit 0;done',
        "shell",
    )


def lasting_begin(mark: str) -> bytes:
    """Return what goes first on the stdin of `lasting_line`."""
    return f"{_LASTING} {mark}\n".encode()


def lasting_command(script: str | Command, label: str, mark: str, *, data: bool = False) -> bytes:
    """Return one command for a `lasting_line`; with `data`, these follow, and then `after_data`."""
    text = shell_text(script, label, end=mark)
    return f"{mark} {len(text)}{' data' if data else ''}\n".encode() + text


def after_data(mark: str) -> bytes:
    """Return what shows a `lasting_line` that the data of a command are over."""
    return f"{mark}\n".encode()


def _called(body: str, label: str) -> str:
    return f"exec sh -c '{body}' deployplan:{_label_word(label)}"


def _label_word(label: str) -> str:
    return _LABEL.sub("_", label)


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
