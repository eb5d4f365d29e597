"""A plan that is on all its nodes, verified, has nothing to do: by what nodes and history say, never by a guess."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from builders import a_component, a_plan, a_snapshot
from deployplan.evidence.record import Records
from deployplan.remote.node_facts import NodeFacts
from deployplan.runbook.node.installed_release import verification_time
from deployplan.runbook.nothing_to_do import already_there, earlier_release
from deployplan.runbook.outcome import Outcome, judge_run
from deployplan.runbook.review import offer_seat, review_controls
from deployplan.runbook.run.run import Run, WindowMissed
from deployplan.runbook.timing.past_runs import remember
from deployplan.testing import FrozenClock
from remote_builders import NIGHT
from unit.runbook.runs import KEY, NOON, a_run, armed, freeze

SINCE = "2026-11-27T22:10:00+00:00"
THERE = {"web-1": SINCE, "web-2": "2026-11-27T22:09:00+00:00"}
PASSED = {"opens": "2026-11-27 22:00", "closes": "2026-11-28 02:00", "timezone": "UTC"}


class Product:
    """The runs of one product, of which a test says how they ended."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.records, self._ended = folder, Records(folder / "records", key=KEY), 0

    def run(self, run_id: str, **plan: Any) -> Run:
        plan = {"components": {"web": a_component(nodes=["web-1", "web-2"])}, **plan}
        run = a_run(self.folder, snapshot=a_snapshot(plan=a_plan(**plan)))
        ledger = self.records.run(run.snapshot.plan.name, run_id).ledger(clock=run.clock)
        return replace(run, run_id=run_id, ledger=ledger, records=self.records)

    def ended(self, run_id: str, outcome: str, **plan: Any) -> Run:
        """A run of the plan that ended so, a minute after the one before."""
        self._ended += 1
        run = self.run(run_id, **plan)
        clock = FrozenClock(NOON - timedelta(days=1) + timedelta(minutes=self._ended))
        run = replace(run, clock=clock, ledger=self.records.run(run.snapshot.plan.name, run_id).ledger(clock=clock))
        freeze(run)
        run.ledger.record("outcome", outcome=outcome, because="as the test says")
        remember(self.records, run.snapshot, run_id, run.ledger)
        return run


@pytest.fixture
def product(tmp_path: Path) -> Product:
    return Product(tmp_path)


def test_what_nodes_and_history_both_call_released_and_verified_is_nothing_to_do_and_says_since_when(
    product: Product,
) -> None:
    product.ended("run-1", "success")
    run = product.run("run-2")
    freeze(run)
    there = already_there(run, dict(THERE))
    assert there is not None
    assert there.told == (
        f"this very plan is on web-1, web-2 already, verified since {SINCE}, released by run run-1; "
        "to run its scripts again, trigger it with redeploy: true"
    )


@pytest.mark.parametrize("silent", [{"web-1": None}, {"web-2": None}, {"web-1": None, "web-2": None}])
def test_a_node_that_does_not_say_so_takes_the_ordinary_path(product: Product, silent: dict[str, None]) -> None:
    product.ended("run-1", "success")
    assert already_there(product.run("run-2"), {**THERE, **silent}) is None


@pytest.mark.parametrize(
    "outcome", ["success_with_issues", "backed_out", "backout_failed", "terminated", "unknown", "of a later version"]
)
def test_a_run_since_that_ended_otherwise_takes_the_ordinary_path(product: Product, outcome: str) -> None:
    product.ended("run-1", "success")
    product.ended("run-2", outcome)
    assert already_there(product.run("run-3"), dict(THERE)) is None


@pytest.mark.parametrize("outcome", ["rejected", "expired", "not_ready", "window_missed", "nothing_to_do"])
def test_a_run_since_that_touched_nothing_changes_nothing(product: Product, outcome: str) -> None:
    product.ended("run-1", "success")
    product.ended("run-2", outcome)
    assert already_there(product.run("run-3"), dict(THERE)) is not None


def test_without_a_history_the_nodes_alone_prove_nothing(product: Product) -> None:
    assert already_there(product.run("run-1"), dict(THERE)) is None
    assert already_there(replace(product.run("run-1"), records=None), dict(THERE)) is None


@pytest.mark.parametrize("since", [{"plan": "shop-3"}, {"success": {"other": {"command": "true", "on": "web-1"}}}])
def test_another_plan_of_the_product_or_another_content_of_this_one_since_takes_the_ordinary_path(
    product: Product, since: dict[str, Any]
) -> None:
    product.ended("run-1", "success")
    other = product.ended("run-2", "success", **since)
    run = product.run("run-3")
    assert other.snapshot.digest != run.snapshot.digest
    assert already_there(run, dict(THERE)) is None


def test_a_run_that_is_to_redeploy_or_was_armed_before_takes_the_ordinary_path(product: Product) -> None:
    product.ended("run-1", "success")
    again = product.run("run-2")
    again.ledger.record("plan_frozen", plan="shop-2", run="run-2", digest=again.snapshot.digest, redeploy=True)
    assert again.read_state().redeploys
    assert already_there(again, dict(THERE)) is None
    cleared = product.run("run-3")
    armed(cleared)
    freeze(cleared)
    assert already_there(cleared, dict(THERE)) is None


def test_nothing_to_do_is_an_outcome_of_its_own_green_and_no_release(product: Product) -> None:
    run = product.run("run-2")
    freeze(run)
    run.ledger.record("nothing_to_do", reason="this very plan is there", released_by="run-1", since=SINCE)
    conclusion = judge_run(run.snapshot, run.read_state())
    assert (conclusion.outcome, conclusion.because) == (Outcome.NOTHING_TO_DO, "this very plan is there")
    assert conclusion.outcome.meaning.green
    assert not conclusion.outcome.meaning.released


def test_only_success_and_nothing_to_do_are_green() -> None:
    assert {str(each) for each in Outcome if each.meaning.green} == {"success", "success_with_issues", "nothing_to_do"}


def test_a_released_plan_whose_window_has_passed_is_left_to_what_its_nodes_say(product: Product) -> None:
    product.ended("run-1", "success", schedule={"window": PASSED})
    run = product.run("run-2", schedule={"window": PASSED})
    freeze(run)
    review_controls(run)
    assert earlier_release(run) is not None
    never_released = product.run("run-3", schedule={"window": PASSED}, plan="shop-9")
    freeze(never_released)
    with pytest.raises(WindowMissed):
        review_controls(never_released)


def test_the_card_of_a_redeploy_says_that_every_script_runs_again(product: Product) -> None:
    run = product.run("run-2")
    run.ledger.record("plan_frozen", plan="shop-2", run="run-2", digest=run.snapshot.digest, redeploy=True)
    run.ledger.record("preflight", node="web-1", release="2", free_mb=900, skew=0.1, problems=[], verified=SINCE)
    body = offer_seat(run, 1).body
    assert "**Redeploy**: a yes runs every script of this plan again" in body
    assert "runs no script again" not in body


def on_node(run: Run, *more: dict[str, Any], **known: Any) -> NodeFacts:
    """The facts of a node whose ledger says that the plan was installed and verified, and then `more`."""
    entry = {"product": "shop", "plan": run.snapshot.plan.name, "run": "run-1", "at": SINCE}
    ledger = ({**entry, "event": "installed", "component": "web", "digest": run.snapshot.digest},)
    seen = (*ledger, {**entry, "event": "verified"}, *more)
    return NodeFacts(now=NIGHT, free_bytes=1, home="/home/app", ledger=seen, **known)


def test_a_lock_that_somebody_took_away_by_hand_leaves_nothing_verified(product: Product) -> None:
    run = product.run("run-2")
    assert verification_time(run, "web-1", on_node(run)) == SINCE
    assert verification_time(run, "web-1", on_node(run, {"event": "unlocked", "by": "erin"})) is None


def test_a_node_that_somebody_holds_is_not_known_to_be_well(product: Product) -> None:
    run = product.run("run-2")
    held = on_node(run, holder=run.holder("another"))
    assert verification_time(run, "web-1", held) is None
