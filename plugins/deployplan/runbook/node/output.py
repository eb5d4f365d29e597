"""What a job prints: searched for significant errors whole, shown to people in bounded measure."""

import asyncio
import hashlib
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from deployplan.plan.text.pattern import Pattern
from deployplan.remote.masking import NOTHING, Masks
from deployplan.runbook.node.lines import LONGEST, Lines

LINES_A_SECOND, AT_ONCE = 100, 1000
"""Lines of one job that are shown in a second for long, and in one go after a silence."""
ALL_A_SECOND, ALL_AT_ONCE = 500, 5000
"""The same for all jobs that one process watches."""
LAST = 20
"""Of the lines that were left out, so many last ones are shown when the job ends."""
_PIECE = 16_384  # bytes that are taken before others have their turn
_A_TURN = 100  # lines shown before others have their turn
_QUICK = 4_000_000  # characters times instructions: what one processor searches in a few milliseconds


class Measure:
    """How many lines may be shown now."""

    def __init__(self, a_second: float, at_once: int, now: Callable[[], float] = time.monotonic) -> None:
        self._a_second, self._at_once, self._now = a_second, at_once, now
        self._left, self._at = float(at_once), now()

    @property
    def left(self) -> int:
        now = self._now()
        self._left = min(self._at_once, self._left + (now - self._at) * self._a_second)
        self._at = now
        return int(self._left)

    def take(self, lines: int) -> None:
        self._left -= lines


ALL = Measure(ALL_A_SECOND, ALL_AT_ONCE)


class Output:
    """The output of one job from its beginning; `skip` bytes of it were shown before, by whoever watched then.

    `shown` says up to which byte lines were shown (or counted as left out); `log_sha256` is that of all bytes so far.
    """

    def __init__(
        self,
        say: Callable[[str], None],
        *,
        masks: Masks = NOTHING,
        patterns: Sequence[Pattern] = (),
        skip: int = 0,
        measures: Sequence[Measure] | None = None,
    ) -> None:
        self._say, self._patterns, self._skip = say, tuple(patterns), skip
        self._measures = (Measure(LINES_A_SECOND, AT_ONCE), ALL) if measures is None else tuple(measures)
        self._lines = Lines(masks)
        self._log = hashlib.sha256()
        self._bytes = 0
        self._state = ""  # what ended in a carriage return, to be overwritten or shown
        self._left_out = 0
        self._last: deque[str] = deque(maxlen=LAST)
        self.shown = skip

    @property
    def log_sha256(self) -> str:
        return self._log.hexdigest()

    async def feed(self, data: bytes) -> str | None:
        """Take the next bytes; return the first line in them that matches a pattern."""
        silent = data[: max(0, self._skip - self._bytes)]
        found = None
        for part, show in ((silent, False), (data[len(silent) :], True)):
            for at in range(0, len(part), _PIECE):
                line = await self._take(part[at : at + _PIECE], show=show)
                found = line if found is None else found
                await asyncio.sleep(0)  # whatever comes however fast: the others have their turn
        return found

    async def close(self) -> str | None:
        """Take the end of the output: what has no line end, and the last of what was left out."""
        whole = self._lines.close()
        found = await self._find(whole)
        await self._show(whole)
        if self._state:
            await self._show("\n")
        self.tell_left_out(last=True)
        return found

    def tell_left_out(self, *, last: bool = False) -> None:
        """Say how many lines were left out, and with `last` which ones were the last."""
        if not self._left_out:
            return
        tail = list(self._last) if last else []
        if self._left_out > len(tail):
            self._say(f"… {self._left_out - len(tail)} lines are left out here; the whole log is on the node")
        for line in tail:
            self._say(line)
        self._left_out = 0
        self._last.clear()

    async def _take(self, data: bytes, *, show: bool) -> str | None:
        self._log.update(data)
        whole = self._lines.feed(data)
        if show and b"\n" in data:
            self.shown = self._bytes + data.rfind(b"\n") + 1
        self._bytes += len(data)
        found = await self._find(whole, *self._lines.seams)
        if show:
            await self._show(whole)
        return found

    async def _find(self, *texts: str) -> str | None:
        text = "\n".join(texts).replace("\r", "\n")
        if not text or not self._patterns:
            return None
        if len(text) * sum(pattern.programsize for pattern in self._patterns) <= _QUICK:
            return _first_match(self._patterns, text)
        return await asyncio.get_running_loop().run_in_executor(_searchers(), _first_match, self._patterns, text)

    async def _show(self, whole: str) -> None:
        while whole:
            may = min(_A_TURN, *(measure.left for measure in self._measures))
            if may <= 0:
                self._leave_out(whole)
                return
            self.tell_left_out()
            *lines, whole = whole.split("\n", may)
            for line in lines:
                self._say(self._final(line)[:LONGEST])
            for measure in self._measures:
                measure.take(len(lines))
            if not lines:  # nothing but what will be overwritten
                self._overwrite(whole)
                return
            await asyncio.sleep(0)

    def _leave_out(self, whole: str) -> None:
        *lines, rest = whole.split("\n") if whole.count("\n") <= LAST else whole.rsplit("\n", LAST + 1)[1:]
        self._left_out += whole.count("\n")
        self._last.extend(self._final(line)[:LONGEST] for line in lines)
        self._overwrite(rest)

    def _overwrite(self, states: str) -> None:
        self._state = states.rstrip("\r").rpartition("\r")[2] or self._state

    def _final(self, line: str) -> str:
        """What a terminal would show of the line in the end."""
        self._overwrite(line)
        final, self._state = self._state, ""
        return final


def _first_match(patterns: Sequence[Pattern], text: str) -> str | None:
    encoded = text.encode("utf-8", "replace")
    if not any(pattern.search(encoded) for pattern in patterns):
        return None
    return next((line for line in text.split("\n") if any(pattern.search(line) for pattern in patterns)), None)


@cache
def _searchers() -> ThreadPoolExecutor:
    """The engine lets others run while it searches: the event loop goes on meanwhile."""
    return ThreadPoolExecutor(2, thread_name_prefix="significant-errors")
