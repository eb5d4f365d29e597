"""Hold a node again whose lock was lost, because people have its wave tried again: where nothing came there since."""

from deployplan.evidence.kinds.window import NodeHeldAgain
from deployplan.remote.errors import Fenced, LockHeld, RemoteError, beside_name
from deployplan.remote.node_client import NodeClient
from deployplan.remote.node_facts import NodeFacts
from deployplan.runbook.node.installed_release import brought_since
from deployplan.runbook.run.run import LockLost, Run


async def hold_again(run: Run, node: str, token: str) -> str | None:
    """Take the node with this token of the run's turn, unless it has it still; return why it cannot be had, or None.

    Where another run has brought or undone a release of the product there since the arming, what this one found there
    holds no more: the node is given back. So it is, too, where the lock is this turn's already: a try that died, or an
    answer that was lost, may have taken it a moment ago. Raises LockLost when a later turn of this run has taken over.
    A node that does not answer is for the step itself to wait for, unless its lock may just have been taken: then
    nobody has looked yet at what came there.
    """
    holder, taking = run.holder(token), False

    async def take(client: NodeClient) -> NodeFacts:
        nonlocal taking
        facts = await client.facts()
        if facts.holder is not None and (facts.holder.run, facts.holder.plan) == (token, holder.plan):
            return facts
        taking = True
        await client.lock(holder)
        return await client.facts()

    try:
        facts = await run.fleet.ask(node, take)
        if (later := await _brought_meanwhile(run, facts)) is not None:
            taking = True
            await run.fleet.ask(node, lambda client: client.unlock(holder))
            return f"its lock was lost, and {later} was brought there since: leave it out, or back out"
    except Fenced as error:
        raise LockLost(error) from error
    except LockHeld as error:
        return f"its lock was lost: {beside_name(node, error)}"
    except RemoteError as error:
        told = (
            f"its lock was lost, and whether anything was brought there since is not known: {beside_name(node, error)}"
        )
        return told if taking else None
    if taking:
        await run.note(NodeHeldAgain(node=node))
        run.say(f"{node} | its lock was lost; it is held again")
    return None


async def _brought_meanwhile(run: Run, facts: NodeFacts) -> str | None:
    """What another run brought of the product since the arming, by the node's ledger, in words."""
    armed, plan = (await run.state()).armed, run.snapshot.plan
    since = None if armed is None else armed.at
    return brought_since(facts.ledger, plan.scope.release.product, since, but_by=(plan.name, run.run_id))
