"""Outcome: the final word on a run, by its evidence; the colour of a task can only take a good one back."""

import asyncio
from dataclasses import dataclass, replace

from deployplan.evidence.event import Event
from deployplan.evidence.kinds.backout import BackoutVerified, RestUnproven, UnlockFailed
from deployplan.evidence.kinds.end import OutcomeReached
from deployplan.evidence.kinds.review import NothingToDo, ReviewNotReady, SeatRejected
from deployplan.evidence.kinds.window import WindowPassed
from deployplan.plan.snapshot import Snapshot
from deployplan.remote.node_client import NodeClient
from deployplan.runbook.arm import unlock_nodes
from deployplan.runbook.decide import Decision, record_decision
from deployplan.runbook.node.node_ledger import note_verified
from deployplan.runbook.node.terminate_job import terminate_all
from deployplan.runbook.preflight import held_nodes, nodes_of_plan
from deployplan.runbook.run.generation import Generation, generation_of
from deployplan.runbook.run.outcome_kinds import Outcome
from deployplan.runbook.run.proof import left_half_done, missing_waves, unverified_criteria
from deployplan.runbook.run.run import Run
from deployplan.runbook.run.state import ArmingState, ReviewState, RunState
from deployplan.runbook.service import settle_traffic
from deployplan.runbook.timing.past_runs import remember


@dataclass(frozen=True)
class Conclusion:
    """The outcome and the sentence that says why; `found` are the releases that a backout found on the nodes."""

    outcome: Outcome
    because: str
    found: tuple[str, ...] = ()


def judge_run(snapshot: Snapshot, state: RunState) -> Conclusion:
    """Compute the outcome of the run's last pass from its evidence."""
    armed, early = state.review.armed, state.review.early_end
    if armed is None or (early is not None and early.seq > armed.seq):
        return _nothing_deployed(state)
    after = state.since_armed
    if after.undone or after.backout is not None:
        return _backed_out(state)
    if after.unproven is not None:
        nodes = "; ".join(f"{node}: {why}" for node, why in after.unproven.nodes.items())
        return Conclusion(Outcome.UNKNOWN, _caused(after, f"not proven dead: {nodes}"))
    return _deployed(snapshot, state)


def _nothing_deployed(state: RunState) -> Conclusion:
    """This pass did nothing; what an earlier one left half done is as it was, and its nodes must stay locked."""
    conclusion = _before_deploy(state.review)
    left = left_half_done(state)
    if left is None:
        return conclusion
    return Conclusion(
        Outcome.UNKNOWN,
        f"{conclusion.outcome}: {conclusion.because}; {left} by an earlier try: its nodes stay locked. To go on, "
        "clear `window` or a review with Downstream; else mend the nodes, then `deployplan unlock`",
    )


def _before_deploy(review: ReviewState) -> Conclusion:
    if review.early_end is None:
        told = f": {'; '.join(review.marks)}" if review.marks else ""
        return Conclusion(Outcome.TERMINATED, f"the run was ended before anything was deployed{told}")
    event = review.early_end.event
    return Conclusion(Outcome(event.kind), _why_early(event))


def _why_early(event: Event) -> str:
    match event:
        case ReviewNotReady():
            return "; ".join(event.problems)
        case WindowPassed() | NothingToDo():
            return str(event.reason)
        case SeatRejected():
            return f"by {event.person}"
        case _:
            return "by nobody in time"


def _caused(after: ArmingState, then: str) -> str:
    """What began it, by the decision or by the people who stopped the run, and then what came of it."""
    why = after.decision.why if after.decision is not None else after.marks
    return "; ".join([*why, then])


def _backed_out(state: RunState) -> Conclusion:
    after = state.since_armed
    if (problem := _not_back(state)) is not None or after.backout is None:
        return Conclusion(Outcome.BACKOUT_FAILED, _caused(after, problem or ""))
    touched = [node for undo in after.undone.values() for node, each in undo.nodes.items() if each.is_done]
    if not touched:
        nothing = "the deploy had started on no node; nothing had to be backed out"
        return Conclusion(Outcome.TERMINATED, _caused(after, nothing))
    return Conclusion(Outcome.BACKED_OUT, _caused(after, _what_is_there(touched, after.backout)), after.backout.found)


def _not_back(state: RunState) -> str | None:
    """Why it is not proven that the previous release is back."""
    undone, verified = state.since_armed.undone, state.since_armed.backout
    unheard_of = [name for name in state.review.begun if name not in undone]  # its task died, or was marked by hand
    if unheard_of:
        return f"no evidence that the undo of {', '.join(unheard_of)} ended; its nodes stay locked"
    failed = [name for name, undo in undone.items() if not undo.ok]
    if failed:
        return f"the undo of {', '.join(failed)} failed; its nodes stay locked"
    if verified is None:
        return "the previous release was not verified"
    if not verified.ok:
        return f"the previous release is not proven back: {'; '.join(verified.problems)}"
    return None


def _what_is_there(touched: list[str], verified: BackoutVerified) -> str:
    """The previous release is back only where it was seen; else it was undone, and nobody looked."""
    found, unseen = verified.found, verified.not_asked
    if found and not unseen:
        return f"the previous release is back: {'; '.join(found)}"
    again = f"{verified.readings or 'no'} readings pass as before"
    where, of = ", ".join(dict.fromkeys(touched)), f" of {', '.join(unseen)}" if found else ""
    seen = f"; found: {'; '.join(found)}" if found else ""
    return f"undone on {where}, {again}{seen}; which release is there was not asked{of}"


def _deployed(snapshot: Snapshot, state: RunState) -> Conclusion:
    after, decision = state.since_armed, state.since_armed.decision
    missing, excluded = missing_waves(snapshot, state)
    if decision is not None and decision.decision == Decision.BACK_OUT:
        return Conclusion(Outcome.BACKOUT_FAILED, _caused(after, "no evidence that the backout was tried"))
    if decision is not None and decision.decision == Decision.ACCEPT:
        if missing:
            return Conclusion(Outcome.UNKNOWN, _by_hand(after, f"accepted, but {', '.join(missing)} never ended"))
        return Conclusion(Outcome.SUCCESS_WITH_ISSUES, f"accepted by {decision.by}: {'; '.join(decision.why)}")
    if missing:
        return Conclusion(Outcome.UNKNOWN, _by_hand(after, f"no evidence that {', '.join(missing)} ended well"))
    unverified = unverified_criteria(snapshot, state)
    if unverified:
        return Conclusion(Outcome.UNKNOWN, _by_hand(after, f"no evidence that {', '.join(unverified)} held"))
    if excluded:
        return Conclusion(Outcome.SUCCESS_WITH_ISSUES, _left_out(after, excluded))
    return Conclusion(Outcome.SUCCESS, "every wave is done and every criterion held")


def _left_out(after: ArmingState, excluded: set[str]) -> str:
    """Which nodes do not have the release, and by whose word."""
    by_people = {node: left.by for node, left in after.left_out.items() if node in excluded}
    within = sorted(excluded - by_people.keys())
    told = [f"failed within the budget and left out: {', '.join(within)}"] if within else []
    for person in dict.fromkeys(by_people.values()):
        nodes = sorted(node for node, by in by_people.items() if by == person)
        told.append(f"failed and left out by {person}: {', '.join(nodes)}")
    return "; ".join(told)


def _by_hand(after: ArmingState, lacking: str) -> str:
    return f"{lacking}: {'; '.join(after.marks) or 'marked by hand?'}"


async def conclude(
    run: Run, *, doubt: str | None = None, forgotten: str | None = None, attempt: str = "0"
) -> Conclusion:
    """End what still runs, compute the outcome, put nodes back into service, free them, and seal the evidence.

    `attempt` tells one clear of the task from the next; `doubt` is why a release that looks good by its evidence may
    not be called so; `forgotten` is why nobody knows how a run that had taken its nodes would have ended.
    """
    arming = (await run.state()).review.arming
    if arming is not None:
        generation = generation_of(run, arming)
        unproven = await terminate_all(run, held_nodes(run), "the run has ended", token=generation.backout)
        if unproven:
            await run.note(RestUnproven(nodes=unproven))
    conclusion = judge_run(run.snapshot, await run.state())
    if conclusion.outcome.meaning.released:
        conclusion = await asyncio.to_thread(weigh, run, conclusion, doubt)
    if forgotten is not None and arming is not None:
        conclusion = Conclusion(Outcome.UNKNOWN, f"{forgotten}; by its evidence: {conclusion.because}")
    if arming is not None:
        released = conclusion.outcome.meaning.released
        await settle_traffic(run, generation, attempt, accepted=released)
        conclusion = with_traffic(conclusion, await run.state())
        await _leave_nodes(run, generation, conclusion)
    await run.note(OutcomeReached(outcome=str(conclusion.outcome), because=conclusion.because))
    sealed = await run.seal()
    if run.records is not None:
        await asyncio.to_thread(remember, run.records, run.snapshot, run.run_id, run.ledger)
    run.say(f"{run.snapshot.plan.name}: {conclusion.outcome}: {conclusion.because}")
    run.say(f"evidence sealed, head {sealed.hash}")
    return conclusion


def with_traffic(conclusion: Conclusion, state: RunState) -> Conclusion:
    """The conclusion, and which nodes are out of service at the end.

    One that could not be put back, although it stands at a known release, is an end of its own: nobody meant it.
    """
    if not state.out:
        return conclusion
    failed = sorted(node for node, each in state.out.items() if each.failed is not None and each.left is None)
    told = [
        f"out of service: {node} ({each.failed if node in failed else each.left})" for node, each in state.out.items()
    ]
    because = "; ".join([conclusion.because, *told])
    if conclusion.outcome.meaning.released:
        return replace(conclusion, outcome=Outcome.SUCCESS_WITH_ISSUES, because=because)
    if not failed or conclusion.outcome.meaning.leaves_locked:
        return replace(conclusion, because=because)
    return Conclusion(Outcome.LEFT_DRAINED, f"{conclusion.outcome}: {because}", conclusion.found)


def weigh(run: Run, good: Conclusion, doubt: str | None) -> Conclusion:
    """A good conclusion against the `doubt`. Where the backout was skipped, that nothing is wrong is the decision."""
    if doubt is not None:
        return Conclusion(Outcome.UNKNOWN, doubt)
    if run.read_state().since_armed.decision is None:
        record_decision(run, Decision.NOTHING, by=None, why=["all is well"])
    return good


async def _leave_nodes(run: Run, generation: Generation, conclusion: Conclusion) -> None:
    """Note the verified release on the nodes and unlock them; they stay locked when nobody knows how they are."""
    nodes = nodes_of_plan(run)
    if conclusion.outcome.meaning.released:
        left_out = (await run.state()).excluded
        good = [node for node in nodes if node not in left_out]
        await run.fleet.ask_all(good, lambda _, client: _verified(run, client, generation))
    if conclusion.outcome.meaning.leaves_locked:
        run.say(f"the nodes stay locked after {conclusion.outcome}: look at them, then `deployplan unlock`")
        free = tuple(node for node in held_nodes(run) if node not in nodes)  # a balancer is everybody's
    else:
        free = held_nodes(run)
    for problem in await unlock_nodes(run, free, generation, thaw=f"the run ended in {conclusion.outcome}"):
        await run.note(UnlockFailed(problem=problem))
        run.say(problem)


async def _verified(run: Run, client: NodeClient, generation: Generation) -> None:
    await note_verified(run, client, generation.deploy)
