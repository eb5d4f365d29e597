"""The floor: what a person writes with asyncssh in an afternoon, as fast as it gets; no retry, no evidence, no lock."""

import asyncio
import sys
from pathlib import Path

import asyncssh

from loopback.own import reporting
from loopback.release import CHECK, HANDSHAKES, SCRIPT, Release

KEX = ("curve25519-sha256", "ecdh-sha2-nistp256")


async def deploy(release: Release, package: bytes) -> None:
    """Deploy to all nodes at once; an error anywhere ends all."""
    key = asyncssh.read_private_key(release.key)
    trusted = ([asyncssh.import_public_key(release.host_key)], [], [])
    handshakes = asyncio.Semaphore(HANDSHAKES)

    async def one(name: str, host: str) -> None:
        async with handshakes:
            connection = await asyncssh.connect(
                host,
                release.port,
                username=release.user,
                client_keys=[key],
                known_hosts=trusted,
                kex_algs=KEX,
                config=None,
                agent_path=None,
                preferred_auth="publickey",
            )
        async with connection:
            sent = await connection.run(
                'cat >"$HOME/package.bin" && sha256sum "$HOME/package.bin"', input=package, encoding=None, check=True
            )
            assert bytes(sent.stdout or b"").split()[0].decode() == release.sha256, name
            done = await connection.run(SCRIPT, check=True)
            for line in str(done.stdout).splitlines():
                print(f"{name} | {line}")
            seen = await connection.run(CHECK, check=True)
            assert seen.stdout == "2\n", name

    async with asyncio.TaskGroup() as group:
        for name, host in release.nodes.items():
            group.create_task(one(name, host))


def main() -> None:
    """Deploy the release that the first argument names."""
    release = Release.read(sys.argv[1])
    asyncio.run(deploy(release, Path(release.package).read_bytes()))


if __name__ == "__main__":
    reporting(main)
