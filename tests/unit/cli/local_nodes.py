"""Nodes that are folders of this machine, as a run would have left them."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deployplan.cli.targets import Target
from deployplan.plan.include import Include
from deployplan.remote.errors import Unreachable
from deployplan.remote.job import JobFacts, JobSpec
from deployplan.remote.node_client import NodeClient
from deployplan.remote.node_facts import NodeFacts
from deployplan.testing import LocalTransport
from remote_builders import a_holder, ran


class Nodes:
    """The nodes of the include folder, by name; those in `away` do not answer."""

    def __init__(self, root: Path, include: Include) -> None:
        self.root = root
        self.include = include
        self.away: set[str] = set()

    def home(self, name: str) -> Path:
        return self.root / name

    def client(self, name: str) -> NodeClient:
        return NodeClient(LocalTransport(name, self.home(name)))

    async def open(self, target: Target, connections: Mapping[str, Any]) -> NodeClient:
        if target.name in self.away:
            raise Unreachable(f"{target.name}: connection refused, nothing listens there")
        return self.client(target.name)

    def facts(self, name: str) -> NodeFacts:
        return asyncio.run(self.client(name).facts())

    def lock(self, name: str, **changes: Any) -> None:
        asyncio.run(self.client(name).lock(a_holder(**changes)))

    def freeze(self, name: str, why: str, **changes: Any) -> None:
        asyncio.run(self.client(name).freeze_lock(a_holder(**changes), why))

    def note(self, name: str, **entry: Any) -> None:
        """Add a line to the node's ledger, as a run would have."""
        ledger = self.home(name) / ".deployplan" / "ledger.jsonl"
        ledger.parent.mkdir(parents=True, exist_ok=True)
        with ledger.open("a") as file:
            file.write(json.dumps(entry) + "\n")

    def ran(self, name: str, job: JobSpec) -> JobFacts:
        """Have a job carried out on the node, to its end."""
        return asyncio.run(ran(self.client(name), job))[1]

    def start(self, name: str, job: JobSpec) -> JobFacts:
        return asyncio.run(self.client(name).start(job))
