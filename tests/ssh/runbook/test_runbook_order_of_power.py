"""Before the last yes nothing that plan or procedure wrote is executed on a node, and no address of theirs is read."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deployplan.evidence.hold import HoldSwitch
from deployplan.remote.node_client import NodeClient
from deployplan.remote.ssh.transport import connect
from deployplan.runbook import review
from deployplan.runbook.arm import arm, next_number
from deployplan.runbook.baseline import reason_to_wait, take_baseline
from deployplan.runbook.preflight import preflight
from deployplan.runbook.run.run import NotReady, Run
from ssh.runbook.conftest import MakeProduction
from ssh.runbook.production import Production, an_app, of_kind
from unit.checks.http_site import Site, serving

PLANS = "of-the-plan"
"""Stands in every text of the plan that could be executed."""
OPERATIONS = "of-operations"
TWO_SEATS = {"authorities": {"amir": "product owner", "mia": "deployment manager"}, "quorum": 2}


class Recorder:
    """A real transport that also keeps every text that it has the node execute; data that is only stored is not."""

    def __init__(self, transport: Any, executed: list[str]) -> None:
        self._transport, self._executed = transport, executed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    async def run(self, script: Any, **rest: Any) -> Any:
        self._executed.append(script if isinstance(script, str) else script.to_shell())
        return await self._transport.run(script, **rest)

    def stream(self, script: Any, **rest: Any) -> AbstractAsyncContextManager[Any]:
        self._executed.append(script if isinstance(script, str) else script.to_shell())
        return self._transport.stream(script, **rest)  # type: ignore[no-any-return]


class Watched:
    """A production whose nodes and whose one site tell what was asked of them."""

    def __init__(self, prod: Production, site: Site) -> None:
        self.prod, self.site = prod, site
        self.executed: list[str] = []
        site.says('{"version": "1"}')
        site.says("ok", path="/neighbour")
        prod.nodes["n1"].base.mkdir(exist_ok=True)

    def traces(self) -> set[str]:
        """What the plan's texts have left in any home folder."""
        return {line for name in self.prod.nodes for line in self.prod.lines(name, "trace")}

    def run(self) -> Run:
        def mark(name: str) -> str:
            return f"echo {PLANS}-{name} >> $HOME/trace"

        names = list(self.prod.nodes)
        package = {"app": self.prod.package("app-2.tar", f"{mark('package')}\n")}
        snapshot = self.prod.snapshot(
            environment={"requires": [{"command": f"echo {OPERATIONS} >> $HOME/trace"}]},
            scripts={"check.sh": f"{mark('script')}\n".encode()},
            package=package,
            approval=TWO_SEATS,
            components={
                "app": an_app(
                    names,
                    package="app",
                    current=f"{mark('current')}; cat version",
                    deploy=mark("deploy"),
                    undo=mark("undo"),
                )
            },
            success={
                "version": {"command": f"{mark('criterion')}; cat version", "expect": {"stdout": "2"}, "on": names},
                "own": {"command": "sh ./check.sh", "on": names},
                "health": {"http": self.site.url(), "expect": {"json": {"version": "2"}}},
                "billing": {"http": self.site.url("/neighbour"), "neighbour": True},
            },
        )
        return self.prod.run(snapshot, connecting=self._connect)

    async def _connect(self, name: str) -> NodeClient:
        return NodeClient(Recorder(await connect(self.prod.nodes[name].address()), self.executed))  # type: ignore[arg-type]


@pytest.fixture
async def watched(production: MakeProduction) -> AsyncIterator[Watched]:
    with serving(Site()) as site:
        yield Watched(production(2), site)


def answer(run: Run, number: int, person: str) -> None:
    seat = review.offer_seat(run, number)
    review.answer_seat(run, number, person=person, approved=True, people=seat.people)


async def reviewed_up_to_the_last_seat(run: Run) -> None:
    run.ledger.record("plan_frozen", plan=run.snapshot.plan.name, run=run.run_id, digest=run.snapshot.digest)
    await preflight(run)
    answer(run, 1, "amir")
    review.offer_seat(run, 2)


async def test_nothing_that_the_plan_wrote_runs_or_is_read_before_the_last_yes(watched: Watched) -> None:
    run = watched.run()
    await reviewed_up_to_the_last_seat(run)
    for act in (take_baseline(run), arm(run, next_number(run, clear=0))):  # as if a person had marked the seat green
        with pytest.raises(NotReady, match="seat 2 has no recorded approval"):
            await act
    assert watched.traces() == {OPERATIONS}
    assert watched.site.asked == []
    assert watched.executed
    assert [text for text in watched.executed if PLANS in text] == []


async def test_after_the_last_yes_all_that_the_plan_asks_is_read_once_and_its_scripts_are_not_run(
    watched: Watched,
) -> None:
    run = watched.run()
    await reviewed_up_to_the_last_seat(run)
    answer(run, 2, "mia")
    await take_baseline(run)
    assert watched.traces() == {OPERATIONS, *(f"{PLANS}-{name}" for name in ("current", "criterion", "script"))}
    assert sorted(watched.site.asked) == ["/health", "/neighbour"]
    assert [entry.facts["criterion"] for entry in of_kind(run, "baseline")] == [
        *("version", "version", "own", "own"),
        *("health", "billing"),
    ]
    assert of_kind(run, "baseline_taken")


async def test_under_hold_nothing_is_read_and_the_reason_is_told(watched: Watched, tmp_path: Path) -> None:
    run = watched.run()
    switch = HoldSwitch(str(tmp_path / "switch"))
    held = replace(run, hold=switch.state)
    assert reason_to_wait(held) is None
    switch.hold("network works", by="olga", at=run.clock.now())
    assert "held by olga" in str(reason_to_wait(held))


async def test_a_new_approval_in_the_middle_of_a_release_takes_no_node_that_has_changed_for_unwell(
    watched: Watched,
) -> None:
    run = watched.run()
    await reviewed_up_to_the_last_seat(run)
    answer(run, 2, "mia")
    await take_baseline(run)
    run.ledger.record("job_started", node="n1", job="j", step="deploy", component="app")
    (watched.prod.nodes["n1"].home / "version").write_text("2\n")
    watched.site.says('{"version": "2"}')  # read from here, as any of the nodes may answer
    await take_baseline(run)
    (watched.prod.nodes["n2"].home / "version").write_text("1.5\n")
    with pytest.raises(NotReady, match=r"n2: app is '1\.5' there") as refused:
        await take_baseline(run)
    assert len(refused.value.problems) == 1
