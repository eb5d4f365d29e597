"""Ask one criterion once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from time import perf_counter
from typing import TypeAlias

from deployplan.checks.command_check import CommandResult, judge_output
from deployplan.checks.http_check import read_url
from deployplan.checks.metric_check import MetricContext, read_metric
from deployplan.checks.placeholder import UnknownPlaceholder, question_for
from deployplan.checks.reading import Observation, Reading, as_unknown
from deployplan.checks.tcp_check import connect_command, connect_from_here, judge_connection
from deployplan.clock import Clock, SystemClock
from deployplan.errors import DeployPlanError
from deployplan.plan.model.criterion import Criterion
from deployplan.plan.model.criterion_shapes import CommandCriterion, HttpCriterion, MetricCriterion, TcpCriterion
from deployplan.plan.model.infrastructure import Node
from deployplan.plan.model.reach import Reach

RunOnNode: TypeAlias = Callable[[str, float], Awaitable[CommandResult]]
"""Runs a shell command where the criterion's node is, for at most so many seconds."""

AskMetrics: TypeAlias = Callable[[], Awaitable[MetricContext]]
"""Returns what a metric is asked with; raises NoAnswer when it cannot be asked."""

SSH_GRACE = 5.0
"""Seconds beyond the timeout in which the connection itself may still report why there was no answer."""

NODE_GRACE = 2.0
"""Seconds beyond the timeout in which a node may still say that it got no answer."""


class NoAnswer(DeployPlanError):
    """A node could not be asked, or did not answer in time."""


async def read_once(
    criterion: Criterion,
    node: Node | None,
    *,
    reach: Reach,
    run_on_node: RunOnNode | None = None,
    metrics: AskMetrics | None = None,
    clock: Clock | None = None,
) -> Reading:
    """Return the criterion's answer on `node`, or from here when it is None; from here only where `reach` allows it.

    Never raises: what cannot be read is unknown, and `observed` says why. `run_on_node` is needed for what a node asks,
    `metrics` for what a server of metrics is.
    """
    clock = clock or SystemClock()
    at, began = clock.now(), perf_counter()
    try:
        if isinstance(criterion, MetricCriterion):
            seen = await _ask_metrics(criterion, metrics, at)
        else:
            seen = await _observe(criterion, node, reach, run_on_node)
    except (UnknownPlaceholder, NoAnswer) as problem:
        seen = as_unknown(str(problem))
    except Exception as error:  # a check must never end a step: it has no answer, and that is its answer
        seen = as_unknown(f"could not be read: {str(error) or type(error).__name__}")
    name = None if node is None else node.name
    return Reading(criterion.name, name, seen.answer, seen.observed, at, perf_counter() - began, seen.figure)


async def _ask_metrics(criterion: MetricCriterion, metrics: AskMetrics | None, at: datetime) -> Observation:
    if metrics is None:
        raise NoAnswer("there is no server of metrics to ask")
    return await read_metric(criterion, await metrics(), at)


async def _observe(criterion: Criterion, node: Node | None, reach: Reach, run_on_node: RunOnNode | None) -> Observation:
    match criterion:
        case HttpCriterion():
            url, within = question_for(criterion.http, node), criterion.timeout
            asks, wants, host = criterion.headers, criterion.expect, criterion.host
            return await read_url(url, wants, within, reach, headers=asks, ca=criterion.ca, host=host)
        case TcpCriterion():
            endpoint = criterion.endpoint(question_for(criterion.tcp, node))
            if not criterion.from_node:
                return await connect_from_here(endpoint, criterion.timeout, reach)
            seconds = criterion.timeout.total_seconds()
            connect = connect_command(endpoint, seconds)
            return judge_connection(endpoint, await _on_node(connect, seconds + NODE_GRACE, run_on_node), seconds)
        case CommandCriterion():
            seconds = criterion.timeout.total_seconds()
            return judge_output(criterion.expect, await _on_node(criterion.command, seconds, run_on_node))
        case _:
            return as_unknown("only a person can answer this")


async def _on_node(command: str, seconds: float, run_on_node: RunOnNode | None) -> CommandResult:
    if run_on_node is None:
        raise NoAnswer("there is no node to run the command on")
    try:
        async with asyncio.timeout(seconds + SSH_GRACE):
            return await run_on_node(command, seconds)
    except TimeoutError:
        raise NoAnswer(f"the command did not end within {seconds:g} s") from None
