"""A process that has imported everything and forks a controller for each order: a fresh process in milliseconds."""

import os
import pickle
import signal
import subprocess
import sys
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Zygote:
    """Starts controllers; `start` may be called from many threads."""

    def __init__(self) -> None:
        environ = {**os.environ, "PYTHONPATH": f"{ROOT / 'plugins'}:{ROOT / 'tests'}"}
        pipe = subprocess.PIPE
        self._process = subprocess.Popen([sys.executable, "-m", "faults.zygote"], env=environ, stdin=pipe, stdout=pipe)
        self._one = threading.Lock()

    def start(self, order: object) -> int:
        """Fork a controller that carries the order out; returns its process id."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._one:
            pickle.dump(order, self._process.stdin)
            self._process.stdin.flush()
            return int(self._process.stdout.readline())

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def main() -> None:
    from faults.controller import ASKING, carry

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system buries them
    while True:
        try:
            order = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        if set(order.acts) & set(ASKING):
            import faults.asking  # noqa: F401  # once, and not by each
        pid = os.fork()
        if pid == 0:
            os.close(0)
            os.open(os.devnull, os.O_RDONLY)
            os.dup2(2, 1)
            os.setsid()
            try:
                carry(order)
            finally:
                os._exit(0)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
