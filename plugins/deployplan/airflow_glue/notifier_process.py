"""The process in which a notifier of Airflow sends one message: it reads an order, says what became of it, and ends."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any

from deployplan.remote.masking import Masks

REFUSED = range(200, 500)
"""Statuses with which a service says that it did not take the message; behind 500 nobody knows."""
_MOST_TOLD = 300


def send_by_notifier() -> None:
    """Send what stdin holds, print what became of it as the last line, and end, whatever still runs here."""
    order = json.load(sys.stdin.buffer)
    told = carry_out(order)
    sys.stdout.write("\n" + json.dumps(told))
    sys.stdout.flush()
    os._exit(0)


def carry_out(order: Mapping[str, Any]) -> dict[str, Any]:
    """Have the notifier send it; `why` is None when it did, `uncertain` whether the message may have arrived."""
    secrets = _Secrets()
    is_ready = False
    try:
        secrets.watch()
        notifier = _made(order["notifier"], order["arguments"])
        is_ready = True
        _notify(notifier)
    except Exception as error:
        why = " ".join(f"{type(error).__name__}: {error}".split())
        return {"why": secrets.masked(why)[:_MOST_TOLD], "uncertain": is_ready and _may_have_arrived(error)}
    return {"why": None, "uncertain": False}


def _made(path: str, arguments: Mapping[str, Any]) -> Any:
    """The notifier, made so that it renders nothing and reads no file that a message names."""
    from airflow.sdk.bases.notifier import BaseNotifier

    module, _, name = path.rpartition(".")
    kind = getattr(import_module(module), name)
    if not (isinstance(kind, type) and issubclass(kind, BaseNotifier)):
        raise TypeError(f"{path} is no notifier of Airflow")

    def leave(self: Any, *_: Any, **__: Any) -> None:
        """What stands in the arguments is a message, and no template."""

    unrendered = {
        "template_ext": (),
        "resolve_template_files": leave,
        "render_template_fields": leave,
        "_do_render_template_fields": leave,
    }
    return type(name, (kind,), unrendered)(**arguments)


def _notify(notifier: Any) -> None:
    from airflow.sdk.bases.notifier import BaseNotifier

    if type(notifier).notify is BaseNotifier.notify:
        asyncio.run(notifier.async_notify({}))
    else:
        notifier.notify({})


def _may_have_arrived(error: BaseException) -> bool:
    """Not when no connection was made, when there is no such Airflow connection, or when the service refused it."""
    from airflow.sdk.exceptions import AirflowNotFoundException

    for each in _chain(error):
        if isinstance(each, ConnectionRefusedError | AirflowNotFoundException):
            return False
        if type(each).__name__ in ("gaierror", "ConnectTimeout", "ConnectError", "NewConnectionError"):
            return False
        status = getattr(getattr(each, "response", None), "status_code", getattr(each, "status", None))
        if isinstance(status, int) and status in REFUSED:
            return False
    return True


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error and what led to it, also where libraries keep that as an argument."""
    seen: list[BaseException] = [error]
    for each in seen:
        more = (each.__cause__, each.__context__, getattr(each, "reason", None), *each.args)
        seen += [cause for cause in more if isinstance(cause, BaseException) and cause not in seen]
    yield from seen


class _Secrets:
    """What of the connections that a notifier reads must not be told."""

    def __init__(self) -> None:
        self._found: list[str] = []

    def watch(self) -> None:
        """Note them from here on."""
        from airflow.sdk.bases.hook import BaseHook

        read: Callable[[str], Any] = BaseHook.get_connection

        def get_connection(conn_id: str) -> Any:
            connection = read(conn_id)
            self._found += [
                text
                for text in _texts([connection.password, connection.extra_dejson, *_path_of(connection.host)])
                if text
            ]
            return connection

        BaseHook.get_connection = staticmethod(get_connection)  # type: ignore[method-assign]

    def masked(self, text: str) -> str:
        """The text without them."""
        return Masks(self._found)(text)


def _path_of(host: str | None) -> list[str]:
    """What of an address is a secret where it is that of a webhook."""
    return (host or "").partition("://")[2].partition("/")[2].split("/")


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict() | list():
            for each in value.values() if isinstance(value, dict) else value:
                yield from _texts(each)
