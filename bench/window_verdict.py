"""How long does a verdict take with 50 windows and 200 freezes, and how does that grow?

Run: PYTHONPATH=plugins python bench/window_verdict.py
"""

import statistics
import time
from collections.abc import Callable, Sequence
from copy import copy
from datetime import UTC, datetime, timedelta

from deployplan.window import Freeze, ReleaseWindow, Verdict, judge

ZONES = ("Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC")
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
FIRST = datetime.fromisoformat("2024-01-01")
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//bench//EN
BEGIN:VEVENT
UID:1
DTSTART;TZID=Europe/Paris:20240105T060000
DTEND;TZID=Europe/Paris:20240105T200000
RRULE:FREQ=MONTHLY;BYDAY=-1FR
SUMMARY:month end
END:VEVENT
END:VCALENDAR
"""


def windows(count: int) -> list[ReleaseWindow]:
    """Nightly and weekly windows in several zones, and every fifth one-off."""
    made = []
    for number in range(count):
        zone, start = ZONES[number % 5], FIRST + timedelta(hours=18 + number % 6)
        if number % 5 == 4:
            opens = FIRST.replace(2026, 12, 1 + number % 28, 22)
            made.append(ReleaseWindow.once(f"w{number}", opens, opens + 4 * HOUR, zone))
        else:
            rule = "FREQ=DAILY" if number % 2 else f"FREQ=WEEKLY;BYDAY={DAYS[number % 7]}"
            made.append(ReleaseWindow.recurring(f"w{number}", rule, start, 2 * HOUR, zone))
    return made


def freezes(count: int) -> list[Freeze]:
    """Mostly one-off, a fifth weekly, some holidays and calendars."""
    made = []
    for number in range(count):
        zone, start = ZONES[number % 5], FIRST.replace(2026) + timedelta(days=2 * number)
        if number % 20 == 19:
            made.append(Freeze.holidays(f"f{number}", ("FR", "DE", "US", "JP")[number // 20 % 4], zone))
        elif number % 20 == 18:
            made.append(Freeze.calendar(f"f{number}", CALENDAR, zone))
        elif number % 5 == 0:
            rule = f"FREQ=WEEKLY;BYDAY={DAYS[number % 7]}"
            made.append(Freeze.recurring(f"f{number}", rule, FIRST + 3 * HOUR, HOUR, zone))
        else:
            made.append(Freeze.once(f"f{number}", start, start + 8 * HOUR, zone))
    return made


def taken_ms(ask: Callable[[datetime], object], rounds: int = 2000) -> tuple[float, float]:
    """The median and the 99th percentile of `rounds` questions, each at another minute, in CPU milliseconds."""
    taken = []
    for number in range(rounds):
        at = NOW + timedelta(minutes=7 * number)
        begun = time.process_time_ns()
        ask(at)
        taken.append((time.process_time_ns() - begun) / 1e6)
    return statistics.median(taken), statistics.quantiles(taken, n=100)[-1]


def asking(some: Sequence[ReleaseWindow], others: Sequence[Freeze], work: timedelta) -> Callable[[datetime], Verdict]:
    return lambda at: judge(some, others, now=at, work=work, reserve=HOUR / 2)


def main() -> None:
    begun = time.perf_counter()
    all_windows, all_freezes = windows(50), freezes(200)
    built = time.perf_counter() - begun
    ask = asking(all_windows, all_freezes, HOUR)
    begun = time.perf_counter()
    ask(NOW)
    print(f"build 50 windows and 200 freezes {built * 1000:8.1f} ms once")
    print(f"first verdict                    {(time.perf_counter() - begun) * 1000:8.1f} ms once")
    one = taken_ms(asking(all_windows[:1], [], HOUR))
    cases = (
        ("1 window, no freeze", one),
        ("5 windows, 10 freezes", taken_ms(asking(all_windows[:5], all_freezes[:10], HOUR))),
        ("50 windows, 200 freezes", taken_ms(ask)),
        ("... as new objects each time", taken_ms(lambda at: asking(*anew(all_windows, all_freezes), HOUR)(at), 200)),
        ("... same, nothing ever fits", taken_ms(asking(all_windows, all_freezes, 1000 * HOUR), rounds=10)),
    )
    for name, (median, worst) in cases:
        print(f"{name:32} {median:8.3f} ms median, {worst:8.3f} ms p99, {median / one[0]:7.1f} times the first")
    print("the aim is 1 ms for 50 windows and 200 freezes")


def anew(some: Sequence[ReleaseWindow], others: Sequence[Freeze]) -> tuple[list[ReleaseWindow], list[Freeze]]:
    """Equal windows and freezes that nobody has asked before, as a process has them that has just read its files."""
    return [copy(each) for each in some], [copy(each) for each in others]


if __name__ == "__main__":
    main()
