"""The supervisor's watch goes on whatever a restart meets."""

import errno
import threading

from deployplan.local.settings import LocalSettings
from deployplan.local.supervisor import Supervisor, _watch


def test_a_restart_that_fails_is_told_once_and_tried_further(settings: LocalSettings) -> None:
    done, said = threading.Event(), []
    tries = iter([OSError(errno.ENOSPC, "No space left on device"), OSError(errno.ENOSPC, "No space left on device")])

    class OnAFullDisk(Supervisor):
        def check(self) -> None:
            if error := next(tries, None):
                raise error
            done.set()

    _watch(OnAFullDisk(settings, report=said.append), done)
    assert done.is_set()
    assert said == ["something could not be started again, and is tried further: [Errno 28] No space left on device"]
