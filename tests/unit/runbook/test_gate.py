"""Which criteria are read where: at the end of a wave, in the smoke test, and before anything is touched."""

import json
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from builders import a_component, a_snapshot
from deployplan.evidence.kinds import event_in
from deployplan.evidence.kinds.verify import CriterionRead
from deployplan.evidence.story import sentence
from deployplan.plan.model.criterion import MachineCriterion
from deployplan.plan.model.criterion_shapes import CommandCriterion, HttpCriterion
from deployplan.runbook.baseline import baseline_criteria
from deployplan.runbook.gate import judge_gate, judge_smoke
from deployplan.runbook.run.run import Run, StepFailed
from deployplan.runbook.verify import verify_smoke
from unit.checks.http_site import Site, serving
from unit.runbook.runs import a_run, node_result, wave_ended

COMPONENTS = {
    "data": a_component(nodes=["web-1", "db-1"]),
    "web": a_component(nodes=["web-1", "web-2"], after=["data"], waves=[1, "100%"]),
}


def criteria(site: Site, **more: Any) -> dict[str, Any]:
    """A page a node, a page of the whole release, and a page of a neighbour; they are all well."""
    for path in ("/web-1", "/web-2", "/db-1", "/all", "/billing"):
        site.says("well", path=path)
    return {
        "each": {"http": site.url("/{name}"), "fail_after": 1},
        "whole": {"http": site.url("/all"), "fail_after": 1},
        "billing": {"http": site.url("/billing"), "neighbour": True, "fail_after": 1},
        "order": {"manual": "Place an order"},
        **more,
    }


def a_plan_of_two(folder: Path, site: Site, **more: Any) -> Run:
    here = {"reach": ["127.0.0.1"]}
    snapshot = a_snapshot(infrastructure=here, components=COMPONENTS, success=criteria(site, **more))
    return a_run(folder, snapshot=snapshot)


@pytest.mark.parametrize(
    ("wave", "nodes", "asked"),
    [
        (0, ["web-1", "db-1"], ["/db-1"]),  # web-1 still lacks `web`: nothing can be said of it yet
        (1, ["web-1"], ["/web-1"]),
        (2, ["web-2"], ["/web-2"]),
        (2, [], []),  # every node of the wave failed within the budget
    ],
)
async def test_a_wave_is_held_against_the_criteria_of_its_own_nodes_that_are_complete(
    tmp_path: Path, wave: int, nodes: list[str], asked: list[str]
) -> None:
    with serving(Site()) as site:
        run = a_plan_of_two(tmp_path, site)
        held = await judge_gate(run, run.snapshot.waves[wave], nodes)
        assert held.why_not is None
        assert site.asked == asked


async def test_the_smoke_test_asks_everything_a_machine_can_ask(tmp_path: Path) -> None:
    with serving(Site()) as site:
        run = a_plan_of_two(tmp_path, site)
        assert (await judge_smoke(run)).why_not is None
        assert sorted(site.asked) == ["/all", "/billing", "/db-1", "/web-1", "/web-2"]


async def test_nodes_that_were_left_out_are_not_asked(tmp_path: Path) -> None:
    with serving(Site()) as site:
        run = a_plan_of_two(tmp_path, site)
        wave_ended(run, nodes={"web-2": node_result("failed")}, excluded=["web-2"], wave=2)
        assert (await judge_smoke(run)).why_not is None
        assert "/web-2" not in site.asked


async def test_a_bad_answer_names_criterion_node_and_what_was_seen(tmp_path: Path) -> None:
    with serving(Site()) as site:
        run = a_plan_of_two(tmp_path, site)
        site.says("broken", path="/web-2", status=503)
        held = await judge_smoke(run)
        assert held.failed_criteria == ("each",)
        assert held.why_not is not None
        assert held.why_not.startswith("each on web-2: fail (")
        assert "503" in held.why_not


async def test_what_cannot_be_read_is_not_success(tmp_path: Path) -> None:
    with serving(Site()) as site:
        run = a_plan_of_two(tmp_path, site, gone={"command": "true", "on": "db-1", "fail_after": 1})
        held = await judge_smoke(run)
        assert held.failed_criteria == ("gone",)
        assert held.why_not == "gone on db-1: unknown (could not be read: this test has no node db-1)"


async def test_a_criterion_that_flaps_says_so_and_not_only_its_last_answer(tmp_path: Path) -> None:
    with serving(Site()) as site:
        pages = iter(["well", "broken"] * 500)

        def respond(request: BaseHTTPRequestHandler) -> None:
            request.send_response(200 if next(pages) == "well" else 503)
            request.send_header("Content-Length", "0")
            request.end_headers()

        site.pages["/flaps"] = respond
        flapping = {"http": site.url("/flaps"), "for": "20s", "every": "2s", "timeout": "5s", "fail_after": 2}
        snapshot = a_snapshot(infrastructure={"reach": ["127.0.0.1"]}, success={"shop": flapping})
        run = a_run(tmp_path, snapshot=snapshot)
        with pytest.raises(
            StepFailed, match=r"shop on all: fail \(it flaps: \d+ of \d+ readings passed in \w+, never 20"
        ):
            await verify_smoke(run)
    told = {entry.kind: entry.facts["why"] for entry in run.ledger.entries()}
    assert str(told["reading"]).startswith("it flaps: ")
    assert str(told["reading"]) in str(told["verified"])


async def test_a_shadow_is_recorded_with_its_answer_and_decides_nothing(tmp_path: Path) -> None:
    with serving(Site()) as site:
        site.says("broken", path="/new", status=503)
        shadow = {"http": site.url("/new"), "shadow": True, "for": "20s", "every": "5s", "fail_after": 99}
        run = a_plan_of_two(tmp_path, site, new=shadow)
        began = run.clock.now()
        await verify_smoke(run)
        assert (run.clock.now() - began).total_seconds() <= 25  # it makes nobody wait longer than it had to hold
    (read,) = (entry for entry in run.ledger.entries() if entry.facts.get("criterion") == "new")
    assert (read.facts["answer"], read.facts["shadow"]) == ("fail", True)
    assert sentence(read).endswith("never 20s on end) (shadow)")


async def test_the_numbers_of_a_criterion_are_kept_and_drawn_with_their_bounds(tmp_path: Path) -> None:
    with serving(Site()) as site:
        values = iter([0.1, 0.2, 7, 0.3, 0.4, 0.5])

        def respond(request: BaseHTTPRequestHandler) -> None:
            request.send_response(200)
            request.end_headers()
            series = {"metric": {}, "value": [0, str(next(values))]}
            answer = {"status": "success", "data": {"resultType": "vector", "result": [series]}}
            request.wfile.write(json.dumps(answer).encode())

        metrics = {"metrics": {"url": site.url("")}}
        load = {"metric": "load", "expect": {"max": 1}, "for": "20s", "every": "10s", "stale_after": "0s"}
        run = a_run(tmp_path, snapshot=a_snapshot(infrastructure=metrics, success={"load": load}))
        query = "/api/v1/query?query=load&time={}.000&timeout=10s"
        for number in range(6):
            site.pages[query.format(int(run.clock.now().timestamp()) + 10 * number)] = respond
        await verify_smoke(run)
    (read,) = (entry for entry in run.ledger.entries() if entry.kind == "reading")
    event = event_in(read)
    assert isinstance(event, CriterionRead)
    assert event.figures is not None
    assert event.figures.values == (0.1, 0.2, 7, 0.3, 0.4, 0.5)
    assert event.figures.seconds == (0, 10, 20, 30, 40, 50)
    assert (event.figures.least, event.figures.most) == (None, 1)
    assert sentence(read).endswith("▁▁█▁▁▁ 0.1 to 7, at most 1")


async def test_a_wave_must_pass_for_the_bake_of_its_component(tmp_path: Path) -> None:
    with serving(Site()) as site:
        components = {"web": a_component(nodes=["web-1"], bake="10s")}
        here = {"reach": ["127.0.0.1"]}
        snapshot = a_snapshot(infrastructure=here, components=components, success=criteria(site))
        run = a_run(tmp_path, snapshot=snapshot)
        began = run.clock.now()
        await judge_gate(run, run.snapshot.waves[0], ["web-1"])
        assert (run.clock.now() - began).total_seconds() == 10
        assert len(site.asked) > 2


def test_a_node_is_left_out_until_a_later_wave_brings_it(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    wave_ended(run, nodes={"web-1": node_result("failed"), "web-2": node_result()}, excluded=["web-1"])
    assert run.read_state().excluded == {"web-1"}
    wave_ended(run, nodes={"web-1": node_result(), "web-2": node_result()})
    assert run.read_state().excluded == set()


def expected(criterion: MachineCriterion) -> object:
    if isinstance(criterion, HttpCriterion):
        return criterion.expect.json_
    return criterion.expect.stdout if isinstance(criterion, CommandCriterion) else None


def before(run: Run) -> dict[str, tuple[object, bool]]:
    """What each criterion expects before the release, and whether it stops it."""
    return {criterion.name: (expected(criterion), must) for criterion, _, must in baseline_criteria(run)}


VERSIONED = {
    "page": {"http": "http://{node}/", "expect": {"json": {"version": "2"}}},
    "file": {"command": "cat version", "expect": {"stdout": "2"}, "on": "web-1"},
    "billing": {"command": "cat bills", "on": "web-1", "neighbour": True},
    "order": {"manual": "Place an order"},
}


def test_before_the_release_the_criteria_expect_the_previous_one(tmp_path: Path) -> None:
    assert before(a_run(tmp_path, success=VERSIONED)) == {
        "page": ({"version": "1"}, True),
        "file": ("1", False),  # a command may test what only the new release has
        "billing": (None, True),
    }


def test_without_a_previous_release_only_neighbours_must_be_well_before(tmp_path: Path) -> None:
    scope = {"release": {"product": "shop", "version": "2"}, "summary": "The first edition"}
    assert before(a_run(tmp_path, success=VERSIONED, scope=scope)) == {
        "page": ({"version": "2"}, False),
        "file": ("2", False),
        "billing": (None, True),
    }


def test_the_plan_may_say_otherwise(tmp_path: Path) -> None:
    success = {
        "page": {**VERSIONED["page"], "baseline": False},
        "file": {**VERSIONED["file"], "baseline": True},
        "billing": {**VERSIONED["billing"], "baseline": False},
    }
    musts = {name: must for name, (_, must) in before(a_run(tmp_path, success=success)).items()}
    assert musts == {"page": False, "file": True, "billing": False}
