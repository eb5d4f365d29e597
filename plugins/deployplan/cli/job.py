"""`deployplan job`: what does a node say of a job, and what did the job say?"""

import json
import re
import sys
from typing import Annotated

import typer

from deployplan.cli.node_table import job_line
from deployplan.cli.options import DEFAULT_INCLUDE, AsJson, IncludeFolder, include_at
from deployplan.cli.render import fail
from deployplan.cli.targets import Environment, Target, one
from deployplan.remote.job import JobFacts
from deployplan.remote.node_client import NodeClient
from deployplan.runbook.node_story import job_json

app = typer.Typer()
PIECE = 1024 * 1024
# Tab, line feed and carriage return are a log's own.
_STEERING = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


@app.command()
def job(
    node: Annotated[str, typer.Argument(metavar="NODE", help="Name of the node.")],
    name: Annotated[
        str, typer.Argument(metavar="JOB", help="The job's id, or its end where only one has it: web-deploy-1.")
    ],
    log: Annotated[bool, typer.Option("--log", help="Print what the job has said so far, byte for byte.")] = False,
    environment: Environment = None,
    include: IncludeFolder = DEFAULT_INCLUDE,
    as_json: AsJson = False,
) -> None:
    """Tell how a job on a node stands, or print its log as it lies there.

    On a terminal, control characters of a log are shown and not obeyed.

    Exit code 0: printed; 1: the node did not answer; 2: no such node, or no such job on it.

    Examples: deployplan job web-1 web-deploy-1; deployplan job web-1 9f2c41d07ab3-web-deploy-1 --log | tail
    """
    from deployplan.cli.reach import ask_one

    target = one(node, environment, include_at(include))
    found = _find(ask_one(target, _jobs), name, target)
    if as_json:
        output = {"log": _read(target, found).decode(errors="replace")} if log else {}
        facts = {"node": target.name, "environment": target.environment, **job_json(found), **output}
        typer.echo(json.dumps(facts, indent=2, ensure_ascii=False))
    elif log:
        _print_log(target, found)
    else:
        typer.echo(job_line(found))


async def _jobs(client: NodeClient) -> tuple[JobFacts, ...]:
    return (await client.facts()).jobs


def _find(jobs: tuple[JobFacts, ...], name: str, target: Target) -> JobFacts:
    found = [each for each in jobs if each.job_id == name] or [each for each in jobs if each.job_id.endswith(f"-{name}")]
    if len(found) == 1:
        return found[0]
    listed = ", ".join(each.job_id for each in found or jobs) or "none"
    if found:
        fail(f"{name!r} means {len(found)} jobs on {target.name}: {listed}", "name one by its whole id")
    fail(f"there is no job {name!r} on {target.name}; there are {listed}", f"deployplan nodes {target.name}")


def _read(target: Target, found: JobFacts) -> bytes:
    """The whole log; a lost connection goes on where it ended."""
    from deployplan.cli.reach import ask_one

    read = bytearray()

    async def rest(client: NodeClient) -> None:
        while piece := await client.read_log(found.job_id, len(read), PIECE):
            read.extend(piece)

    ask_one(target, rest)
    return bytes(read)


def _print_log(target: Target, found: JobFacts) -> None:
    from deployplan.cli.reach import ask_one

    printed = 0

    async def rest(client: NodeClient) -> None:
        nonlocal printed
        while piece := await client.read_log(found.job_id, printed, PIECE):
            _write(piece)
            printed += len(piece)

    ask_one(target, rest)


def _write(piece: bytes) -> None:
    if sys.stdout.isatty():
        text = piece.decode(errors="replace")
        typer.echo(_STEERING.sub(lambda mark: mark[0].encode("unicode_escape").decode(), text), nl=False)
    else:
        typer.echo(piece, nl=False)
