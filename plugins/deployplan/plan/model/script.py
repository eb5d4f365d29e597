"""The scripts that belong to a plan or its procedure: content and digest."""

import base64
import hashlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import BeforeValidator, Field, PlainSerializer

from deployplan.errors import DeployPlanError
from deployplan.plain_file import read_plain
from deployplan.plan.model.script_folder import files_in, names_digest
from deployplan.plan.text.file_trace import FILE, TREE, note
from deployplan.plan.text.strict import Strict


def _decoded(value: Any) -> Any:
    return base64.b64decode(value, validate=True) if isinstance(value, str) else value


Content = Annotated[
    bytes,
    BeforeValidator(_decoded),
    PlainSerializer(lambda content: base64.b64encode(content).decode(), when_used="json"),
]


class Script(Strict):
    """A file that is put beside a component without a package, and where command criteria run."""

    path: str = Field(description="name relative to the scripts' folder, with / between folders")
    content: Content = Field(description="the file, byte for byte")
    sha256: str = Field(description="sha256 of the content")

    @classmethod
    def of(cls, path: str, content: bytes) -> "Script":
        """Return the script with its digest."""
        return cls(path=path, content=content, sha256=hashlib.sha256(content).hexdigest())


MAX_BYTES = 1024 * 1024


class ScriptsTooLarge(DeployPlanError):
    """The scripts travel in the plan's record and to every node; together they must stay small."""


class ScriptFile(NamedTuple):
    """Where a script lies, and its size in bytes."""

    path: str
    size: int


def script_files(folder: Path, root: Path) -> dict[str, ScriptFile]:
    """Return the files of a folder below `root` by relative name. Raises OSError as `files_in` does."""
    files = files_in(str(folder), str(root))
    note(TREE, folder, names_digest(files))
    return {name: ScriptFile(path, os.lstat(path).st_size) for name, path in (files or {}).items()}


def read_script(name: str, path: str, root: Path) -> Script:
    """Return a file below `root` as the script `name`. Raises OSError as `read_plain` does."""
    script = Script.of(name, read_plain(path, root, most=MAX_BYTES))
    note(FILE, path, script.sha256)
    return script


def scripts_in(*folders: Mapping[str, ScriptFile], read: Callable[[str, str], Script]) -> tuple[Script, ...]:
    """Return the scripts of the folders in order of name; a later folder wins over an earlier one.

    Raises ScriptsTooLarge, or OSError for a file that cannot be read.
    """
    found: dict[str, ScriptFile] = {}
    for folder in folders:
        found |= folder
    if sum(file.size for file in found.values()) > MAX_BYTES:
        largest = max(found.values(), key=lambda file: file.size)
        raise ScriptsTooLarge(f"they are larger than {MAX_BYTES // 1024} KiB; the largest is {largest.path}")
    return tuple(read(name, found[name].path) for name in sorted(found))
