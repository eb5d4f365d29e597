"""What each node is told about itself: what is installed, by which run, verified or not."""

from dataclasses import replace

from deployplan.plan.model.component import Component
from deployplan.remote.errors import Fenced, RemoteError
from deployplan.remote.node_client import NodeClient
from deployplan.remote.node_facts import NodeRecords
from deployplan.runbook.node.node_step import NodeState, StepResult
from deployplan.runbook.run.generation import Generation
from deployplan.runbook.run.run import LockLost, Run


def is_noted(facts: NodeRecords, job_id: str, *, but_by: str | None = None) -> bool:
    """Whether the node's ledger says what came of this job: a controller has judged it to be well done.

    With `but_by` only what another run than that one noted counts.
    """
    noted = (entry for entry in facts.ledger if entry.get("job") == job_id)
    return any(but_by is None or entry.get("run") != but_by for entry in noted)


async def note_installed(
    run: Run, component: Component, node: str, done: StepResult, generation: Generation
) -> StepResult:
    """Write on the node that the component's new release is installed; see `_note_once`."""
    entry = _entry(run, component, "installed", run.snapshot.plan.scope.release.version)
    return await _note_once(run, node, entry, done, token=generation.deploy)


async def note_restored(
    run: Run, component: Component, node: str, version: str | None, done: StepResult, generation: Generation
) -> StepResult:
    """Write on the node that the component is back at the release it came from, None when there was none before."""
    entry = _entry(run, component, "restored", version)
    return await _note_once(run, node, entry, done, token=generation.backout)


async def _note_once(run: Run, node: str, entry: dict[str, object], done: StepResult, *, token: str) -> StepResult:
    """Write the entry for the job that is done, once, however often it is called.

    Returns the result, which is unknown when the node could not be told. Raises Refused when another controller has
    taken over.
    """

    async def note(client: NodeClient) -> None:
        await client.append_ledger(entry | {"job": done.job_id}, run=token, once_for_job=done.job_id)

    try:
        await run.fleet.ask(node, note)
    except Fenced as error:
        raise LockLost(error) from error
    except RemoteError as error:
        return replace(done, state=NodeState.UNKNOWN, why=f"done, but the node could not be told so: {error}")
    return done


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


def _entry(run: Run, component: Component, event: str, version: str | None) -> dict[str, object]:
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
