"""A place to run things in: settings with a home of their own and ports that nobody uses."""

import random
from pathlib import Path

from deployplan.local.free_ports import port_is_free
from deployplan.local.practice_layout import HOST
from deployplan.local.settings import PORTS_TAKEN, LocalSettings, settings_from
from lanes import own_ports


def free_port() -> int:
    """The first of enough free ports in a row for one run."""
    for _ in range(100):
        first = random.choice(own_ports(20_000, 32_000)[::PORTS_TAKEN])
        if all(port_is_free(HOST, port) for port in range(first, first + PORTS_TAKEN)):
            return first
    raise RuntimeError("no free ports on this machine")


def settings_below(folder: Path) -> LocalSettings:
    return settings_from({"AIRFLOW_HOME": str(folder / "home"), "DEPLOYPLAN_PORT": str(free_port())})
