"""What waits or begins without a worker, in the triggerer.

Airflow keeps the name of a trigger in its database for as long as a task waits, also over an update: so all of them are
known by the name of this room, wherever their modules stand.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_MODULES = {
    "HoldTrigger": "plan_trigger",
    "NotYetTrigger": "plan_trigger",
    "PeopleTrigger": "plan_trigger",
    "LocksTrigger": "step_trigger",
    "WaveTrigger": "step_trigger",
    "StepTrigger": "step_trigger",
    "WindowTrigger": "window_trigger",
}


def __getattr__(name: str) -> Any:
    """The trigger of this name, loaded when it is asked for. Raises AttributeError when there is none."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
