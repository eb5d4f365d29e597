"""Files that only their owner may read: written whole or not at all."""

import os
import secrets
import tempfile
from base64 import urlsafe_b64encode
from pathlib import Path


def write_private(path: Path, content: str) -> None:
    """Write `content` to `path` with mode 0600; a reader sees the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(content)
    Path(name).replace(path)


def kept_secret(path: Path) -> str:
    """Return the secret in `path`; on first use make one of 32 random bytes, url-safe base64 (Fernet's own form)."""
    if not path.exists():
        write_private(path, urlsafe_b64encode(secrets.token_bytes(32)).decode() + "\n")
    return path.read_text(encoding="utf-8").strip()
