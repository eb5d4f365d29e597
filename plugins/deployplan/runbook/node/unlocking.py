"""Take a node's lock away from the run that holds it, because a person says so; the node keeps the reason."""

from dataclasses import dataclass, replace
from datetime import datetime

from deployplan.remote.node_client import NodeClient
from deployplan.remote.node_facts import Holder, NodeFacts
from deployplan.runbook.node.node_story import UNLOCKED, node_story, run_of
from deployplan.runbook.run.run import Refused


@dataclass(frozen=True, slots=True)
class Unlocking:
    """A person's word: this holder, as they saw it, no longer holds the node.

    `even_if_running`: a job there is no reason to wait.
    """

    holder: Holder
    by: str
    reason: str
    at: datetime
    even_if_running: bool = False

    def entry(self) -> dict[str, object]:
        """What the node's ledger keeps of it."""
        return {
            "at": self.at.isoformat(),
            "event": UNLOCKED,
            "plan": self.holder.plan,
            "digest": self.holder.digest,
            "run": run_of(self.holder.run),
            "by": self.by,
            "reason": self.reason,
            "since": self.holder.since.isoformat(),
            "frozen": self.holder.frozen,
        }


async def unlock_node(client: NodeClient, wanted: Unlocking) -> None:
    """Note the reason in the node's ledger, then give the node free; harmless when repeated.

    Raises Refused when the lock is no longer what the person saw or a job runs, Fenced or LockHeld when that changes in
    this very moment: then nothing is unlocked, though the ledger may have the reason already.
    """
    facts = await client.facts()
    noted = wanted.entry() in facts.ledger
    if facts.holder is None and noted:
        return  # it was done, and the answer got lost
    require_unlockable(client.name, facts, wanted.holder, even_if_running=wanted.even_if_running)
    if not noted:
        await client.append_ledger(wanted.entry(), run=wanted.holder.run)
    # Without force the node looks once more for jobs, in the same command that unlocks.
    forced = wanted.holder.frozen is not None or wanted.even_if_running
    holder = replace(wanted.holder, controller=wanted.by)
    await client.unlock(holder, force_reason=wanted.reason if forced else None)


def require_unlockable(node: str, facts: NodeFacts, seen: Holder, *, even_if_running: bool) -> None:
    """Raises Refused when the node is held otherwise than `seen`, or when a job runs there."""
    if facts.holder != seen:
        now = f"it is held by {facts.holder}" if facts.holder else "nobody holds it"
        raise Refused(f"{node}: the lock has changed meanwhile, {now}; look again")
    running = [job.job_id for job in node_story(facts).running]
    if running and not even_if_running:
        raise Refused(f"{node}: {', '.join(running)} still runs; another plan could start beside it")
