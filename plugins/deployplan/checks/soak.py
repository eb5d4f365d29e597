"""Does a criterion hold, not only for a moment but for as long as it must?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from deployplan.checks.reading import Answer, Reading
from deployplan.clock import Clock, SystemClock
from deployplan.plan.model.criterion import MachineCriterion
from deployplan.plan.model.infrastructure import Node
from deployplan.plan.text.scalars import spell_duration

SHORTEST_PAUSE = timedelta(milliseconds=100)


@dataclass(frozen=True, slots=True)
class SoakResult:
    """Whether a criterion held; `why` says in words what decided it."""

    answer: Answer
    readings: tuple[Reading, ...]
    why: str = ""


async def soak_criterion(
    criterion: MachineCriterion,
    node: Node | None = None,
    *,
    for_: timedelta,
    read: Callable[[], Awaitable[Reading]],
    clock: Clock | None = None,
    on_reading: Callable[[Reading], object] | None = None,
    longest: timedelta | None = None,
) -> SoakResult:
    """Read the criterion every `criterion.every` until it is clear whether it holds.

    - pass: readings passed without a break for `for_`; with `for_` 0 one that passes is enough.
    - fail: `criterion.fail_after` readings in a row did not pass. When every one of them was unknown, so is the answer.
    - fail: it flaps, and neither came about within `longest_soak`.

    Where unknown does not decide (`decides_unknown`), only readings that failed make it fail: so many of them without
    one that passed in between. So many unknown ones in a row make it unknown, and so does flapping where fewer failed
    in all, or where it would have held if the unknown ones had passed.

    `on_reading` is called with every reading as it comes; `read` must not raise. `longest` stands for `longest_soak`,
    counts from the end of the first reading on, and asks for no number of readings that failed.
    """
    clock = clock or SystemClock()
    began = clock.now()
    streak = (_Streak if criterion.decides_unknown else _Lenient)(criterion.fail_after, for_)
    readings: list[Reading] = []
    ends: datetime | None = None
    while True:
        reading = await read()
        readings.append(reading)
        if on_reading is not None:
            on_reading(reading)
        now = clock.now()
        ends = ends or (began + longest_soak(criterion, for_) if longest is None else now + longest)
        if (end := streak.add(reading, now)) is not None:
            return SoakResult(end[0], tuple(readings), end[1])
        if now >= ends:
            flaps = "it flaps: " if _passed(readings) else ""
            why = f"{flaps}{_passed(readings)} of {len(readings)} readings passed in {spell_duration(now - began)}"
            answer = streak.at_the_end(criterion.fail_after if longest is None else 1)
            return SoakResult(answer, tuple(readings), f"{why}, never {spell_duration(for_)} on end")
        pause = min(criterion.every, streak.remaining(now))
        await clock.sleep((pause if longest is None else min(pause, ends - now)).total_seconds())


def longest_soak(criterion: MachineCriterion, for_: timedelta) -> timedelta:
    """Return the time after which a criterion that keeps changing its answer has failed.

    Twice the time it must hold, and what `fail_after` readings take at their slowest: enough to recover from one bad
    moment, never for ever.
    """
    return for_ * 2 + criterion.fail_after * (criterion.every + criterion.timeout)


class _Streak:
    """Readings in a row with the same meaning."""

    def __init__(self, fail_after: int, for_: timedelta) -> None:
        self._fail_after = fail_after
        self._for = for_
        self._passing_since: datetime | None = None
        self._not_passing: list[Reading] = []

    def add(self, reading: Reading, now: datetime) -> tuple[Answer, str] | None:
        """Count a reading; the answer and why, once it is clear."""
        if reading.answer is not Answer.PASS:
            self._passing_since = None
            self._not_passing.append(reading)
            return self._given_up()
        self._not_passing.clear()
        self._passing_since = self._passing_since or now
        return (Answer.PASS, reading.observed) if now - self._passing_since >= self._for else None

    def remaining(self, now: datetime) -> timedelta:
        """Return how long it must still pass, so that the last reading falls on the end of the time."""
        if self._passing_since is None:
            return timedelta.max
        return max(self._passing_since + self._for - now, SHORTEST_PAUSE)

    def at_the_end(self, enough: int) -> Answer:
        """The answer when neither came about in time; `enough` readings that failed may make it fail."""
        return Answer.FAIL

    def _given_up(self) -> tuple[Answer, str] | None:
        if len(self._not_passing) < self._fail_after:
            return None
        last = self._not_passing[-1].observed
        if len(self._not_passing) == 1:
            return self._not_passing[-1].answer, last
        if all(reading.answer is Answer.UNKNOWN for reading in self._not_passing):
            return Answer.UNKNOWN, f"{len(self._not_passing)} readings in a row gave no answer: {last}"
        return Answer.FAIL, f"{len(self._not_passing)} readings in a row did not pass: {last}"


class _Lenient(_Streak):
    """Readings in a row of which one that nobody can tell says neither that it holds nor that it does not."""

    def __init__(self, fail_after: int, for_: timedelta) -> None:
        super().__init__(fail_after, for_)
        self._failed = 0
        self._not_failing_since: datetime | None = None
        self._might_have_held = False

    def add(self, reading: Reading, now: datetime) -> tuple[Answer, str] | None:
        if reading.answer is Answer.FAIL:
            self._failed += 1
            self._not_failing_since = None
        else:
            self._not_failing_since = self._not_failing_since or now
            self._might_have_held |= now - self._not_failing_since >= self._for
        return super().add(reading, now)

    def at_the_end(self, enough: int) -> Answer:
        return Answer.FAIL if self._failed >= enough and not self._might_have_held else Answer.UNKNOWN

    def _given_up(self) -> tuple[Answer, str] | None:
        failed = [reading for reading in self._not_passing if reading.answer is Answer.FAIL]
        if len(failed) >= self._fail_after:
            return Answer.FAIL, f"{_in_a_row(len(failed))}did not hold: {failed[-1].observed}"
        latest = self._not_passing[-self._fail_after :]
        if len(latest) == self._fail_after and all(reading.answer is Answer.UNKNOWN for reading in latest):
            return Answer.UNKNOWN, f"{_in_a_row(len(latest))}gave no answer: {latest[-1].observed}"
        return None


def _in_a_row(count: int) -> str:
    return "" if count == 1 else f"{count} readings in a row "


def _passed(readings: list[Reading]) -> int:
    return sum(reading.answer is Answer.PASS for reading in readings)
