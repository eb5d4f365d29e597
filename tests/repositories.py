"""A real git repository that a test writes commit by commit."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Repository:
    """Commits are made by whoever is named; their address is NAME@shop.example."""

    folder: Path

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *words: str, by: str = "erin", committer: str | None = None, settings: tuple[str, ...] = ()) -> str:
        found = {
            "PATH": os.environ["PATH"],
            "HOME": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": by,
            "GIT_AUTHOR_EMAIL": address(by),
            "GIT_COMMITTER_NAME": committer or by,
            "GIT_COMMITTER_EMAIL": address(committer or by),
        }
        command = ["git", "-C", str(self.folder), *(part for each in settings for part in ("-c", each)), *words]
        done = subprocess.run(command, env=found, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def write(self, path: str, text: str) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def commit(self, message: str = "a change", *, by: str = "erin", committer: str | None = None) -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message, by=by, committer=committer)
        return self.git("rev-parse", "HEAD")


def address(name: str) -> str:
    return name if "@" in name else f"{name}@shop.example"
