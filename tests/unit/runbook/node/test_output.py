"""What a job prints is searched whole and shown in measure, whatever it is and however fast it comes."""

import asyncio
import os
import time

import pytest

from deployplan.plan.text.pattern import compile_pattern
from deployplan.remote.masking import Masks
from deployplan.runbook.node.lines import LONGEST
from deployplan.runbook.node.output import LAST, Measure, Output

PIECE = 65_536


class Watched:
    """An output, what was said of it, and a clock that stands."""

    def __init__(self, *patterns: str, at_once: int = 1000, skip: int = 0, secrets: tuple[str, ...] = ()) -> None:
        self.said: list[str] = []
        self.now = 0.0
        self.found: list[str] = []
        self.measure = Measure(100, at_once, lambda: self.now)
        self.output = Output(
            self.said.append,
            masks=Masks(secrets),
            patterns=[compile_pattern(pattern) for pattern in patterns],
            skip=skip,
            measures=[self.measure],
        )

    async def take(self, *pieces: bytes) -> "Watched":
        for piece in pieces:
            self.found += filter(None, [await self.output.feed(piece)])
        return self

    async def whole(self, data: bytes) -> "Watched":
        await self.take(*(data[at : at + PIECE] for at in range(0, len(data), PIECE)))
        self.found += filter(None, [await self.output.close()])
        return self


async def test_a_progress_bar_is_shown_as_its_last_state_and_searched_in_every_one() -> None:
    seen = await Watched("^ERROR").whole(b"start\r\n\r10%\rERROR: half\r50%\r100%\ndone\n")
    assert seen.said == ["start", "100%", "done"]
    assert seen.found == ["ERROR: half"]


async def test_a_carriage_return_ends_a_line_for_matching() -> None:
    assert (await Watched("^ERROR").whole(b"\r10%\rERROR: x\n")).found == ["ERROR: x"]
    assert (await Watched("10%$").whole(b"\r10%\r20%")).found == ["10%"]


async def test_a_progress_bar_that_ends_without_a_line_is_shown_as_its_last_state() -> None:
    seen = Watched()
    for state in range(10):
        await seen.take(b"%d0%%\r" % state)
    assert seen.said == []
    await seen.output.close()
    assert seen.said == ["90%"]


@pytest.mark.parametrize("cut", range(1, 12))
async def test_a_line_end_of_two_characters_may_come_in_two_pieces(cut: int) -> None:
    data = b"one\r\n\r\ntwo\r\n"
    seen = await Watched().take(data[:cut], data[cut:])
    assert seen.said == ["one", "", "two"]


async def test_lines_beyond_the_measure_are_counted_and_the_last_ones_shown() -> None:
    seen = await Watched(at_once=50).whole(b"".join(b"line %d\n" % number for number in range(10_000)))
    assert seen.said[:50] == [f"line {number}" for number in range(50)]
    assert seen.said[50] == f"… {10_000 - 50 - LAST} lines are left out here; the whole log is on the node"
    assert seen.said[51:] == [f"line {number}" for number in range(10_000 - LAST, 10_000)]


async def test_what_was_left_out_is_said_before_the_showing_goes_on() -> None:
    seen = await Watched(at_once=2).take(b"1\n2\n3\n4\n5\n")
    assert seen.said == ["1", "2"]
    seen.now = 1.0
    await seen.take(b"6\n")
    assert seen.said == ["1", "2", "… 3 lines are left out here; the whole log is on the node", "6"]


async def test_a_second_lets_a_stated_number_of_lines_through() -> None:
    seen = Watched(at_once=100)
    for second in range(5):
        seen.now = float(second)
        await seen.take(b"x\n" * 5000)
    assert 500 <= seen.said.count("x") <= 100 + 100 * 5


async def test_a_line_that_was_left_out_is_searched_all_the_same() -> None:
    seen = await Watched("^FATAL", at_once=1).whole(b"x\n" * 100_000 + b"FATAL: here\n" + b"x\n" * 100_000)
    assert seen.found == ["FATAL: here"]


async def test_whoever_goes_on_shows_nothing_twice_and_searches_everything() -> None:
    data = b"".join(b"line %d\n" % number for number in range(100))
    first = await Watched().take(data[:333])
    then = await Watched("^line 3$", skip=first.output.shown).whole(data)
    assert first.said + then.said == [f"line {number}" for number in range(100)]
    assert then.found == ["line 3"]
    assert then.output.log_sha256 == (await Watched().whole(data)).output.log_sha256


async def test_a_secret_in_a_matching_line_is_neither_shown_nor_found() -> None:
    seen = await Watched("^FATAL", secrets=("hunter2",)).whole(b"FATAL: no login for admin:hunter2@db\n")
    assert seen.said == seen.found == ["FATAL: no login for admin:***@db"]


async def test_a_secret_in_colours_is_not_shown() -> None:
    assert (await Watched(secrets=("hunter2",)).whole(b"\x1b[31mhun\x1b[0mter2\n")).said == ["***"]


@pytest.mark.parametrize(
    "data",
    [
        os.urandom(3_000_000),
        b"x" * 8_388_608,
        b"\n" * 1_000_000,
        b"\r" * 1_000_000,
        b"\x1b[" * 500_000,
        b"\x1b]0;" * 300_000,
        "é€😀".encode() * 200_000,
        b"\0" * 1_000_000,
    ],
    ids=["random", "a line of 8 MiB", "line feeds", "returns", "codes", "titles", "letters", "nothing"],
)
async def test_output_of_any_shape_leaves_everybody_else_their_turn(data: bytes) -> None:
    longest = 0.0
    over = asyncio.Event()

    async def wait_beside() -> None:
        nonlocal longest
        while not over.is_set():
            before = time.thread_time()
            await asyncio.sleep(0)
            longest = max(longest, time.thread_time() - before)

    beside = asyncio.create_task(wait_beside())
    seen = await Watched("^FATAL", r"(a|b)*c$", secrets=("hunter2",)).whole(data)
    over.set()
    await beside
    assert longest < 0.5
    assert max(map(len, seen.said), default=0) <= LONGEST


async def test_a_costly_pattern_does_not_hold_the_loop() -> None:
    seen = Watched("(?:a?){450}b")
    longest = 0.0
    data = b"a" * PIECE
    taking = asyncio.create_task(seen.take(data))
    while not taking.done():
        before = time.thread_time()
        await asyncio.sleep(0.001)
        longest = max(longest, time.thread_time() - before)
    assert longest < 0.5
