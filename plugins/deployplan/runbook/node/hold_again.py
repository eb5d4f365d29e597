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
    holds no more: the node is given back. Raises LockLost when a later turn of this run has taken over. A node that
    does not answer is for the step itself to wait for.
    """
    holder = run.holder(token)

    async def take(client: NodeClient) -> NodeFacts | None:
        held = (await client.facts()).holder
        if held is not None and (held.run, held.plan) == (token, holder.plan):
            return None
        await client.lock(holder)
        return await client.facts()

    try:
        taken = await run.fleet.ask(node, take)
        if taken is None:
            return None
        armed, product = (await run.state()).armed, run.snapshot.plan.scope.release.product
        since = None if armed is None else armed.at
        if (later := brought_since(taken.ledger, product, since, but_by=run.run_id)) is not None:
            await run.fleet.ask(node, lambda client: client.unlock(holder))
            return f"its lock was lost, and {later} was brought there since: leave it out, or back out"
    except Fenced as error:
        raise LockLost(error) from error
    except LockHeld as error:
        return f"its lock was lost: {beside_name(node, error)}"
    except RemoteError:
        return None
    await run.note(NodeHeldAgain(node=node))
    run.say(f"{node} | its lock was lost; it is held again")
    return None
