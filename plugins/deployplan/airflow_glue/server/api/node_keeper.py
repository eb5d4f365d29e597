"""The nodes, read once for all who look: what ended runs did on them is read once in the life of the server."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from threading import Lock
from time import monotonic

from deployplan.airflow_glue.server.api.tonight_keeper import FRESH, IN_TIME, WAITS, TonightKeeper, keeper
from deployplan.airflow_glue.settings import Settings, settings
from deployplan.plan.include import documents_in
from deployplan.plan.load.loading import LoadResult
from deployplan.ui.node_list import Environments, NodeList, list_nodes
from deployplan.ui.node_reader import NodeReader


class NodeKeeper:
    """Reads the nodes of one installation. Threads may share it."""

    def __init__(self, known: Settings, tonight: TonightKeeper) -> None:
        self._include, self._tonight = known.documents(), tonight
        self._reader = NodeReader(known.record_store())
        self._lock = Lock()
        self._found: tuple[float, NodeList] | None = None
        self._targets: tuple[LoadResult, Mapping[str, tuple[str, ...]]] | None = None

    def look(self) -> NodeList:
        """Return what is known now, or was a moment ago. Raises OSError as TonightKeeper.look does."""
        if not self._lock.acquire(timeout=WAITS):
            raise OSError("the records do not answer: somebody has been looking at them for too long; ask again")
        try:
            found = self._found
            if found is None or monotonic() - found[0] >= FRESH:
                self._found = found = monotonic(), self._read()
            return found[1]
        finally:
            self._lock.release()

    def _read(self) -> NodeList:
        tonight, loaded = self._tonight.look(), self._tonight.loaded
        began = monotonic()
        runs = self._reader.read(lambda: monotonic() - began < IN_TIME)
        targets = {
            **self._targets_of(loaded),
            **{run.plan: tuple(run.nodes) for run in runs.runs if run.outcome is None},
        }
        return list_nodes(self._environments(), runs, tonight, targets)

    def _targets_of(self, loaded: LoadResult) -> Mapping[str, tuple[str, ...]]:
        """By plan, the nodes that it works on; of the same plans once."""
        if self._targets is None or self._targets[0] is not loaded:
            plans = loaded.snapshots.items()
            self._targets = loaded, {name: tuple(node.name for node in each.target_nodes()) for name, each in plans}
        return self._targets[1]

    def _environments(self) -> Environments:
        known, broken = {}, {}
        for name in documents_in(self._include.infrastructure):
            try:
                known[name] = self._tonight.environment(name)
            except Exception as error:  # one file with problems hides no other environment
                broken[name] = str(error) or type(error).__name__
        return Environments(known, broken)


def nodes_now() -> NodeList:
    """Return what this installation knows of its nodes now."""
    known = settings()
    return _keeper(known, keeper(known)).look()


@lru_cache(maxsize=1)
def _keeper(known: Settings, tonight: TonightKeeper) -> NodeKeeper:
    """The one of this process."""
    return NodeKeeper(known, tonight)
