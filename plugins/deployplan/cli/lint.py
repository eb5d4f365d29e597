"""`deployplan lint`: is every plan right?"""

import os
import threading
from pathlib import Path
from queue import Empty, Queue
from typing import Annotated

import typer

from deployplan.cli.options import DEFAULT_INCLUDE, IncludeFolder, include_at
from deployplan.cli.render import Format, fail, render_problems, summary
from deployplan.clock import SystemClock
from deployplan.evidence import Records
from deployplan.lint.known import Known
from deployplan.lint.rule_reference import rule_reference
from deployplan.lint.runner import lint as problems_of
from deployplan.local.settings import settings_from
from deployplan.plan.include import Include
from deployplan.printable import printable
from deployplan.runbook.timing.past_runs import released_plans

app = typer.Typer()
FOUND = 1
STORE_ANSWERS_WITHIN = 10
"""Seconds; after that the record store is not waited for."""


@app.command()
def lint(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="PATH", help="Plan files, or folders of them. Default: all plans."),
    ] = None,
    include: IncludeFolder = DEFAULT_INCLUDE,
    form: Annotated[Format, typer.Option("--format", help="For people, for programs, for GitHub's log.")] = "text",
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 for warnings too.")] = False,
    rules: Annotated[bool, typer.Option("--rules", help="Print the manual of all rules and stop.")] = False,
) -> None:
    """Print every problem of the plans as path:line:col: message [rule].

    Exit code 0: no errors; 1: errors, or warnings with --strict; 2: wrong usage.

    Examples: deployplan lint; deployplan lint include/plans/storefront-4.3.0.yaml --strict;
    deployplan lint --format github
    """
    if rules:
        typer.echo(rule_reference(), nl=False)
        return
    folder = include_at(include)
    asked = _files(paths) if paths else _all_plans(folder)
    problems = problems_of(folder, asked, _known(folder))
    if problems or form == "json":
        typer.echo(render_problems(problems, form))
    typer.echo(f"{len(asked)} {'plan' if len(asked) == 1 else 'plans'}, {summary(problems)}", err=True)
    if any(strict or problem.severity == "error" for problem in problems):
        raise typer.Exit(FOUND)


def _known(folder: Include) -> Known:
    """What this machine knows beside the documents: the time, who may log in, what was released."""
    from deployplan.local.users import list_users

    users, place = list_users(os.environ, folder.root) or (None, "")
    return Known(SystemClock().now(), users, place, released=_released)


def _released() -> frozenset[str]:
    """The plans that are in production; a record store that cannot be asked, or is slow, is told and not waited for."""
    answer: Queue[frozenset[str] | Exception] = Queue()

    def ask() -> None:
        try:
            answer.put(released_plans(Records(settings_from().records)))
        except Exception as error:  # whatever a client of object storage raises
            answer.put(error)

    threading.Thread(target=ask, daemon=True).start()
    try:
        told = answer.get(timeout=STORE_ANSWERS_WITHIN)
    except Empty:
        told = TimeoutError(f"no answer within {STORE_ANSWERS_WITHIN} s")
    if isinstance(told, Exception):
        typer.echo(f"which plans were released is not known, so they count as to come: {printable(told)}", err=True)
        return frozenset()
    return told


def _all_plans(include: Include) -> list[Path]:
    if not include.plans.is_dir():
        fail(f"{include.root} has no folder plans/", "name the include folder with --include or DEPLOYPLAN_INCLUDE")
    return list(include.plan_paths())


def _files(paths: list[Path]) -> list[Path]:
    """Return the plan files at the paths; a folder stands for the plans in it."""
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = path / "plans" if (path / "plans").is_dir() else path
            files += _plans_in(inside)
        elif path.exists():
            files.append(path)
        else:
            fail(f"there is no file {path}", "name a plan file, or leave it out to check all plans")
    return files


def _plans_in(folder: Path) -> list[Path]:
    return list(Include(folder.parent).plan_paths()) if folder.name == "plans" else sorted(folder.glob("*.y*ml"))
