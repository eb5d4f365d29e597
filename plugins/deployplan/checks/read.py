"""Ask one criterion once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import TypeAlias

from deployplan.checks.command_check import CommandResult, judge_output
from deployplan.checks.http_check import read_url
from deployplan.checks.placeholder import UnknownPlaceholder, url_for
from deployplan.checks.reading import Observation, Reading, unknown
from deployplan.clock import Clock, SystemClock
from deployplan.plan.model.criterion import CommandCriterion, Criterion, HttpCriterion
from deployplan.plan.model.infrastructure import Node
from deployplan.plan.model.reach import Reach

RunOnNode: TypeAlias = Callable[[str, float], Awaitable[CommandResult]]
"""Runs a shell command where the criterion's node is, for at most so many seconds."""

SSH_GRACE = 5.0
"""Seconds beyond the timeout in which the connection itself may still report why there was no answer."""


async def read_once(
    criterion: Criterion,
    node: Node | None,
    *,
    reach: Reach,
    run_on_node: RunOnNode | None = None,
    clock: Clock | None = None,
) -> Reading:
    """Return the criterion's answer on `node`, or from here when it is None; a URL only where `reach` allows it.

    Never raises: what cannot be read is unknown, and `observed` says why. `run_on_node` is needed for commands.
    """
    clock = clock or SystemClock()
    at, began = clock.now(), perf_counter()
    try:
        seen = await _observe(criterion, node, reach, run_on_node)
    except UnknownPlaceholder as problem:
        seen = unknown(str(problem))
    except Exception as error:  # a check must never end a step: it has no answer, and that is its answer
        seen = unknown(f"could not be read: {str(error) or type(error).__name__}")
    name = None if node is None else node.name
    return Reading(criterion.name, name, seen.answer, seen.observed, at, perf_counter() - began)


async def _observe(criterion: Criterion, node: Node | None, reach: Reach, run_on_node: RunOnNode | None) -> Observation:
    if isinstance(criterion, HttpCriterion):
        return await read_url(
            url_for(criterion.http, node),
            criterion.expect,
            criterion.timeout,
            reach,
            headers=criterion.headers,
            ca=criterion.ca,
        )
    if not isinstance(criterion, CommandCriterion):
        return unknown("only a person can answer this")
    if run_on_node is None:
        return unknown("there is no node to run the command on")
    seconds = criterion.timeout.total_seconds()
    try:
        async with asyncio.timeout(seconds + SSH_GRACE):
            result = await run_on_node(criterion.command, seconds)
    except TimeoutError:
        return unknown(f"the command did not end within {seconds:g} s")
    return judge_output(criterion.expect, result)
