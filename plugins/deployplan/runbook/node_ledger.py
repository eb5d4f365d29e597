"""What each node is told about itself: what is installed, by which run, verified or not."""

from deployplan.plan.work import Component
from deployplan.remote.node_client import NodeClient
from deployplan.runbook.generation import Generation
from deployplan.runbook.run import Run


async def note_installed(run: Run, component: Component, node: str, job_id: str, generation: Generation) -> None:
    """Write on the node that the component's new release is installed; once a job, however often it is called."""
    release = run.snapshot.plan.scope.release

    async def note(client: NodeClient) -> None:
        facts = await client.facts()
        if any(entry.get("job") == job_id and entry.get("event") == "installed" for entry in facts.ledger):
            return
        await client.append_ledger(
            _entry(run, component, "installed", release.version) | {"job": job_id}, run=generation.deploy
        )

    await run.fleet.ask(node, note)


async def note_restored(run: Run, component: Component, node: str, version: str | None, generation: Generation) -> None:
    """Write on the node that the component is back at the release it came from."""
    entry = _entry(run, component, "restored", version or "none")
    await run.fleet.ask(node, lambda client: client.append_ledger(entry, run=generation.backout))


async def note_verified(run: Run, client: NodeClient, token: str) -> None:
    """Write on the node that its release was verified."""
    release = run.snapshot.plan.scope.release
    entry = {
        "event": "verified",
        "product": release.product,
        "version": release.version,
        "plan": run.snapshot.plan.name,
        "run": run.run_id,
    }
    await client.append_ledger(entry | {"at": run.clock.now().isoformat()}, run=token)


def _entry(run: Run, component: Component, event: str, version: str) -> dict[str, object]:
    return {
        "at": run.clock.now().isoformat(),
        "event": event,
        "product": run.snapshot.plan.scope.release.product,
        "component": component.name,
        "version": version,
        "plan": run.snapshot.plan.name,
        "digest": run.snapshot.digest,
        "run": run.run_id,
    }
