"""`deployplan unlock`: a person's decision, shown, confirmed and kept."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from deployplan.cli import unlock as command
from deployplan.evidence import Ledger, Records
from remote_builders import a_holder, a_job
from unit.cli.local_nodes import Nodes

Deployplan = Callable[..., Result]
KEY = b"k" * 32
REASON = ("--reason", "restored by hand, INC0815")


@pytest.fixture(autouse=True)
def _held(nodes: Nodes) -> None:
    """web-1 is held by the first generation of run-1 of storefront-4.3."""
    nodes.lock("web-1", run="run-1#1")


@pytest.fixture
def run(nodes: Nodes, tmp_path: Path) -> Ledger:
    """The sealed, signed evidence of run-1, and its key where the settings look for it."""
    (tmp_path / "airflow").mkdir()
    (tmp_path / "airflow" / "signing.key").write_bytes(KEY)
    ledger = Records(tmp_path / "airflow" / "records", key=KEY).run("storefront-4.3", "run-1").ledger()
    ledger.record("plan_frozen", plan="storefront-4.3", run="run-1", digest="0" * 64)
    ledger.seal()
    return ledger


def unlock(deployplan: Deployplan, *words: str, **rest: Any) -> Result:
    return deployplan("unlock", "web-1", *REASON, "--by", "mia", *words, **rest)


def test_the_holder_is_shown_and_asked_about_before_anything_is_done(nodes: Nodes, deployplan: Deployplan) -> None:
    result = unlock(deployplan, input="n\n")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(
        "web-1 (production) is locked by run run-1 of plan storefront-4.3 "
        "since 2026-11-28 22:30:00 UTC (from worker-1)\n"
    )
    assert "unlock web-1? [y/N]" in result.stderr
    assert "error: not confirmed; nothing was done" in result.stderr
    assert nodes.facts("web-1").holder is not None
    assert nodes.facts("web-1").ledger == ()


def test_without_an_answer_nothing_is_done(nodes: Nodes, deployplan: Deployplan) -> None:
    result = unlock(deployplan)

    assert result.exit_code == 1
    assert "hint: a script confirms with --yes" in result.stderr
    assert nodes.facts("web-1").holder is not None


def test_a_confirmed_unlock_frees_the_node_and_leaves_the_reason_there(nodes: Nodes, deployplan: Deployplan) -> None:
    result = unlock(deployplan, input="y\n")

    assert (result.exit_code, result.stdout) == (0, "web-1: unlocked\n")
    facts = nodes.facts("web-1")
    assert facts.holder is None
    (entry,) = facts.ledger
    assert entry["event"] == "unlocked"
    assert (entry["run"], entry["plan"]) == ("run-1", "storefront-4.3")
    assert (entry["by"], entry["reason"]) == ("mia (no login)", "restored by hand, INC0815")


def test_a_frozen_node_is_unlocked_with_the_reason_in_the_lock_itself(nodes: Nodes, deployplan: Deployplan) -> None:
    nodes.freeze("web-1", "backout of web failed", run="run-1#1")

    result = unlock(deployplan, "--yes")

    assert result.exit_code == 0
    assert "frozen: backout of web failed" in result.stderr
    assert nodes.facts("web-1").holder is None
    links = sorted((nodes.home("web-1") / ".deployplan" / "lock").iterdir())
    assert "reason=restored by hand, INC0815" in links[-1].read_text()
    assert "by=mia" in links[-1].read_text()


def test_the_reason_goes_to_the_evidence_of_the_holders_run_which_is_sealed_again(
    nodes: Nodes, run: Ledger, deployplan: Deployplan
) -> None:
    result = unlock(deployplan, "--yes")

    assert result.exit_code == 0, result.stderr
    *_, unlocked, sealed = run.entries()
    assert (unlocked.kind, sealed.kind) == ("unlocked", "sealed")
    assert (unlocked.facts["node"], unlocked.facts["by"]) == ("web-1", "mia (no login)")
    assert unlocked.facts["why"] == "restored by hand, INC0815"
    assert deployplan("evidence", "verify", "run-1").exit_code == 0
    assert (
        "web-1 unlocked by mia (no login): restored by hand, INC0815\n"
        in deployplan("evidence", "show", "run-1").stdout
    )


def test_evidence_of_a_run_that_is_not_over_is_not_sealed(nodes: Nodes, run: Ledger, deployplan: Deployplan) -> None:
    run.record("refused", why="cleared again")

    unlock(deployplan, "--yes")

    assert run.entries()[-1].kind == "unlocked"


def test_without_the_key_of_signed_evidence_nothing_is_done(
    nodes: Nodes, run: Ledger, deployplan: Deployplan, tmp_path: Path
) -> None:
    (tmp_path / "airflow" / "signing.key").unlink()

    refused = unlock(deployplan, "--yes")

    assert refused.exit_code == 2
    assert "is signed, and there is no signing key here\nhint: " in refused.stderr
    assert nodes.facts("web-1").holder is not None
    assert unlock(deployplan, "--yes", "--no-record").exit_code == 0
    assert [entry.kind for entry in run.entries()] == ["plan_frozen", "sealed"]


def test_with_another_key_than_the_evidences_nothing_is_done(
    nodes: Nodes, run: Ledger, deployplan: Deployplan, tmp_path: Path
) -> None:
    (tmp_path / "other.key").write_bytes(b"o" * 32)

    refused = unlock(deployplan, "--yes", "--key-file", str(tmp_path / "other.key"))

    assert refused.exit_code == 2
    assert "cannot be added to" in refused.stderr
    assert nodes.facts("web-1").holder is not None


def test_while_a_job_runs_it_is_refused_unless_told_otherwise(nodes: Nodes, deployplan: Deployplan) -> None:
    job = nodes.start("web-1", a_job("sleep 300", run="run-1#1"))

    refused = unlock(deployplan, "--yes")
    held = nodes.facts("web-1").holder
    forced = unlock(deployplan, "--yes", "--even-if-running")

    assert refused.exit_code == 1
    assert f"{job.job_id} still runs; another plan could start beside it\nhint: " in refused.stderr
    assert held is not None
    assert forced.exit_code == 0
    assert nodes.facts("web-1").holder is None


def test_a_lock_that_changed_hands_meanwhile_is_left_alone(
    nodes: Nodes, deployplan: Deployplan, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow_person(target: Any) -> None:
        nodes.lock("web-1", run="run-1#2")

    monkeypatch.setattr(command, "_confirm", slow_person)

    result = unlock(deployplan)

    assert result.exit_code == 1
    assert "the lock has changed meanwhile, it is held by run run-1#2" in result.stderr
    holder = nodes.facts("web-1").holder
    assert holder is not None
    assert holder.run == "run-1#2"
    assert nodes.facts("web-1").ledger == ()


def test_a_node_that_was_frozen_meanwhile_is_left_alone(
    nodes: Nodes, deployplan: Deployplan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "_confirm", lambda target: nodes.freeze("web-1", "backout failed", run="run-1#1"))

    assert unlock(deployplan).exit_code == 1
    assert nodes.facts("web-1").holder is not None


def test_a_free_node_needs_nothing(nodes: Nodes, deployplan: Deployplan) -> None:
    unlock(deployplan, "--yes")

    again = unlock(deployplan, "--yes")

    assert (again.exit_code, again.stdout) == (0, "web-1: nobody holds it\n")


def test_for_programs_the_answer_names_holder_reason_and_record(
    nodes: Nodes, run: Ledger, deployplan: Deployplan
) -> None:
    result = unlock(deployplan, "--yes", "--json")

    facts = json.loads(result.stdout)
    assert (facts["unlocked"], facts["by"], facts["reason"]) == (True, "mia (no login)", "restored by hand, INC0815")
    assert (facts["holder"]["run"], facts["record"]) == ("run-1", "storefront-4.3/run-1")


@pytest.mark.parametrize("words", [[], ["--reason", "  "], ["--reason", "x" * 2001]])
def test_without_a_reason_that_can_be_kept_it_is_wrong_usage(
    nodes: Nodes, deployplan: Deployplan, words: list[str]
) -> None:
    result = deployplan("unlock", "web-1", "--yes", *words)

    assert (result.exit_code, result.stdout) == (2, "")
    assert nodes.facts("web-1").holder == a_holder("run-1#1")


def test_a_run_stays_open_when_one_of_its_nodes_is_unlocked(nodes: Nodes, run: Ledger, deployplan: Deployplan) -> None:
    assert unlock(deployplan, "--yes").exit_code == 0
    assert "outcome" not in [entry.kind for entry in run.entries()]
