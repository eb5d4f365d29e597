"""Values that one part of a document takes from another when its author left them out."""

from deployplan.plan.model.schedule import NEXT, OneOffWindow, RecurringWindow
from deployplan.plan.text.located import Located, with_entry
from deployplan.plan.text.shapes import Shape

_WINDOWS = ("window", "windows")


def complete_infrastructure(tree: Located) -> Located:
    """Give windows and freezes the environment's time zone."""
    zone = tree.get("timezone")
    for section in ("windows", "freezes"):
        tree = _with_zone_in_list(tree, section, zone)
    return tree


def without_other_windows(base: Located, over: Located) -> Located:
    """Return a procedure without the windows that its plan replaces.

    A plan that states `window` or `windows` has no window of its procedure's but those; `window` merges by key only
    when both are of the same shape.
    """
    schedule, own = base.get("schedule"), over.get("schedule")
    if schedule is None or own is None or not (isinstance(schedule.value, dict) and isinstance(own.value, dict)):
        return base
    stated = own.value.keys() & _WINDOWS
    dropped = set(_WINDOWS) - stated if stated else set()
    if "window" in stated and len(_shapes(own) | _shapes(schedule)) > 1:
        dropped.add("window")
    kept = {key: entry for key, entry in schedule.value.items() if key not in dropped}
    return _replaced(base, "schedule", Located(kept, schedule.at, schedule.keys))


def _shapes(schedule: Located) -> set[type[Shape]]:
    """Return the shape that the keys of `window` tell; none where they tell nothing, as a time zone alone."""
    window = schedule.get("window")
    keys = set(window.value) if window is not None and isinstance(window.value, dict) else set()
    return {shape for shape in (OneOffWindow, RecurringWindow) if keys & set(shape.telling)}


def complete_plan(tree: Located, infrastructure: Located | None) -> Located:
    """Give a merged plan what it takes from its environment and from its own other parts."""
    schedule = tree.get("schedule") or Located({}, tree.at)
    if isinstance(schedule.value, dict):
        schedule = _with_reserve(schedule, tree.get("backout", "expected_duration"))
        if infrastructure is not None:
            schedule = _with_windows(schedule, infrastructure)
        if schedule.value:
            tree = Located({**tree.value, "schedule": schedule}, tree.at, {"schedule": schedule.at, **tree.keys})
    return _with_backout_authority(tree)


def _with_reserve(schedule: Located, expected: Located | None) -> Located:
    if expected is None or "backout_reserve" in schedule.value:
        return schedule
    return with_entry(schedule, "backout_reserve", expected)


def _with_windows(schedule: Located, infrastructure: Located) -> Located:
    zone, windows = infrastructure.get("timezone"), infrastructure.get("windows")
    window = schedule.get("window")
    unstated = window is None or window.value in (None, NEXT)
    if windows and unstated and "windows" not in schedule.value:
        return with_entry(schedule, "windows", windows)
    schedule = _with_zone_in_list(schedule, "windows", zone)
    return _replaced(schedule, "window", _with_zone(window, zone)) if window else schedule


def _with_backout_authority(tree: Located) -> Located:
    """Who may approve may also decide on a backout, unless the plan names others."""
    authorities = tree.get("approval", "authorities")
    backout = tree.get("backout") or Located({}, tree.at)
    if authorities is None or not isinstance(authorities.value, dict) or not isinstance(backout.value, dict):
        return tree
    if "authority" in backout.value:
        return tree
    users = tuple(Located(user, authorities.keys[user]) for user in authorities.value)
    completed = with_entry(backout, "authority", Located(users, authorities.at))
    return Located({**tree.value, "backout": completed}, tree.at, {"backout": completed.at, **tree.keys})


def _with_zone_in_list(tree: Located, section: str, zone: Located | None) -> Located:
    entries = tree.get(section)
    if entries is None or not isinstance(entries.value, tuple):
        return tree
    return _replaced(tree, section, Located(tuple(_with_zone(entry, zone) for entry in entries.value), entries.at))


def _with_zone(entry: Located, zone: Located | None) -> Located:
    if zone is None or not isinstance(entry.value, dict) or "timezone" in entry.value:
        return entry
    return with_entry(entry, "timezone", zone)


def _replaced(tree: Located, key: str, entry: Located) -> Located:
    return Located({**tree.value, key: entry}, tree.at, tree.keys)
