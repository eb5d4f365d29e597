"""How much does a deploy to 50, 200 and 500 nodes cost, against the least it can cost and against other tools?

Run: PYTHONPATH=plugins python bench/fleet.py [--sizes 50,200,500] [--tools floor,wave,staged,openssh,pyinfra,ansible]

Nodes are real OpenSSH servers on this machine, so they take their share of its cores: CPU of the client is the figure
that carries over to real nodes; the wall clock here is mostly the nodes'. `floor` and `wave` take turns and are given
as medians of `--rounds`; the others run once a size. pyinfra and Ansible come from a virtual environment of their own:
`python -m venv build/bench && build/bench/bin/pip install -r bench/requirements.txt`, or `--venv`.
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
from loopback.release import Release, landed, sha256_of

ROOT = Path(__file__).resolve().parents[1]
ENV = {"PYTHONPATH": f"{ROOT / 'plugins'}:{ROOT / 'bench'}", "PYTHONDONTWRITEBYTECODE": "1"}
TOOLS = ("floor", "wave", "staged", "openssh", "pyinfra", "ansible")
REPEATED = ("floor", "wave")
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
    print(f"{'tool':8} {'nodes':>5} {'wall s':>8} {'client CPU s':>13} {'nodes CPU s':>12} {'memory MiB':>11}")
    with tempfile.TemporaryDirectory(prefix="fleet-") as folder:
        for size in wanted.sizes:
            with LoopbackFleet(_folder(folder, f"fleet-{size}"), size) as fleet:
                for tool in _turns(wanted.tools, wanted.rounds if size <= 200 else 1):
                    _measure(fleet, tool, wanted.package, wanted.venv, results)
        if "wave" in wanted.tools and wanted.large:
            _large_package(_folder(folder, "large"), wanted.large)
    _goals(results, wanted.sizes)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", default="50,200,500", type=lambda text: sorted(map(int, text.split(","))))
    parser.add_argument("--tools", default=",".join(TOOLS), type=lambda text: text.split(","))
    parser.add_argument("--rounds", default=3, type=int, help="turns of floor and wave up to 200 nodes; above, one")
    parser.add_argument("--package", default=1, type=int, help="MiB")
    parser.add_argument("--large", default=64, type=int, help="MiB of the large package, 0 for none")
    parser.add_argument("--venv", default=ROOT / "build" / "bench", type=Path, help="where pyinfra and Ansible are")
    return parser.parse_args()


def _turns(tools: list[str], rounds: int) -> Iterator[str]:
    for number in range(rounds):
        yield from (tool for tool in tools if tool in REPEATED or number == 0)


def _measure(fleet: LoopbackFleet, tool: str, mebibytes: int, venv: Path | None, results: Results) -> Cost | None:
    size = len(fleet.nodes)
    if size > MOST_NODES.get(tool, size):
        print(f"{tool:8} {size:5}   not measured: above {MOST_NODES[tool]} nodes it takes too long")
        return None
    fleet.empty()
    with tempfile.TemporaryDirectory(dir=fleet.folder) as folder:
        release = _release(fleet, Path(folder), mebibytes)
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
    print(f"{tool:8} {size:5} {cost.wall:8.2f} {cost.cpu:13.2f} {there:12.2f} {memory}", flush=True)
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


def _goals(results: Results, sizes: list[int]) -> None:
    """Each goal with what was measured."""
    print()
    for few, many in pairwise(sizes):
        each = {tool: _per_node(results, tool, few, many) for tool in TOOLS}
        shown = ", ".join(f"{tool} {value * 1000:.1f}" for tool, value in each.items() if value is not None)
        print(f"client CPU per further node, {few} to {many}, in ms: {shown}")
        _compare("client CPU per further node", each["wave"], each["floor"], 1.5)
    at = 200 if 200 in sizes else sizes[-1]
    wall = {tool: _median(results, tool, at, lambda cost: cost.wall) for tool in TOOLS}
    _compare(f"wall at {at} nodes", wall["wave"], wall["floor"], 1.2)
    _compare(f"wall at {at} nodes", wall["wave"], wall["pyinfra"], 0.35, "pyinfra")
    memory = _median(results, "wave", at, lambda cost: cost.memory or 0)
    if memory is not None:
        print(f"memory at {at} nodes: {memory:.1f} MiB above the bare task (goal: at most 60)")


def _compare(what: str, ours: float | None, theirs: float | None, goal: float, tool: str = "floor") -> None:
    if ours is None or not theirs:
        print(f"{what}: not measured against {tool}")
        return
    verdict = "met" if ours / theirs <= goal else "MISSED"
    print(f"{what}: {ours / theirs:.2f} times {tool} (goal: at most {goal}): {verdict}")


def _per_node(results: Results, tool: str, few: int, many: int) -> float | None:
    costs = [_median(results, tool, size, lambda cost: cost.cpu) for size in (few, many)]
    return None if costs[0] is None or costs[1] is None else (costs[1] - costs[0]) / (many - few)


def _median(results: Results, tool: str, size: int, of: Callable[[Cost], float]) -> float | None:
    runs = results.get((tool, size))
    return statistics.median(of(cost) for cost, _ in runs) if runs else None


def _release(fleet: LoopbackFleet, folder: Path, mebibytes: int) -> Release:
    package = fleet.folder / f"package-{mebibytes}.bin"
    if not package.exists():
        write_package(package, mebibytes)
    return Release(
        nodes=fleet.nodes,
        port=fleet.port,
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
