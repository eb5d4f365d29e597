"""One release on real nodes that is struck by a fault: its controllers, the strike, and what the nodes' files say."""

import asyncio
import json
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from builders import an_include
from deployplan.evidence.entry import Entry
from deployplan.evidence.ledger import Ledger
from faults.controller import KEY, Order
from faults.gates import GatedNode, until
from faults.zygote import Zygote
from openssh import Wire

# Each attempt leaves a mark that can be made only once; a second time would be written down as TWICE.
ONCE = '(set -C; : > "mark $DEPLOYPLAN_COMPONENT $DEPLOYPLAN_ATTEMPT") 2>/dev/null || echo TWICE >> steps; '
# A script begins where its package lies, so it goes home first.
BEGIN = f'cd || exit 9; {ONCE}echo "$DEPLOYPLAN_COMPONENT begun $DEPLOYPLAN_ATTEMPT" >> steps; touch begun; '
UNTIL_GO = "until [ -e go ]; do sleep 0.05; done; "
END = 'echo 2 > version; echo "$DEPLOYPLAN_COMPONENT ended $DEPLOYPLAN_ATTEMPT" >> steps'
UNDO = 'echo "$DEPLOYPLAN_COMPONENT undone" >> steps; echo 1 > version'


class Wires:
    """Lines to nodes that can be cut or frozen, in a thread of their own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def to(self, port: int) -> Wire:
        wire = Wire(port)
        asyncio.run_coroutine_threadsafe(wire.__aenter__(), self._loop).result(10)
        return wire

    def do(self, act: Callable[[], None]) -> None:
        """Cut, freeze or thaw a line."""

        async def there() -> None:
            act()

        asyncio.run_coroutine_threadsafe(there(), self._loop).result(10)

    def remove(self, wire: Wire) -> None:
        asyncio.run_coroutine_threadsafe(wire.__aexit__(), self._loop).result(10)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()


class Controller:
    """A process that carries tasks of the run out; `told` says how it ended by itself."""

    def __init__(self, pid: int, order: Order) -> None:
        self.pid, self.order = pid, order

    @property
    def ended(self) -> bool:
        return self.order.result.exists()

    @property
    def alive(self) -> bool:
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    @property
    def told(self) -> str:
        """How it ended by itself, as `end: why`."""
        found: Mapping[str, str] = json.loads(self.order.result.read_text())
        return f"{found['end']}: {found['why']}"

    @property
    def said(self) -> str:
        path = self.order.result.with_suffix(".said")
        return path.read_text() if path.exists() else ""

    def send(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def stop(self, *, marked: bool = False) -> None:
        """Tell it to stop, as Airflow does; with `marked` because a person has marked its task failed."""
        if marked:
            self.order.result.with_suffix(".marked").touch()
        self.send(signal.SIGTERM)

    def kill(self) -> None:
        self.send(signal.SIGKILL)
        until(f"controller {self.pid} is dead", lambda: not self.alive)

    def wait(self) -> "Controller":
        until(f"the end of {self.order.acts}: {self.said[-600:]}", lambda: self.ended or not self.alive)
        assert self.ended, f"controller died of itself: {self.said[-2000:]}"
        return self


class Scene:
    """Nodes n1, n2 and so on with release 1, and one run that brings release 2. Nothing of it is left after `with`."""

    def __init__(self, folder: Path, zygote: Zygote, wires: Wires, *, nodes: int = 1, small_disk: bool = False) -> None:
        self.folder = folder
        self._zygote, self._wires = zygote, wires
        self._small_disk = small_disk
        self._leavings = ExitStack()
        folder.mkdir(parents=True)
        an_include(folder / "include")
        self.nodes = {name: GatedNode(name, folder) for name in (f"n{number + 1}" for number in range(nodes))}
        self.lines: dict[str, Wire] = {}
        self.controllers: list[Controller] = []
        self.plan: dict[str, Any] = {}

    def __enter__(self) -> "Scene":
        with self._leavings:  # what was begun is ended, too, when the rest cannot be begun
            for name, gated in self.nodes.items():
                (gated.node.home / "version").write_text("1\n")
                if self._small_disk:
                    self._mount(gated.node.base)
                self._leavings.callback(gated.node.power_off)
                gated.node.start()
                self.lines[name] = self._wires.to(gated.node.port)
                self._leavings.callback(self._wires.remove, self.lines[name])
            self._leavings = self._leavings.pop_all()
        return self

    def __exit__(self, *exc: object) -> None:
        self._leavings.close()

    # -- the run

    def write(self, components: Mapping[str, Any], **keys: Any) -> "Scene":
        """The plan: these components, and a criterion that the new release is on every node."""
        version = {"command": "cat ~/version", "expect": {"stdout": "2"}, "on": list(self.nodes), "fail_after": 2}
        self.plan = {"components": dict(components), "success": {"version": version}, **keys}
        return self

    def start(
        self, *acts: str, clear: int = 0, death: tuple[str, str] = ("", ""), in_triggerer: bool = False
    ) -> Controller:
        """A controller in a process of its own; see Order."""
        nodes = {name: {"host": gated.node.host, "port": gated.node.port} for name, gated in self.nodes.items()}
        order = Order(
            folder=self.folder,
            addresses={
                name: {
                    "name": name,
                    "host": gated.node.host,
                    "port": self.lines[name].port,
                    "host_key": gated.node.host_key,
                    "key_files": (str(gated.node.key_file),),
                    "username": gated.node.user,
                }
                for name, gated in self.nodes.items()
            },
            infrastructure={"nodes": nodes, "groups": {"all": list(nodes)}, "min_free_mb": 0},
            plan=self.plan,
            acts=acts,
            result=self.folder / f"controller-{len(self.controllers) + 1}",
            clear=clear,
            death=death,
            in_triggerer=in_triggerer,
        )
        self.controllers.append(Controller(self._zygote.start(order), order))
        self._leavings.callback(self.controllers[-1].send, signal.SIGKILL)
        return self.controllers[-1]

    # -- faults

    def cut(self, name: str) -> None:
        self._wires.do(self.lines[name].cut)

    def silence(self, name: str) -> None:
        """From now on nothing is heard from the node, and nobody is told so."""
        self._wires.do(self.lines[name].freeze)

    def reboot(self, name: str) -> None:
        self.nodes[name].node.power_off()
        self.nodes[name].node.start()

    def fill(self, name: str) -> None:
        """Leave no room on the node's disk (a small one)."""
        with suppress(OSError), (self.nodes[name].node.base / "filler").open("wb", buffering=0) as filler:
            while True:
                filler.write(b"x" * 4096)

    def make_room(self, name: str) -> None:
        (self.nodes[name].node.base / "filler").unlink()

    def step_clock(self, seconds: float) -> None:
        """Step the clock of the machine that controls."""
        draft = self.folder / "step.draft"
        draft.write_text(str(seconds))
        draft.rename(self.folder / "step")

    def hear(self) -> None:
        """All nodes are heard again."""
        for line in self.lines.values():
            self._wires.do(line.thaw)

    def open_gates(self) -> None:
        """What stands still goes on, and all nodes are heard again."""
        self.hear()
        for gated in self.nodes.values():
            gated.open_gates()

    def let_go(self) -> None:
        """Scripts may end."""
        for gated in self.nodes.values():
            (gated.node.home / "go").touch()

    # -- what there is to see

    def steps(self, name: str = "n1") -> list[str]:
        path = self.nodes[name].node.home / "steps"
        return path.read_text().splitlines() if path.exists() else []

    def version(self, name: str = "n1") -> str:
        return (self.nodes[name].node.home / "version").read_text().strip()

    def jobs(self, name: str = "n1") -> list[str]:
        """The jobs on the node, without the digest they begin with."""
        return sorted(path.name.partition("-")[2] for path in (self.nodes[name].node.base / "jobs").glob("*"))

    def living(self, name: str = "n1") -> list[int]:
        """The processes of jobs that live on the node."""
        return [pid for pid in self.nodes[name].node.processes() if _is_job(pid)]

    def lock(self, name: str = "n1") -> str:
        """What the node's lock says."""
        return max((self.nodes[name].node.base / "lock").glob("holder.*")).read_text()

    def exits(self, name: str = "n1") -> list[Path]:
        return list((self.nodes[name].node.base / "jobs").glob("*/exit"))

    def evidence(self, *kinds: str) -> list[Entry]:
        entries = Ledger(self.folder / "records", key=KEY).entries()
        return [entry for entry in entries if not kinds or entry.kind in kinds]

    def outcome(self) -> str:
        found = self.evidence("outcome")
        return str(found[-1].facts["outcome"]) if found else "none"

    def _mount(self, folder: Path) -> None:
        folder.mkdir(mode=0o700)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m,mode=700", "tmpfs", str(folder)], check=True)
        self._leavings.callback(subprocess.run, ["umount", "-l", str(folder)], check=True)


def can_mount(folder: Path) -> bool:
    """Whether this user may mount a small disk."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        return False
    subprocess.run(["umount", "-l", str(folder)], check=True)
    return True


def counts(lines: Iterable[str], what: str) -> int:
    return sum(1 for line in lines if line == what)


def _is_job(pid: int) -> bool:
    try:
        return b"DEPLOYPLAN_JOB=" in Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return False
