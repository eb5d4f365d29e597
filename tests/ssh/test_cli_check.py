"""`check` and `connect` against real OpenSSH: what is wrong with a node is told with its name, and holds up nobody."""

import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from builders import an_include
from command_line import deployplan
from openssh import OpenSshNode


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def a_fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Write the environment `production` of these nodes: each a port, its known host key and its login."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path / "airflow"))

    def write(key_file: Path, **nodes: tuple[int, str, str]) -> None:
        include = an_include(tmp_path / "include")
        lines = "".join(
            f"  {name}: {{host: 127.0.0.1, port: {port}, user: {user}}}\n" for name, (port, _, user) in nodes.items()
        )
        (include.infrastructure / "production.yaml").write_text(
            f"connection: ssh_production\ntimezone: UTC\nrequires: [sh, no-such-program]\nnodes:\n{lines}"
        )
        known = "".join(f"[127.0.0.1]:{port} {key}\n" for port, key, _ in nodes.values() if key)
        extra = {"key_file": str(key_file), "known_hosts": known or "other.example ssh-ed25519 AAAA"}
        monkeypatch.setenv("AIRFLOW_CONN_SSH_PRODUCTION", json.dumps({"conn_type": "ssh", "extra": extra}))

    return write


def test_each_node_that_is_not_ready_is_named_with_its_reason_and_one_that_hangs_holds_up_nobody(
    a_node: Callable[..., OpenSshNode], a_fleet: Callable[..., None], silent_port: int, tmp_path: Path
) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    df = tools / "df"
    df.write_text("#!/bin/sh\necho head\necho /dev/x 100000 99000 1024 99% /\n")
    df.chmod(0o755)
    full = a_node("full", path=f"{tools}:/usr/local/bin:/usr/bin:/bin")
    other = a_node("other")
    a_fleet(
        full.key_file,
        full=(full.port, full.host_key, full.user),
        unknown=(other.port, "", other.user),
        hangs=(silent_port, full.host_key, full.user),
    )

    result = deployplan("check", "production", "--json", "--within", "8", "--at-once", "2")

    assert result.exit_code == 3, result.output
    found = {each["node"]: each for each in json.loads(result.stdout)["nodes"]}
    assert found["full"]["answered"]
    assert found["full"]["problems"][0] == "1 MB free; 100 MB are needed"
    assert found["full"]["problems"][1].startswith("prerequisite 'no-such-program' is missing")
    assert not (full.home / ".deployplan").exists(), "nothing was changed there"
    assert "its host key is not known here" in found["unknown"]["problems"][0]
    assert found["hangs"]["problems"] == ["gave no answer within 8 s"]


def test_connect_tells_each_step_with_its_time_and_ends_at_the_one_that_failed(
    a_node: Callable[..., OpenSshNode], a_fleet: Callable[..., None], silent_port: int
) -> None:
    node, other = a_node("web-1"), a_node("web-2")

    def way(name: str, **changes: Any) -> list[dict[str, Any]]:
        known = {"port": node.port, "key": node.host_key, "user": node.user, **changes}
        a_fleet(node.key_file, web=(known["port"], known["key"], known["user"]))
        result = deployplan("connect", "web", "--json", "--within", name)
        told = json.loads(result.stdout)
        assert (result.exit_code == 0) == told["reached"]
        return list(told["steps"])

    good = way("30")
    assert [step["step"] for step in good] == [
        "connection",
        "name",
        "port",
        "host key",
        "authentication",
        "shell",
        "protocol",
    ]
    assert all(step["seconds"] is not None for step in good[1:])
    assert good[3]["said"].startswith("SHA256:")
    unknown, changed = way("30", key="")[-1], way("30", key=other.host_key)[-1]
    assert (unknown["step"], changed["step"]) == ("host key", "host key")
    assert "not known here" in unknown["said"]
    assert "another machine, or reinstalled" in changed["said"]
    nobody = way("30", user="nobody-of-that-name")
    assert [step["step"] for step in nobody[-2:]] == ["host key", "authentication"]
    assert (nobody[-1]["ok"], "`login`" in nobody[-1]["cure"]) == (False, True)
    silent = way("3", port=silent_port)[-1]
    assert (silent["step"], "no answer within 3 s" in silent["said"]) == ("host key", True)
