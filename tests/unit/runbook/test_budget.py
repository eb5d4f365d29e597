"""How many nodes may fail: the wave goes on at exactly that many, and the component stops at one more.

The waves have real shells on 40 nodes; `make chaos` has them on 200.
"""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import a_component, a_fleet, a_snapshot
from deployplan.evidence.entry import Entry
from deployplan.evidence.kinds.deploy import WaveEnded
from deployplan.remote.errors import Unreachable
from deployplan.remote.node_client import NodeClient
from deployplan.runbook.deploy import Budget, deploy_wave
from deployplan.runbook.node import run_step
from deployplan.runbook.run import fleet
from deployplan.runbook.run.fleet import Fleet
from deployplan.runbook.run.generation import generation_of
from deployplan.runbook.run.run import Run, StepFailed
from deployplan.testing import LocalTransport
from unit.runbook.runs import a_run, node_result, wave_ended

NODES = [f"web-{number}" for number in range(1, 201)]


@pytest.fixture(autouse=True)
def _no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_step, "FIRST_CONTACT_FOR", -1.0)
    monkeypatch.setattr(fleet, "BETWEEN_TRIES", 0.0)


class Nodes:
    """Nodes that are folders, with the real shell on each; some are broken and some are away."""

    def __init__(self, folder: Path, count: int = len(NODES)) -> None:
        self.folder, self.count = folder, count
        self.away: set[str] = set()

    def run(
        self, max_failures: int, stated: list[int | str], *, broken: Iterable[str] = (), away: Iterable[str] = ()
    ) -> Run:
        """A run on all of them."""
        script = f'case " {" ".join(broken)} " in *" $DEPLOYPLAN_NODE "*) exit 1;; esac'
        component = a_component(
            nodes=["group:web"], deploy=script, waves=stated, max_failures=max_failures, terminate_grace="0s"
        )
        snapshot = a_snapshot(
            infrastructure=a_fleet(self.count), components={"web": component}, success={"order": {"manual": "Order"}}
        )
        self.away = set(away)
        return replace(a_run(self.folder, snapshot=snapshot), fleet=Fleet(self._connect))

    async def _connect(self, name: str) -> NodeClient:
        if name in self.away:
            raise Unreachable(f"{name}: connection refused")
        return NodeClient(LocalTransport(name, self.folder / "nodes" / name))


@pytest.fixture
def two_hundred(tmp_path: Path) -> Nodes:
    return Nodes(tmp_path)


async def carry_out(run: Run, number: int) -> None:
    """One wave as its task does: its nodes are held by the run, but for those that are away."""
    generation = generation_of(run, 1)
    wave = run.snapshot.waves[number - 1]
    await run.fleet.ask_all(wave.nodes, lambda _, client: client.lock(run.holder(generation.deploy)))
    await deploy_wave(run, wave, generation)


def of_kind(run: Run, kind: str) -> list[Entry]:
    return [entry for entry in run.ledger.entries() if entry.kind == kind]


def first_wave_ended(run: Run, failed: Iterable[str], state: str = "failed") -> None:
    """The evidence of a first wave that ended well but for these nodes."""
    bad = set(failed)
    nodes = {name: node_result(state, "bad") if name in bad else node_result() for name in run.snapshot.waves[0].nodes}
    wave_ended(run, nodes=nodes, excluded=sorted(bad))


@given(st.integers(0, 200), st.lists(st.sampled_from(NODES)))
async def test_the_budget_is_spent_by_one_node_more_and_no_node_counts_twice(allowed: int, failing: list[str]) -> None:
    budget = Budget(allowed)
    for node in failing:
        budget.count(node, "why")
    assert budget.spent is (len(set(failing)) > allowed)


FLEETS = [40, pytest.param(200, marks=pytest.mark.chaos)]
"""Of each, a tenth may fail."""


@pytest.mark.parametrize("count", FLEETS)
@pytest.mark.parametrize("failed_first", [0.6, 1.0])
async def test_a_wave_goes_on_while_just_as_many_fail_as_may(tmp_path: Path, count: int, failed_first: float) -> None:
    """A tenth of all, in one wave or in two, half of them unreachable."""
    allowed, first = count // 10, count * 9 // 10
    in_first = round(allowed * failed_first)
    failing = [*NODES[:in_first], *NODES[first : first + allowed - in_first]]
    run = Nodes(tmp_path, count).run(allowed, ["90%"], broken=failing[::2], away=failing[1::2])
    for number in (1, 2):
        await carry_out(run, number)

    assert [len(wave.nodes) for wave in run.snapshot.waves] == [first, count - first]
    ended = of_kind(run, "wave_ended")
    assert [entry.facts["ok"] for entry in ended] == [True, True]
    assert [len(WaveEnded.of(entry.facts).excluded) for entry in ended] == [in_first, allowed - in_first]
    assert sorted(str(entry.facts["node"]) for entry in of_kind(run, "node_failed")) == sorted(failing)


@pytest.mark.parametrize("count", FLEETS)
async def test_a_wave_stops_when_one_more_fails_than_may_and_the_next_never_begins(tmp_path: Path, count: int) -> None:
    allowed = count // 10
    failing = NODES[: allowed + 1]
    run = Nodes(tmp_path, count).run(allowed, ["90%"], broken=failing[::2], away=failing[1::2])
    with pytest.raises(StepFailed, match=rf"web wave 1: \d+ nodes failed, {allowed} may"):
        await carry_out(run, 1)

    failed = {str(entry.facts["node"]) for entry in of_kind(run, "node_failed")}
    assert len(failed) > allowed
    assert [entry.facts["ok"] for entry in of_kind(run, "wave_ended")] == [False]
    with pytest.raises(StepFailed, match="web wave 1"):  # asked for the second, the first comes first again
        await carry_out(run, 2)
    assert {entry.facts["wave"] for entry in of_kind(run, "wave_started")} == {1}


@pytest.mark.parametrize("last", ["well", "broken", "away"])
@pytest.mark.parametrize(
    ("allowed", "failed_before"),
    [(0, 0), (1, 0), (1, 1), (19, 18), (19, 19), (20, 19), (20, 20), (199, 198), (199, 199), (200, 199)],
)
async def test_the_last_of_200_nodes_counts_with_those_of_the_waves_before(
    two_hundred: Nodes, allowed: int, failed_before: int, last: str
) -> None:
    places: dict[str, Iterable[str]] = {} if last == "well" else {last: NODES[-1:]}
    run = two_hundred.run(allowed, [199], **places)
    first_wave_ended(run, NODES[:failed_before])
    if failed_before + (last != "well") <= allowed:
        await carry_out(run, 2)
    else:
        with pytest.raises(StepFailed, match=rf"web wave 2: {failed_before + 1} nodes failed, {allowed} may"):
            await carry_out(run, 2)


async def test_a_node_whose_end_is_unknown_counts_as_a_failed_one(two_hundred: Nodes) -> None:
    run = two_hundred.run(1, [199], broken=NODES[-1:])
    first_wave_ended(run, NODES[:1], state="unknown")
    with pytest.raises(StepFailed, match="2 nodes failed, 1 may"):
        await carry_out(run, 2)


async def test_a_node_that_was_never_started_counts_for_nothing(two_hundred: Nodes) -> None:
    run = two_hundred.run(1, [199], broken=NODES[-1:])
    first_wave_ended(run, NODES[:1], state="not_started")
    await carry_out(run, 2)


async def test_a_node_that_failed_and_is_done_since_counts_no_more(two_hundred: Nodes) -> None:
    """It was away, within the budget; the wave's task died as its wave had ended, and its next try found the node."""
    run = two_hundred.run(1, [199], broken=NODES[-1:])
    first_wave_ended(run, NODES[:1])
    first_wave_ended(run, ())
    await carry_out(run, 2)
