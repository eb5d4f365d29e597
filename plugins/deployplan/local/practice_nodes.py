"""The practice nodes, up and down: five SSH servers in one process, each restartable like a machine."""

import asyncio
import sys
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncssh

from deployplan.local.folder_lock import own_folder
from deployplan.local.free_ports import require_free
from deployplan.local.node_processes import kill_node_processes
from deployplan.local.node_server import NodeServer
from deployplan.local.practice_layout import HOST, MARK, USER, PracticeLayout, PracticeNode, ensure_keys
from deployplan.private_files import make_folder


class PracticeNodes:
    """The nodes' servers, driven from any thread."""

    def __init__(self, layout: PracticeLayout) -> None:
        self.layout = layout
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="practice nodes", daemon=True)
        self._servers: dict[str, NodeServer] = {}

    def start(self) -> None:
        """Listen on every node. Raises PortTaken; call `stop` in any case."""
        self._thread.start()
        # Services of a run that was killed hold ports and files.
        kill_node_processes(self.layout.folder / "nodes")
        require_free(HOST, self.layout.ports())
        ensure_keys(self.layout)
        for node in self.layout.nodes:
            self.switch_on(node.name)

    def stop(self) -> None:
        """Stop listening and end every process on the nodes."""
        if self._thread.is_alive():
            for name in tuple(self._servers):
                self.unplug(name)
            kill_node_processes(self.layout.folder / "nodes")
            self._in_loop(_finish())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    def switch_on(self, name: str) -> None:
        """Let a node listen again."""
        node = self.layout.node(name)
        make_folder(node.home)
        client_key = asyncssh.read_private_key(self.layout.client_key)
        server = NodeServer(node, client_key, environment_of(node))
        self._in_loop(server.listen())
        self._servers[name] = server

    def unplug(self, name: str) -> None:
        """Cut a node off the network: its connections break, its processes go on."""
        self._loop.call_soon_threadsafe(self._servers.pop(name).cut)

    def power_off(self, name: str) -> None:
        """Cut a node off and kill every process on it; its files stay."""
        if name in self._servers:
            self.unplug(name)
        kill_node_processes(self.layout.node(name).home)

    def _in_loop(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)


@contextmanager
def practising(layout: PracticeLayout) -> Iterator[PracticeNodes]:
    """The practice nodes for the length of a with-block; nothing of them runs afterwards.

    Raises FolderTaken when the nodes of this folder already run, and does nothing to those; PortTaken.
    """
    taken = (
        f"the practice nodes in {layout.folder} already run; stop what runs them, or name another folder in "
        "DEPLOYPLAN_PRACTICE and another port in DEPLOYPLAN_PORT"
    )
    with own_folder(layout.folder, taken):
        nodes = PracticeNodes(layout)
        try:
            nodes.start()
            yield nodes
        finally:
            nodes.stop()


def environment_of(node: PracticeNode) -> dict[str, str]:
    """What a command on a node finds in its environment, nothing of ours but the mark."""
    return {
        "HOME": str(node.home),
        "USER": USER,
        "LOGNAME": USER,
        "SHELL": "/bin/sh",
        "LANG": "C.UTF-8",
        # The machine's Python may have any name; the one we run with is always called python3 in its own folder.
        "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
        MARK: str(node.home),
    }


async def _finish() -> None:
    """Let every session notice that its command is dead."""
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    if others:
        await asyncio.wait(others, timeout=5)
