"""`GET /releases/{plan}/{run}` in the real API application: who sees what, 304 while nothing changes, damage told."""

import io
import json
import tarfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import sleep
from typing import Any

import pytest

from deployplan.airflow_glue.server.api import release_detail_routes, release_keeper, rerun_routes, rights
from deployplan.airflow_glue.server.api.release_forms import ReleaseAnswer
from deployplan.airflow_glue.settings import settings
from deployplan.evidence import verify
from deployplan.evidence.story import sentence
from deployplan.ui import evidence_export
from signed_in import as_user
from unit.runbook.other_plans import OtherPlans, a_night
from unit.runbook.runs import node_result, wave_ended

pytestmark = pytest.mark.airflow

OWN = "/deployplan/api/v1/releases/own/run-1"
HOSTILE = "<img src=x onerror=alert(1)> **[x](javascript:alert(1))** \u202etxt " + "long " * 2000


@pytest.fixture
def plans(other_plans: OtherPlans) -> OtherPlans:
    """A run that has failed on its node, and asks mia."""
    run = other_plans.armed("own", a_night("tonight"))
    run.ledger.record("wave_started", component="web", wave=1, nodes=["web-1"], generation="run-1#1")
    run.ledger.record("job_started", node="web-1", job="j", step="deploy", component="web")
    wave_ended(run, ok=False, why=HOSTILE, nodes={"web-1": node_result("failed", HOSTILE)})
    run.ledger.record("card_put", task="backout.decide", people=["mia"], subject=HOSTILE)
    return other_plans


def seen(api: Any, who: dict[str, str]) -> ReleaseAnswer:
    answer = api.get(OWN, headers=who)
    assert answer.status_code == 200, answer.text
    return ReleaseAnswer.model_validate(answer.json())


def test_a_release_says_where_it_stands_and_who_may_act(airflow_api: Any, plans: OtherPlans) -> None:
    mia, vic = seen(airflow_api, as_user("mia")), seen(airflow_api, as_user("vic", "VIEWER"))
    assert (mia.may, mia.choices) == ({"answer": True, "stop": True, "rerun": False, "back_out": False}, None)
    assert not any(vic.may.values())
    assert [(each.name, each.state) for each in mia.phases][2:5] == [
        ("deploy", "over"),
        ("verify", "not reached"),
        ("backout", "now"),
    ]
    (cell,) = mia.matrix[0].cells
    assert (mia.matrix[0].node, cell.standing, cell.job) == ("web-1", "failed", "j")


def test_of_a_card_each_is_offered_what_they_may_choose_and_of_a_release_its_backout_while_it_is_possible(
    airflow_api: Any, plans: OtherPlans
) -> None:
    card = {
        "task": "backout.decide",
        "people": ["mia", "erin"],
        "options": {"Back out": ["mia"], "Wait": ["mia", "erin"]},
    }
    ledger = plans.records.run("own", "run-1").ledger()
    ledger.record("card_put", **card)
    assert seen(airflow_api, as_user("mia")).choices == ["Back out", "Wait"]
    assert seen(airflow_api, as_user("erin")).choices == ["Wait"]
    ledger.record("outcome", outcome="success", because="")
    mia, vic = seen(airflow_api, as_user("mia")), seen(airflow_api, as_user("vic", "VIEWER"))
    assert mia.may == {"answer": False, "stop": False, "rerun": True, "back_out": True}
    assert (mia.backout is not None, any(vic.may.values())) == (True, False)


def test_what_others_wrote_is_one_bounded_line_that_cannot_steer(airflow_api: Any, plans: OtherPlans) -> None:
    found = seen(airflow_api, as_user("mia"))
    shown = [found.sentence, found.matrix[0].cells[0].words]
    for text in shown:
        assert text is not None
        assert text.startswith("<img src=x onerror=alert(1)> **[x](javascript:alert(1))** \\u202etxt")
        assert len(text) <= 1001


def test_an_answer_that_has_not_changed_is_304_until_the_evidence_grows(airflow_api: Any, plans: OtherPlans) -> None:
    first = airflow_api.get(OWN, headers=as_user("mia"))
    for _ in range(60):  # tonight's row is read beside, and may come a little later
        again = airflow_api.get(OWN, headers=as_user("mia") | {"If-None-Match": first.headers["etag"]})
        if again.status_code == 304:
            break
        first = again
        sleep(1)
    assert (again.status_code, again.content) == (304, b"")
    plans.records.run("own", "run-1").ledger().record("card_answered", task="backout.decide", person="mia")
    changed = airflow_api.get(OWN, headers=as_user("mia") | {"If-None-Match": first.headers["etag"]})
    assert (changed.status_code, changed.json()["question"]) == (200, None)


def test_who_may_not_read_the_plan_is_refused_whether_or_not_the_run_exists(
    airflow_api: Any, plans: OtherPlans, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rights.Person, "may", lambda self, method, entity, plan=None: False)
    for path in (OWN, "/deployplan/api/v1/releases/none/run-1"):
        assert airflow_api.get(path, headers=as_user("mia")).status_code == 403


def test_a_run_that_left_no_record_is_404_and_damage_is_told_in_its_place(airflow_api: Any, plans: OtherPlans) -> None:
    assert airflow_api.get(OWN.replace("run-1", "run-9"), headers=as_user("mia")).status_code == 404
    (Path(str(plans.records.run("own", "run-1").folder)) / "ledger-000002.jsonl").write_text("{}\n")
    settings.cache_clear()
    release_keeper._keeper.cache_clear()
    found = seen(airflow_api, as_user("mia"))
    assert (found.damaged, found.digest, found.matrix) == (True, None, [])
    assert "is not intact" in found.sentence


def test_what_is_approved_is_told_with_its_commands_files_and_the_difference_to_the_last_release(
    airflow_api: Any, plans: OtherPlans
) -> None:
    found = airflow_api.get(f"{OWN}/approved", headers=as_user("vic", "VIEWER")).json()
    assert {(each["component"], each["what"]) for each in found["commands"]} >= {("web", "deploy"), ("web", "undo")}
    assert all(len(each["sha256"]) == 64 for each in found["files"])
    assert (found["changed"], found["compared"]) == (None, None)
    plans.plan("own", a_night("late"))
    changed = airflow_api.get(f"{OWN}/approved", headers=as_user("mia")).json()
    assert changed["changed"].startswith("the file of own has changed")


def test_what_is_approved_is_compared_with_no_plan_that_one_may_not_read(
    airflow_api: Any, plans: OtherPlans, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans.ended("secret", a_night("tonight"), "success")
    found = airflow_api.get(f"{OWN}/approved", headers=as_user("mia")).json()
    assert (found["compared"]["plan"], found["not_compared"]) == ("secret", None)
    monkeypatch.setattr(rights.Person, "readable", lambda self: frozenset({"own"}))
    monkeypatch.setattr(rights.Person, "may", lambda self, method, entity, plan=None: plan == "own")
    answer = airflow_api.get(f"{OWN}/approved", headers=as_user("mia"))
    hidden = answer.json()
    assert (hidden["compared"], "you may not read" in hidden["not_compared"]) == (None, True)
    assert "secret" not in answer.text


def test_the_evidence_is_told_verified_and_taken_away_as_at_a_terminal(
    airflow_api: Any, plans: OtherPlans, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vic, record = as_user("vic", "VIEWER"), plans.records.run("own", "run-1")
    entries = record.ledger().entries()
    first = airflow_api.get(f"{OWN}/story?most=2", headers=vic).json()
    rest = airflow_api.get(f"{OWN}/story?after={first['next']}", headers=vic).json()
    told = [each["told"] for each in (*first["entries"], *rest["entries"])]
    assert (told, rest["next"]) == ([sentence(entry) for entry in entries], None)
    verified = airflow_api.get(f"{OWN}/verification", headers=vic).json()
    assert (verified["ok"], verified["head"]) == (True, record.ledger().head)
    assert verified["lines"][0] == "own/run-1: intact"
    with release_detail_routes.EXPORTING:
        busy = airflow_api.get(f"{OWN}/evidence.tar.gz", headers=vic)
    assert (busy.status_code, busy.headers["Retry-After"]) == (503, "2")
    with monkeypatch.context() as small:
        small.setattr(evidence_export, "MOST_LISTED", 1000)
        small.setattr(
            release_detail_routes, "salvage", lambda _: pytest.fail("read before it was known to be too much")
        )
        refused = airflow_api.get(f"{OWN}/evidence.tar.gz", headers=vic)
    assert (refused.status_code, "has more than 64 MiB" in refused.json()["detail"]) == (413, True)
    packed = airflow_api.get(f"{OWN}/evidence.tar.gz", headers=vic)
    with tarfile.open(fileobj=io.BytesIO(packed.content)) as archive:
        archive.extractall(tmp_path / "out", filter="data")
    copied = verify(tmp_path / "out" / "evidence", b"k" * 32)
    assert (copied.ok, copied.head) == (True, record.ledger().head)


class TasksLog:
    """Stands where Airflow would be asked for a task and its log: 5,000 lines of two nodes, some of them hostile."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def task(self, app: Any, scope: Any, method: str, path: str, body: Any = None, query: str = "") -> Any:
        self.asked.append(path)
        return 200, {"try_number": 3}

    async def log(self, app: Any, scope: Any, method: str, path: str, take: Any, **_: Any) -> int:
        self.asked.append(path)
        said = [f"web-{at % 2 + 1} | line {at}" for at in range(5000)] + [f"web-1 | {HOSTILE}\x1b[2J", "web-10 | no"]
        text = "".join(json.dumps({"event": each, "timestamp": "2026-11-28T22:01:02.5Z"}) + "\n" for each in said)
        for at in range(0, len(text), 7001):
            take(text.encode()[at : at + 7001])
        take(b'{"event": "web-1 | the last, without its end')
        take(b' of line"}')
        return 200


def test_the_log_of_a_node_is_its_own_lines_as_bounded_text(
    airflow_api: Any, plans: OtherPlans, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in = TasksLog()
    monkeypatch.setattr(rights, "ask_within", stand_in.task)
    monkeypatch.setattr(release_detail_routes, "stream_within", stand_in.log)
    answer = airflow_api.get(f"{OWN}/nodes/web-1/log?component=web", headers=as_user("vic", "VIEWER"))
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["x-content-type-options"] == "nosniff"
    lines = answer.text.splitlines()
    assert lines[0].startswith("… 502 earlier lines are left out")
    assert len(lines) == 2001
    assert lines[-1].endswith("the last, without its end of line")
    assert lines[-2].startswith("2026-11-28 22:01:02  <img src=x onerror=alert(1)>")
    assert len(lines[-2]) < 1100
    assert not any(each in answer.text for each in ("\x1b", "\u202e", "web-2", "web-10"))
    run = "/api/v2/dags/own/dagRuns/run-1/taskInstances/deploy.web.wave_1"
    assert stand_in.asked == [run, f"{run}/logs/3"]
    assert airflow_api.get(f"{OWN}/nodes/web-9/log?component=web", headers=as_user("mia")).status_code == 404


def test_what_airflow_does_not_show_of_a_log_is_told_with_its_reason(airflow_api: Any, plans: OtherPlans) -> None:
    answer = airflow_api.get(f"{OWN}/nodes/web-1/log?component=web", headers=as_user("mia"))
    assert answer.status_code == 404
    assert answer.json()["detail"].startswith("Airflow does not show task deploy.web.wave_1: ")


@pytest.mark.parametrize(
    "part", ["", "/approved", "/story", "/verification", "/evidence.tar.gz", "/nodes/n/log?component=c"]
)
def test_nobody_sees_a_part_of_a_release_without_the_right_to_read_its_plan(
    airflow_api: Any, plans: OtherPlans, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    monkeypatch.setattr(rights.Person, "may", lambda self, method, entity, plan=None: False)
    assert airflow_api.get(f"{OWN}{part}", headers=as_user("mia")).status_code == 403
    airflow_api.cookies.clear()
    assert airflow_api.get(f"{OWN}{part}").status_code == 401


RERUN = "/deployplan/api/v1/plans/own/runs/run-1/rerun"


def test_what_trying_again_would_do_is_said_in_the_words_of_the_command_by_what_the_nodes_say(
    airflow_api: Any, plans: OtherPlans
) -> None:
    found = airflow_api.post(f"{RERUN}/preview", headers=as_user("mia")).json()
    assert (found["begun"], found["in_the_way"]) == (False, True)
    assert found["lines"][0].startswith("clearing deploy.web.wave_1 of own/run-1 with Downstream clears: ")
    assert any(line.startswith("in the way: ") for line in found["lines"])
    assert any("there is no Airflow connection" in line for line in found["lines"])  # of this node nothing is known
    assert found["entries"] == len(plans.records.run("own", "run-1").ledger().entries())
    assert airflow_api.post(f"{RERUN}/preview", headers=as_user("vic", "VIEWER")).status_code == 403
    assert airflow_api.post(f"{RERUN}/preview".replace("run-1", "run-9"), headers=as_user("mia")).status_code == 404


def test_no_page_of_another_site_has_the_nodes_asked_by_a_link(airflow_api: Any, plans: OtherPlans) -> None:
    for path in (RERUN, f"{RERUN}/preview"):
        assert airflow_api.get(path, headers=as_user("mia")).status_code == 405


def test_who_comes_while_another_asks_what_trying_again_would_do_holds_no_turn_and_is_told_when_to_ask_again(
    airflow_api: Any, plans: OtherPlans, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, goes_on = threading.Event(), threading.Event()
    preview = rerun_routes._preview

    def slow(plan: str, run_id: str) -> Any:
        asked.set()
        assert goes_on.wait(120)
        return preview(plan, run_id)

    monkeypatch.setattr(rerun_routes, "_preview", slow)
    with ThreadPoolExecutor(1) as other:
        first = other.submit(lambda: airflow_api.post(f"{RERUN}/preview", headers=as_user("mia")).status_code)
        try:
            assert asked.wait(120)
            second = airflow_api.post(f"{RERUN}/preview", headers=as_user("mia"))
        finally:
            goes_on.set()
        assert (second.status_code, second.headers["retry-after"]) == (503, "10")
        assert first.result(120) == 200


def test_a_run_is_tried_again_in_the_name_of_who_asks_with_the_reason_as_its_note(
    airflow_api: Any, plans: OtherPlans, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []

    async def airflow(app: Any, scope: Any, method: str, path: str, body: Any = None, query: str = "") -> Any:
        sent.append((method, path, body))
        return (200, {}) if len(sent) == 1 else (409, {"detail": "the run is under way"})

    monkeypatch.setattr(rights, "ask_within", airflow)
    why = {"reason": "the disk is free again", "entries": over(plans)}
    assert airflow_api.post(RERUN, headers=as_user("vic", "VIEWER"), json=why).status_code == 403
    done = airflow_api.post(RERUN, headers=as_user("mia"), json=why)
    assert (done.status_code, done.json()["begun"]) == (200, True), done.text
    ((method, path, body),) = sent
    assert (method, path) == ("POST", "/api/v2/dags/own/clearTaskInstances")
    assert (body["task_ids"], body["include_downstream"], body["only_failed"]) == (["deploy.web.wave_1"], True, False)
    assert body["note"] == "tried again by mia: the disk is free again"
    refused = airflow_api.post(RERUN, headers=as_user("mia"), json=why)
    assert (refused.status_code, "the run is under way" in refused.json()["detail"]) == (409, True)


def over(plans: OtherPlans) -> int:
    """End the run; returns how many entries it has then."""
    ledger = plans.records.run("own", "run-1").ledger()
    ledger.record("outcome", outcome="failed", because="")
    return len(ledger.entries())


def test_a_run_is_not_tried_again_while_it_goes_on_nor_as_it_no_longer_is(
    airflow_api: Any, plans: OtherPlans, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def airflow(app: Any, scope: Any, method: str, path: str, body: Any = None, query: str = "") -> Any:
        cleared.append(path)
        return 200, {}

    cleared = list[str]()
    monkeypatch.setattr(rights, "ask_within", airflow)

    def refused(entries: int) -> str:
        answer = airflow_api.post(RERUN, headers=as_user("mia"), json={"reason": "again", "entries": entries})
        assert answer.status_code == 409, answer.text
        return str(answer.json()["detail"])

    ledger = plans.records.run("own", "run-1").ledger()
    assert "is not over" in refused(len(ledger.entries()))
    entries = over(plans)
    assert "look again" in refused(entries - 1)
    frozen = plans.records.active("own")
    assert frozen is not None
    plans.records.close_run("own", "run-1")
    plans.records.open_run("own", "run-2", frozen[1])
    assert "every task would refuse" in refused(entries)
    assert airflow_api.post(RERUN, headers=as_user("mia"), json={"reason": "again"}).status_code == 422
    assert cleared == []
