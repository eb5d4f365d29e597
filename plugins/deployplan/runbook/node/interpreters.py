"""Can a node run the scripts of a component: are their interpreters there, and may files be executed at all?"""

from posixpath import join

from deployplan.plan.interpreter import interpreters, named_programs, named_script, shebang
from deployplan.plan.model.component import Component
from deployplan.plan.snapshot import Snapshot
from deployplan.remote.command import quote
from deployplan.remote.node_client import NodeClient
from deployplan.remote.node_facts import NodeFacts

PATIENCE = 30.0
"""Seconds that each look may take."""


def cannot_execute(component: Component, facts: NodeFacts) -> list[str]:
    """What of the component is executed as a file, when the node mounts its folder so that no file can be."""
    if not facts.noexec:
        return []
    called = [f"`{key}`" for key in ("deploy", "undo") if (getattr(component, key) or "").lstrip().startswith("./")]
    if not called:
        return []
    where, keys = facts.base, " and ".join(called)
    return [
        f"{where} is mounted noexec: {keys} of {component.name} cannot be executed; write `sh ./…`, or set base_dir"
    ]


async def missing_interpreters(snapshot: Snapshot, component: Component, client: NodeClient) -> list[str]:
    """What the first lines of the component's scripts name and the node does not have. Nothing of the plan is executed.

    The component's files have been placed over this connection before, or are not looked into.
    """
    package_dir, _ = client.placed.get(component.name, (None, None))
    wanted = dict(interpreters(snapshot, component))
    problems = []
    for name, line in (await _first_lines(component, client, package_dir)).items():
        if line.endswith("\r"):
            problems.append(
                f"./{name} of {component.name} has line ends of Windows: its interpreter would not be found"
            )
            continue
        for program in named_programs(shebang(line) or ""):
            wanted.setdefault(program, f"./{name}")
    if not wanted:
        return problems
    words = " ".join(map(quote, wanted))
    look = f'for w in {words}; do command -v "$w" >/dev/null 2>&1 || printf "%s\\n" "$w"; done'
    missing = (await client.run(look, timeout=PATIENCE)).text.splitlines()
    for program, where in wanted.items():
        if program in missing:
            problems.append(f"{where} needs {program}, which is not there")
    return problems


async def _first_lines(component: Component, client: NodeClient, package_dir: str | None) -> dict[str, str]:
    """The first lines of the package's scripts that the component calls as `./x`, where they begin with `#!`."""
    commands = [getattr(component, key) or "" for key in ("deploy", "undo", "current")]
    names = sorted({named_script(command) or "" for command in commands if command.lstrip().startswith("./")} - {""})
    if package_dir is None or not names:
        return {}
    paths = {join(package_dir, name): name for name in names}
    look = (
        f'for f in {" ".join(map(quote, paths))}; do l=; IFS= read -r l <"$f"; '
        'case $l in "#!"*) printf "%.300s\\t%s\\n" "$l" "$f";; esac; done 2>/dev/null'
    )
    found = {}
    for answer in (await client.run(look, timeout=PATIENCE)).text.split("\n"):
        line, _, path = answer.rpartition("\t")
        if path in paths:
            found[paths[path]] = line
    return found
