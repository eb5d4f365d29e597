"""While tests run, whoever reads or writes the record store on an event loop is found: it would stop all other runs.

Looked for is the coroutine that waits for the store, however many calls lie between: the first one above the call. A
test's own coroutine may, for nobody waits beside it.
"""

import inspect
import sys
from asyncio import _get_running_loop
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import deployplan
from deployplan.evidence import folder

PACKAGE = str(Path(deployplan.__file__).parent)
WATCHED = ("list_names", "read_file", "read_all", "create", "replace", "remove")
_SUSPENDS = inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR


class OnTheLoop(AssertionError):
    """A coroutine of the product waits for the record store, and so does everything else in its process."""


def watch() -> None:
    """Have every function of the store refuse such callers from now on."""
    for name in WATCHED:
        setattr(folder, name, _refusing(getattr(folder, name)))


def _refusing(call: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(call)
    def guarded(*args: Any, **options: Any) -> Any:
        if _get_running_loop() is not None and (who := waiting_coroutine()) is not None:
            raise OnTheLoop(f"{who} waits for the record store on its event loop: await it in a thread")
        return call(*args, **options)

    return guarded


def waiting_coroutine() -> str | None:
    """The innermost coroutine on this thread, when it is one of the product; with the call that led to the store."""
    frame, through = sys._getframe(2), ""
    while frame is not None:
        code = frame.f_code
        if code.co_flags & _SUSPENDS:
            ours = code.co_filename.startswith(PACKAGE)
            return f"{Path(code.co_filename).name}:{frame.f_lineno} {code.co_name}{through}" if ours else None
        if code.co_filename.startswith(PACKAGE):
            through = f" → {code.co_name}{through}"
        frame = frame.f_back  # type: ignore[assignment]
    return None
