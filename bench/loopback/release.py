"""What every tool has to carry out: bring a package to each node, verify it, run a script there, check the result."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

HANDSHAKES = 24
"""Connections that a tool opens at the same time, where it can be told."""
LINES = 50
# One second, with half of the output before and half after it.
SCRIPT = f"""\
line() {{
  i=0
  while [ $i -lt {LINES // 2} ]; do i=$((i + 1)); echo "$1 $i of {LINES // 2}: unpacking and switching over"; done
}}
line begin
sleep 1
line end
echo 2 >"$HOME/version"
"""
CHECK = 'cat "$HOME/version"'


@dataclass(frozen=True)
class Release:
    """One deploy: the nodes (name to address), how to reach them, the package, and where the tool may write."""

    nodes: dict[str, str]
    port: int
    user: str
    key: str
    host_key: str
    known_hosts: str
    package: str
    sha256: str
    folder: str

    def write(self, path: Path) -> Path:
        """Write it for the process of a tool."""
        path.write_text(json.dumps(asdict(self)))
        return path

    @classmethod
    def read(cls, path: str) -> "Release":
        """Read what `write` wrote."""
        return cls(**json.loads(Path(path).read_text()))


def sha256_of(path: Path) -> str:
    """The file's digest, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def landed(home: Path, sha256: str) -> bool:
    """Whether the release is on the node whose home this is: the script has ended, and the package lies there whole."""
    version = home / "version"
    if not version.exists() or version.read_text() != "2\n":
        return False
    arrived = (file for name in ("package.bin", "bytes") for file in home.rglob(name))
    return any(sha256_of(file) == sha256 for file in arrived)
