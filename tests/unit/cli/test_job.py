"""`deployplan job`: a job's facts and its log."""

import json
from collections.abc import Callable

import pytest
from typer.testing import Result

from deployplan.cli import job as command
from remote_builders import a_job
from unit.cli.local_nodes import Nodes

Deployplan = Callable[..., Result]


@pytest.fixture(autouse=True)
def _jobs(nodes: Nodes) -> None:
    """Two jobs on web-1: one that failed, and one of another component."""
    nodes.lock("web-1")
    nodes.ran("web-1", a_job("printf 'one\\n\\033[31mtwo\\377'; exit 3"))
    nodes.ran("web-1", a_job("true", component="db"))


def test_the_log_is_printed_byte_for_byte(deployplan: Deployplan) -> None:
    result = deployplan("job", "web-1", "0123456789ab-web-deploy-1", "--log")

    assert (result.exit_code, result.stdout_bytes) == (0, b"one\n\x1b[31mtwo\xff")


def test_a_long_log_arrives_whole(nodes: Nodes, deployplan: Deployplan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "PIECE", 1000)
    nodes.ran("web-1", a_job("seq 1 2000", attempt=2))

    assert deployplan("job", "web-1", "web-deploy-2", "--log").stdout == "".join(f"{n}\n" for n in range(1, 2001))


def test_without_log_the_job_is_told_in_a_line(deployplan: Deployplan) -> None:
    result = deployplan("job", "web-1", "web-deploy-1")

    assert result.stdout.startswith("0123456789ab-web-deploy-1  failed (exit 3), 20")
    assert result.stdout.endswith("run run-1, 13 bytes of log\n")


def test_for_programs_facts_and_log_are_one_document(deployplan: Deployplan) -> None:
    facts = json.loads(deployplan("job", "web-1", "web-deploy-1", "--json").stdout)
    with_log = json.loads(deployplan("job", "web-1", "web-deploy-1", "--json", "--log").stdout)

    assert (facts["node"], facts["state"], facts["exit"], facts["log_bytes"]) == ("web-1", "failed", 3, 13)
    assert with_log == {**facts, "log": "one\n\x1b[31mtwo\ufffd"}


def test_an_ambiguous_end_of_an_id_is_not_guessed(deployplan: Deployplan) -> None:
    result = deployplan("job", "web-1", "deploy-1", "--log")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "means 2 jobs on web-1: 0123456789ab-web-deploy-1, 0123456789ab-db-deploy-1" in result.stderr


@pytest.mark.parametrize("name", ["web-deploy-9", "../../../etc/passwd", ""])
def test_a_job_that_is_not_there_is_answered_with_those_that_are(deployplan: Deployplan, name: str) -> None:
    result = deployplan("job", "web-1", name, "--log")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "there are 0123456789ab-web-deploy-1, 0123456789ab-db-deploy-1\nhint: " in result.stderr


def test_a_node_that_does_not_answer_is_an_error_with_a_hint(nodes: Nodes, deployplan: Deployplan) -> None:
    nodes.away = {"web-1"}

    result = deployplan("job", "web-1", "web-deploy-1")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("error: web-1: connection refused, nothing listens there\nhint: ")
