"""At the edge to Airflow: cards are put to ids, answers come back as people, and of nobody known nobody is asked."""

import asyncio
import json
import logging
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest
from airflow.exceptions import AirflowException
from airflow.sdk.exceptions import TaskAwaitingInput

from builders import a_snapshot, an_include
from deployplan.airflow_glue import context, settings, who
from deployplan.airflow_glue.connections import Credentials
from deployplan.airflow_glue.server import answers
from deployplan.airflow_glue.settings import Settings
from deployplan.airflow_glue.tasks import worker
from deployplan.airflow_glue.tasks.cards import put_card, take_answer
from deployplan.airflow_glue.tasks.host import CardAnswer, Question, TaskHost, WaitFor
from deployplan.airflow_glue.tasks.worker import Worker, answer_of
from deployplan.airflow_glue.triggers import plan_trigger
from deployplan.airflow_glue.triggers.plan_trigger import PeopleTrigger
from deployplan.runbook.run.answers import NotAsked
from deployplan.runbook.run.run import Run

pytestmark = pytest.mark.airflow
PEOPLE = "people: {mia: {ids: ['3']}, amir: {ids: ['7', '8'], logins: [amir.k]}}\n"
TASK = "review.approve_1"


class Left(Exception):
    """The step has left, to wait for this, or to ask this."""


class Host(TaskHost):
    """A process that only says how it was left."""

    async def snapshot(self) -> Any: ...
    async def carry(self, work: Any) -> None: ...
    async def keep(self, key: str, value: object) -> None: ...
    def need_worker(self, why: str) -> None: ...
    def need_triggerer(self, why: str) -> None: ...
    def begin_anew(self, why: str) -> NoReturn:
        raise Left("anew")

    def leave(self, wait: WaitFor, **facts: object) -> NoReturn:
        raise Left(wait, facts)

    def ask(self, question: Question) -> NoReturn:
        raise Left(question.people)

    def skip(self, why: str) -> NoReturn:
        raise Left(why)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    an_include(tmp_path / "include")
    (tmp_path / "signing.key").write_bytes(b"k" * 32)
    found = Settings(tmp_path / "include", str(tmp_path / "records"), tmp_path / "signing.key")
    for module in (answers, context, plan_trigger, settings, who):
        monkeypatch.setattr(module, "settings", lambda: found)
    (tmp_path / "include/people.yaml").write_text(PEOPLE)
    return found


def a_run(store: Settings) -> Run:
    snapshot = a_snapshot()
    store.record_store().save_snapshot("shop-2", snapshot.digest, snapshot.to_json())
    return context.make_run(snapshot, "run-1", triggered_by=None, credentials=Credentials({}), say=lambda _: None)


def a_host(answer: CardAnswer | None = None) -> Host:
    found = Host("shop-2", "run-1", TASK, logging.getLogger("test"))
    found.answer = answer
    return found


def question(*people: str) -> Question:
    return Question(people, "Approve?", "", ("Approve", "Reject"), None)


def left(host: Host, run: Run, *people: str) -> tuple[Any, ...]:
    with pytest.raises(Left) as how:
        asyncio.run(put_card(host, run, question(*people)))
    return how.value.args


def test_only_those_who_are_known_are_asked(store: Settings) -> None:
    run = a_run(store)
    assert left(a_host(), run, "mia", "zoe") == (("mia",),)
    (card,) = [entry for entry in run.ledger.entries() if entry.kind == "card_put"]
    assert card.facts["people"] == ["mia"]


def test_a_card_that_could_be_put_to_nobody_waits_and_is_not_put(store: Settings) -> None:
    assert left(a_host(), a_run(store), "zoe") == (WaitFor.PEOPLE, {"people": ["zoe"]})
    (store.include / "people.yaml").write_text("people: [\n")
    assert left(a_host(), a_run(store), "mia") == (WaitFor.PEOPLE, {"people": ["mia"]})
    assert [entry.kind for entry in a_run(store).ledger.entries()] == []


def test_airflow_is_told_ids_and_never_an_empty_list(store: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr("airflow.sdk.execution_time.hitl.upsert_hitl_detail", lambda **facts: asked.append(facts))
    process: Any = object.__new__(Worker)
    process._context, process.say = {"ti": SimpleNamespace(id="1")}, lambda _: None

    with pytest.raises(TaskAwaitingInput):
        worker.Worker.ask(process, question("mia", "amir"))
    assert asked[0]["assigned_users"] == [
        {"id": "3", "name": "mia"},
        {"id": "7", "name": "amir"},
        {"id": "8", "name": "amir"},
    ]
    with pytest.raises(AirflowException, match="nobody can be asked: zoe: nobody of include"):
        worker.Worker.ask(process, question("zoe"))
    assert len(asked) == 1  # Airflow takes an empty list for everybody


def answered(user: str, login: str) -> CardAnswer:
    event = {"chosen_options": ["Approve"], "responded_by_user": {"id": user, "name": login}}
    return answer_of(event)


def test_an_answer_is_the_persons_and_keeps_what_the_auth_manager_called_them(store: Settings) -> None:
    run = a_run(store)
    left(a_host(), run, "mia", "amir")
    found = take_answer(a_host(answered("8", "amir.k")), run)

    assert found == CardAnswer("Approve", "amir", None, "8", "amir.k")
    (closed,) = [entry for entry in run.ledger.entries() if entry.kind == "card_closed"]
    assert [closed.facts[name] for name in ("person", "user", "login")] == ["amir", "8", "amir.k"]


@pytest.mark.parametrize(("user", "login"), [("9", "zoe"), ("3", "amir.k"), ("mia", "mia"), ("9", "mia")])
def test_an_answer_of_a_user_who_is_nobody_known_counts_for_nothing(store: Settings, user: str, login: str) -> None:
    run = a_run(store)
    left(a_host(), run, "mia", "amir")
    with pytest.raises(NotAsked, match=f"came from user {user}"):
        take_answer(a_host(answered(user, login)), run)


def test_an_answer_that_the_server_kept_is_judged_by_who_is_who_when_it_is_taken(store: Settings) -> None:
    run = a_run(store)
    left(a_host(), run, "mia", "amir")
    body = json.dumps({"responded_by": {"id": "3", "name": "mia"}, "chosen_options": ["Approve"]})
    (store.include / "people.yaml").write_text("people: [\n")
    answers.keep_answer("shop-2", "run-1", TASK, body.encode())
    host = a_host()
    host.clear = -1

    with pytest.raises(Left) as how:
        take_answer(host, run)
    assert how.value.args == (WaitFor.PEOPLE, {"people": []})
    (store.include / "people.yaml").write_text(PEOPLE)
    found = take_answer(host, run)
    assert found is not None
    assert found.person == "mia"


def kept(user: str, login: str, option: str, *, card: int | None = None) -> str | None:
    """What a person is told whose answer Airflow has taken, through whichever API server."""
    body = json.dumps({"responded_by": {"id": user, "name": login}, "chosen_options": [option]})
    return answers.keep_answer("shop-2", "run-1", TASK, body.encode(), card)


def chosen(user: str, login: str, option: str) -> CardAnswer:
    return answer_of({"chosen_options": [option], "responded_by_user": {"id": user, "name": login}})


@pytest.mark.parametrize("handed", [("3", "mia", "Reject"), ("7", "amir.k", "Approve")])
def test_of_two_answers_that_airflow_took_the_first_in_the_evidence_is_done_and_the_other_told_so(
    store: Settings, handed: tuple[str, str, str]
) -> None:
    run = a_run(store)
    left(a_host(), run, "mia", "amir")
    host = a_host(chosen(*handed))
    host.clear = -1
    assert kept("7", "amir.k", "Approve", card=1) is None
    assert kept("7", "amir.k", "Approve", card=1) is None  # sent twice
    assert kept("3", "mia", "Reject", card=1) == "amir has answered already: Approve"
    found = take_answer(host, run)
    assert found is not None
    assert (found.person, found.option) == ("amir", "Approve")


def test_what_the_task_has_done_counts_before_what_is_kept_later(store: Settings) -> None:
    run = a_run(store)
    left(a_host(), run, "mia", "amir")
    take_answer(a_host(chosen("3", "mia", "Reject")), run)
    assert kept("3", "mia", "Reject", card=1) is None
    assert kept("7", "amir.k", "Approve", card=1) == "mia has answered already: Reject"
    assert run.read_state().cards[TASK].answered is not None


def test_an_answer_that_is_kept_while_the_task_takes_another_is_the_one_that_is_done(
    store: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = a_run(store)
    left(a_host(), run, "mia", "amir")
    record, said = run.record, list[str | None]()

    def late(event: Any) -> Any:
        if not said:  # the task has looked, and found no answer yet
            said.append(kept("7", "amir.k", "Approve", card=1))
        return record(event)

    monkeypatch.setattr(Run, "record", lambda _run, event: late(event))
    found = take_answer(a_host(chosen("3", "mia", "Reject")), run)
    assert found is not None
    assert (said, found.person, found.option) == ([None], "amir", "Approve")
    assert kept("3", "mia", "Reject", card=1) == "amir has answered already: Approve"


def test_an_answer_to_a_card_that_was_asked_anew_since_is_none_to_the_next_one(store: Settings) -> None:
    run = a_run(store)
    left(a_host(), run, "mia", "amir")
    left(a_host(), run, "mia", "amir")
    assert kept("7", "amir.k", "Approve", card=1) == "the card that you answered is over, and was asked anew"
    assert run.read_state().cards[TASK].answered is None
    host = a_host()
    host.clear = -1
    assert take_answer(host, run) is None


def test_who_answers_the_next_card_first_is_not_refused_for_a_late_answer_to_the_one_before(store: Settings) -> None:
    run = a_run(store)
    left(a_host(), run, "mia", "amir")
    take_answer(a_host(chosen("3", "mia", "Reject")), run)
    run.record(run.read_state().cards[TASK].put)
    assert kept("3", "mia", "Reject", card=1) is None
    second = run.read_state().cards[TASK].seq
    assert kept("7", "amir.k", "Approve", card=second) is None
    assert kept("3", "mia", "Reject", card=second) == "amir has answered already: Approve"
    assert kept("7", "amir.k", "Approve", card=1) == "mia has answered already: Reject"


def test_the_wait_for_people_ends_when_one_of_them_is_known(store: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    run = a_run(store)
    monkeypatch.setattr(plan_trigger, "BETWEEN_LOOKS", 0.01)
    (store.include / "people.yaml").write_text("people: [\n")
    made = PeopleTrigger("shop-2", run.snapshot.digest, ["mia"])
    name, facts = made.serialize()
    assert (name.rpartition(".")[2], facts["people"]) == ("PeopleTrigger", ["mia"])
    made.task_instance = SimpleNamespace(run_id="run-1", task_id=TASK)
    said: list[str] = []

    def say(line: str) -> None:
        said.append(line)
        texts = ["people: {zoe: {}}\n", PEOPLE]
        (store.include / "people.yaml").write_text(texts[len(said) - 1])

    monkeypatch.setattr(made, "say", say)

    async def first() -> Any:
        async for event in made.run():
            return event
        raise AssertionError("no event")

    assert asyncio.run(asyncio.wait_for(first(), 60)).payload == {}
    assert "people.yaml cannot be used" in said[0]
    assert said[1] == "mia: nobody of include/people.yaml"


def test_a_file_that_cannot_be_used_holds_everything_and_a_person_who_holds_is_named_first(store: Settings) -> None:
    assert who.hold_state() is None
    (store.include / "people.yaml").write_text("people: [\n")
    found = who.hold_state()
    assert found is not None
    assert (found.by, "cannot be used" in found.reason) == ("include/people.yaml", True)
    assert who.hold_state() == found  # told once, not at each look


def test_another_auth_manager_without_a_file_knows_nobody(store: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    (store.include / "people.yaml").unlink()
    assert who.directory().name_of("mia", "mia") == "mia"
    monkeypatch.setenv("AIRFLOW__CORE__AUTH_MANAGER", "airflow.providers.keycloak.auth_manager.KeycloakAuthManager")
    assert who.directory().name_of("mia", "mia") is None


def test_what_keycloak_calls_people_is_one_person(store: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its users say `sub` for their id and `preferred_username` for their name."""
    sub = "2f6c1b9e-0d0b-4a7e-9d53-6a4d1f0c2b11"
    monkeypatch.setenv("AIRFLOW__CORE__AUTH_MANAGER", "airflow.providers.keycloak.auth_manager.KeycloakAuthManager")
    (store.include / "people.yaml").write_text(f"people: {{mia: {{ids: [{sub}], logins: [mia.martin]}}}}\n")
    user = SimpleNamespace(get_id=lambda: sub, get_name=lambda: "mia.martin")

    assert who.name_of_user(user) == "mia"
    assert who.directory().name_of_login("mia.martin") == "mia"
    assert who.directory().name_of(sub, "mia") is None
