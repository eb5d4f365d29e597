"""Production for one test: as many real nodes as it asks for, and short patience with those that are away."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from deployplan.runbook.node import run_step
from deployplan.runbook.run import fleet
from openssh import OpenSshNode
from ssh.runbook.production import Production

MakeProduction = Callable[..., Production]


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_step, "FIRST_CONTACT_FOR", 0.2)
    monkeypatch.setattr(run_step, "RECONNECT_FOR", 1.0)
    monkeypatch.setattr(run_step, "BETWEEN_TRIES", 0.1)
    monkeypatch.setattr(fleet, "BETWEEN_TRIES", 0.1)


@pytest.fixture
async def production(tmp_path: Path, a_node: Callable[..., OpenSshNode]) -> AsyncIterator[MakeProduction]:
    """Make a production of nodes n1, n2 and so on, all with release 1."""
    made: list[Production] = []

    def make(count: int = 1) -> Production:
        made.append(Production(tmp_path, {name: a_node(name) for name in (f"n{each + 1}" for each in range(count))}))
        return made[-1]

    yield make
    for each in made:
        await each.close()
