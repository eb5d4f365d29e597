"""A wave that asks, wherever its process may die or its answer get lost: it is asked and answered once."""

import asyncio
from collections.abc import Coroutine
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

import pytest

from builders import a_component
from deployplan.airflow_glue.tasks import backout_tasks
from deployplan.airflow_glue.tasks.backout_tasks import decide
from deployplan.airflow_glue.tasks.failure_tasks import settle_question
from deployplan.airflow_glue.tasks.host import CardAnswer, Question, TaskHost, WaitFor
from deployplan.plan.snapshot import Snapshot
from deployplan.runbook.decide import is_left_undecided
from deployplan.runbook.run.directory import Directory
from deployplan.runbook.run.run import Run, StepFailed
from unit.runbook.runs import a_run, armed, node_result, wave_ended

pytestmark = pytest.mark.airflow
WAVE = "deploy.web.wave_1"


def word(option: str | None, person: str | None, note: str | None = None) -> CardAnswer:
    """An answer of somebody whose id is the name in plans."""
    return CardAnswer(option, person, note, person)


class Asked(Exception):
    """A card was put up."""


class Anew(Exception):
    """Another try begins."""


class Left(Exception):
    """The process is left until something has changed."""


class Skipped(Exception):
    """The task is skipped."""


class NeedsWorker(Exception):
    """This process cannot do it."""


class Here(TaskHost):
    """A process that works on one run of a test; `in_triggerer` may put up no card."""

    def __init__(self, run: Run, task: str = WAVE, *, in_triggerer: bool = False, **known: Any) -> None:
        super().__init__("shop-2", "run-1", task, None)
        self.run, self.in_triggerer, self.card = run, in_triggerer, None
        self.said: list[str] = []
        self.card: Question | None = None
        self.clear = known.get("clear", 200)
        self.answer = known.get("answer")

    async def open(self, *, nodes: bool = True, frozen: bool = True) -> Run:
        return self.run

    async def states(self, tasks: Any) -> dict[str, str | None]:
        lost = {WAVE: "failed"} if self.run.read_state().since_armed.question is not None else {}
        return dict.fromkeys(tasks, "success") | {"verify.smoke": "failed"} | lost

    async def snapshot(self) -> Snapshot:
        return self.run.snapshot

    async def carry(self, work: Coroutine[Any, Any, None]) -> None:
        await work

    async def keep(self, key: str, value: object) -> None:
        raise NotImplementedError

    def say(self, line: str) -> None:
        self.said.append(line)

    def need_worker(self, why: str) -> None:
        if self.in_triggerer:
            raise NeedsWorker(why)

    def need_triggerer(self, why: str) -> None:
        raise NotImplementedError

    def leave(self, wait: WaitFor, **facts: object) -> NoReturn:
        raise Left(wait, facts)

    def ask(self, question: Question) -> NoReturn:
        self.card = question
        raise Asked

    def begin_anew(self, why: str) -> NoReturn:
        raise Anew(why)

    def skip(self, why: str) -> NoReturn:
        raise Skipped(why)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run whose only wave has stopped on web-2, and asks."""
    made = a_run(
        tmp_path,
        components={"web": a_component(nodes=["web-1", "web-2"], on_failure="ask")},
        backout={"authority": ["mia"], "decide_within": "15m", "when": {"health": "ask"}},
        delivery={"team": {"chen": {"role": "developer", "on_call": True}}},
        success={"health": {"command": "true", "on": "web-1"}},
    )
    armed(made)
    made.ledger.record("wave_started", component="web", wave=1, nodes=["web-1", "web-2"], generation="run-1#1")
    ends = {"web-1": node_result(), "web-2": {**node_result("failed", "exit code 3"), "job": None}}
    made.ledger.record("wave_stopped", component="web", wave=1, why="exit", nodes=ends, generation="run-1#1")
    return made


def settle(host: Here) -> None:
    asyncio.run(settle_question(host, host.run))


def put(run: Run, **known: Any) -> Question:
    """Have a try put the card up, and return it."""
    host = Here(run, **known)
    with pytest.raises(Asked):
        settle(host)
    assert host.card is not None
    return host.card


def answers(run: Run) -> list[tuple[object, object]]:
    found = [entry for entry in run.ledger.entries() if entry.kind == "failure_answered"]
    return [(entry.facts["answer"], entry.facts["person"]) for entry in found]


def later(run: Run, minutes: float) -> None:
    asyncio.run(run.clock.sleep(minutes * 60))


def test_the_triggerer_leaves_the_question_to_a_worker(run: Run) -> None:
    with pytest.raises(NeedsWorker):
        settle(Here(run, in_triggerer=True))
    assert put(run).options == ("Try again", "Leave them out and go on", "Back out", "Wait")


def test_a_card_has_its_people_its_rights_and_the_time_that_is_left(run: Run) -> None:
    first = put(run)
    assert (first.people, first.within, first.note) == (("mia", "chen"), timedelta(minutes=15), True)
    assert first.rights is not None
    assert first.rights["Back out"] == ("mia",)
    later(run, 5)  # the try was lost, and the next one asks: it has no more time than the first
    assert put(run).within == timedelta(minutes=10)


@pytest.mark.parametrize(("option", "answer"), [("Try again", "try_again"), ("Leave them out and go on", "leave_out")])
def test_an_answer_is_carried_out_by_the_next_try_and_asked_for_once(run: Run, option: str, answer: str) -> None:
    put(run)
    with pytest.raises(Anew, match=option):
        settle(Here(run, answer=word(option, "mia", "go")))
    settle(Here(run))  # nothing is asked: the wave goes on
    assert answers(run) == [(answer, "mia")]


def test_an_answer_that_airflow_lost_is_taken_by_the_next_try(run: Run) -> None:
    put(run)
    run.ledger.record("card_answered", task=WAVE, person="chen", option="Try again", note="again")
    with pytest.raises(Anew):
        settle(Here(run))
    assert answers(run) == [("try_again", "chen")]


def test_an_answer_to_an_earlier_question_is_none_to_this_one(run: Run) -> None:
    put(run)
    with pytest.raises(Anew):
        settle(Here(run, answer=word("Try again", "chen")))
    ends = {"web-1": node_result(), "web-2": {**node_result("failed"), "job": None}}
    run.ledger.record("wave_stopped", component="web", wave=1, why="again", nodes=ends, generation="run-1#1")
    assert "again" in put(run).subject
    assert answers(run) == [("try_again", "chen")]


@pytest.mark.parametrize(
    ("person", "option"),
    [("chen", "Back out"), ("olga", "Try again"), (None, "Back out"), ("mia", "Accept with issues")],
)
@pytest.mark.parametrize("kept", [False, True])
def test_where_the_guard_was_got_round_nothing_is_done_and_it_is_asked_again(
    run: Run, person: str | None, option: str, kept: bool
) -> None:
    put(run)
    if kept:
        run.ledger.record("card_answered", task=WAVE, person=person, option=option)
    with pytest.raises(Anew, match="counts for nothing"):
        settle(Here(run, answer=None if kept else word(option, person)))
    assert answers(run) == []
    assert put(run).people == ("mia", "chen")


def test_waiting_is_told_on_a_fresh_card_and_asked_again_at_its_time(run: Run) -> None:
    put(run)
    later(run, 10)
    with pytest.raises(Anew):
        settle(Here(run, answer=word("Wait", "chen", "looking")))
    card = put(run)
    assert card.within == timedelta(minutes=15)
    assert "looking" in card.body
    assert "it is asked again" in card.body
    later(run, 15)
    with pytest.raises(Anew, match="asked again"):
        settle(Here(run, answer=word(None, None)))
    assert "it is backed out" in put(run).body


@pytest.mark.parametrize("lost", [False, True])
def test_silence_backs_out_also_when_airflow_lost_the_try_that_should_say_so(run: Run, lost: bool) -> None:
    put(run)
    later(run, 15)
    with pytest.raises(StepFailed, match="web wave 1"):
        settle(Here(run, answer=None if lost else word(None, None)))
    assert answers(run) == [("back_out", None)]
    asyncio.run(decide(Here(run, "backout.decide")))  # nobody is asked again
    decisions = [entry.facts["by"] for entry in run.ledger.entries() if entry.kind == "decision"]
    assert decisions == ["silence"]


def test_a_later_wave_takes_over_the_question_of_one_that_was_marked_green(run: Run) -> None:
    host = Here(run, "deploy.web.wave_2")
    with pytest.raises(Asked):
        settle(host)
    assert host.card is not None
    assert "web wave 1" in host.card.subject


def deciding(run: Run, *, answer: CardAnswer | None = None) -> Question | None:
    """Have backout.decide look; the card that it put up, if it did."""
    host = Here(run, "backout.decide", answer=answer)
    try:
        asyncio.run(backout_tasks.decide(host))
    except Asked:
        return host.card
    return None


@pytest.fixture
def unverified(run: Run) -> Run:
    """The same run, mended and brought out; but the criterion `health`, which asks, does not hold."""
    put(run)
    with pytest.raises(Anew):
        settle(Here(run, answer=word("Try again", "chen")))
    wave_ended(run, nodes={"web-1": node_result(), "web-2": node_result()})
    run.ledger.record("verified", ok=False, why="health: fail", criteria=["health"])
    return run


def test_the_decision_after_the_verification_has_the_same_rights_clock_and_waiting(unverified: Run) -> None:
    card = deciding(unverified)
    assert card is not None
    assert card.rights == {"Back out": ("mia",), "Accept with issues": ("mia",), "Wait": ("mia", "chen")}
    assert card.within == timedelta(minutes=15)
    later(unverified, 5)
    with pytest.raises(Anew, match="chen lets it wait"):
        deciding(unverified, answer=word("Wait", "chen", "looking"))
    card = deciding(unverified)
    assert card is not None
    assert card.within == timedelta(minutes=15)
    with pytest.raises(Anew, match="counts for nothing"):
        deciding(unverified, answer=word("Accept with issues", "chen"))
    assert deciding(unverified, answer=word("Accept with issues", "mia", "known")) is None
    (made,) = (entry.facts for entry in unverified.ledger.entries() if entry.kind == "decision")
    assert (made["decision"], made["by"], made["why"][-1]) == ("accept", "mia", "known")


@pytest.fixture
def untold(run: Run) -> Run:
    """The same run, mended and brought out; but nobody can tell whether the criterion `health` holds."""
    put(run)
    with pytest.raises(Anew):
        settle(Here(run, answer=word("Try again", "chen")))
    wave_ended(run, nodes={"web-1": node_result(), "web-2": node_result()})
    run.ledger.record("verified", ok=False, why="health: unknown", criteria=["health"], no_answer=["health"])
    return run


def test_where_metrics_gave_no_answer_the_decision_has_no_deadline_and_silence_decides_nothing(untold: Run) -> None:
    card = deciding(untold)
    assert card is not None
    assert (card.within, card.until) == (None, None)
    assert card.options == ("Back out", "Accept with issues")  # what has no deadline need not be told to wait
    assert "There is no deadline: it waits for an answer." in card.body
    later(untold, 24 * 60)
    assert deciding(untold) is not None  # the try was lost, and it is asked again
    with pytest.raises(Anew, match="asked again"):
        deciding(untold, answer=word(None, None))
    assert not [entry for entry in untold.ledger.entries() if entry.kind == "decision"]
    assert deciding(untold, answer=word("Accept with issues", "mia", "known")) is None


def test_silence_about_the_verification_backs_out_in_time_also_when_a_try_was_lost(unverified: Run) -> None:
    assert deciding(unverified) is not None
    later(unverified, 15)
    assert deciding(unverified) is None
    (made,) = (entry.facts for entry in unverified.ledger.entries() if entry.kind == "decision")
    assert (made["decision"], made["by"]) == ("back_out", "silence")


def test_where_nobody_can_tell_who_is_who_the_question_waits_for_that_but_not_beyond_its_clock(run: Run) -> None:
    nobody = replace(run, directory=lambda: Directory(trouble="include/people.yaml cannot be read"))
    for answer in (None, word("Try again", "chen")):
        host = Here(nobody, answer=answer)
        if answer is not None:
            put(run)
        with pytest.raises(Left) as left:
            settle(host)
        assert left.value.args[0] == WaitFor.PEOPLE
        assert left.value.args[1]["until"] == (run.clock.now() + timedelta(minutes=15)).isoformat()
    later(run, 15)
    with pytest.raises(StepFailed):
        settle(Here(nobody, answer=word("Try again", "chen")))
    assert answers(run) == [("back_out", None)]


@pytest.mark.parametrize("of", ["wave", "decision"])
def test_an_answer_in_time_that_nobody_can_place_when_its_wait_ends_is_kept_and_waits_on(
    run: Run, of: str, request: pytest.FixtureRequest
) -> None:
    task = WAVE if of == "wave" else "backout.decide"
    if of == "decision":
        request.getfixturevalue("unverified")

    def look(run: Run, answer: CardAnswer | None = None) -> None:
        host = Here(run, task, answer=answer)
        asyncio.run(settle_question(host, run) if of == "wave" else decide(host))

    for answer in (None, word("Wait", "chen"), None):
        with pytest.raises((Asked, Anew)):
            look(run, answer)
    run.ledger.record("card_answered", task=task, person="user mia", option="Back out", user="mia")
    later(run, 15)
    nobody = replace(run, directory=lambda: Directory(trouble="include/people.yaml cannot be read"))
    with pytest.raises(Left) as left:  # not anew and anew, as often as a try may
        look(nobody)
    assert left.value.args == (
        WaitFor.PEOPLE,
        {"people": [], "until": (run.clock.now() + timedelta(minutes=15)).isoformat()},
    )
    with pytest.raises((Anew, StepFailed)) if of == "wave" else nullcontext():
        look(run)  # the file is mended
    done = [entry for entry in run.ledger.entries() if entry.kind in ("failure_answered", "decision")][-1].facts
    assert (done.get("answer") or done["decision"], done.get("person") or done["by"]) == ("back_out", "mia")


def test_the_end_of_a_wait_is_no_silence_about_the_verification_it_is_asked_again(unverified: Run) -> None:
    assert deciding(unverified) is not None
    with pytest.raises(Anew, match="lets it wait"):
        deciding(unverified, answer=word("Wait", "chen"))
    assert deciding(unverified) is not None
    later(unverified, 15)
    with pytest.raises(Anew, match="asked again"):
        deciding(unverified, answer=word(None, None))
    assert not [entry for entry in unverified.ledger.entries() if entry.kind == "decision"]


def test_a_wave_that_was_to_be_backed_out_is_not_begun_again_by_a_try_after_its_end(run: Run) -> None:
    put(run)
    with pytest.raises(StepFailed):
        settle(Here(run, answer=word("Back out", "mia")))
    assert run.ledger.entries()[-1].kind == "wave_ended"
    with pytest.raises(StepFailed, match="it is decided"):  # Airflow never heard how the earlier try ended
        settle(Here(run))


def test_who_says_wait_as_the_first_wait_runs_out_is_not_overheard(run: Run) -> None:
    put(run)
    with pytest.raises(Anew):
        settle(Here(run, answer=word("Wait", "chen")))
    put(run)
    later(run, 15.1)
    with pytest.raises(Anew):
        settle(Here(run, answer=word("Wait", "mia")))
    put(run)
    assert answers(run) == [("wait", "chen"), ("wait", "mia")]


def lost_for_good(run: Run, *, waits: bool) -> Here:
    """backout.decide has asked, and was lost for good; the undo after it begins."""
    assert deciding(run) is not None
    if waits:
        later(run, 10)
        with pytest.raises(Anew):
            deciding(run, answer=word("Wait", "chen", "looking"))
    return Here(run, "backout.web")


@pytest.mark.parametrize(("waits", "minutes"), [(False, 11), (True, 15)])
def test_where_the_task_that_decides_was_lost_for_good_the_undo_asks_in_its_place_and_in_its_time(
    unverified: Run, waits: bool, minutes: int
) -> None:
    undo = lost_for_good(unverified, waits=waits)
    later(unverified, 4 if not waits else 0)
    with pytest.raises(Asked):
        asyncio.run(backout_tasks.back_out(undo))
    assert undo.card is not None
    assert undo.card.within == timedelta(minutes=minutes)
    assert undo.card.options == ("Back out", "Accept with issues", "Wait")
    with pytest.raises(Skipped, match="accept"):
        asyncio.run(backout_tasks.back_out(Here(unverified, "backout.web", answer=word("Accept with issues", "mia"))))


def undoing(run: Run, *, answer: CardAnswer | None = None) -> Question | None:
    """Have the undo look, in the place of the task that decides; the card that it put up, if it did."""
    host = Here(run, "backout.web", answer=answer)
    try:
        asyncio.run(backout_tasks.back_out(host))
    except Asked:
        return host.card
    return None


def decisions(run: Run) -> list[tuple[object, object]]:
    found = [entry.facts for entry in run.ledger.entries() if entry.kind == "decision"]
    return [(each["decision"], each["by"]) for each in found]


@pytest.mark.parametrize("taken", [False, True])
def test_what_was_answered_to_the_task_that_was_lost_is_what_the_undo_does_in_its_place(
    unverified: Run, taken: bool
) -> None:
    lost_for_good(unverified, waits=False)
    known = {"task": "backout.decide", "person": "mia", "option": "Accept with issues", "note": "known"}
    unverified.ledger.record("card_answered", **known)
    if taken:  # the task was lost after it had the answer, and before it said what that decides
        unverified.ledger.record("card_closed", **known)
    with pytest.raises(Skipped, match="accept"):
        undoing(unverified)
    assert decisions(unverified) == [("accept", "mia")]


@pytest.mark.parametrize(("person", "option"), [("chen", "Accept with issues"), ("olga", "Back out"), ("mia", "Go")])
def test_an_answer_to_the_lost_task_of_who_may_not_give_it_counts_for_nothing_in_the_undo(
    unverified: Run, person: str, option: str
) -> None:
    lost_for_good(unverified, waits=False)
    unverified.ledger.record("card_answered", task="backout.decide", person=person, option=option)
    with pytest.raises(Anew, match=r"answer to backout\.decide came from .* counts for nothing"):
        undoing(unverified)
    assert undoing(unverified) is not None
    assert decisions(unverified) == []


def test_who_had_the_lost_task_wait_is_heard_by_the_undo_once(unverified: Run) -> None:
    lost_for_good(unverified, waits=False)
    later(unverified, 10)
    unverified.ledger.record("card_answered", task="backout.decide", person="chen", option="Wait")
    with pytest.raises(Anew, match="chen lets it wait"):
        undoing(unverified)
    card = undoing(unverified)
    assert card is not None
    assert card.within == timedelta(minutes=15)


@pytest.mark.parametrize("lost", [False, True])
def test_silence_about_the_card_of_the_undo_does_what_the_card_says_at_its_time(unverified: Run, lost: bool) -> None:
    lost_for_good(unverified, waits=False)
    later(unverified, 4)
    card = undoing(unverified)
    assert card is not None
    assert "it is backed out" in card.body
    later(unverified, 11)
    host = Here(unverified, "backout.web", answer=None if lost else word(None, None))
    asyncio.run(decide(host))
    assert decisions(unverified) == [("back_out", "silence")]


def test_a_wait_is_remembered_by_the_undo_whichever_card_it_was_said_to(unverified: Run) -> None:
    lost_for_good(unverified, waits=True)
    for within in (15, 10):  # the try that asked is lost, and another one asks
        card = undoing(unverified)
        assert card is not None
        assert (card.within, "it is asked again" in card.body) == (timedelta(minutes=within), True)
        later(unverified, 5)
    with pytest.raises(Anew, match="mia lets it wait"):
        undoing(unverified, answer=word("Wait", "mia"))
    card = undoing(unverified)
    assert card is not None
    assert card.within == timedelta(minutes=15)


def test_whose_decision_was_passed_over_by_hand_is_not_asked_for_again(unverified: Run) -> None:
    lost_for_good(unverified, waits=False)
    unverified.ledger.record(
        "intervened", who="erin", action="mark", tasks=["backout.decide"], state="failed", accepted=True
    )
    assert not is_left_undecided(unverified.read_state())


def test_a_stopped_wave_that_airflow_gave_up_keeps_its_clock_where_the_decision_is_asked(run: Run) -> None:
    put(run)
    later(run, 5)
    host = Here(run, "backout.decide")
    with pytest.raises(Asked):
        asyncio.run(decide(host))
    assert host.card is not None
    assert host.card.within == timedelta(minutes=10)
    assert host.card.options == ("Back out", "Wait")
    later(run, 10)
    asyncio.run(decide(Here(run, "backout.decide", answer=word(None, None))))
    (made,) = (entry.facts for entry in run.ledger.entries() if entry.kind == "decision")
    assert (made["decision"], made["by"]) == ("back_out", "silence")


def test_of_two_answers_through_two_api_servers_the_first_in_the_ledger_counts(run: Run) -> None:
    put(run)
    run.ledger.record("card_answered", task=WAVE, person="chen", option="Try again")
    run.ledger.record("card_answered", task=WAVE, person="mia", option="Back out")
    with pytest.raises(Anew):
        settle(Here(run))
    assert answers(run) == [("try_again", "chen")]


@pytest.mark.parametrize("on_close", ["back_out", "hold"])
def test_a_wave_that_a_metric_held_and_the_window_refused_a_second_reading_is_asked_about_and_waits(
    tmp_path: Path, on_close: str
) -> None:
    made = a_run(
        tmp_path,
        components={"web": a_component(nodes=["web-1"])},
        backout={"authority": ["mia"], "decide_within": "15m"},
        schedule={"on_close": on_close},
    )
    armed(made)
    told = {"component": "web", "wave": 1, "generation": "run-1#1"}
    made.ledger.record("wave_started", nodes=["web-1"], **told)
    ends = {"web-1": node_result()}
    made.ledger.record("wave_stopped", why="?", nodes=ends, criteria=["load"], no_answer=["load"], **told)
    made.ledger.record("failure_answered", answer="try_again", person="mia", nodes=[], **told)
    made.ledger.record("wave_held", component="web", wave=1, reason="too late")
    later(made, 60 * 24)
    card = deciding(made)
    assert card is not None
    assert (card.within, card.options) == (None, ("Back out",))
    assert decisions(made) == []
