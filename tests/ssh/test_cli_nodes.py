"""The commands about nodes, over real SSH and through a connection as Airflow's users write it."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from builders import an_include
from command_line import deployplan
from deployplan.plan.include import Include
from deployplan.remote.node_client import NodeClient
from deployplan.runbook.run import fleet
from openssh import OpenSshNode
from remote_builders import a_holder, a_job, ran


@pytest.fixture
def two_nodes(tmp_path: Path, a_node: Callable[..., OpenSshNode], monkeypatch: pytest.MonkeyPatch) -> list[OpenSshNode]:
    """web-1 and web-2 in the environment `production`; one key opens both."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path / "airflow"))
    monkeypatch.setattr(fleet, "BETWEEN_TRIES", 0.0)
    include: Include = an_include(tmp_path / "include", shop_2="components: {web: {nodes: [web-1, web-2]}}\n")
    found = [a_node("web-1"), a_node("web-2")]
    lines = "".join(f"  {node.name}: {{host: {node.host}, port: {node.port}}}\n" for node in found)
    (include.infrastructure / "production.yaml").write_text(
        f"connection: ssh_production\ntimezone: UTC\nnodes:\n{lines}"
    )
    (found[1].root / "client_key.pub").write_bytes((found[0].root / "client_key.pub").read_bytes())
    connection: dict[str, Any] = {
        "conn_type": "ssh",
        "login": found[0].user,
        "extra": {
            "key_file": str(found[0].key_file),
            "known_hosts": "".join(f"[{node.host}]:{node.port} {node.host_key}\n" for node in found),
        },
    }
    monkeypatch.setenv("AIRFLOW_CONN_SSH_PRODUCTION", json.dumps(connection))
    return found


async def carried_out(node: OpenSshNode, script: str) -> str:
    async with await node.connect() as transport:
        client = NodeClient(transport)
        await client.lock(a_holder(run="run-1#1"))
        return (await ran(client, a_job(script, run="run-1#1")))[1].job_id


def test_nodes_job_and_unlock_over_ssh(two_nodes: list[OpenSshNode]) -> None:
    job = asyncio.run(carried_out(two_nodes[0], "echo brought out; exit 3"))
    two_nodes[1].stop()

    told = deployplan("nodes", "shop-2", "--json")
    log = deployplan("job", "web-1", "web-deploy-1", "--log")
    unlocked = deployplan("unlock", "web-1", "--reason", "looked at it", "--yes")
    after = deployplan("nodes", "web-1", "--json")

    assert told.exit_code == 1
    web_1, web_2 = json.loads(told.stdout)
    assert (web_1["jobs"][0]["job"], web_1["jobs"][0]["exit"], web_1["holder"]["run"]) == (job, 3, "run-1")
    assert (web_2["answered"], "web-2" in web_2["problem"]) == (False, True)
    assert (log.exit_code, log.stdout) == (0, "brought out\n")
    assert (unlocked.exit_code, unlocked.stdout) == (0, "web-1: unlocked\n")
    (node,) = json.loads(after.stdout)
    assert (node["holder"], node["unlocked"]["reason"]) == (None, "looked at it")


def test_a_node_with_another_host_key_is_not_asked_and_the_way_out_is_told(
    two_nodes: list[OpenSshNode], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "AIRFLOW_CONN_SSH_PRODUCTION",
        json.dumps({"conn_type": "ssh", "login": two_nodes[0].user, "extra": {"key_file": str(two_nodes[0].key_file)}}),
    )

    result = deployplan("nodes", "web-1")

    assert result.exit_code == 1
    assert "no answer  web-1" in result.stdout
    assert "its host key is not known here" in result.stdout
    assert result.stderr == "hint: set `known_hosts` or `host_key` in the extras of the connection\n"
