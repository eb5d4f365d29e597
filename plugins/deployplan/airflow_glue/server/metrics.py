"""The figures of now, through Airflow's own metrics: StatsD, DogStatsD or OpenTelemetry, as `[metrics]` says.

Each API server publishes all of them, from the evidence: what two servers say is the same, and nothing is counted
twice. Tasks and triggers publish none, as they may be tried again, and know of one run only.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
from collections.abc import Callable
from datetime import datetime
from time import monotonic

from airflow.configuration import conf
from airflow.observability import stats

from deployplan.airflow_glue.server.api.tonight_keeper import TonightKeeper, keeper
from deployplan.airflow_glue.settings import settings
from deployplan.clock import SystemClock
from deployplan.evidence.hold import HoldSwitch
from deployplan.printable import printable
from deployplan.ui.gauges import Gauge, Place, gauges_now, places_of

EVERY = 15.0
"""Seconds between two publications."""
PREFIX = "deployplan"
MOST_PLACES = 500
"""Products and environments that are kept in mind after their last row is gone."""

log = logging.getLogger(__name__)


class GaugesReader:
    """Reads the figures of one installation, and keeps in mind of which products and environments there were any."""

    def __init__(self, known: TonightKeeper, switch: HoldSwitch) -> None:
        self._keeper, self._switch = known, switch
        self._places: set[Place] = set()

    def read(self, looked_at: datetime | None) -> list[Gauge]:
        """Return what holds now; `looked_at` is when the outbox looked at all runs. A store that fails is a figure."""
        figures = [Gauge("outbox_looked_at", 0.0 if looked_at is None else looked_at.timestamp(), {})]
        began = monotonic()
        try:
            self._switch.state()
            took = monotonic() - began
            tonight = self._keeper.look()
        except OSError as error:
            log.warning("the figures are not known: %s", printable(str(error)))
            took = monotonic() - began
            return [*figures, Gauge("store_seconds", took, {}), Gauge("store_answers", 0, {})]
        if len(self._places) < MOST_PLACES:
            self._places |= places_of(tonight)
        figures += [Gauge("store_seconds", took, {}), Gauge("store_answers", 1, {})]
        return figures + gauges_now(tonight, SystemClock().now(), self._places)


async def publish_gauges(looked_at: Callable[[], datetime | None]) -> None:
    """Publish every few seconds until cancelled, where Airflow's metrics are on; `looked_at` tells of the outbox."""
    if not is_published():
        return
    reader = GaugesReader(keeper(settings()), HoldSwitch(settings().records))
    while True:
        try:
            await asyncio.to_thread(publish, reader, looked_at())
        except Exception:
            log.exception("the figures were not published, and will be again")
        await asyncio.sleep(EVERY)


def is_published() -> bool:
    """Whether Airflow's metrics go anywhere."""
    return any(conf.getboolean("metrics", each) for each in ("statsd_on", "statsd_datadog_enabled", "otel_on"))


def publish(reader: GaugesReader, looked_at: datetime | None) -> None:
    """Publish what holds now once."""
    tagged = _has_tags()
    for figure in reader.read(looked_at):
        tags = {name: _word(value) for name, value in figure.tags.items()}
        name = f"{PREFIX}.{figure.name}"
        if tagged:
            stats.gauge(name, figure.value, tags=tags)
        else:  # a name for each, else the last place would stand for all
            stats.gauge(".".join((name, *tags.values())), figure.value)


def _has_tags() -> bool:
    """Whether tags go along: plain StatsD drops them."""
    if conf.getboolean("metrics", "statsd_datadog_enabled") or not conf.getboolean("metrics", "statsd_on"):
        return True
    return conf.getboolean("metrics", "statsd_influxdb_enabled", fallback=False)


def _word(text: str) -> str:
    """As a part of a name, and as a tag: a comma, a dot or a space would be taken for what stands between them.

    Where anything was replaced the word ends in six digits of the text's own: two names never become one.
    """
    word = re.sub(r"[^A-Za-z0-9_-]", "_", text)
    return word if word == text else f"{word}-{hashlib.sha256(text.encode()).hexdigest()[:6]}"
