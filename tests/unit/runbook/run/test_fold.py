"""Whatever a run leaves as evidence: what the fold says is what the last word on each thing says."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from builders import a_snapshot
from deployplan.evidence.entry import BEGINNING, Bond, Entry
from deployplan.runbook.outcome import judge_run
from deployplan.runbook.review import missing_approvals
from deployplan.runbook.run.fold import fold, fold_all
from deployplan.runbook.run.outcome_kinds import Outcome
from deployplan.runbook.run.state import RunState
from unit.runbook.runs import a_run, freeze

Told = tuple[str, dict[str, Any]]

SNAPSHOT = a_snapshot(
    components={
        "db": {"nodes": ["db-1"], "deploy": "./up.sh", "undo": "./down.sh"},
        "web": {"nodes": ["web-1"], "deploy": "./up.sh", "undo": "./down.sh"},
    }
)
JOB = {"node": "web-1", "job": "0123456789ab-web-deploy-1"}


def ended(component: str, *, ok: bool) -> Told:
    nodes = {"web-1": {"state": "done" if ok else "failed", "why": "", "job": "j", "already": False}}
    return "wave_ended", {"component": component, "wave": 1, "ok": ok, "nodes": nodes, "generation": "run-1#1"}


def undone(component: str, *, ok: bool) -> Told:
    return "undo_ended", {"component": component, "ok": ok, "nodes": {"web-1": {"state": "done"}}}


ANY: list[Told] = [
    ("plan_frozen", {"digest": SNAPSHOT.digest}),
    ("arming", {"generation": 1}),
    ("armed", {"generation": 1}),
    *(("wave_started", {"component": name, "wave": 1, "generation": "run-1#1"}) for name in ("db", "web")),
    *(ended(name, ok=ok) for name in ("db", "web") for ok in (True, True, False)),
    *(undone(name, ok=ok) for name in ("db", "web") for ok in (True, False)),
    ("job_started", {**JOB, "step": "deploy", "component": "web"}),
    ("job_ended", JOB),
    ("node_lost", {"node": "web-1", "component": "web"}),
    ("node_back", {"node": "web-1", "component": "web"}),
    ("verified", {"ok": True}),
    ("verified", {"ok": True}),
    ("verified", {"ok": False}),
    ("decision", {"decision": "accept"}),
    ("decision", {"decision": "nothing"}),
    ("backout_verified", {"ok": True}),
    ("unproven", {"nodes": {"web-1": "away"}}),
    ("not_ready", {"problems": ["full"]}),
    ("outcome", {"outcome": "success"}),
    ("teleported", {"component": "web"}),
]
GOOD: list[Told] = [
    ("plan_frozen", {"digest": SNAPSHOT.digest}),
    ("armed", {"generation": 1}),
    ended("db", ok=True),
    ended("web", ok=True),
    ("verified", {"ok": True}),
]


def evidence_of(told: list[Told]) -> tuple[Entry, ...]:
    at, bond, prev, entries = datetime(2026, 11, 28, 22, tzinfo=UTC), Bond("shop-2", "run-1"), BEGINNING, list[Entry]()
    for seq, (kind, facts) in enumerate(told, 1):
        bond = bond.after(kind, facts)
        entries.append(Entry.of(seq, at + timedelta(seconds=seq), kind, facts, prev=prev, key=None, bond=bond))
        prev = entries[-1].hash
    return tuple(entries)


@st.composite
def runs(draw: st.DrawFn) -> list[Told]:
    """A good release, or any events, with any others before, within and behind."""
    told = draw(st.lists(st.sampled_from(ANY), max_size=12))
    for each in GOOD if draw(st.booleans()) else ():
        told.append(each)
        told += draw(st.lists(st.sampled_from(ANY), max_size=1))
    return told


@settings(deadline=None)
@given(runs(), st.integers(0, 25))
def test_evidence_that_is_read_bit_by_bit_says_what_it_says_as_a_whole(told: list[Told], cut: int) -> None:
    entries = evidence_of(told)
    before = fold_all(entries[:cut])
    assert fold(before, entries[cut:]) == fold_all(entries)
    assert before == fold_all(entries[:cut]), "what somebody holds has changed under his hands"


def behind(told: list[Told], kind: str, **facts: Any) -> list[Told]:
    """What comes behind the last of these; nothing when there is none."""
    places = [n for n, (name, of) in enumerate(told) if name == kind and facts.items() <= of.items()]
    return told[places[-1] + 1 :] if places else []


@settings(deadline=None, max_examples=300)
@given(runs())
def test_a_run_is_a_success_only_by_the_last_word_on_every_wave_and_criterion(told: list[Told]) -> None:
    if judge_run(SNAPSHOT, fold_all(evidence_of(told))).outcome is not Outcome.SUCCESS:
        return
    this_pass = behind(told, "plan_frozen") if any(kind == "plan_frozen" for kind, _ in told) else told
    armed = behind(this_pass, "armed")
    assert not {"undo_ended", "backout_verified", "unproven", "not_ready"} & {kind for kind, _ in armed}
    for name in ("db", "web"):
        ends = [facts["ok"] for kind, facts in this_pass if kind == "wave_ended" and facts["component"] == name]
        undo = [kind for kind, of in this_pass if of.get("component") == name and kind in {"wave_ended", "undo_ended"}]
        assert (ends[-1], undo[-1]) == (True, "wave_ended")
    assert [facts["ok"] for kind, facts in behind(this_pass, "wave_ended") if kind == "verified"][-1] is True


def test_a_good_release_is_a_success() -> None:
    assert judge_run(SNAPSHOT, fold_all(evidence_of(GOOD))).outcome is Outcome.SUCCESS


def test_an_answer_about_another_plan_takes_the_yes_before_it_away(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    freeze(run)
    for digest in (run.snapshot.digest, "0" * 64):
        run.ledger.record("approved", seat=1, person="mia", digest=digest)
    assert missing_approvals(run) == ["seat 1 has no recorded approval of this plan"]
    run.ledger.record("approved", seat=1, person="mia", digest=run.snapshot.digest)
    assert missing_approvals(run) == []


def test_a_wave_that_was_done_and_failed_at_a_later_try_of_its_generation_is_not_done() -> None:
    done, failed = ended("db", ok=True), ended("db", ok=False)
    assert finished(fold_all(evidence_of([done, ended("web", ok=True)]))) == {"db", "web"}
    assert finished(fold_all(evidence_of([done, ended("web", ok=True), failed]))) == {"web"}


def finished(state: RunState) -> set[str]:
    return {component for ((component, _), _), end in state.tries.items() if end.ok}
