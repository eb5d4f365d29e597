"""Instants as they are typed on the command line."""

from datetime import datetime
from zoneinfo import ZoneInfo

from deployplan.cli.render import fail


def instant_of(text: str, option: str, zone: str) -> datetime:
    """Return the instant of an ISO text, a wall time without offset being of `zone`; exit code 2 when it is none."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        fail(f"{option} {text!r} is not a time", "write 2026-11-28T22:30Z, or 2026-11-28 22:30 in the window's zone")
    return instant if instant.tzinfo else instant.replace(tzinfo=ZoneInfo(zone))
