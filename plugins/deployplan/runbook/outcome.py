"""Outcome: the final word on a run, computed once, from the evidence and from nothing else."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from deployplan.evidence.entry import Entry
from deployplan.plan.snapshot import Snapshot
from deployplan.remote.node_client import NodeClient
from deployplan.runbook.arm import unlock_nodes
from deployplan.runbook.decide import Decision
from deployplan.runbook.facts import by_node, names, number, text
from deployplan.runbook.gate import excluded_nodes
from deployplan.runbook.generation import Generation, generation_of
from deployplan.runbook.history import remember
from deployplan.runbook.node_ledger import note_verified
from deployplan.runbook.preflight import nodes_of_plan
from deployplan.runbook.proof import missing_waves, unverified_criteria
from deployplan.runbook.run import Run, last, since
from deployplan.runbook.terminate import terminate_all


class Outcome(StrEnum):
    """How a run ended. Only the first two are green."""

    SUCCESS = "success"
    SUCCESS_WITH_ISSUES = "success_with_issues"
    BACKED_OUT = "backed_out"
    BACKOUT_FAILED = "backout_failed"
    REJECTED = "rejected"
    EXPIRED = "expired"
    NOT_READY = "not_ready"
    WINDOW_MISSED = "window_missed"
    TERMINATED = "terminated"
    UNKNOWN = "unknown"

    @property
    def released(self) -> bool:
        """Whether the new release is in production, verified or accepted by a person."""
        return self in {Outcome.SUCCESS, Outcome.SUCCESS_WITH_ISSUES}


@dataclass(frozen=True)
class Conclusion:
    """The outcome and the sentence that says why."""

    outcome: Outcome
    because: str


BEFORE_DEPLOY = {
    "rejected": Outcome.REJECTED,
    "expired": Outcome.EXPIRED,
    "window_missed": Outcome.WINDOW_MISSED,
    "not_ready": Outcome.NOT_READY,
}


def judge(snapshot: Snapshot, entries: Iterable[Entry]) -> Conclusion:
    """Compute the outcome of the run's last pass from its evidence."""
    this_pass = since(entries, "plan_frozen")
    armed = last(this_pass, "armed")
    ended = last(this_pass, *BEFORE_DEPLOY)
    if armed is None or (ended is not None and ended.seq > armed.seq):
        return _nothing_deployed(this_pass, ended)
    after = since(this_pass, "armed")
    unproven = [entry for entry in after if entry.kind == "unproven"]
    if any(entry.kind in {"undo_ended", "backout_verified"} for entry in after):
        return _backed_out(this_pass, after)
    if unproven:
        return Conclusion(Outcome.UNKNOWN, f"not proven dead: {unproven[-1].facts['nodes']}")
    return _deployed(snapshot, this_pass, after)


def _nothing_deployed(this_pass: tuple[Entry, ...], ended: Entry | None) -> Conclusion:
    if ended is None:
        return Conclusion(Outcome.TERMINATED, "the run was ended before anything was deployed")
    detail = (
        ended.facts.get("problems") or ended.facts.get("reason") or f"by {ended.facts.get('person', 'nobody in time')}"
    )
    return Conclusion(
        BEFORE_DEPLOY[ended.kind], "; ".join(map(str, detail)) if isinstance(detail, list) else str(detail)
    )


def _backed_out(this_pass: tuple[Entry, ...], after: tuple[Entry, ...]) -> Conclusion:
    undone = {text(entry, "component"): entry for entry in after if entry.kind == "undo_ended"}
    failed = [name for name, entry in undone.items() if not entry.facts["ok"]]
    verified = last(after, "backout_verified")
    begun = dict.fromkeys(text(entry, "component") for entry in this_pass if entry.kind == "wave_started")
    unheard_of = [name for name in begun if name not in undone]  # its task died too often, or was marked by hand
    if unheard_of:
        return Conclusion(
            Outcome.BACKOUT_FAILED, f"no evidence that the undo of {', '.join(unheard_of)} ended; its nodes stay locked"
        )
    if failed:
        return Conclusion(Outcome.BACKOUT_FAILED, f"the undo of {', '.join(failed)} failed; its nodes stay locked")
    if verified is None:
        return Conclusion(Outcome.BACKOUT_FAILED, "the previous release was not verified")
    if not verified.facts["ok"]:
        return Conclusion(
            Outcome.BACKOUT_FAILED, f"the previous release is not proven back: {verified.facts['problems']}"
        )
    touched = [
        node for entry in undone.values() for node, result in by_node(entry).items() if result["state"] == "done"
    ]
    if not touched:
        return Conclusion(Outcome.TERMINATED, "the deploy had started on no node; nothing had to be backed out")
    return Conclusion(Outcome.BACKED_OUT, f"the previous release is back on {', '.join(dict.fromkeys(touched))}")


def _deployed(snapshot: Snapshot, this_pass: tuple[Entry, ...], after: tuple[Entry, ...]) -> Conclusion:
    missing, excluded = missing_waves(snapshot, this_pass)
    decision = last(after, "decision")
    if decision is not None and decision.facts["decision"] == Decision.BACK_OUT:
        return Conclusion(Outcome.BACKOUT_FAILED, "no evidence that the backout was tried")
    if decision is not None and decision.facts["decision"] == Decision.ACCEPT:
        if missing:
            return Conclusion(Outcome.UNKNOWN, f"accepted, but {', '.join(missing)} never ended: marked by hand?")
        return Conclusion(
            Outcome.SUCCESS_WITH_ISSUES,
            f"accepted by {text(decision, 'by')}: {'; '.join(names(decision, 'why'))}",
        )
    if missing:
        return Conclusion(Outcome.UNKNOWN, f"no evidence that {', '.join(missing)} ended well: marked by hand?")
    unverified = unverified_criteria(snapshot, this_pass)
    if unverified:
        return Conclusion(Outcome.UNKNOWN, f"no evidence that {', '.join(unverified)} held: marked by hand?")
    if excluded:
        return Conclusion(
            Outcome.SUCCESS_WITH_ISSUES, f"failed within the budget and left out: {', '.join(sorted(excluded))}"
        )
    return Conclusion(Outcome.SUCCESS, "every wave is done and every criterion held")


async def conclude(run: Run, tell: Callable[[Conclusion], Awaitable[None]] | None = None) -> Conclusion:
    """End what still runs, compute the outcome, free the nodes, `tell` people, and seal the evidence."""
    arming = last(since(run.ledger.entries(), "plan_frozen"), "arming", "armed")
    if arming is not None:
        generation = generation_of(run, number(arming, "generation"))
        unproven = await terminate_all(run, nodes_of_plan(run), "the run has ended", token=generation.backout)
        if unproven:
            run.record("unproven", nodes=unproven)
    conclusion = judge(run.snapshot, run.ledger.entries())
    if arming is not None:
        await _leave_nodes(run, generation, conclusion)
    run.record("outcome", outcome=str(conclusion.outcome), because=conclusion.because)
    if tell is not None:
        await tell(conclusion)
    sealed = run.ledger.seal()
    if run.records is not None:
        remember(run.records, run.snapshot, run.run_id, run.ledger.entries())
    run.say(f"{run.snapshot.plan.name}: {conclusion.outcome}: {conclusion.because}")
    run.say(f"evidence sealed, head {sealed.hash}")
    return conclusion


async def _leave_nodes(run: Run, generation: Generation, conclusion: Conclusion) -> None:
    """Note the verified release on the nodes and unlock them; they stay locked when nobody knows how they are."""
    nodes = nodes_of_plan(run)
    if conclusion.outcome.released:
        left_out = excluded_nodes(run)
        good = [node for node in nodes if node not in left_out]
        await run.fleet.ask_all(good, lambda _, client: _verified(run, client, generation))
    if conclusion.outcome in {Outcome.BACKOUT_FAILED, Outcome.UNKNOWN}:
        run.say(f"the nodes stay locked after {conclusion.outcome}: look at them, then `deployplan unlock`")
        return
    for problem in await unlock_nodes(run, nodes, generation, thaw=f"the run ended in {conclusion.outcome}"):
        run.record("unlock_failed", problem=problem)
        run.say(problem)


async def _verified(run: Run, client: NodeClient, generation: Generation) -> None:
    await note_verified(run, client, generation.deploy)
