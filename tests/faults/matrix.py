"""The matrix: at which boundary of a step what is struck, and what must come of it."""

import hashlib
import os
import re
import signal
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from faults.gates import until
from faults.scene import BEGIN, END, UNDO, UNTIL_GO, Controller, Scene

Strike = Callable[[Scene, Controller], None]

BAD_END = "exit 3"
DAY = 86_400.0


@dataclass(frozen=True)
class Boundary:
    """An instant of a step that can be hit each time: what has happened then, and how it is reached.

    The work is let into `gate`, where it stands still. Then, with `until`, the node is silenced, the gate opened and
    that awaited: so it has happened on the node, and its controller does not know.
    """

    when: str
    gate: str | None = None
    until: str | None = None
    go_first: bool = False
    script_fails: bool = False
    package: bool = False


BOUNDARIES = {
    "claim": Boundary("the job is written down on the node, its script not launched", "launch"),
    "upload": Boundary("a part of the package has arrived", "upload", package=True),
    "start": Boundary("the script is launched, and the controller has not heard so", "launch", "begun"),
    "running": Boundary("the script runs and is watched"),
    "ended": Boundary("the script has ended, and the controller has not heard so", None, "ended"),
    "seen": Boundary(
        "the script has failed, and the node is about to note that this was reported",
        "before-seen",
        go_first=True,
        script_fails=True,
    ),
    "ledger": Boundary("all is done but the line in the node's ledger", "before-ledger", go_first=True),
}


def killed(scene: Scene, first: Controller) -> None:
    """SIGKILL; Airflow starts the task again."""
    first.kill()
    second = _second(scene)
    _all_go(scene)
    second.wait()


def copied(scene: Scene, first: Controller) -> None:
    """A second copy begins beside the first, and both go on."""
    second = _second(scene)
    _all_go(scene)
    first.wait()
    second.wait()


def stopped(scene: Scene, first: Controller) -> None:
    """A second copy begins beside the first, then the first is told to stop."""
    second = _second(scene)
    first.stop()
    until("the first has stopped", lambda: not first.alive)
    _all_go(scene)
    second.wait()


def frozen(scene: Scene, first: Controller) -> None:
    """SIGSTOP; a second copy carries the task out; then the first wakes up."""
    first.send(signal.SIGSTOP)
    second = _second(scene)
    _all_go(scene)
    second.wait()
    before = scene.steps()
    first.send(signal.SIGCONT)
    first.wait()
    assert scene.steps() == before


def frozen_for_long(scene: Scene, first: Controller) -> None:
    """SIGSTOP; the run is carried to its end and its nodes given free; then the first wakes up."""
    first.send(signal.SIGSTOP)
    second = _second(scene)
    _all_go(scene)
    second.wait()
    if second.told == "done: ":
        scene.start("verify", "outcome").wait()
    else:
        scene.start("backout", "outcome").wait()
    before = scene.steps()
    first.send(signal.SIGCONT)
    first.wait()
    assert scene.steps() == before
    assert scene.living() == []


def sshd_restarted(scene: Scene, first: Controller) -> None:
    """The node's sshd is restarted: all connections end, what runs detached runs on."""
    scene.nodes["n1"].node.restart()
    _all_go(scene)
    first.wait()


def cut(scene: Scene, first: Controller) -> None:
    """The connection is cut; a remote command that stood still goes on all the same."""
    scene.cut("n1")
    _all_go(scene)
    first.wait()


def rebooted(scene: Scene, first: Controller) -> None:
    """Power off: everything that runs on the node is gone, its files stay; then it is there again."""
    scene.reboot("n1")
    _all_go(scene)
    first.wait()


def disk_full(scene: Scene, first: Controller) -> None:
    """Not a byte can be written under ~/.deployplan; later somebody makes room."""
    scene.fill("n1")
    _all_go(scene)
    until("the fault is named, or the result waits for room", lambda: first.ended or _result_waits(scene))
    scene.make_room("n1")
    first.wait()


def clock_stepped(scene: Scene, first: Controller) -> None:
    """The clock of the machine that controls is stepped by a day, beyond the release window, and put right later."""
    scene.step_clock(DAY)
    _all_go(scene)
    first.wait()
    scene.step_clock(0.0)


KILLERS: dict[str, Strike] = {
    "killed": killed,
    "copied": copied,
    "stopped": stopped,
    "frozen": frozen,
    "frozen-for-long": frozen_for_long,
    "sshd-restarted": sshd_restarted,
    "connection-cut": cut,
    "node-rebooted": rebooted,
    "disk-full": disk_full,
    "clock-stepped": clock_stepped,
}

LOST = r"n1: deploy script vanished without an exit code \(killed, or the node restarted\)"
FULL = "(No space left on device|I/O error; cannot write)"
HOLDS = {
    ("start", "node-rebooted"): LOST,
    ("running", "node-rebooted"): LOST,
    ("claim", "disk-full"): rf"n1: .*start:\S+ could not be done .*{FULL}",
    ("upload", "disk-full"): rf"n1: .*staging ended .*{FULL}",
    ("ended", "disk-full"): r"n1: done, but the node could not be told so: .*cannot write \S+/ledger.jsonl",
    ("ledger", "disk-full"): r"n1: done, but the node could not be told so: .*cannot write \S+/ledger.jsonl",
    ("seen", "disk-full"): r"n1: .*cannot write \S+/seen",
}
"""Where the run does not go on by itself: the reason that it names. Every other cell ends in success."""


def play(scene: Scene, boundary: str, killer: str) -> None:
    """Carry a release to the boundary, strike, and judge by the node's own files."""
    point = BOUNDARIES[boundary]
    _write(scene, point, window=killer == "clock-stepped")
    if point.gate:
        scene.nodes["n1"].close_gate(point.gate)
    if point.go_first:
        scene.let_go()
    first = scene.start("approve", "arm", "deploy")
    _reach(scene, first, point)

    KILLERS[killer](scene, first)

    assert scene.steps().count("TWICE") == 0
    tried = [line for line in scene.steps() if line.startswith("app begun")]
    assert len(tried) == len(set(tried)) <= 1
    last = [each for each in scene.controllers if "deploy" in each.order.acts and each.ended][-1]
    why = _reason(boundary, killer)
    if point.script_fails:
        assert re.search("^StepFailed: .*" + (why or r"n1: .*exit code 3"), last.told, re.S), last.told
        _backed_out(scene)
        assert tried == ["app begun 1"]
    elif why is None:
        assert last.told == "done: "
        _released(scene)
        assert _of(scene, "app") == ["app begun 1", "app ended 1"]
    else:
        assert re.search(f"^StepFailed: .*{why}", last.told, re.S), last.told
        assert scene.start("arm", "deploy", clear=1).wait().told == "done: "
        _released(scene)
        begun = [line for line in _of(scene, "app") if "begun" in line]
        assert len(begun) == len(set(begun)) <= 2
        assert scene.steps().count("app ended 1") + scene.steps().count("app ended 2") == 1
    assert scene.steps().count("TWICE") == 0


def _reason(boundary: str, killer: str) -> str | None:
    if killer == "clock-stepped" and not BOUNDARIES[boundary].script_fails:
        return r"tail wave 1 did not start: .*closed"
    return HOLDS.get((boundary, killer))


def _write(scene: Scene, point: Boundary, *, window: bool) -> None:
    script = BEGIN + UNTIL_GO + (BAD_END if point.script_fails else END)
    app: dict[str, Any] = {"nodes": ["n1"], "deploy": script, "undo": UNDO, "terminate_grace": "0s", "timeout": "10m"}
    keys: dict[str, Any] = {}
    components = {"app": app}
    if point.package:
        app["package"] = "bytes"
        keys["package"] = {"bytes": _package(scene.folder / "include" / "packages" / "big.bin")}
    if window:
        now, wall = datetime.now(UTC), "%Y-%m-%d %H:%M"
        opens, closes = now - timedelta(hours=1), now + timedelta(hours=5)
        keys["schedule"] = {"window": {"opens": f"{opens:{wall}}", "closes": f"{closes:{wall}}", "timezone": "UTC"}}
        keys["schedule"]["backout_reserve"] = "5m"
        components["tail"] = {**app, "deploy": BEGIN + END, "after": ["app"]}
        components["tail"].pop("package", None)
    scene.write(components, **keys)


def _package(path: Path) -> dict[str, str]:
    content = os.urandom(5_000_000)  # more than goes through the shell: a session of its own
    path.write_bytes(content)
    return {"file": path.name, "sha256": hashlib.sha256(content).hexdigest()}


def _reach(scene: Scene, first: Controller, point: Boundary) -> None:
    gated = scene.nodes["n1"]

    def there() -> bool:
        assert not first.ended, f"it ended before the boundary: {first.told}"
        if point.gate is None:
            return (gated.node.home / "begun").exists() and "started" in first.said
        return gated.reached(point.gate)

    until(f"{point.when}; said {first.said}", there)
    if point.until is None:
        return
    scene.silence("n1")
    gated.open_gates()
    if point.until == "begun":
        until("the script has begun", (gated.node.home / "begun").exists)
    else:
        scene.let_go()
        until("the script has ended", lambda: bool(scene.exits()))


def _second(scene: Scene) -> Controller:
    """Another copy of the wave's task, which is at work on the job. What stood still comes late: only after this."""
    scene.hear()
    second = scene.start("deploy")
    until(
        f"the second copy is at work: {second.said}",
        lambda: second.ended or " started " in second.said or " runs already: attached" in second.said,
    )
    return second


def _all_go(scene: Scene) -> None:
    scene.open_gates()
    scene.let_go()


def _result_waits(scene: Scene) -> bool:
    return any(" ended " in line for line in scene.steps()) and not scene.exits()


def _of(scene: Scene, component: str) -> list[str]:
    return [line for line in scene.steps() if line.startswith(component)]


def _released(scene: Scene) -> None:
    """The run ends in success, and only now the nodes are free."""
    if scene.outcome() == "none":
        assert scene.living() == []
        assert scene.start("verify", "outcome").wait().told == "done: "
    assert scene.outcome() == "success"
    assert scene.version() == "2"
    assert scene.living() == []
    assert "state=free" in scene.lock()


def _backed_out(scene: Scene) -> None:
    if scene.outcome() == "none":
        assert scene.start("backout", "outcome").wait().told == "done: "
    assert scene.outcome() == "backed_out"
    assert scene.steps()[-1] == "app undone"
    assert scene.version() == "1"
    assert scene.living() == []
    assert "state=free" in scene.lock()
