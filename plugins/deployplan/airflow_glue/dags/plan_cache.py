"""Outlines of plans that have not changed, kept on disk: a parse reads the plans' bytes, but not what they mean.

An entry holds what the plan's load had looked at, each with the sha256 of what was found; it counts only while a
look today finds the same bytes, with the same version of this package and its libraries. It is signed, so that one
that was damaged, copied from elsewhere or written by somebody else is no entry. And if one were believed
wrongly, the DAG would look wrong, no more: a task process reads the plan itself, and deploy.arm believes only
approvals of the digest of what it has read.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import os
import stat
import sysconfig
import tempfile
from collections.abc import Collection, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path

import deployplan
from deployplan.airflow_glue.dags.dag_spec import Outline
from deployplan.plan.load.fingerprints import Looks
from deployplan.plan.text.file_trace import CHANGED

PURPOSE = b"deployplan outline cache 1\n"
SUFFIX = ".json"
_MAC = 64

log = logging.getLogger(__name__)


class PlanCache:
    """The entries of one include folder; each is a signature, a line break and JSON."""

    def __init__(self, folder: Path, key: bytes) -> None:
        """Use the entries in `folder`, which need not exist yet. `key` signs them."""
        self._folder = str(folder)
        self._key = hmac.digest(key, PURPOSE, "sha256")
        self._usable = _is_private(self._folder)

    def get(self, name: str, looks: Looks) -> Outline | None:
        """Return the outline of the plan `name` if everything it was made of is as it was, else None."""
        if not self._usable or "/" in name:
            return None
        try:
            with open(f"{self._folder}/{name}{SUFFIX}", "rb") as file:  # noqa: PTH123  (no Path objects: see looks.py)
                content = file.read()
            mac, body = content[:_MAC], content[_MAC + 1 :]
            if not hmac.compare_digest(mac, self._mac(name, body)):
                return None
            entry = json.loads(body)
            if entry["made_by"] != code_fingerprint() or not looks.same(entry["reads"]):
                return None
            return Outline.of_json(entry["outline"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def put(self, name: str, outline: Outline, reads: Mapping[str, str]) -> None:
        """Keep an outline; a folder that cannot be written costs time, never correctness."""
        if not self._usable or "/" in name or not reads or CHANGED in reads.values():
            return
        entry = {"made_by": code_fingerprint(), "reads": reads, "outline": outline.as_json()}
        body = json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
        with suppress(OSError):
            handle, temporary = tempfile.mkstemp(dir=self._folder, prefix=".")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(self._mac(name, body) + b"\n" + body)
                Path(temporary).replace(f"{self._folder}/{name}{SUFFIX}")
            except OSError:
                Path(temporary).unlink(missing_ok=True)
                raise

    def keep_only(self, names: Collection[str]) -> None:
        """Remove the entries of plans that are gone."""
        if not self._usable:
            return
        with suppress(OSError):
            for path in Path(self._folder).iterdir():
                if path.suffix == SUFFIX and path.stem not in names:
                    path.unlink(missing_ok=True)

    def _mac(self, name: str, body: bytes) -> bytes:
        return hmac.digest(self._key, name.encode() + b"\0" + body, "sha256").hex().encode()


def open_cache(root: Path, include: Path, key: bytes) -> PlanCache:
    """Return the cache of an include folder below `root`."""
    return PlanCache(root / hashlib.sha256(str(include).encode()).hexdigest()[:16], key)


@cache
def code_fingerprint() -> str:
    """What else an outline depends on: the sources of this package, and the libraries and Python below it."""
    found = hashlib.sha256(sysconfig.get_python_version().encode())
    with suppress(OSError):
        # Installing or removing any library changes the folder that holds them.
        found.update(str(Path(sysconfig.get_path("purelib")).stat().st_mtime_ns).encode())
    package = Path(deployplan.__file__).parent
    for pattern in ("*.py", "window/*.py", "plan/**/*.py", "runbook/task*.py", "airflow_glue/**/*.py"):
        for path in sorted(package.glob(pattern)):
            found.update(path.read_bytes())
    return found.hexdigest()


def _is_private(folder: str) -> bool:
    """Whether the folder is there, ours, and nobody else's to read or write; it is made when it is missing."""
    try:
        Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)
        facts = Path(folder).lstat()
    except OSError as error:
        log.warning("plans are read anew at each parse: the cache %s cannot be used: %s", folder, error.strerror)
        return False
    if stat.S_ISDIR(facts.st_mode) and facts.st_uid == os.geteuid() and not facts.st_mode & 0o077:
        return True
    log.warning("plans are read anew at each parse: the cache %s is not a folder of ours with mode 0700", folder)
    return False
