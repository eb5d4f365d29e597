"""`deployplan show`: what does the merged plan say?"""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from deployplan.cli.options import DEFAULT_INCLUDE, AsJson, IncludeFolder, include_at
from deployplan.cli.render import fail, render_problems
from deployplan.plan.include import SUFFIXES, Include, documents_in
from deployplan.plan.load.loading import load
from deployplan.plan.pages.readable import plan_page
from deployplan.plan.snapshot import Snapshot
from deployplan.plan.text.keys import did_you_mean
from deployplan.plan.text.problem import PlanRejected
from deployplan.plan.worst_case import worst_case
from deployplan.printable import some_of

app = typer.Typer()
REJECTED = 1


@app.command()
def show(
    plan: Annotated[str, typer.Argument(help="Name of a plan, or its file.")],
    include: IncludeFolder = DEFAULT_INCLUDE,
    as_json: AsJson = False,
) -> None:
    """Print the plan merged over its procedure, as a document in markdown.

    Exit code 0: printed; 1: the plan has problems, which go to stderr; 2: there is no such plan.

    Examples: deployplan show storefront-4.3.0; deployplan show storefront-4.3.0 --json | jq .digest
    """
    folder = include_at(include)
    try:
        snapshot = load(plan_file(plan, folder), folder)
    except PlanRejected as rejected:
        typer.echo(render_problems(rejected.problems, "text"), err=True)
        raise typer.Exit(REJECTED) from rejected
    if as_json:
        typer.echo(json.dumps(facts(snapshot), indent=2, ensure_ascii=False))
    else:
        typer.echo(plan_page(snapshot), nl=False)


def plan_file(plan: str, include: Include) -> Path:
    """Return the file of a plan by name or path; ends the command with exit code 2 when there is none."""
    if plan.endswith(SUFFIXES) and Path(plan).is_file():
        return Path(plan)
    path = include.plan_path(plan)
    if not path.is_file():
        names = documents_in(include.plans)
        fail(f"there is no plan {plan!r}; there are {some_of(names) or 'none'}", did_you_mean(plan, names))
    return path


def facts(snapshot: Snapshot) -> dict[str, Any]:
    """Return the merged plan for programs, with what follows from it."""
    return {
        "digest": snapshot.digest,
        "plan": snapshot.plan.model_dump(mode="json"),
        "nodes": {node.name: node.model_dump(mode="json") for node in snapshot.nodes()},
        "waves": [
            {"component": wave.component, "number": wave.number, "of": wave.of, "nodes": wave.nodes}
            for wave in snapshot.waves
        ],
        "scripts": {script.path: script.sha256 for script in snapshot.scripts},
        "worst_case": worst_case(snapshot),
    }
