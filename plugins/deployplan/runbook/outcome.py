"""Outcome: the final word on a run, computed once, from the evidence and from nothing else."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass

from deployplan.evidence.entry import Entry
from deployplan.plan.snapshot import Snapshot
from deployplan.remote.node_client import NodeClient
from deployplan.runbook.arm import unlock_nodes
from deployplan.runbook.decide import Decision, record_decision
from deployplan.runbook.gate import excluded_nodes
from deployplan.runbook.node.node_ledger import note_verified
from deployplan.runbook.node.terminate_job import terminate_all
from deployplan.runbook.preflight import nodes_of_plan
from deployplan.runbook.run.facts import by_node, number_in, text_in, texts_in
from deployplan.runbook.run.generation import Generation, generation_of
from deployplan.runbook.run.interventions import marks
from deployplan.runbook.run.outcome_kinds import ENDED_BY, Outcome
from deployplan.runbook.run.proof import left_half_done, missing_waves, unverified_criteria
from deployplan.runbook.run.run import Run, last, since
from deployplan.runbook.timing.past_runs import remember


@dataclass(frozen=True)
class Conclusion:
    """The outcome and the sentence that says why; `found` are the releases that a backout found on the nodes."""

    outcome: Outcome
    because: str
    found: tuple[str, ...] = ()


def judge_run(snapshot: Snapshot, entries: Iterable[Entry]) -> Conclusion:
    """Compute the outcome of the run's last pass from its evidence."""
    entries = tuple(entries)
    this_pass = since(entries, "plan_frozen")
    armed = last(this_pass, "armed")
    ended = last(this_pass, *ENDED_BY)
    if armed is None or (ended is not None and ended.seq > armed.seq):
        return _nothing_deployed(entries, this_pass, ended)
    after = since(this_pass, "armed")
    unproven = [entry for entry in after if entry.kind == "unproven"]
    if any(entry.kind in {"undo_ended", "backout_verified"} for entry in after):
        return _backed_out(this_pass, after)
    if unproven:
        return Conclusion(Outcome.UNKNOWN, _caused(after, f"not proven dead: {_each_node(unproven[-1])}"))
    return _deployed(snapshot, this_pass, after)


def _each_node(entry: Entry) -> str:
    nodes = entry.facts["nodes"]
    return "; ".join(f"{node}: {why}" for node, why in nodes.items()) if isinstance(nodes, dict) else str(nodes)


def _nothing_deployed(entries: tuple[Entry, ...], this_pass: tuple[Entry, ...], ended: Entry | None) -> Conclusion:
    """This pass did nothing; what an earlier one left half done is as it was, and its nodes must stay locked."""
    conclusion = _before_deploy(this_pass, ended)
    left = left_half_done(entries)
    if left is None:
        return conclusion
    return Conclusion(
        Outcome.UNKNOWN,
        f"{conclusion.outcome}: {conclusion.because}; {left} by an earlier try: its nodes stay locked. To go on, "
        "clear `window` or a review with Downstream; else mend the nodes, then `deployplan unlock`",
    )


def _before_deploy(this_pass: tuple[Entry, ...], ended: Entry | None) -> Conclusion:
    if ended is None:
        people = marks(this_pass)
        told = f": {'; '.join(people)}" if people else ""
        return Conclusion(Outcome.TERMINATED, f"the run was ended before anything was deployed{told}")
    detail = (
        ended.facts.get("problems") or ended.facts.get("reason") or f"by {ended.facts.get('person', 'nobody in time')}"
    )
    return Conclusion(Outcome(ended.kind), "; ".join(map(str, detail)) if isinstance(detail, list) else str(detail))


def _caused(after: tuple[Entry, ...], then: str) -> str:
    """What began it, by the decision or by the people who stopped the run, and then what came of it."""
    decision = last(after, "decision")
    why = texts_in(decision, "why") if decision is not None else marks(after)
    return "; ".join([*why, then])


def _backed_out(this_pass: tuple[Entry, ...], after: tuple[Entry, ...]) -> Conclusion:
    undone = {text_in(entry, "component"): entry for entry in after if entry.kind == "undo_ended"}
    verified = last(after, "backout_verified")
    if (problem := _not_back(this_pass, undone, verified)) is not None or verified is None:
        return Conclusion(Outcome.BACKOUT_FAILED, _caused(after, problem or ""))
    touched = [
        node for entry in undone.values() for node, result in by_node(entry).items() if result["state"] == "done"
    ]
    if not touched:
        nothing = "the deploy had started on no node; nothing had to be backed out"
        return Conclusion(Outcome.TERMINATED, _caused(after, nothing))
    found = tuple(texts_in(verified, "found"))
    return Conclusion(Outcome.BACKED_OUT, _caused(after, _what_is_there(touched, verified)), found)


def _not_back(this_pass: tuple[Entry, ...], undone: Mapping[str, Entry], verified: Entry | None) -> str | None:
    """Why it is not proven that the previous release is back."""
    begun = dict.fromkeys(text_in(entry, "component") for entry in this_pass if entry.kind == "wave_started")
    unheard_of = [name for name in begun if name not in undone]  # its task died too often, or was marked by hand
    if unheard_of:
        return f"no evidence that the undo of {', '.join(unheard_of)} ended; its nodes stay locked"
    failed = [name for name, entry in undone.items() if not entry.facts["ok"]]
    if failed:
        return f"the undo of {', '.join(failed)} failed; its nodes stay locked"
    if verified is None:
        return "the previous release was not verified"
    if not verified.facts["ok"]:
        return f"the previous release is not proven back: {'; '.join(texts_in(verified, 'problems'))}"
    return None


def _what_is_there(touched: list[str], verified: Entry) -> str:
    """The previous release is back only where it was seen; else it was undone, and nobody looked."""
    found, unseen = texts_in(verified, "found"), texts_in(verified, "not_asked")
    if found and not unseen:
        return f"the previous release is back: {'; '.join(found)}"
    again = f"{verified.facts.get('readings') or 'no'} readings pass as before"
    where, of = ", ".join(dict.fromkeys(touched)), f" of {', '.join(unseen)}" if found else ""
    seen = f"; found: {'; '.join(found)}" if found else ""
    return f"undone on {where}, {again}{seen}; which release is there was not asked{of}"


def _deployed(snapshot: Snapshot, this_pass: tuple[Entry, ...], after: tuple[Entry, ...]) -> Conclusion:
    missing, excluded = missing_waves(snapshot, this_pass)
    decision = last(after, "decision")
    if decision is not None and decision.facts["decision"] == Decision.BACK_OUT:
        return Conclusion(Outcome.BACKOUT_FAILED, _caused(after, "no evidence that the backout was tried"))
    if decision is not None and decision.facts["decision"] == Decision.ACCEPT:
        if missing:
            return Conclusion(Outcome.UNKNOWN, _by_hand(after, f"accepted, but {', '.join(missing)} never ended"))
        return Conclusion(
            Outcome.SUCCESS_WITH_ISSUES,
            f"accepted by {text_in(decision, 'by')}: {'; '.join(texts_in(decision, 'why'))}",
        )
    if missing:
        return Conclusion(Outcome.UNKNOWN, _by_hand(after, f"no evidence that {', '.join(missing)} ended well"))
    unverified = unverified_criteria(snapshot, this_pass)
    if unverified:
        return Conclusion(Outcome.UNKNOWN, _by_hand(after, f"no evidence that {', '.join(unverified)} held"))
    if excluded:
        return Conclusion(
            Outcome.SUCCESS_WITH_ISSUES, f"failed within the budget and left out: {', '.join(sorted(excluded))}"
        )
    return Conclusion(Outcome.SUCCESS, "every wave is done and every criterion held")


def _by_hand(after: tuple[Entry, ...], lacking: str) -> str:
    return f"{lacking}: {'; '.join(marks(after)) or 'marked by hand?'}"


async def conclude(
    run: Run,
    tell: Callable[[Conclusion], Awaitable[None]] | None = None,
    *,
    doubt: str | None = None,
    forgotten: str | None = None,
) -> Conclusion:
    """End what still runs, compute the outcome, free the nodes, `tell` people, and seal the evidence.

    `doubt` is why a release that looks good by its evidence may not be called so; `forgotten` is why nobody knows how
    a run that had taken its nodes would have ended.
    """
    arming = last(since(await run.entries(), "plan_frozen"), "arming", "armed")
    if arming is not None:
        generation = generation_of(run, number_in(arming, "generation"))
        unproven = await terminate_all(run, nodes_of_plan(run), "the run has ended", token=generation.backout)
        if unproven:
            await run.note("unproven", nodes=unproven)
    conclusion = judge_run(run.snapshot, await run.entries())
    if conclusion.outcome.meaning.released:
        conclusion = await asyncio.to_thread(weigh, run, conclusion, doubt)
    if forgotten is not None and arming is not None:
        conclusion = Conclusion(Outcome.UNKNOWN, f"{forgotten}; by its evidence: {conclusion.because}")
    if arming is not None:
        await _leave_nodes(run, generation, conclusion)
    await run.note("outcome", outcome=str(conclusion.outcome), because=conclusion.because)
    if tell is not None:
        await tell(conclusion)
    sealed = await run.seal()
    if run.records is not None:
        ended = await run.entries()
        await asyncio.to_thread(remember, run.records, run.snapshot, run.run_id, ended, run.ledger.mac)
    run.say(f"{run.snapshot.plan.name}: {conclusion.outcome}: {conclusion.because}")
    run.say(f"evidence sealed, head {sealed.hash}")
    return conclusion


def weigh(run: Run, good: Conclusion, doubt: str | None) -> Conclusion:
    """A good conclusion against the `doubt`. Where the backout was skipped, that nothing is wrong is the decision."""
    if doubt is not None:
        return Conclusion(Outcome.UNKNOWN, doubt)
    if last(since(run.ledger.entries(), "armed"), "decision") is None:
        record_decision(run, Decision.NOTHING, by=None, why=["all is well"])
    return good


async def _leave_nodes(run: Run, generation: Generation, conclusion: Conclusion) -> None:
    """Note the verified release on the nodes and unlock them; they stay locked when nobody knows how they are."""
    nodes = nodes_of_plan(run)
    if conclusion.outcome.meaning.released:
        left_out = await asyncio.to_thread(excluded_nodes, run)
        good = [node for node in nodes if node not in left_out]
        await run.fleet.ask_all(good, lambda _, client: _verified(run, client, generation))
    if conclusion.outcome.meaning.leaves_locked:
        run.say(f"the nodes stay locked after {conclusion.outcome}: look at them, then `deployplan unlock`")
        return
    for problem in await unlock_nodes(run, nodes, generation, thaw=f"the run ended in {conclusion.outcome}"):
        await run.note("unlock_failed", problem=problem)
        run.say(problem)


async def _verified(run: Run, client: NodeClient, generation: Generation) -> None:
    await note_verified(run, client, generation.deploy)
