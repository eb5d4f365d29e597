"""Keep nodes locked after a failed backout, so that nobody works on them before a person has looked."""

from deployplan.evidence.kinds.backout import NodesFrozen
from deployplan.remote.errors import beside_name
from deployplan.remote.node_client import NodeClient
from deployplan.runbook.run.generation import Generation
from deployplan.runbook.run.lock_token import acts_for
from deployplan.runbook.run.run import Run


async def freeze_nodes(run: Run, nodes: tuple[str, ...], generation: Generation, why: str) -> None:
    """Keep the nodes locked after a failed backout, for people to look at; later plans are refused there.

    A node that was never reached is still locked by the deploy: it is frozen as that.
    """

    async def one(node: str, client: NodeClient) -> None:
        holder = (await client.facts()).holder
        ours = holder if holder is not None and acts_for(generation.backout, holder) else run.holder(generation.backout)
        await client.freeze_lock(ours, why)

    answers = await run.fleet.ask_all(nodes, one)
    frozen = tuple(node for node, error in answers.items() if error is None)
    await run.note(NodesFrozen(nodes=frozen, why=why))
    for node, error in answers.items():
        if error is not None:
            run.say(f"{node} | could not be frozen: {beside_name(node, error)}")
