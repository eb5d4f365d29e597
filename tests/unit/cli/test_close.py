"""`deployplan close`: the way out of a run that can no longer end by itself, whatever became of what it froze."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from builders import a_snapshot
from deployplan.evidence import Records
from unit.cli.local_nodes import Nodes

Deployplan = Callable[..., Result]
KEY = b"k" * 32


@pytest.fixture
def store(nodes: Nodes, tmp_path: Path) -> Records:
    """The signed record of run-1 of shop-2, which is under way and had locked web-1."""
    (tmp_path / "airflow").mkdir()
    (tmp_path / "airflow" / "signing.key").write_bytes(KEY)
    snapshot = a_snapshot()
    store = Records(tmp_path / "airflow" / "records", key=KEY)
    store.save_snapshot("shop-2", snapshot.digest, snapshot.to_json())
    store.open_run("shop-2", "run-1", snapshot.digest)
    ledger = store.run("shop-2", "run-1").ledger()
    ledger.record("plan_frozen", plan="shop-2", run="run-1", digest=snapshot.digest)
    ledger.record("arming", generation=1, clear=0)
    ledger.record("armed", generation=1, nodes=["web-1"], digest=snapshot.digest)
    return store


def close(deployplan: Deployplan, *words: str, **rest: Any) -> Result:
    return deployplan("close", "shop-2", "--reason", "its frozen plan was changed", "--by", "mia", *words, **rest)


def test_a_run_is_closed_as_unknown_with_the_person_and_the_reason_and_another_may_begin(
    store: Records, deployplan: Deployplan
) -> None:
    result = close(deployplan, input="y\n")

    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("shop-2: run run-1 closed as unknown, evidence head ")
    assert "it had locked web-1: `deployplan unlock NODE --reason …` each" in result.stderr
    outcome, sealed = store.run("shop-2", "run-1").ledger().entries()[-2:]
    assert outcome.facts == {"outcome": "unknown", "because": "closed by mia (no login): its frozen plan was changed"}
    assert sealed.kind == "sealed"
    assert store.active("shop-2") is None
    assert [end.head for end in store.ends.of_run("shop-2", "run-1")] == [sealed.hash]
    assert store.run("shop-2", "run-1").verify().problems == ()


@pytest.mark.parametrize("change", ["tamper", "remove"])
def test_a_run_whose_frozen_plan_was_changed_or_removed_can_be_closed_all_the_same(
    store: Records, deployplan: Deployplan, tmp_path: Path, change: str
) -> None:
    (frozen,) = (tmp_path / "airflow" / "records" / "snapshots" / "shop-2").glob("*.json")
    if change == "tamper":
        frozen.write_text(frozen.read_text().replace("./up.sh", "./evil.sh"))
    else:
        frozen.unlink()

    assert close(deployplan, "--yes").exit_code == 0
    assert store.active("shop-2") is None
    assert store.run("shop-2", "run-1").ledger().entries()[-1].kind == "sealed"


def test_without_a_yes_nothing_is_done_and_where_nothing_is_under_way_it_says_so(
    store: Records, deployplan: Deployplan
) -> None:
    refused = close(deployplan, input="n\n")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "not confirmed; nothing was done" in refused.stderr
    assert store.active("shop-2") is not None

    assert close(deployplan, "--yes").exit_code == 0
    again = close(deployplan, "--yes")
    assert again.exit_code == 1
    assert "no run of shop-2 is under way" in again.stderr


def test_signed_evidence_is_not_added_to_without_the_key(
    store: Records, deployplan: Deployplan, tmp_path: Path
) -> None:
    (tmp_path / "airflow" / "signing.key").unlink()
    result = close(deployplan, "--yes")
    assert result.exit_code == 2
    assert "its evidence is signed, and there is no signing key here" in result.stderr
    assert store.active("shop-2") is not None
