"""A release as its page shows it: phases and their times, nodes with their releases, readings, seats, and a backout."""

import sys
from datetime import timedelta
from pathlib import Path

import pytest

from builders import a_fleet, a_plan, a_snapshot, an_infrastructure
from deployplan.evidence.ledger import Ledger
from deployplan.runbook.failure.failure_card import backing_out
from deployplan.runbook.run.frozen_plan import frozen_plan
from deployplan.runbook.run.run import Run
from deployplan.ui.node_bar import NodeStanding
from deployplan.ui.progress import Phase, told_by_evidence
from deployplan.ui.release import PhaseState, ReleaseSeen, release_of
from deployplan.ui.release_json import release_as_json
from deployplan.ui.release_trail import TrailReader
from prepared_store import PreparedStore
from unit.runbook.other_plans import OtherPlans, a_night
from unit.runbook.runs import KEY, node_result, undo_ended, wave_ended


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run that has taken its only node, on which 1.0 was."""
    made = OtherPlans(tmp_path).approved("own", a_night("tonight"))
    made.ledger.record("rollback_point", component="web", node="web-1", version="1.0", known_by="current")
    made.ledger.record("armed", generation=1, nodes=["web-1"], digest=made.snapshot.digest)
    return made


def look(run: Run) -> ReleaseSeen:
    return release_of(run.snapshot, run.run_id, *TrailReader(run.ledger).read())


def later(run: Run, **passed: float) -> None:
    run.clock.move_to(run.clock.now() + timedelta(**passed))  # type: ignore[attr-defined]


def deploy(run: Run) -> None:
    run.ledger.record("wave_started", component="web", wave=1, nodes=["web-1"], generation="run-1#1")
    run.ledger.record("job_started", node="web-1", job="j-1", step="deploy", component="web")


def states(found: ReleaseSeen) -> dict[str, str]:
    return {each.phase.name.lower(): str(each.state) for each in found.phases}


def test_a_node_goes_from_the_release_before_to_the_one_that_is_to_be_and_is_not_guessed_at_between(run: Run) -> None:
    (cell,) = look(run).nodes[0].cells
    assert (cell.standing, cell.before, cell.now, cell.after) == (NodeStanding.NOT_STARTED, "1.0", "1.0", "2")
    deploy(run)
    (cell,) = look(run).nodes[0].cells
    assert (cell.standing, cell.now, cell.words) == (NodeStanding.WORKING, None, "deploy runs")
    later(run, seconds=12)
    run.ledger.record("job_ended", node="web-1", job="j-1", state="done", exit=0)
    wave_ended(run)
    (cell,) = look(run).nodes[0].cells
    assert (cell.standing, cell.now, cell.words) == (NodeStanding.DONE, "2", "done, exit 0")
    assert cell.job is not None
    assert cell.job.ended is not None
    assert cell.job.ended - cell.job.began == timedelta(seconds=12)
    run.ledger.record("decision", decision="back_out", by="mia", why=["slow"])
    undo_ended(run)
    (cell,) = look(run).nodes[0].cells
    assert (cell.standing, cell.now) == (NodeStanding.UNDONE, "1.0")


def test_the_phases_have_the_times_at_which_they_began_and_what_was_not_reached_has_none(run: Run) -> None:
    armed = run.clock.now()
    later(run, minutes=3)
    deploy(run)
    later(run, minutes=2)
    wave_ended(run, ok=False, why="exit 3")
    run.ledger.record("decision", decision="back_out", by="policy", why=["exit 3"])
    found = look(run)
    assert states(found) == {
        "review": "over",
        "window": "over",
        "deploy": "over",
        "verify": "not reached",
        "backout": "now",
        "outcome": "ahead",
    }
    times = {each.phase: each for each in found.phases}
    assert (times[Phase.DEPLOY].began, times[Phase.DEPLOY].ended) == (armed, armed + timedelta(minutes=5))
    assert times[Phase.BACKOUT].ended is None


def test_a_backout_is_told_in_the_words_of_the_card_and_not_where_nothing_is_left_to_undo(run: Run) -> None:
    assert look(run).backout is None
    deploy(run)
    found = look(run).backout
    assert found is not None
    assert found.sentence == backing_out(run)
    wave_ended(run, ok=False, why="exit 3")
    undo_ended(run)
    run.ledger.record("outcome", outcome="backed_out", because="exit 3")
    assert look(run).backout is None


def test_readings_stand_in_order_with_the_phase_in_which_they_were_taken_and_the_number_in_them(run: Run) -> None:
    read = {"criterion": "health", "node": "web-1"}
    run.ledger.record("baseline", **read, answer="pass", observed="printed 3")
    deploy(run)
    run.ledger.record("reading", **read, answer="pass", observed="printed 4.5")
    wave_ended(run)
    later(run, minutes=1)
    run.ledger.record("reading", **read, answer="fail", observed="printed 9", why="3 readings in a row did not pass")
    (criterion,) = (each for each in look(run).criteria if each.name == "health")
    (series,) = criterion.series
    assert [(point.phase, point.value, point.seen.answer) for point in series.points] == [
        (Phase.WINDOW, 3.0, "pass"),
        (Phase.DEPLOY, 4.5, "pass"),
        (Phase.VERIFY, 9.0, "fail"),
    ]


def test_a_release_that_is_taken_back_was_verified_until_it_was_over_and_what_is_read_then_is_of_the_backout(
    run: Run,
) -> None:
    deploy(run)
    wave_ended(run)
    verify = run.clock.now()
    later(run, seconds=11)
    run.ledger.record("verified", ok=True, digest=run.snapshot.digest)
    run.ledger.record("outcome", outcome="success", because="")
    later(run, hours=9)
    run.ledger.record("backout_asked", by="mia", reason="orders are lost", generation=2)
    undo_ended(run)
    run.ledger.record("reading", criterion="health", node="web-1", answer="pass", observed="status 200")
    run.ledger.record("outcome", outcome="backed_out", because="mia asks for it")
    found = look(run)
    times = {each.phase: each for each in found.phases}
    assert (times[Phase.VERIFY].began, times[Phase.VERIFY].ended) == (verify, verify + timedelta(seconds=11))
    assert times[Phase.BACKOUT].began == verify + timedelta(seconds=11, hours=9)
    (criterion,) = (each for each in found.criteria if each.name == "health")
    assert [point.phase for point in criterion.series[0].points] == [Phase.BACKOUT]


def test_the_numbers_of_a_metric_are_points_with_the_limits_that_came_with_them_and_a_gap_is_unknown(run: Run) -> None:
    deploy(run)
    began = run.clock.now().isoformat()
    figures = {"began": began, "seconds": [0, 10, 20, 30], "values": [1, None, 1.5, 4], "most": 2}
    read = {"criterion": "health", "node": "web-1", "answer": "fail", "observed": "4, expected at most 2 (1 before)"}
    run.ledger.record("reading", **read, figures=figures)
    told = release_as_json(look(run))["criteria"]
    (series,) = next(each["series"] for each in told if each["name"] == "health")  # type: ignore[attr-defined]
    assert (series["most"], "least" in series) == (2, False)
    assert [(each["answer"], each.get("value")) for each in series["points"]] == [
        ("pass", 1),
        ("unknown", None),
        ("pass", 1.5),
        ("fail", 4),
    ]


def test_a_seat_that_is_asked_again_has_no_answer_and_a_message_has_what_became_of_it_last(run: Run) -> None:
    assert [(each.state, each.person) for each in look(run).seats] == [("approved", "mia")]
    run.ledger.record("seat_asked", seat=1, people=["olga"], digest=run.snapshot.digest)
    about = {"to": "warehouse", "moment": "announced", "via": "mail", "key": "k", "attempt": "1"}
    run.ledger.record("message_begun", **about)
    assert [each.state for each in look(run).messages] == ["being sent"]
    run.ledger.record("message_sent", **about, receipt="250 ok")
    found = look(run)
    assert [(each.state, each.people) for each in found.seats] == [("asked", ("olga",))]
    assert [(each.state, each.receipt) for each in found.messages] == [("sent", "250 ok")]


def test_a_further_look_reads_what_is_new_and_comes_to_what_a_first_look_finds(run: Run) -> None:
    reader = TrailReader(run.ledger)
    reader.read()
    deploy(run)
    wave_ended(run, ok=False, nodes={"web-1": node_result("failed", "exit 3")})
    assert reader.read()[1] == TrailReader(run.ledger).read()[1]


def test_each_run_of_the_store_can_be_shown_with_its_own_sentence(prepared: PreparedStore) -> None:
    """Every kind of run; one that cannot be believed is shown as such by whoever asked (the route)."""
    seen = set()
    for record in prepared.records.runs():
        kind = prepared.kinds.get(record.plan)
        if kind is None or kind.name == "damaged":
            continue
        known, trail = TrailReader(record.ledger()).read()
        assert known.frozen is not None
        found = release_of(frozen_plan(prepared.records, record.plan, known.frozen.digest), record.run_id, known, trail)
        said = told_by_evidence(found.snapshot, known)
        assert said is None or found.sentence == said
        assert [each.state for each in found.phases].count(PhaseState.NOW) == (0 if known.is_over else 1), record.name
        content = release_as_json(found)
        assert content["digest"] == found.snapshot.digest
        seen.add(kind.name)
    assert len(seen) >= 20


def test_ten_times_the_nodes_cost_no_more_than_their_share(tmp_path: Path) -> None:
    """400 nodes against 40, in calls of Python: a look must not look at each node for each node."""

    def calls(nodes: int) -> int:
        fleet = a_fleet(nodes)
        web = {"nodes": ["group:web"], "deploy": "./up.sh", "undo": "./down.sh"}
        snapshot = a_snapshot(plan=a_plan(components={"web": web}), infrastructure=an_infrastructure(**fleet))
        ledger = Ledger(tmp_path / str(nodes), key=KEY)
        names = list(fleet["nodes"])
        ledger.record("plan_frozen", plan="p", run="r", digest=snapshot.digest)
        ledger.record("armed", generation=1, nodes=names, digest=snapshot.digest)
        ledger.record("wave_started", component="web", wave=1, nodes=names, generation="r#1")
        for name in names:
            ledger.record("job_started", node=name, job=f"j-{name}", step="deploy", component="web")
            ledger.record("reading", criterion="health", node=name, answer="pass", observed="status 200")
        known, trail = TrailReader(ledger).read()
        _ = snapshot.waves
        made = 0

        def count(frame: object, event: str, argument: object) -> None:
            nonlocal made
            made += event == "call"

        sys.setprofile(count)
        try:
            content = release_as_json(release_of(snapshot, "r", known, trail))
        finally:
            sys.setprofile(None)
        assert isinstance(content["matrix"], list)
        assert len(content["matrix"]) == nodes
        return made

    assert calls(400) < 12 * calls(40)
