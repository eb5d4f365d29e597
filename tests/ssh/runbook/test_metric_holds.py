"""A metric that gives no answer holds a wave on real nodes, and asks; nothing is backed out by itself."""

import asyncio
from pathlib import Path

import httpx
import pytest

from deployplan.plan.model.metrics import Metrics
from deployplan.runbook.decide import find_trouble
from deployplan.runbook.failure.failure_answer import Word, record_answer
from deployplan.runbook.failure.question import Option, question_of
from deployplan.runbook.run.run import WaveAsks
from deployplan.runbook.tasks import must_succeed
from deployplan.runbook.verify import verify_smoke
from real_prometheus import prometheus_scraping, require_prometheus
from ssh.runbook.conftest import MakeProduction
from ssh.runbook.production import an_app, armed, deploy
from unit.checks.http_site import Site, serving


async def test_a_metric_that_gives_no_answer_holds_the_wave_until_it_does_and_backs_nothing_out(
    production: MakeProduction, tmp_path: Path
) -> None:
    """Though the plan says that failures are backed out by themselves, and silence, too."""
    require_prometheus()
    prod = production(2)
    steps = 'echo "deploy $DEPLOYPLAN_ATTEMPT" >> steps; echo 2 > version'
    app = an_app(prod.nodes, deploy=steps, on_failure="automatic", waves=[1, "100%"])
    load = {"metric": 'load{node="{name}"}', "expect": {"max": 1}, "every": "1s", "timeout": "30s"}
    plain = prod.snapshot(components={"app": app}, success={"load": load}, backout={"authority": ["mia"]})
    (tmp_path / "prometheus").mkdir()
    with serving(Site()) as exporter:
        exporter.says("up_at_all 1\n", path="/metrics")
        with prometheus_scraping(tmp_path / "prometheus", exporter.port) as url:
            infrastructure = plain.infrastructure.model_copy(update={"metrics": Metrics(url=url)})
            run = prod.run(plain.model_copy(update={"infrastructure": infrastructure}))
            generation = await armed(run)
            with pytest.raises(WaveAsks):
                await deploy(run, generation)
            question = question_of(run, run.read_state())
            assert question is not None
            stop = question.open.stop.event
            assert (stop.criteria, stop.no_answer) == (("load",), ("load",))
            assert "load on n1: unknown (3 readings in a row gave no answer: the query answers with no" in stop.why
            assert (question.clock.until, question.clock.backs_out) == (None, False)
            assert question.options == (Option.TRY_AGAIN, Option.BACK_OUT)
            assert [prod.version(node) for node in prod.nodes] == ["2", "1"]

            exporter.says("".join(f'load{{node="{name}"}} 0.2\n' for name in prod.nodes), path="/metrics")
            await _until_scraped(url)
            record_answer(run, question, Word(Option.TRY_AGAIN, "chen"))
            await deploy(run, generation)
            await verify_smoke(run)
    assert find_trouble(run, dict.fromkeys(must_succeed(run.snapshot), "success")) is None
    assert [prod.lines(node) for node in prod.nodes] == [["deploy 1"], ["deploy 1"]]


async def _until_scraped(url: str) -> None:
    async with asyncio.timeout(60), httpx.AsyncClient(trust_env=False) as client:
        while not (await client.get(f"{url}/api/v1/query", params={"query": "load"})).json()["data"]["result"]:
            await asyncio.sleep(0.2)
