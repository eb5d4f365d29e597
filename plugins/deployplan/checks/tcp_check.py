"""Does an address take connections?"""

from __future__ import annotations

import asyncio
import contextlib
import math
import re
import shlex
import socket
from datetime import timedelta

from deployplan.checks.addresses import OutOfReach, addresses_of
from deployplan.checks.command_check import CommandResult
from deployplan.checks.reading import Observation, as_fail, as_pass, as_unknown, clip
from deployplan.plan.model.endpoint import Endpoint
from deployplan.plan.model.reach import Reach

NOTHING_LISTENS = "nothing listens there (connection refused)"
_REFUSED = re.compile("connection refused", re.IGNORECASE)
_NO_NAME = re.compile("not known|name resolution|no address associated|not supported for socket type", re.IGNORECASE)
_LATE, _NEITHER = 79, 127
"""How `connect_command` ends when the time was over, whatever the node's `timeout` says then; with no program."""

_BASH = 'exec 3<>"/dev/tcp/$0/$1"'
_PERL = (
    "use Socket qw(getaddrinfo SOCK_STREAM);"
    "my ($wrong, @found) = getaddrinfo($ARGV[0], $ARGV[1], {socktype => SOCK_STREAM}); die qq($wrong\\n) if $wrong;"
    "for (@found) { socket(my $to, $_->{family}, $_->{socktype}, $_->{protocol}) or next;"
    " exit 0 if connect($to, $_->{addr}) } die qq($!\\n)"
)


async def connect_from_here(endpoint: Endpoint, timeout: timedelta, reach: Reach) -> Observation:
    """Connect from the controller, say nothing, and hang up; never raises for what the other side does.

    Only addresses that `reach` allows are asked. Every one of them refuses: fail. No name, no route, no answer in
    time, or not allowed: unknown.
    """
    seconds = timeout.total_seconds()
    try:
        async with asyncio.timeout(seconds):
            return await _first_that_takes(endpoint, await addresses_of(endpoint.host, endpoint.port, reach))
    except TimeoutError:
        return _late(seconds)
    except OutOfReach as refused:
        return as_unknown(str(refused))
    except (socket.gaierror, UnicodeError) as error:
        return as_unknown(f"the name is not known: {error}")


async def _first_that_takes(endpoint: Endpoint, addresses: list[str]) -> Observation:
    wrong: list[OSError] = []
    for address in addresses:
        try:
            _, writer = await asyncio.open_connection(address, endpoint.port)
        except OSError as error:
            wrong.append(error)
            continue
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        return _taken(endpoint)
    if all(isinstance(error, ConnectionRefusedError) for error in wrong):
        return as_fail(NOTHING_LISTENS)
    return as_unknown(f"no answer: {wrong[-1]}")


def connect_command(endpoint: Endpoint, seconds: float) -> str:
    """Return the shell text that connects from a node, by bash or perl, of which a node has one."""
    host, port, within = shlex.quote(endpoint.host), endpoint.port, max(1, math.ceil(seconds))
    return f"""export LC_ALL=C
if command -v bash >/dev/null; then set -- bash -c {shlex.quote(_BASH)} {host} {port}
elif command -v perl >/dev/null; then set -- perl -e {shlex.quote(_PERL)} {host} {port}
else exit {_NEITHER}; fi
command -v timeout >/dev/null || exec "$@"
timeout {within} "$@"
case $? in
  0) exit 0 ;;
  124 | 137 | 143) exit {_LATE} ;;
  *) exit 1 ;;
esac
"""


def judge_connection(endpoint: Endpoint, result: CommandResult, seconds: float) -> Observation:
    """Judge how `connect_command` ended; what a node cannot tell for certain is unknown."""
    lines = result.stderr.decode("utf-8", "replace").splitlines()
    if result.exit == 0:
        return _taken(endpoint)
    if result.exit == _LATE:
        return _late(seconds)
    if result.exit == _NEITHER:
        return as_unknown("the node has neither bash nor perl to connect with; ask by `command` there")
    if any(map(_REFUSED.search, lines)):
        return as_fail(NOTHING_LISTENS)
    if nameless := next(filter(_NO_NAME.search, lines), None):
        return as_unknown(f"the name is not known: {clip(nameless)}")
    return as_unknown(f"no answer: {clip(lines[-1]) if lines else f'exit {result.exit}'}")


def _taken(endpoint: Endpoint) -> Observation:
    return as_pass(f"{endpoint} takes connections")


def _late(seconds: float) -> Observation:
    return as_unknown(f"no answer within {seconds:g} s")
