"""The plans and environments as their files are, read again when a file of the include folder has changed."""

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookLonger

from deployplan.plan.include import Include
from deployplan.plan.load.loading import LoadResult, load_all, load_infrastructure
from deployplan.plan.model.infrastructure import Infrastructure

Signature = frozenset[tuple[str, int, int, int]]
NOTHING = LoadResult({}, ())


class PlanReader:
    """Reads an include folder beside whoever asks: a thousand plans take seconds, and a page must not wait for them.

    One thread at a time.
    """

    def __init__(self, include: Include) -> None:
        self._include = include
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="deployplan-plans")
        self._asked: tuple[Signature, Future[LoadResult]] | None = None
        self._result: LoadResult | None = None
        self._environments: dict[str, Infrastructure] = {}

    def read(self, wait: float) -> tuple[LoadResult, int]:
        """Return the plans, and of how many files it is not known yet what they say now.

        `wait` are the seconds that a reading of files that have changed may take; what was known before stands until
        it is over.
        """
        seen = frozenset(_files(str(self._include.root)))
        if self._asked is None or (self._asked[0] != seen and self._asked[1].done()):
            self._environments = {}
            self._asked = seen, self._worker.submit(load_all, self._include)
        read_from, reading = self._asked
        try:
            self._result = reading.result(wait)
        except TookLonger:
            return self._result or NOTHING, sum(1 for _ in self._include.plan_paths())
        return self._result, 0 if read_from == seen else 1

    def today(self, environment: str) -> Infrastructure:
        """Return an environment as its file says; raises as `load_infrastructure` does."""
        if environment not in self._environments:
            self._environments[environment] = load_infrastructure(environment, self._include)
        return self._environments[environment]


def _files(folder: str) -> Iterator[tuple[str, int, int, int]]:
    """Every file below the folder, with what changes when it does; what cannot be looked at is not there."""
    for place, _, names in os.walk(folder):
        for name in names:
            path = f"{place}/{name}"
            try:
                facts = os.stat(path)  # noqa: PTH116  (a Path for each costs as much again)
            except OSError:
                continue
            yield path, facts.st_mtime_ns, facts.st_size, facts.st_ino
