"""A wave that has failed asks before it ends: what each answer does on real nodes, whoever dies in between."""

from collections.abc import Callable
from typing import Any

import pytest

from deployplan.evidence.kinds.deploy import JobStarted
from deployplan.remote.errors import NodeFault, RemoteError, Unreachable
from deployplan.remote.node_client import NodeClient
from deployplan.runbook.backout_proof import verify_backout
from deployplan.runbook.decide import Decision, find_trouble, recorded_decision
from deployplan.runbook.failure.failure_answer import Word, record_answer
from deployplan.runbook.failure.failure_card import failure_card, failure_subject, last_lines
from deployplan.runbook.failure.question import FailureQuestion, Option, question_of
from deployplan.runbook.outcome import Outcome, conclude
from deployplan.runbook.run.generation import Generation
from deployplan.runbook.run.run import LockLost, Run, StepFailed, WaveAsks
from deployplan.runbook.tasks import must_succeed
from deployplan.runbook.verify import verify_smoke
from ssh.runbook.conftest import MakeProduction
from ssh.runbook.production import Production, a_version, an_app, armed, back_out, deploy, of_kind

MAY_BREAK = (
    'if [ -e broken ]; then echo "disk full"; exit 3; fi; echo "deploy $DEPLOYPLAN_ATTEMPT" >> steps; echo 2 > version'
)


def asking(prod: Production, **keys: Any) -> dict[str, Any]:
    return an_app(prod.nodes, **{"deploy": MAY_BREAK, "on_failure": "ask", **keys})


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


async def exit_code(prod: Production) -> dict[str, Any]:
    prod.touch("n2", "broken")
    return asking(prod)


async def timeout(prod: Production) -> dict[str, Any]:
    prod.touch("n2", "broken")
    return asking(prod, deploy=f"[ ! -e broken ] || sleep 300; {MAY_BREAK}", timeout="1s")


async def no_progress(prod: Production) -> dict[str, Any]:
    prod.touch("n2", "broken")
    return asking(prod, deploy=f"[ ! -e broken ] || sleep 300; {MAY_BREAK}", no_progress="1s")


async def significant_error(prod: Production) -> dict[str, Any]:
    prod.touch("n2", "broken")
    fatal = f"[ ! -e broken ] || {{ echo FATAL: no disk; sleep 300; }}; {MAY_BREAK}"
    return asking(prod, deploy=fatal, significant_errors=["^FATAL"])


async def unreachable(prod: Production) -> dict[str, Any]:
    prod.touch("n2", "broken")
    return asking(prod)


async def criterion(prod: Production) -> dict[str, Any]:
    prod.touch("n2", "broken")
    return asking(prod, deploy=MAY_BREAK.replace("[ -e broken ]", "false"))


async def lock(prod: Production) -> dict[str, Any]:
    prod.touch("n2", "broken")
    return asking(prod)


async def unknown(prod: Production) -> dict[str, Any]:
    prod.touch("n2", "broken")
    return asking(prod)


KINDS = [exit_code, timeout, no_progress, significant_error, unreachable, criterion, lock]
ALL = [*KINDS, unknown]
OFTEN = {exit_code, criterion, unknown}
"""Those of which `make test` tries every answer; the whole matrix is tried by `make chaos`."""
CELLS = [pytest.param(kind, id=kind.__name__, marks=() if kind in OFTEN else pytest.mark.chaos) for kind in ALL]
WELL = {"well": {"command": "test ! -e broken", "on": ["n1", "n2"], "fail_after": 1}}


async def failed(prod: Production, kind: Callable[..., Any]) -> tuple[Run, Generation, FailureQuestion]:
    """A run of two nodes whose only wave has failed in this way on n2, and asks."""
    success = WELL if kind is criterion else {"version": a_version(["n1"])}
    run = prod.run(components={"app": await kind(prod)}, success=success, backout={"authority": ["mia"]})
    generation = await armed(run)
    if kind is unreachable:
        prod.nodes["n2"].stop()
        await run.fleet.drop("n2")
    elif kind is lock:
        holder = run.holder(generation.deploy)
        await run.fleet.ask("n2", lambda client: client.unlock(holder, force_reason="erin needs it"))
    elif kind is unknown:  # it was started there, and the node was set up anew since
        job = f"{run.snapshot.digest[:12]}-app-deploy-1"
        run.record(JobStarted(node="n2", job=job, step="deploy", component="app"))
    return run, generation, await asked(run, generation)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
async def test_whatever_failed_asks_and_is_green_when_it_was_mended_and_tried_again(
    production: MakeProduction, kind: Callable[..., Any]
) -> None:
    prod = production(2)
    run, generation, question = await failed(prod, kind)
    body = failure_card(run, run.read_state(), question, await last_lines(run, question))
    assert "n2" in body
    assert question.open.stop.event.why in failure_subject(run, question)

    heal(prod, "n2")
    if kind is unreachable:
        prod.nodes["n2"].start()
    record_answer(run, question, Word(Option.TRY_AGAIN, "chen"))
    await deploy(run, generation)
    await verify_smoke(run)
    assert find_trouble(run, dict.fromkeys(must_succeed(run.snapshot), "success")) is None
    assert (await conclude(run)).outcome is Outcome.SUCCESS
    assert prod.lines("n1")[:1] == ["deploy 1"]
    assert len(prod.lines("n2")) == 1


@pytest.mark.parametrize("kind", CELLS)
async def test_failed_nodes_are_left_out_by_name_and_the_wave_goes_on_without_them(
    production: MakeProduction, kind: Callable[..., Any]
) -> None:
    prod = production(2)
    run, generation, question = await failed(prod, kind)
    if kind is criterion:  # its node has the new release
        assert question.leave == ()
        return
    assert question.leave == ("n2",)
    record_answer(run, question, Word(Option.LEAVE_OUT, "mia"))
    await deploy(run, generation)
    await verify_smoke(run)
    assert find_trouble(run, dict.fromkeys(must_succeed(run.snapshot), "success")) is None
    if kind is unreachable:
        prod.nodes["n2"].start()
    conclusion = await conclude(run)
    if kind is unknown:  # nobody knows whether its script still runs there
        assert conclusion.outcome is Outcome.UNKNOWN
        assert (await prod.facts("n2")).holder is not None
    else:
        assert conclusion.outcome is Outcome.SUCCESS_WITH_ISSUES
        assert conclusion.because == "failed and left out by mia: n2"
    assert (prod.version("n1"), prod.version("n2")) == ("2", "1")
    assert prod.lines("n2") == []


@pytest.mark.parametrize("person", ["mia", None], ids=["chosen", "silence"])
@pytest.mark.parametrize("kind", CELLS)
async def test_a_backout_by_a_person_or_by_silence_is_one_decision_and_undoes_what_was_done(
    production: MakeProduction, kind: Callable[..., Any], person: str | None
) -> None:
    prod = production(2)
    run, generation, question = await failed(prod, kind)
    if kind is unreachable:
        prod.nodes["n2"].start()
    with pytest.raises(StepFailed, match="app wave 1"):
        record_answer(run, question, Word(Option.BACK_OUT, person))
    assert recorded_decision(run) is Decision.BACK_OUT
    assert [entry.facts["by"] for entry in of_kind(run, "decision")] == [person or "silence"]
    if kind is unknown:
        with pytest.raises(StepFailed, match="the node knows nothing of it"):
            await back_out(run, generation)
    else:
        await back_out(run, generation)
        await verify_backout(run, generation)
    outcome = Outcome.BACKOUT_FAILED if kind is unknown else Outcome.BACKED_OUT
    assert (await conclude(run)).outcome is outcome
    assert [prod.version(node) for node in prod.nodes] == ["1", "1"]
    assert (await prod.facts("n2")).holder is None or kind is unknown


@pytest.mark.parametrize("kind", CELLS)
async def test_what_waits_touches_no_node_and_is_answered_as_before(
    production: MakeProduction, kind: Callable[..., Any]
) -> None:
    prod = production(2)
    run, _, question = await failed(prod, kind)
    if kind is unreachable:
        prod.nodes["n2"].start()
    jobs = [prod.jobs(node) for node in prod.nodes]
    record_answer(run, question, Word(Option.WAIT, "chen", "looking"))
    waiting = question_of(run, run.read_state())
    assert waiting is not None
    assert not waiting.clock.backs_out
    assert waiting.options == question.options
    assert [prod.jobs(node) for node in prod.nodes] == jobs
    assert (await prod.facts("n1")).holder is not None


async def test_a_script_of_whose_end_nobody_knows_is_not_begun_again_by_trying_again(
    production: MakeProduction,
) -> None:
    prod = production(2)
    run, generation, question = await failed(prod, unknown)
    assert "deployplan unlock" in failure_card(run, run.read_state(), question, {})
    heal(prod, "n2")
    record_answer(run, question, Word(Option.TRY_AGAIN, "chen"))
    again = await asked(run, generation)
    assert again.failed == ("n2",)
    assert prod.lines("n2") == []


async def test_secrets_that_a_failed_script_printed_are_not_on_the_card_and_its_lines_are_bounded(
    production: MakeProduction,
) -> None:
    prod = production(1)
    script = 'for n in $(seq 500); do echo "line $n $TOKEN $(printf x%.0s $(seq 400))"; done; exit 3'
    app = asking(prod, secrets={"TOKEN": "vault"}) | {"deploy": script}
    run = prod.run(components={"app": app}, secrets={"app": {"TOKEN": "hunter2-hunter2"}})
    question = await asked(run, await armed(run))
    output = await last_lines(run, question)
    assert len(output["n1"]) == 15
    assert output["n1"][-1].startswith("line 500 ")
    assert max(map(len, output["n1"])) <= 300
    body = failure_card(run, run.read_state(), question, output)
    assert "hunter2" not in body


async def test_a_later_component_does_not_stop_for_nodes_that_people_left_out_before(
    production: MakeProduction,
) -> None:
    prod = production(2)
    prod.touch("n2", "broken")
    web = an_app(prod.nodes, deploy="echo web >> steps", after=["app"], waves=[1, "100%"])
    run = prod.run(components={"app": asking(prod), "web": web})
    generation = await armed(run)
    question = await asked(run, generation)
    record_answer(run, question, Word(Option.LEAVE_OUT, "mia"))
    await deploy(run, generation)
    assert [prod.lines(node) for node in prod.nodes] == [["deploy 1", "web"], []]
    await verify_smoke(run)
    assert (await conclude(run)).because == "failed and left out by mia: n2"


async def test_a_second_failure_of_another_kind_asks_anew_with_its_own_clock(production: MakeProduction) -> None:
    prod = production(2)
    run, generation, first = await failed(prod, exit_code)
    heal(prod, "n2")
    prod.nodes["n1"].stop()
    await run.fleet.drop("n1")
    record_answer(run, first, Word(Option.TRY_AGAIN, "chen"))
    second = await asked(run, generation)
    assert second.failed == ("n1",)
    assert second.open.stop.at > first.open.stop.at
    assert second.open.stop.event.nodes["n2"].is_done


async def test_a_node_whose_lock_was_lost_is_held_again_when_people_have_it_tried_again(
    production: MakeProduction,
) -> None:
    prod = production(2)
    run, generation, question = await failed(prod, lock)
    heal(prod, "n2")
    assert "held by nobody" in question.open.stop.event.why
    assert "n2: locked again first" in failure_card(run, run.read_state(), question, {})
    record_answer(run, question, Word(Option.TRY_AGAIN, "chen"))
    await deploy(run, generation)
    assert [prod.lines(node) for node in prod.nodes] == [["deploy 1"], ["deploy 1"]]
    assert [entry.facts["node"] for entry in of_kind(run, "node_held_again")] == ["n2"]
    await verify_smoke(run)
    assert (await conclude(run)).outcome is Outcome.SUCCESS
    assert (await prod.facts("n2")).holder is None


@pytest.mark.parametrize("still_there", [True, False])
async def test_a_node_that_somebody_else_has_or_had_since_is_not_taken_from_them(
    production: MakeProduction, still_there: bool
) -> None:
    prod = production(2)
    run, generation, question = await failed(prod, lock)
    heal(prod, "n2")
    plan = {"plan": "other-1", "components": {"app": {"nodes": ["n2"], "deploy": "true", "undo": "true"}}}
    other = prod.run(prod.snapshot(**plan), run_id="r")
    if still_there:
        await other.fleet.ask("n2", lambda client: client.lock(other.holder("other-1/r#1")))
    else:
        prod.note_release("n2", "3")
    record_answer(run, question, Word(Option.TRY_AGAIN, "chen"))
    again = await asked(run, generation)
    assert ("other-1" if still_there else "app 3 (plan ") in again.open.stop.event.why
    assert prod.lines("n2") == []
    holder = (await prod.facts("n2")).holder
    assert (None if holder is None else holder.plan) == ("other-1" if still_there else None)
    record_answer(run, again, Word(Option.LEAVE_OUT, "mia"))
    await deploy(run, generation)
    assert prod.lines("n2") == []


@pytest.mark.parametrize("lost", [None, Unreachable, NodeFault])
async def test_what_came_to_a_node_is_seen_also_when_a_try_was_lost_as_it_took_the_lock_again(
    production: MakeProduction, monkeypatch: pytest.MonkeyPatch, lost: type[RemoteError] | None
) -> None:
    """By its process (None), or by the answer of the node."""
    prod = production(2)
    run, generation, question = await failed(prod, lock)
    heal(prod, "n2")
    prod.note_release("n2", "3")
    holder, take, losses = run.holder(generation.deploy), NodeClient.lock, [lost] if lost else []

    async def taken_and_lost(self: NodeClient, *args: Any, **known: Any) -> Any:
        found = await take(self, *args, **known)
        if losses and (error := losses.pop()) is not None:
            raise error(f"{self.name}: the answer was lost")
        return found

    if lost is None:
        await run.fleet.ask("n2", lambda client: client.lock(holder))
    monkeypatch.setattr(NodeClient, "lock", taken_and_lost)
    record_answer(run, question, Word(Option.TRY_AGAIN, "chen"))
    again = await asked(run, generation)
    if lost is NodeFault:
        assert "whether anything was brought there since is not known" in again.open.stop.event.why
        record_answer(run, again, Word(Option.TRY_AGAIN, "chen"))
        again = await asked(run, generation)
    assert "app 3 (plan " in again.open.stop.event.why
    assert prod.lines("n2") == []
    assert (await prod.facts("n2")).holder is None


async def test_a_wave_that_its_own_later_generation_has_overtaken_asks_nobody(production: MakeProduction) -> None:
    prod = production(1)
    run = prod.run(components={"app": asking(prod)})
    generation = await armed(run)
    await armed(run, clear=1)
    with pytest.raises(LockLost, match="no longer holds the node"):
        await deploy(run, generation)
    assert not of_kind(run, "wave_stopped")
