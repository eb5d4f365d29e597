"""Release windows and freezes: when may a release start, and if not, why and when next?"""

from deployplan.window.error import WindowError
from deployplan.window.interval import FOREVER, Interval
from deployplan.window.openings import Opening, free, next_openings, openings
from deployplan.window.release_window import Freeze, ReleaseWindow
from deployplan.window.verdict import Verdict, judge

__all__ = [
    "FOREVER",
    "Freeze",
    "Interval",
    "Opening",
    "ReleaseWindow",
    "Verdict",
    "WindowError",
    "free",
    "judge",
    "next_openings",
    "openings",
]
