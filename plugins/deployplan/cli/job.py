"""`deployplan job`: what does a node say of a job, and what did the job say?"""

import json
import re
import sys
from collections.abc import Callable
from typing import Annotated

import typer

from deployplan.cli.node_table import job_line
from deployplan.cli.options import DEFAULT_INCLUDE, AsJson, IncludeFolder, include_at
from deployplan.cli.render import fail
from deployplan.cli.targets import Environment, Target, one
from deployplan.printable import some_of
from deployplan.remote.job import JobFacts
from deployplan.remote.node_client import NodeClient
from deployplan.runbook.node.node_story import job_json

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
        facts = {"node": target.name, "environment": target.environment, **job_json(found)}
        if log:
            said: list[bytes] = []
            _read(target, found, said.append)
            facts["log"] = b"".join(said).decode(errors="replace")
        typer.echo(json.dumps(facts, indent=2, ensure_ascii=False))
    elif log:
        _read(target, found, _write)
    else:
        typer.echo(job_line(found))


async def _jobs(client: NodeClient) -> tuple[JobFacts, ...]:
    return (await client.facts()).jobs


def _find(jobs: tuple[JobFacts, ...], name: str, target: Target) -> JobFacts:
    exact = [each for each in jobs if each.job_id == name]
    found = exact or [each for each in jobs if each.job_id.endswith(f"-{name}")]
    listed = some_of(each.job_id for each in found or jobs) or "none"
    if not found:
        fail(f"there is no job {name!r} on {target.name}; there are {listed}", f"see deployplan nodes {target.name}")
    if len(found) > 1:
        fail(f"{name!r} means {len(found)} jobs on {target.name}: {listed}", "name one by its whole id")
    return found[0]


def _read(target: Target, found: JobFacts, write: Callable[[bytes], object]) -> None:
    """Hand on the log as it was when the job was looked at; a lost connection goes on where it ended."""
    from deployplan.cli.reach import ask_one

    done = 0

    async def rest(client: NodeClient) -> None:
        nonlocal done
        while done < found.log_bytes:
            piece = await client.read_log(found.job_id, done, min(PIECE, found.log_bytes - done))
            if not piece:
                return  # somebody has cut it
            write(piece)
            done += len(piece)

    ask_one(target, rest)


def _write(piece: bytes) -> None:
    if sys.stdout.isatty():
        text = piece.decode(errors="replace")
        typer.echo(_STEERING.sub(lambda mark: mark[0].encode("unicode_escape").decode(), text), nl=False)
    else:
        typer.echo(piece, nl=False)
