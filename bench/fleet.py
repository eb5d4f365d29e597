"""How much does a deploy to 50, 200 and 500 nodes cost, against the least it can cost and against other tools?

Run: PYTHONPATH=plugins python bench/fleet.py [--sizes 50,200,500] [--rtt 40,150]
         [--tools floor,wave,staged,openssh,pyinfra,ansible]

Nodes are real OpenSSH servers on this machine, so they take their share of its cores: CPU of the client and round trips
are what carries over to real nodes; the wall clock here is mostly the nodes'. `--rtt` brings the release to 20 nodes
over a line of so many milliseconds. `floor`, `wave` and `staged` take turns and are given as medians of `--rounds`; the
others run once a size. `work` is the wall clock after a tool's imports, and what is compared. pyinfra and Ansible come
from a virtual environment of their own: `python -m venv build/bench && build/bench/bin/pip install -r
bench/requirements.txt`, or `--venv`.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from loopback import other_tools
from loopback.measure import Cost, ToolFailed, run
from loopback.nodes import SSHD, LoopbackFleet, write_package
from loopback.relay import Relay
from loopback.release import Release, landed, sha256_of

ROOT = Path(__file__).resolve().parents[1]
ENV = {"PYTHONPATH": f"{ROOT / 'plugins'}:{ROOT / 'bench'}", "PYTHONDONTWRITEBYTECODE": "1"}
TOOLS = ("floor", "wave", "staged", "openssh", "pyinfra", "ansible")
REPEATED = ("floor", "wave", "staged")
FAR_NODES = 20
"""Nodes at the end of a slow line: so few that neither end of it is busy."""
# Larger fleets would take the slow ones longer than all the rest together.
MOST_NODES = {"pyinfra": 200, "ansible": 50}
OTHERS: dict[str, Callable[[Release, Path | None], list[str] | None]] = {
    "openssh": other_tools.openssh,
    "pyinfra": other_tools.pyinfra,
    "ansible": other_tools.ansible,
}
Results = dict[tuple[str, int], list[tuple[Cost, float]]]


def main() -> None:
    wanted = _arguments()
    if SSHD is None:
        print("not measured: there is no sshd on this machine")
        return
    results: Results = {}
    print(f"{datetime.now(UTC):%F %R} UTC, {os.cpu_count()} cores, {_model()}")
    heads = (("nodes", 5), ("wall s", 8), ("work s", 8), ("client CPU s", 13), ("nodes CPU s", 12), ("memory MiB", 11))
    print("tool    ", *(f"{head:>{width}}" for head, width in heads))
    far: dict[int, Results] = {}
    with tempfile.TemporaryDirectory(prefix="fleet-") as folder:
        for size in wanted.sizes:
            with LoopbackFleet(_folder(folder, f"fleet-{size}"), size) as fleet:
                for tool in _turns(wanted.tools, wanted.rounds if size <= 200 else 1):
                    _measure(fleet, tool, wanted.package, wanted.venv, results)
        for milliseconds in wanted.rtt:
            far[milliseconds] = _over_a_slow_line(_folder(folder, f"far-{milliseconds}"), milliseconds, wanted)
        if "wave" in wanted.tools and wanted.large:
            _large_package(_folder(folder, "large"), wanted.large)
    _goals(results, wanted.sizes, far)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", default="50,200,500", type=lambda text: sorted(map(int, text.split(","))))
    parser.add_argument("--rtt", default="40,150", type=lambda text: [int(each) for each in text.split(",") if each])
    parser.add_argument("--tools", default=",".join(TOOLS), type=lambda text: text.split(","))
    parser.add_argument("--rounds", default=3, type=int, help="turns of floor and wave up to 200 nodes; above, one")
    parser.add_argument("--package", default=1, type=int, help="MiB")
    parser.add_argument("--large", default=64, type=int, help="MiB of the large package, 0 for none")
    parser.add_argument("--venv", default=ROOT / "build" / "bench", type=Path, help="where pyinfra and Ansible are")
    return parser.parse_args()


def _turns(tools: list[str], rounds: int) -> Iterator[str]:
    for number in range(rounds):
        yield from (tool for tool in tools if tool in REPEATED or number == 0)


def _over_a_slow_line(folder: Path, milliseconds: int, wanted: argparse.Namespace) -> Results:
    """The same to a few nodes whose every answer takes so long."""
    results: Results = {}
    print(f"over a line of {milliseconds} ms:")
    with (
        LoopbackFleet(folder, FAR_NODES) as fleet,
        Relay(fleet.nodes.values(), fleet.port, milliseconds) as relay,
    ):
        fleet.others.add(relay.pid)
        for tool in _turns([tool for tool in wanted.tools if tool in REPEATED], wanted.rounds):
            _measure(fleet, tool, wanted.package, None, results, port=relay.port)
    return results


def _measure(
    fleet: LoopbackFleet, tool: str, mebibytes: int, venv: Path | None, results: Results, *, port: int | None = None
) -> Cost | None:
    size = len(fleet.nodes)
    if size > MOST_NODES.get(tool, size):
        print(f"{tool:8} {size:5}   not measured: above {MOST_NODES[tool]} nodes it takes too long")
        return None
    fleet.empty()
    with tempfile.TemporaryDirectory(dir=fleet.folder) as folder:
        release = _release(fleet, Path(folder), mebibytes, port or fleet.port)
        try:
            cost, there = _carry_out(fleet, tool, release, venv)
        except ToolFailed as error:
            print(f"{tool:8} {size:5}   FAILED: {error}")
            return None
        except FileNotFoundError as error:
            print(f"{tool:8} {size:5}   not measured: {error}")
            return None
        missing = [name for name in fleet.nodes if not landed(fleet.home(name), release.sha256)]
    if missing:
        print(f"{tool:8} {size:5}   FAILED: the release is not on {len(missing)} nodes, such as {missing[0]}")
        return None
    results.setdefault((tool, size), []).append((cost, there))
    memory = "" if cost.memory is None else f"{cost.memory:11.1f}"
    print(f"{tool:8} {size:5} {cost.wall:8.2f} {cost.work:8.2f} {cost.cpu:13.2f} {there:12.2f} {memory}", flush=True)
    return cost


def _carry_out(fleet: LoopbackFleet, tool: str, release: Release, venv: Path | None) -> tuple[Cost, float]:
    """Deploy, and return what the client cost and what its nodes did."""
    folder = Path(release.folder)
    path = str(release.write(folder / "release.json"))
    wave = [sys.executable, "-m", "loopback.deployplan_wave"]
    if tool == "floor":
        command: list[str] | None = [sys.executable, "-m", "loopback.asyncssh_loop", path]
    elif tool in ("wave", "staged"):
        for step in ["arm"] + ["stage"] * (tool == "staged"):
            run([*wave, step, path], folder / f"{step}.log", env=ENV)
        command = [*wave, "deploy", path]
    else:
        command = OTHERS[tool](release, venv)
    if command is None:
        raise FileNotFoundError(f"{tool} is not in {venv}; install it: pip install -r bench/requirements.txt")
    before = fleet.cpu()
    cost = run(command, folder / f"{tool}.log", env=ENV)
    return cost, fleet.cpu() - before


def _large_package(folder: Path, mebibytes: int) -> None:
    """The wave's memory must not depend on what it sends."""
    with LoopbackFleet(folder, 20) as fleet:
        small = _measure(fleet, "wave", 1, None, {})
        large = _measure(fleet, "wave", mebibytes, None, {})
    if small and large and small.memory is not None and large.memory is not None:
        print(f"memory at 20 nodes: {small.memory:.1f} MiB with 1 MiB, {large.memory:.1f} with {mebibytes} MiB to send")


def _goals(results: Results, sizes: list[int], far: dict[int, Results]) -> None:
    """Each goal with what was measured."""
    print()
    for milliseconds, found in far.items():
        walls = {tool: _median(found, tool, FAR_NODES, lambda cost: cost.work) for tool in REPEATED}
        for tool, goal in (("staged", 1.15), ("wave", 1.25)):
            _compare(f"wall over {milliseconds} ms, {tool}", walls[tool], walls["floor"], goal)
    for few, many in pairwise(sizes):
        for whose, goals in (
            ("client", (("wave", 1.5), ("staged", 1.25))),
            ("nodes'", (("wave", 1.8), ("staged", 1.5))),
        ):
            each = {tool: _per_node(results, tool, few, many, whose) for tool in TOOLS}
            shown = ", ".join(f"{tool} {value * 1000:.1f}" for tool, value in each.items() if value is not None)
            print(f"{whose} CPU per further node, {few} to {many}, in ms: {shown}")
            for tool, goal in goals:
                _compare(f"{whose} CPU per further node, {tool}", each[tool], each["floor"], goal)
    at = 200 if 200 in sizes else sizes[-1]
    wall = {tool: _median(results, tool, at, lambda cost: cost.work) for tool in TOOLS}
    _compare(f"wall at {at} nodes, staged", wall["staged"], wall["floor"], 1.5)
    memory = _median(results, "wave", at, lambda cost: cost.memory or 0)
    if memory is not None:
        print(f"memory at {at} nodes: {memory:.1f} MiB above the bare task (goal: at most 60)")


def _compare(what: str, ours: float | None, theirs: float | None, goal: float, tool: str = "floor") -> None:
    if ours is None or not theirs:
        print(f"{what}: not measured against {tool}")
        return
    verdict = "met" if ours / theirs <= goal else "MISSED"
    print(f"{what}: {ours / theirs:.2f} times {tool} (goal: at most {goal}): {verdict}")


def _per_node(results: Results, tool: str, few: int, many: int, whose: str) -> float | None:
    values = [
        [cost.cpu if whose == "client" else there for cost, there in results.get((tool, size), [])]
        for size in (few, many)
    ]
    if not all(values):
        return None
    return (statistics.median(values[1]) - statistics.median(values[0])) / (many - few)


def _median(results: Results, tool: str, size: int, of: Callable[[Cost], float]) -> float | None:
    runs = results.get((tool, size))
    return statistics.median(of(cost) for cost, _ in runs) if runs else None


def _release(fleet: LoopbackFleet, folder: Path, mebibytes: int, port: int) -> Release:
    package = fleet.folder / f"package-{mebibytes}.bin"
    if not package.exists():
        write_package(package, mebibytes)
    return Release(
        nodes=fleet.nodes,
        port=port,
        user=fleet.user,
        key=str(fleet.key),
        host_key=fleet.host_key,
        known_hosts=str(fleet.folder / "known_hosts"),
        package=str(package),
        sha256=sha256_of(package),
        folder=str(folder),
    )


def _folder(parent: str, name: str) -> Path:
    path = Path(parent) / name
    path.mkdir()
    return path


def _model() -> str:
    shown = subprocess.run(["uname", "-srm"], capture_output=True, text=True, check=True)
    return shown.stdout.strip()


if __name__ == "__main__":
    main()
