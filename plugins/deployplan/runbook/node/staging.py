"""What a script finds on its node: the package, the plan's own scripts, and its environment."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePath

from deployplan.plain_file import reason_of, require_no_link
from deployplan.plan.model.component import Component
from deployplan.plan.model.infrastructure import Node
from deployplan.plan.model.script import Script
from deployplan.remote.command import Secret, Value
from deployplan.remote.errors import NodeFault, RemoteError
from deployplan.remote.job import JobSpec
from deployplan.remote.node_client import NodeClient
from deployplan.runbook.node.node_step import NodeStep
from deployplan.runbook.run.run import Run


async def place_files(
    run: Run, component: Component | None, client: NodeClient, *, found: str | None = None
) -> tuple[str | None, str | None]:
    """Have the component's package and the plan's scripts on the node, verified; returns their directories.

    Bytes that are there already are not sent again. `found` is what the node has just said of the package.
    """
    package_dir = scripts_dir = None
    if component is not None and component.package is not None:
        package = run.snapshot.plan.package[component.package]
        name, local = PurePath(package.file).name, run.include.packages / package.file
        _must_not_be_a_link(run, local)
        staged = await client.stage(package.sha256, name, local, found=found)
        package_dir = staged.package_dir
    if run.snapshot.scripts:
        files = {script.path: script.content for script in run.snapshot.scripts}
        scripts_dir = await client.stage_scripts(_digest(run.snapshot.scripts), files)
    client.placed[component.name if component is not None else ""] = package_dir, scripts_dir
    return package_dir, scripts_dir


def _must_not_be_a_link(run: Run, local: Path) -> None:
    try:
        require_no_link(local.parent, run.include.root)
    except OSError as error:
        raise RemoteError(f"package {local} cannot be read here: {reason_of(error)}") from error


async def placed_files(run: Run, component: Component | None, client: NodeClient) -> tuple[str | None, str | None]:
    """The directories of what this very connection has placed before, else placed now.

    For checks, which are read again and again; a job's files are verified anew each time.
    """
    known = client.placed.get(component.name if component is not None else "")
    return await place_files(run, component, client) if known is None else known


def forget_placed(component: Component | None, client: NodeClient) -> None:
    """Have the files placed again when they are next asked for."""
    client.placed.pop(component.name if component is not None else "", None)


def _digest(scripts: Iterable[Script]) -> str:
    """The sha256 of the set: the names and the sha256 of each."""
    return hashlib.sha256(json.dumps([[script.path, script.sha256] for script in scripts]).encode()).hexdigest()


async def job_spec(
    run: Run, step: NodeStep, node: str, client: NodeClient, attempt: int, *, found: str | None = None
) -> JobSpec:
    """The job for this step, with its files in place on the node. It runs where its package lies, else its scripts.

    `found` is what the node has just said of the package.
    """
    owner = step.owner or step.component.name
    secrets = run.secrets.get(owner, {})
    if missing := sorted(set(step.component.secrets) - set(secrets)):
        raise NodeFault(f"{node}: not started, as the connections of its secrets are missing: {', '.join(missing)}")
    package_dir, scripts_dir = await place_files(run, step.component, client, found=found)
    plan = run.snapshot.plan
    env: dict[str, Value] = dict(step.component.env)
    env |= {name: Secret(value) for name, value in secrets.items()}
    env |= node_environment(run.snapshot.infrastructure.nodes[step.about or node])
    env |= {
        "DEPLOYPLAN_PLAN": plan.name,
        "DEPLOYPLAN_VERSION": plan.scope.release.version,
        "DEPLOYPLAN_PREVIOUS": step.previous or plan.scope.release.previous or "",
        "DEPLOYPLAN_COMPONENT": owner,
        "DEPLOYPLAN_PACKAGE_DIR": package_dir or "",
        "DEPLOYPLAN_SCRIPTS_DIR": scripts_dir or "",
        "DEPLOYPLAN_ATTEMPT": str(attempt),
    }
    return JobSpec(
        digest=run.snapshot.digest,
        component=step.component.name,
        step=step.name,
        attempt=attempt,
        run=step.token,
        generation=step.generation,
        script=step.script,
        env=env,
        cwd=package_dir or scripts_dir,
        controller=run.controller,
    )


def node_environment(node: Node) -> Mapping[str, Value]:
    """The variables by which a script or a check knows its node: its name, and each of its vars in capitals."""
    return {"DEPLOYPLAN_NODE": node.name} | {
        f"DEPLOYPLAN_VAR_{name.upper()}": str(value) for name, value in node.vars.items()
    }
