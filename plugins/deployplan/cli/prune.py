"""`deployplan prune`: old jobs and packages leave the nodes, none that a decision may rest on."""

import json
from datetime import timedelta
from typing import Annotated

import typer

from deployplan.cli.options import DEFAULT_INCLUDE, AsJson, IncludeFolder, include_at
from deployplan.cli.record_store import records_at
from deployplan.cli.targets import Environment, meant
from deployplan.clock import SystemClock
from deployplan.errors import DeployPlanError
from deployplan.remote.node_client import NodeClient
from deployplan.remote.pruning import prunable
from deployplan.runbook.take_back import days_to_keep

app = typer.Typer()
NO_ANSWER = 1


@app.command()
def prune(
    which: Annotated[str, typer.Argument(metavar="PLAN|NODE", help="A plan's nodes, or one node.")],
    keep: Annotated[int, typer.Option(help="Jobs that stay on each node, the newest, however old.", min=0)] = 20,
    days: Annotated[int, typer.Option(help="Jobs and packages that ended or came since stay too.", min=0)] = 30,
    preview: Annotated[bool, typer.Option("--preview", help="Only name the jobs that would go.")] = False,
    environment: Environment = None,
    include: IncludeFolder = DEFAULT_INCLUDE,
    as_json: AsJson = False,
) -> None:
    """Remove jobs that are over and old from nodes, with their logs, and packages that no job names.

    A job goes when it is beyond the newest --keep and older than --days, together with all jobs of its plan and
    component; what was worked on last always stays, and so does all that is younger than a release that may still be
    backed out (`backout.until`), by the record store. Jobs that run, and the node's ledger, are never touched.

    Exit code 0: every node was pruned; 1: a node did not answer, or the plan has problems; 2: no such plan or node.

    Examples: deployplan prune storefront-4.3.0 --preview; deployplan prune web-1 --keep 50 --days 90
    """
    from deployplan.cli.reach import ask_each, hint_for

    kept = days_to_keep(records_at(None, None), days, now=SystemClock().now())
    if kept > days:
        typer.echo(f"a release may still be backed out: what is younger than {kept} days stays", err=True)

    async def pruned(client: NodeClient) -> tuple[str, ...]:
        if preview:
            facts = await client.facts()
            return prunable(facts.jobs, keep=keep, older_than=facts.now - timedelta(days=kept))
        return await client.prune(keep=keep, older_than_days=kept)

    answers = ask_each(meant(which, environment, include_at(include)), pruned)
    if as_json:
        typer.echo(
            json.dumps([_facts(target.name, target.environment, answer) for target, answer in answers], indent=2)
        )
    for target, answer in answers:
        if isinstance(answer, DeployPlanError):
            typer.echo(f"error: {answer}", err=True)
            typer.echo(f"hint: {hint_for(answer) or 'run the command again: pruning may be repeated'}", err=True)
        elif not as_json:
            typer.echo(f"{target.name}: {', '.join(answer) or 'nothing'} {'would go' if preview else 'removed'}")
    raise typer.Exit(NO_ANSWER if any(isinstance(answer, DeployPlanError) for _, answer in answers) else 0)


def _facts(node: str, environment: str, answer: tuple[str, ...] | DeployPlanError) -> dict[str, object]:
    known: dict[str, object] = {"node": node, "environment": environment}
    if isinstance(answer, DeployPlanError):
        return {**known, "answered": False, "problem": str(answer)}
    return {**known, "answered": True, "problem": None, "jobs": list(answer)}
