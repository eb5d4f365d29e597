"""What a metric is asked with: who logs in, since when the release is there, and which nodes do not have it yet."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from builders import a_component, a_criterion, a_snapshot
from deployplan.checks.prometheus import Server
from deployplan.checks.read import NoAnswer
from deployplan.checks.reading import Answer
from deployplan.evidence.kinds.review import ReadBefore
from deployplan.plan.model.criterion_shapes import MetricCriterion
from deployplan.runbook.backout_proof import verify_backout
from deployplan.runbook.gate import judge_gate, judge_smoke
from deployplan.runbook.node.metric_context import metric_context, metrics_server, nodes_without
from deployplan.runbook.node.read_criterion import read_criterion
from deployplan.runbook.run.generation import generation_of
from deployplan.runbook.run.run import Run
from deployplan.testing import FrozenClock
from unit.runbook.runs import NOON, a_run, armed

URL = "https://prometheus.example"
COMPONENTS = {
    "data": a_component(nodes=["web-1", "db-1"]),
    "web": a_component(nodes=["web-1", "web-2", "web-3"], after=["data"], waves=[1, "100%"]),
}
NODES = {"web-1": "10.0.0.1", "web-2": "10.0.0.2", "web-3": "10.0.0.3", "db-1": "10.0.0.9"}
METRIC = {"metric": 'load{instance="{host}"}', "expect": {"ratio_max": 2}, "compare": "others", "fail_after": 1}


def a_metric_run(folder: Path, metrics: dict[str, Any] | None = None, **keys: Any) -> Run:
    infrastructure = {"nodes": NODES, "groups": {}, "metrics": metrics or {"url": URL}}
    success = {"load": METRIC | keys}
    run = a_run(folder, snapshot=a_snapshot(infrastructure=infrastructure, components=COMPONENTS, success=success))
    armed(run)
    return run


def criterion_of(run: Run) -> MetricCriterion:
    (found,) = run.snapshot.plan.machine_criteria()
    assert isinstance(found, MetricCriterion)
    return found


def wave_began(run: Run, component: str, wave: int = 1, **facts: Any) -> None:
    nodes = run.snapshot.wave(component, wave).nodes
    run.ledger.record("wave_started", component=component, wave=wave, nodes=nodes, generation="run-1#1", **facts)


def minutes_pass(run: Run, minutes: int) -> None:
    assert isinstance(run.clock, FrozenClock)
    run.clock.move_to(run.clock.now() + timedelta(minutes=minutes))


def without(run: Run) -> list[str]:
    return [node.name for node in nodes_without(run, criterion_of(run), run.read_state())]


def test_the_nodes_without_the_release_are_those_on_which_no_wave_has_begun(tmp_path: Path) -> None:
    run = a_metric_run(tmp_path)
    assert without(run) == ["web-1", "db-1", "web-2", "web-3"]
    wave_began(run, "data")
    assert without(run) == ["web-2", "web-3"]
    wave_began(run, "web")
    assert without(run) == ["web-2", "web-3"]
    wave_began(run, "web", 2)
    assert without(run) == []


async def test_before_is_when_the_first_wave_with_the_node_began_however_often_people_had_it_tried_again(
    tmp_path: Path,
) -> None:
    run = a_metric_run(tmp_path)
    wave_began(run, "data")
    minutes_pass(run, 10)
    wave_began(run, "web")
    stopped = {"component": "web", "wave": 1, "generation": "run-1#1"}
    minutes_pass(run, 10)
    run.ledger.record("wave_stopped", why="load: fail", nodes={}, **stopped)
    run.ledger.record("failure_answered", answer="try_again", **stopped)
    minutes_pass(run, 10)
    wave_began(run, "web")
    minutes_pass(run, 10)
    wave_began(run, "web", 2)
    began = {
        name: (await metric_context(run, criterion_of(run), run.snapshot.infrastructure.nodes[name])).began
        for name in NODES
    }
    at = {name: None if when is None else (when - NOON) // timedelta(minutes=1) for name, when in began.items()}
    assert at == {"web-1": 0, "web-2": 40, "web-3": 40, "db-1": 0}
    whole = await metric_context(run, criterion_of(run), None)
    assert whole.began == NOON


async def test_what_compares_with_others_is_read_while_there_are_any_and_then_no_more(tmp_path: Path) -> None:
    run = a_metric_run(tmp_path)
    for component in ("data", "web"):
        wave_began(run, component)
    held = await judge_gate(run, run.snapshot.wave("web", 1), ["web-1"])
    assert held.no_answer == ("load",)  # nobody answers at that address, and it was asked
    wave_began(run, "web", 2)
    assert (await judge_gate(run, run.snapshot.wave("web", 2), ["web-2", "web-3"])).why_not is None
    assert (await judge_smoke(run)).why_not is None
    read = [entry.facts["node"] for entry in run.ledger.entries() if entry.kind == "reading"]
    assert read == ["web-1"]


async def test_what_compares_with_others_is_no_part_of_the_proof_of_a_backout_when_every_node_had_the_release(
    tmp_path: Path,
) -> None:
    run = a_metric_run(tmp_path, baseline=True)
    for name in NODES:
        run.ledger.keep(ReadBefore(criterion="load", node=name, answer="pass", observed="1"))
    for component, wave in (("data", 1), ("web", 1), ("web", 2)):
        wave_began(run, component, wave)
    await verify_backout(run, generation_of(run, 1))
    proof = run.read_state().since_armed.backout
    assert proof is not None
    assert (proof.ok, proof.readings, proof.problems) == (True, 0, ())


@pytest.mark.parametrize(
    ("login", "server"),
    [(("tom", "word"), Server(URL, None, "tom", "word")), ((None, "token"), Server(URL, None, None, "token"))],
)
def test_who_logs_in_is_what_the_connection_says(
    tmp_path: Path, login: tuple[str | None, str | None], server: Server
) -> None:
    run = a_metric_run(tmp_path, {"url": URL, "connection": "prom"})
    with pytest.raises(NoAnswer, match="there is no Airflow connection 'prom'"):
        metrics_server(run)
    object.__setattr__(run, "metrics_login", login)
    assert metrics_server(run) == server


async def test_without_a_server_it_is_unknown(tmp_path: Path) -> None:
    run = a_run(tmp_path, success={"load": METRIC})
    told = await read_criterion(run, a_criterion(**METRIC), run.snapshot.infrastructure.nodes["web-1"])
    assert (told.answer, told.observed) == (Answer.UNKNOWN, "production names no server of metrics")
