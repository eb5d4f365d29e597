"""Ctrl-C, `kill` and a closed terminal all mean the same: stop everything that was started, in order."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequested(BaseException):
    """Somebody asked this program to stop; not an Exception, so that nothing on the way takes it for a failure."""


@contextmanager
def stop_on_signals() -> Iterator[Callable[[], None]]:
    """Raise Stopped in the main thread at the first signal; ignore the impatient ones that follow.

    The stop itself takes a bounded time, and cut short it would leave processes behind. The function that is yielded
    is to be called before stopping unasked: from then on every signal is ignored. Under nohup no terminal is heard.
    """
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    if before[signal.SIGHUP] == signal.SIG_IGN:  # started by nohup: it is to outlive its terminal
        del before[signal.SIGHUP]

    def ignore() -> None:
        for number in before:
            signal.signal(number, signal.SIG_IGN)

    def stop(_number: int, _frame: FrameType | None) -> None:
        ignore()
        raise StopRequested

    for number in before:
        signal.signal(number, stop)
    try:
        yield ignore
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
