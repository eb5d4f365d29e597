"""Random misfortunes and random people: whatever happens, the promises hold. A failing seed can be repeated.

A seed makes the same schedule each time; which of two processes is a millisecond faster is the machine's choice. So
what failed by a hair is looked for by many repetitions.
"""

import os
import random
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from faults.promises import broken_promises
from faults.scene import Scene, Wires
from faults.schedule import Carried, schedule
from faults.zygote import Zygote

AT_ONCE = 5
FEW = range(1, 16)
Futures = dict[str, Future[None]]


def many() -> list[int]:
    """The seeds that `make chaos` asks for: CHAOS random ones, or CHAOS_SEED once, or CHAOS times."""
    if one := os.environ.get("CHAOS_SEED"):
        return [int(one)] * int(os.environ.get("CHAOS", "1"))
    first = random.randrange(1_000_000) * 10_000
    return [first + number for number in range(int(os.environ.get("CHAOS", "100")))]


@pytest.fixture(scope="module")
def carried(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, zygote: Zygote, wires: Wires
) -> Iterator[Futures]:
    """The selected schedules, all begun, by the name of the test."""
    root = tmp_path_factory.mktemp("schedules")
    items = [item for item in request.session.items if item.path == Path(__file__)]
    seeds = {item.name: item.callspec.params["seed"] for item in items}  # type: ignore[attr-defined]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            yield {
                name: pool.submit(carry_out, root / str(number), seed, zygote, wires)
                for number, (name, seed) in enumerate(seeds.items())
            }
        finally:
            pool.shutdown(cancel_futures=True)


def carry_out(folder: Path, seed: int, zygote: Zygote, wires: Wires) -> None:
    """Carry the schedule out and hold the run to its promises."""
    wanted = schedule(seed)
    with Scene(folder, zygote, wires, nodes=wanted.nodes) as scene:
        under_way = Carried(scene, wanted)
        try:
            under_way.carry_out()
            broken = broken_promises(scene, {name: keys["nodes"] for name, keys in wanted.components.items()})
            assert broken == [], "\n".join([*broken, *under_way.told])
        except AssertionError as error:
            raise AssertionError(f"{error}\nrepeat it: CHAOS_SEED={seed} make chaos ({folder})") from None


@pytest.mark.parametrize("seed", FEW)
def test_a_few_random_misfortunes_break_no_promise(seed: int, request: pytest.FixtureRequest, carried: Futures) -> None:
    carried[request.node.name].result()


@pytest.mark.chaos
@pytest.mark.parametrize("seed", many())
def test_many_random_misfortunes_break_no_promise(seed: int, request: pytest.FixtureRequest, carried: Futures) -> None:
    carried[request.node.name].result()
