"""A wave that has failed asks before it ends: what each answer does on real nodes, whoever dies in between."""

from typing import Any

import pytest

from deployplan.runbook.decide import find_trouble
from deployplan.runbook.failure.failure_answer import Word, record_answer
from deployplan.runbook.failure.question import FailureQuestion, Option, question_of
from deployplan.runbook.outcome import Outcome, conclude
from deployplan.runbook.run.generation import Generation
from deployplan.runbook.run.run import Run, WaveAsks
from deployplan.runbook.tasks import must_succeed
from deployplan.runbook.verify import verify_smoke
from ssh.runbook.conftest import MakeProduction
from ssh.runbook.production import Production, an_app, armed, deploy, of_kind

MAY_BREAK = (
    'if [ -e broken ]; then echo "disk full"; exit 3; fi; echo "deploy $DEPLOYPLAN_ATTEMPT" >> steps; echo 2 > version'
)


def asking(prod: Production, **keys: Any) -> dict[str, Any]:
    return an_app(prod.nodes, deploy=MAY_BREAK, on_failure="ask", **keys)


async def asked(run: Run, generation: Generation) -> FailureQuestion:
    """Deploy until a wave asks."""
    with pytest.raises(WaveAsks):
        await deploy(run, generation)
    found = question_of(run, run.read_state())
    assert found is not None
    return found


def heal(prod: Production, node: str) -> None:
    (prod.nodes[node].home / "broken").unlink()


async def test_what_people_have_tried_again_is_done_on_the_failed_nodes_alone_and_the_release_is_green(
    production: MakeProduction,
) -> None:
    prod = production(3)
    prod.touch("n2", "broken")
    run = prod.run(components={"app": asking(prod, waves=[1, "100%"])})
    generation = await armed(run)
    question = await asked(run, generation)
    assert question.failed == ("n2",)
    again = await asked(run, generation)  # whoever begins anew without an answer finds the same
    assert again.open.stop.event.nodes["n2"].job == question.open.stop.event.nodes["n2"].job

    record_answer(run, question, Word(Option.TRY_AGAIN, "chen", "gave it room"))
    second = await asked(run, generation)
    assert second.open.stop.event.nodes["n2"].job != question.open.stop.event.nodes["n2"].job
    heal(prod, "n2")
    record_answer(run, second, Word(Option.TRY_AGAIN, "chen"))
    await deploy(run, generation)
    await verify_smoke(run)

    assert find_trouble(run, dict.fromkeys(must_succeed(run.snapshot), "success")) is None
    assert (await conclude(run)).outcome is Outcome.SUCCESS
    assert [prod.lines(node) for node in prod.nodes] == [["deploy 1"], ["deploy 3"], ["deploy 1"]]
    answers = [(entry.facts["answer"], entry.facts["nodes"]) for entry in of_kind(run, "failure_answered")]
    assert answers == [("try_again", ["n2"]), ("try_again", ["n2"])]
