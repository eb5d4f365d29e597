"""The ways out of the house: the channels of `comms`, with the Airflow connections that operations name for them."""

from __future__ import annotations

import os
from typing import get_args
from urllib.parse import quote

from deployplan.airflow_glue.connections import find_connection
from deployplan.comms.channel import Account, Channel, named_channel
from deployplan.comms.named_channel import ByName, naming
from deployplan.plan.model.address_book import NAMED
from deployplan.plan.model.people import Via
from deployplan.runbook.telling.due import RunPages


def channels() -> dict[str, Channel]:
    """Return the channels that are there, by the word that plans use.

    A connection that is missing is passed over: the message that wants it says so, and the others are sent.
    """
    kinds = {word: named_channel(word) for word in get_args(Via)}
    made = {word: kind.of(_accounts(kind.SETTING)) for word, kind in kinds.items()}
    found = {word: channel for word, channel in made.items() if channel is not None}
    return {**found, NAMED: ByName(naming(found))}


def _accounts(setting: str | None) -> dict[str, Account]:
    """The connections that a variable names, `NAME=CONNECTION ID` each, or an id alone; by name, without `#`."""
    named = [] if setting is None else os.environ.get(setting, "").replace(",", " ").split()
    if not named:
        return {}
    pairs = (each.removeprefix("#").partition("=") for each in named)
    found = {name: find_connection(conn_id or name) for name, _, conn_id in pairs}
    return {name: account for name, account in found.items() if account is not None}


def pages_of(plan: str, run_id: str) -> RunPages:
    """Where people see a run and answer what it asks; None for both when this Airflow does not know its own address."""
    from airflow.configuration import conf

    base = (conf.get("api", "base_url", fallback=None) or "").rstrip("/")
    if not base:
        return RunPages(None, None)
    of_plan, of_run = quote(plan, safe=""), quote(run_id, safe="")
    return RunPages(f"{base}/dags/{of_plan}/runs/{of_run}", f"{base}/deployplan/m/{of_plan}/{of_run}")
