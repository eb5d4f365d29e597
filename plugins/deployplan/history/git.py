"""git's own program, which tells of a repository and runs nothing that the repository says.

A repository's own configuration may name programs: for a pager, for differences, for hooks, for a look at changed
files, for signatures, for fetching what is not there. None of them is run, replaced objects and grafts are not
believed, and neither environment, system nor home decides anything. Time and output have a bound.
"""

from __future__ import annotations

import os
import selectors
import shutil
import subprocess
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from deployplan.errors import DeployPlanError

WITHIN = 30.0
"""Seconds that all questions about one release may take together."""
MOST_OUTPUT = 32 * 1024 * 1024
"""Bytes of one answer."""
AT_ONCE = 200
"""Paths that are named in one question."""

_NOTHING_OF_ITS_OWN = {
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.pager": "cat",
    "core.attributesFile": os.devnull,
    "core.commitGraph": "false",
    "core.sshCommand": "false",
    "core.alternateRefsCommand": "false",
    "core.quotePath": "false",
    "protocol.allow": "never",
    "diff.external": "",
    "diff.orderFile": os.devnull,
    "log.showSignature": "false",
    "log.showRoot": "true",
    "log.mailmap": "false",
    "log.follow": "false",
    "gpg.program": "false",
    "gpg.x509.program": "false",
    "gpg.ssh.program": "ssh-keygen",
    "gpg.ssh.defaultKeyCommand": "",
    "gpg.ssh.revocationFile": "",
    "gpg.minTrustLevel": "undefined",
    "safe.directory": "*",
    "safe.bareRepository": "explicit",
}
"""What holds whatever the repository's own configuration says."""


class HistoryUnknown(DeployPlanError):
    """The repository does not say who wrote it; the message says why."""


@dataclass(slots=True)
class Git:
    """Questions to the repository in which a folder lies; all of them together end in time.

    `signers` is the file of SSH keys by which signatures of commits are believed, if any are to be.
    """

    folder: Path
    signers: Path | None = None
    ends: float = field(default_factory=lambda: time.monotonic() + WITHIN)

    def ask(self, *words: str, paths: Iterable[str] = (), may_fail: bool = False) -> bytes | None:
        """Return what git answers; None where it says no and `may_fail`. Raises HistoryUnknown."""
        program = shutil.which("git")
        if program is None:
            raise HistoryUnknown("there is no program git here")
        settings = {**_NOTHING_OF_ITS_OWN, "gpg.ssh.allowedSignersFile": str(self.signers or os.devnull)}
        given = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        command = [program, "--no-pager", "--literal-pathspecs", *given, "-C", str(self.folder), *words]
        named = list(paths)
        code, output, errors = self._run([*command, *(["--", *named] if named else [])])
        if code == 0:
            return output
        if may_fail:
            return None
        told = errors.decode("utf-8", "replace").strip().splitlines()
        raise HistoryUnknown(f"git {words[0]} says: {told[-1][:300] if told else f'exit code {code}'}")

    def _run(self, command: list[str]) -> tuple[int, bytes, bytes]:
        with subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_ENVIRONMENT,
            start_new_session=True,
        ) as process:
            try:
                output, errors = self._read(process, command)
                return process.wait(max(0.1, self.ends - time.monotonic())), output, errors
            except subprocess.TimeoutExpired:
                raise HistoryUnknown(self._late()) from None
            finally:
                process.kill()

    def _read(self, process: subprocess.Popen[bytes], command: list[str]) -> tuple[bytes, bytes]:
        assert process.stdout is not None
        assert process.stderr is not None
        found = {process.stdout.fileno(): bytearray(), process.stderr.fileno(): bytearray()}
        with selectors.DefaultSelector() as waiting:
            for descriptor in found:
                waiting.register(descriptor, selectors.EVENT_READ)
            while waiting.get_map():
                left = self.ends - time.monotonic()
                if left <= 0:
                    raise HistoryUnknown(self._late())
                for key, _ in waiting.select(left):
                    read = os.read(key.fd, 65536)
                    if not read:
                        waiting.unregister(key.fd)
                    found[key.fd] += read
                    if len(found[key.fd]) > MOST_OUTPUT:
                        raise HistoryUnknown(f"git has more to say than {MOST_OUTPUT >> 20} MiB")
        output, errors = found.values()
        return bytes(output), bytes(errors)

    def _late(self) -> str:
        return f"git has not answered within {WITHIN:.0f} s"


def in_parts(paths: Iterable[str]) -> Iterator[list[str]]:
    """Yield the paths a few at a time, as a command line takes them."""
    waiting = list(paths)
    for begin in range(0, len(waiting), AT_ONCE):
        yield waiting[begin : begin + AT_ONCE]


_ENVIRONMENT = {
    "PATH": os.environ.get("PATH", os.defpath),
    "HOME": os.devnull,
    "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": os.devnull,
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_EXTERNAL_DIFF": "",
}
"""All that git is told by its environment: nothing of ours."""
