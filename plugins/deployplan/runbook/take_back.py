"""Take back: a release that ended well is backed out, because a person asks for it within `backout.until`.

Asked for is only what the run itself brought: its own undo scripts, on its own nodes, to the releases that it found
there. So it is refused, in words, once anything stands on top of it.
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from deployplan.errors import DeployPlanError
from deployplan.evidence.kinds.backout import BackoutAsked, BackoutDeclined, UnlockFailed
from deployplan.evidence.kinds.end import OutcomeReached
from deployplan.evidence.ledger import Ledger
from deployplan.evidence.record import Records
from deployplan.plan.model.backout import Backout
from deployplan.plan.model.plan import Plan
from deployplan.plan.snapshot import Snapshot
from deployplan.plan.text.scalars import spell_duration
from deployplan.remote.errors import Fenced, LockHeld, RemoteError, beside_name
from deployplan.remote.node_client import NodeClient
from deployplan.remote.node_facts import NodeFacts, one_line
from deployplan.runbook.arm import unlock_nodes
from deployplan.runbook.decide import Decision
from deployplan.runbook.node.installed_release import later_release
from deployplan.runbook.preflight import held_nodes
from deployplan.runbook.run.fold import fold_all
from deployplan.runbook.run.frozen_plan import frozen_plan
from deployplan.runbook.run.generation import Generation, latest
from deployplan.runbook.run.outcome_kinds import RELEASED
from deployplan.runbook.run.run import Refused, Run
from deployplan.runbook.run.state import RunState
from deployplan.runbook.timing.past_runs import ended_since, history_of, releases_of, remember

KEEP = "Keep the release"
LONGEST_LOOK = timedelta(days=366)
"""How far back releases are looked for that may still be taken back."""


@dataclass(frozen=True, slots=True)
class Declined:
    """Why the release is not backed out, and by whom; None when nobody had to decide."""

    why: str
    by: str | None = None


def back_out_until(backout: Backout, state: RunState) -> datetime | None:
    """Until when people may ask for the backout of this run's release; None when it has brought none."""
    return None if state.released is None else state.released.at + backout.until


def refuse_to_take_back(
    records: Records,
    snapshot: Snapshot,
    run_id: str,
    state: RunState,
    *,
    now: datetime,
    may_read: Callable[[str], bool] = lambda plan: True,
) -> str | None:
    """Why this release may not be backed out now, by the records; None when it may, or already is being.

    What the nodes say is asked when the backout begins. A plan that whoever asks may not read is not named.
    """
    plan = snapshot.plan
    outcome = state.outcome.event.outcome if state.outcome is not None and state.is_over else None
    if outcome is None:
        return f"run {run_id} of {plan.name} is not over: `deployplan stop {plan.name}` ends it and backs it out"
    if state.released is None or outcome not in RELEASED:
        return f"run {run_id} of {plan.name} has ended in {outcome}: it left no release that could be backed out"
    return what_bars_it(records, snapshot, run_id, state, now=now, may_read=may_read)


def what_bars_it(
    records: Records,
    snapshot: Snapshot,
    run_id: str,
    state: RunState,
    *,
    now: datetime,
    may_read: Callable[[str], bool] = lambda plan: True,
) -> str | None:
    """Why what this run released may not be backed out any more, by the records; None when it may."""
    plan = snapshot.plan
    if state.released is None:
        return f"run {run_id} of {plan.name} left no release that could be backed out"
    until = state.released.at + plan.backout.until
    if now > until:
        return (
            f"the release of run {run_id} may be backed out until {until:%F %R %Z}, "
            f"{spell_duration(plan.backout.until)} after its {state.released.event.outcome} (backout.until), "
            f"and it is {now:%F %R %Z}: "
            "plan a release of what is to be there"
        )
    if (active := records.active(plan.name)) is not None and active[0] != run_id:
        return (
            f"run {active[0]} of {plan.name} is under way; Airflow carries out one run of a plan at a time: "
            f"end it with `deployplan stop {plan.name}`, then ask again"
        )
    return next(_later(records, snapshot, run_id, state.released.at, may_read), None)


def _later(
    records: Records, snapshot: Snapshot, run_id: str, since: datetime, may_read: Callable[[str], bool]
) -> Iterator[str]:
    """The releases that came on the same nodes since, by the records; one whose plan cannot be read counts."""
    plan, mine = snapshot.plan, {node.name for node in snapshot.target_nodes()}
    for past in history_of(records, plan.environment, plan.scope.release.product):
        if not past.released or past.at <= since or (past.plan, past.run_id) == (plan.name, run_id):
            continue
        try:
            theirs = {node.name for node in frozen_plan(records, past.plan, past.digest).target_nodes()}
        except (DeployPlanError, ValueError):
            theirs = mine
        if shared := sorted(mine & theirs):
            nodes = ", ".join(shared[:5]) + (f" and {len(shared) - 5} more" if len(shared) > 5 else "")
            named = f"{past.plan} (run {past.run_id})" if may_read(past.plan) else "a plan that you may not read"
            yield (
                f"{named} was released on {nodes} at {past.at:%F %R %Z}, after this one: "
                "back that one out first, or plan a release of what is to be there"
            )


def wanted_until(records: Records, plan: str, run_id: str, *, now: datetime) -> datetime | None:
    """Until when a run's release may still be taken back, so that all of it must be kept; None when it may not."""
    try:
        state = fold_all(records.run(plan, run_id).ledger().entries())
        if state.frozen is None or state.released is None:
            return None
        until = back_out_until(frozen_plan(records, plan, state.frozen.digest).plan.backout, state)
    except (DeployPlanError, ValueError):  # then nobody can take it back
        return None
    return until if until is not None and until > now else None


def days_to_keep(records: Records, days: int, *, now: datetime) -> int:
    """How many days back everything on the nodes must be kept, and at least `days`, for what may be taken back."""
    for _, past in ended_since(records, now - LONGEST_LOOK):
        if past.released and wanted_until(records, past.plan, past.run_id, now=now) is not None:
            days = max(days, (now - past.began).days + 1)
    return days


def latest_release(records: Records, plan: str) -> str | None:
    """The run of the plan that brought a release last, whatever became of it since; None when none did."""
    brought = releases_of(records, plan)
    return brought[-1].run_id if brought else None


def ask_to_take_back(plan: Plan, state: RunState, *, by: str, reason: str) -> BackoutAsked:
    """The evidence that somebody asks: it begins a turn of its own, as the nodes were given back in the last one."""
    until = back_out_until(plan.backout, state)
    told = None if until is None else f"{until:%F %R %Z}"
    return BackoutAsked(by=by, reason=reason, generation=(state.generation or 0) + 1, until=told)


def may_order(plan: Plan, person: str) -> bool:
    """Whether this person may order a backout of the plan alone.

    Who may say "Back out" on a card alone has said it by asking: a second click would only cost time.
    """
    return person in plan.backout_authority()


async def take_nodes(run: Run, generation: Generation) -> Declined | None:
    """Take all nodes for the backout, or none: why none when another run has one, or a later release is on one.

    A node that does not answer is no reason: its undo will say that it is not back. Raises Refused when a later turn of
    this run has taken over.
    """
    nodes, holder = sorted(held_nodes(run)), run.holder(generation.backout)

    async def take(node: str, client: NodeClient) -> NodeFacts:
        await client.lock(holder)
        return await client.facts()

    answers = await run.fleet.ask_all(nodes, take)
    problems = []
    for node, answer in answers.items():
        if isinstance(answer, Fenced):
            raise Refused(f"{answer}; a later turn of this run has taken over")
        if isinstance(answer, LockHeld):
            problems.append(f"{node}: {beside_name(node, answer)}; ask again when that is over")
        elif isinstance(answer, RemoteError):
            run.say(f"{node} | does not answer: {answer}")
        elif isinstance(answer, NodeFacts) and (later := _on_top(run, answer)) is not None:
            problems.append(f"{node}: {later}")
    if not problems:
        return None

    await give_nodes_back(run, generation)
    return Declined(one_line("; ".join(problems)))


async def give_nodes_back(run: Run, generation: Generation) -> None:
    """Unlock what this turn of the run has taken; evidence names each node that stays locked, and why."""
    for problem in await unlock_nodes(run, sorted(held_nodes(run)), generation):
        await run.note(UnlockFailed(problem=problem))
        run.say(problem)


def _on_top(run: Run, facts: NodeFacts) -> str | None:
    product = run.snapshot.plan.scope.release.product
    found = later_release(facts.ledger, run.snapshot.digest, product)
    return None if found is None else f"{found} was brought there since, and is not this run's to undo"


async def decline(run: Run, declined: Declined) -> None:
    """Leave evidence that the release stays."""
    await run.note(BackoutDeclined(why=declined.why, by=declined.by))
    run.say(f"the release stays: {declined.why}")


def is_kept(state: RunState) -> bool:
    """Whether a backout was asked for and nobody has decided for it: then the release is as it was."""
    made = state.since_armed.decision
    return state.taking_back is not None and (made is None or made.decision != Decision.BACK_OUT)


async def end_kept(run: Run, records: Records) -> OutcomeReached:
    """End a run whose release stays, and free its nodes: its backout may have been ended when it had taken them.

    Raises Refused as `conclude_kept` does.
    """
    if is_kept(await run.state()):
        await give_nodes_back(run, await asyncio.to_thread(latest, run))
    return await asyncio.to_thread(conclude_kept, records, run.snapshot, run.run_id, run.ledger, await run.state())


def conclude_kept(records: Records, snapshot: Snapshot, run_id: str, ledger: Ledger, state: RunState) -> OutcomeReached:
    """End a run whose release stays: its outcome is what it was, no node is asked, nobody is told anew.

    Another run of the plan may begin then. Raises Refused when there is nothing of the kind to end.
    """
    if state.released is None or state.taking_back is None or not is_kept(state):
        raise Refused("no backout of a release was asked for that could still be declined")
    was, asked = state.released.event, state.taking_back.asked.event
    why = state.taking_back.declined.why if state.taking_back.declined else "nobody decided for it"
    told = f"{was.because}; {asked.by} asked for a backout, which was declined: {why}"
    outcome = OutcomeReached(outcome=was.outcome, because=told)
    ledger.keep(outcome)
    ledger.seal()
    remember(records, snapshot, run_id, ledger)
    records.close_run(snapshot.plan.name, run_id)
    return outcome
