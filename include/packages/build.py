"""Builds the storefront's practice packages beside this file, the same bytes for the same sources: `make packages`.

The package of 4.4.0 forgets its price list, so that its service cannot work: the fault that the demo's canary finds.
"""

import gzip
import hashlib
import io
import sys
import tarfile
from pathlib import Path

HERE = Path(__file__).parent
SOURCES = HERE / "storefront-web"
SERVICE = HERE.parent / "procedures" / "storefront" / "service.py"
FORGOTTEN = {"4.4.0": {"prices.json"}}
VERSIONS = ("4.2.1", "4.3.0", "4.4.0")


def contents(version: str) -> dict[str, bytes]:
    """The files of the package of a version, by name."""
    files = [SERVICE, *SOURCES.iterdir()]
    kept = {file.name: file.read_bytes() for file in files if file.name not in FORGOTTEN.get(version, ())}
    return dict(sorted({**kept, "VERSION": f"{version}\n".encode()}.items()))


def package(version: str) -> bytes:
    """The package itself: no owner, no times, files in order of name."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, content in contents(version).items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            entry.mode = 0o755 if name.endswith(".sh") else 0o644
            tar.addfile(entry, io.BytesIO(content))
    return gzip.compress(archive.getvalue(), mtime=0)


def main() -> None:
    for version in VERSIONS:
        content = package(version)
        path = HERE / f"storefront-web-{version}.tar.gz"
        path.write_bytes(content)
        sys.stdout.write(f"{hashlib.sha256(content).hexdigest()}  {path.name}\n")


if __name__ == "__main__":
    main()
