"""Other plans in the way: who goes first, when a release is refused because of them, and when it is only told."""

from pathlib import Path

import pytest

from builders import INFRASTRUCTURE_TEXT
from deployplan.evidence.entry import Entry
from deployplan.evidence.ledger import Ledger
from deployplan.runbook import review
from deployplan.runbook.calendar.conflicts import Conflict, conflicts
from deployplan.runbook.run.run import NotReady
from unit.runbook.other_plans import OtherPlans, a_night

NEIGHBOUR = 'success: {health: {http: "http://{node}/health"}, billing: {http: "http://10.0.0.9/", neighbour: true}}\n'
ON_DB = "components: {web: {nodes: [db-1]}}\n"
LONG_WORK = "components: {web: {nodes: [web-1], timeout: 50m}}\n"


@pytest.fixture
def plans(tmp_path: Path) -> OtherPlans:
    return OtherPlans(tmp_path)


def told(plans: OtherPlans, text: str = "") -> list[Conflict]:
    return list(conflicts(plans.run("mine", a_night("tonight") + text)))


def test_a_plan_that_nobody_has_approved_is_told_with_window_nodes_and_owner(plans: OtherPlans) -> None:
    plans.plan("other", a_night("late"))
    assert told(plans) == [
        Conflict(
            "other",
            "erin",
            ("web-1",),
            False,
            "plan other (scheduled, owner erin) wants web-1 too, from 2026-11-28 23:00 UTC to 2026-11-29 02:00 UTC; "
            "whichever is approved first goes first",
        )
    ]


def test_plans_on_other_nodes_at_other_times_or_without_a_window_are_not_in_the_way(plans: OtherPlans) -> None:
    plans.plan("elsewhere", a_night("tonight") + ON_DB)
    plans.plan("tomorrow", a_night("tonight").replace("-28 ", "-30 "))
    assert told(plans) == []


def test_the_evidence_of_runs_that_cannot_be_in_the_way_is_not_read(
    plans: OtherPlans, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In object storage each entry is a request, and forty runs may be under way."""
    plans.records.ends.built()
    plans.approved("elsewhere", a_night("tonight") + ON_DB)
    plans.approved("other", a_night("tonight"))
    mine, read = plans.run("mine", a_night("tonight")), list[str]()
    entries = Ledger.entries

    def reading(ledger: Ledger) -> tuple[Entry, ...]:
        read.append(str(ledger.folder))
        return entries(ledger)

    monkeypatch.setattr(Ledger, "entries", reading)
    assert [each.plan for each in conflicts(mine)] == ["other"]
    assert any("/other/" in place for place in read)
    assert not any("/elsewhere/" in place for place in read)


def test_an_approved_run_beside_which_the_release_fits_is_told(plans: OtherPlans) -> None:
    plans.approved("other", a_night("tonight"))
    (found,) = told(plans)
    assert not found.refuses
    assert "plan other (approved, owner erin)" in found.detail
    assert found.detail.endswith("both fit, one after the other")


def test_an_approved_run_that_leaves_too_little_of_the_window_refuses_the_release(plans: OtherPlans) -> None:
    """90 minutes of window, of which the other takes 50 and this one needs 50 and 30 of reserve."""
    plans.approved("other", a_night("tonight") + LONG_WORK)
    (found,) = told(plans, LONG_WORK)
    assert found.refuses
    assert "no opening in which both fit one after the other; choose another window" in found.detail


def test_the_same_two_plans_fit_into_a_longer_window(plans: OtherPlans) -> None:
    plans.approved("other", a_night("long") + LONG_WORK)
    (found,) = conflicts(plans.run("mine", a_night("long") + LONG_WORK))
    assert not found.refuses


def test_a_release_with_a_later_window_waits_for_it_and_is_not_refused(plans: OtherPlans) -> None:
    plans.approved("other", a_night("tonight") + LONG_WORK)
    daily = "{rule: FREQ=DAILY, first: 2026-11-28 22:00, duration: 90m, timezone: UTC}"
    (found,) = conflicts(plans.run("mine", f"schedule: {{window: {daily}}}\n{LONG_WORK}"))
    assert not found.refuses
    assert found.detail.endswith("this release waits for its opening of 2026-11-29 22:00 UTC")


def test_a_run_beats_a_file_that_says_something_else_by_now(plans: OtherPlans) -> None:
    plans.approved("other", a_night("tonight") + LONG_WORK)
    plans.plan("other", a_night("tonight") + ON_DB)
    (found,) = told(plans, LONG_WORK)
    assert found.refuses


def test_a_run_whose_file_is_gone_is_in_the_way_all_the_same(plans: OtherPlans) -> None:
    plans.approved("other", a_night("tonight"))
    plans.include.plan_path("other").unlink()
    assert [each.plan for each in told(plans)] == ["other"]


def test_a_run_in_review_does_not_refuse(plans: OtherPlans) -> None:
    plans.run("other", a_night("tonight") + LONG_WORK)
    (found,) = told(plans, LONG_WORK)
    assert not found.refuses
    assert "(in review, owner erin)" in found.detail


def test_a_release_that_was_left_half_done_refuses_until_its_next_window_is_over(plans: OtherPlans) -> None:
    held = plans.armed("other", a_night("tonight"))
    held.ledger.record("wave_held", component="web", wave=1, reason="too late")
    (found,) = told(plans)
    assert found.refuses
    assert "plan other (held, owner erin)" in found.detail


@pytest.mark.parametrize("outcome", ["success", "success_with_issues"])
def test_a_released_plan_is_in_nobodys_way(plans: OtherPlans, outcome: str) -> None:
    plans.ended("other", a_night("tonight"), outcome)
    assert told(plans) == []


def test_a_plan_that_was_backed_out_and_may_be_tried_again_is_in_the_way(plans: OtherPlans) -> None:
    plans.ended("other", a_night("tonight"), "backed_out")
    assert [each.plan for each in told(plans)] == ["other"]


def test_a_plan_that_works_where_this_one_watches_a_neighbour_is_in_the_way(plans: OtherPlans) -> None:
    plans.plan("other", a_night("tonight") + ON_DB)
    (found,) = told(plans, NEIGHBOUR)
    assert found.nodes == ("db-1",)


def test_the_release_that_this_one_replaces_must_come_before(plans: OtherPlans) -> None:
    scope = 'scope: {release: {product: shop, version: "1", previous: "0"}, summary: s}\n'
    plans.plan("first", a_night("tonight") + ON_DB + scope)
    (found,) = conflicts(plans.run("mine", a_night("late")))
    assert not found.refuses
    assert "brings shop 1, on which this release builds, from 2026-11-28 22:00 UTC" in found.detail


def test_a_release_is_refused_when_the_one_it_builds_on_comes_later(plans: OtherPlans) -> None:
    scope = 'scope: {release: {product: shop, version: "1", previous: "0"}, summary: s}\n'
    plans.plan(
        "first",
        a_night("late").replace("-28 ", "-30 ").replace("-29 ", "-30 ").replace("23:00", "00:00") + ON_DB + scope,
    )
    (found,) = told(plans)
    assert found.refuses
    assert found.detail.endswith("no opening of this release is later")


def test_review_refuses_names_the_other_plan_and_leaves_evidence(plans: OtherPlans) -> None:
    plans.approved("other", a_night("tonight") + LONG_WORK)
    run = plans.run("mine", a_night("tonight") + LONG_WORK)
    with pytest.raises(NotReady, match="conflicts: plan other"):
        review.review_controls(run)
    (entry,) = [entry for entry in run.ledger.entries() if entry.kind == "conflict"]
    assert (entry.facts["plan"], entry.facts["nodes"], entry.facts["refuses"]) == ("other", ["web-1"], True)


def test_the_approvers_card_tells_who_else_wants_the_nodes(plans: OtherPlans) -> None:
    plans.plan("other", a_night("late"))
    run = plans.run("mine", a_night("tonight"))
    review.review_controls(run)
    assert "### Other plans on these nodes\n- plan other (scheduled, owner erin)" in review.offer_seat(run, 1).body


def test_plans_with_problems_are_left_out_and_hide_no_other(plans: OtherPlans) -> None:
    plans.plan("other", a_night("tonight"))
    plans.include.plan_path("bad").write_text("plan: bad\nfolows: shop\n")
    assert [each.plan for each in told(plans)] == ["other"]


def test_an_environment_that_cannot_be_read_holds_and_does_not_fail_the_review(plans: OtherPlans) -> None:
    run = plans.run("mine", a_night("tonight"))
    (plans.include.infrastructure / "production.yaml").write_text(INFRASTRUCTURE_TEXT + "freezes: [{name: x}]\n")
    review.review_controls(run)
    assert "cannot be read" in review.offer_seat(run, 1).body
