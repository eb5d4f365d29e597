"""Preflight finds out whether a node can run the scripts of a component."""

import tarfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from builders import a_component, a_snapshot
from deployplan.plan.model.script import Script
from deployplan.remote.node_client import NodeClient
from deployplan.remote.node_facts import NodeFacts
from deployplan.runbook.node.interpreters import cannot_execute, missing_interpreters
from deployplan.testing import LocalTransport
from remote_builders import NIGHT, end_all, sha256_of


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[NodeClient]:
    home = tmp_path / "home"
    yield NodeClient(LocalTransport("web-1", home))
    end_all(home)


async def missing(client: NodeClient, scripts: tuple[Script, ...] = (), **component: str) -> list[str]:
    snapshot = a_snapshot(components={"web": a_component(**component)}).model_copy(update={"scripts": scripts})
    return await missing_interpreters(snapshot, snapshot.plan.components["web"], client)


async def test_an_interpreter_that_the_node_lacks_is_named_with_what_needs_it(
    client: NodeClient, tmp_path: Path
) -> None:
    found = await missing(
        client,
        (Script.of("down.sh", b"#!/opt/none/ksh -e\n"),),
        deploy="#!/usr/bin/env no-such-python\nprint()\n",
        undo="./down.sh",
    )
    assert found == [
        "`deploy` of web needs no-such-python, which is not there",
        "./down.sh needs /opt/none/ksh, which is not there",
    ]


async def test_a_node_that_has_them_lacks_none_and_nothing_of_the_plan_was_executed(
    client: NodeClient, tmp_path: Path
) -> None:
    assert await missing(client, deploy="#!/bin/sh\ntouch touched\n", undo="touch touched") == []
    assert not (tmp_path / "home" / "touched").exists()


async def test_the_first_lines_in_a_package_are_read_on_the_node(client: NodeClient, tmp_path: Path) -> None:
    source = tmp_path / "src"
    source.mkdir()
    (source / "up.sh").write_bytes(b"#!/bin/sh\r\ntrue\r\n")
    (source / "down.py").write_text("#!/opt/none/python9\n")
    package = tmp_path / "web.tar"
    with tarfile.open(package, "w") as archive:
        archive.add(source, ".")
    staged = await client.stage(sha256_of(package), "web.tar", package)
    client.placed["web"] = staged.package_dir, None
    found = await missing(client, deploy="./up.sh --now", undo="./down.py")
    assert found == [
        "./up.sh of web has line ends of Windows: its interpreter would not be found",
        "./down.py needs /opt/none/python9, which is not there",
    ]


def test_a_home_on_which_nothing_can_be_executed_is_named_when_a_file_is_to_be() -> None:
    facts = NodeFacts(now=NIGHT, free_bytes=1, home="/home/app", base="/home/app/.deployplan", noexec=True)
    components = {
        "web": a_component(deploy="./up.sh", undo="sh ./down.sh"),
        "db": a_component(deploy="sh ./up.sh", undo="#!/bin/bash\ntrue"),
    }
    plan = a_snapshot(components=components).plan
    assert cannot_execute(plan.components["web"], facts) == [
        "/home/app/.deployplan is mounted noexec: `deploy` of web cannot be executed; write `sh ./…`, or set base_dir"
    ]
    assert cannot_execute(plan.components["db"], facts) == []
