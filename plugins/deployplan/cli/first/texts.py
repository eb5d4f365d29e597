"""The texts of first documents, with comments that explain them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from deployplan.cli.first.components import FirstComponent, yaml_text
from deployplan.cli.first.inventory import ListedMachines

SCHEMA = "# yaml-language-server: $schema=../schema/{document}.schema.json\n"


@dataclass(frozen=True, slots=True)
class PlanAnswers:
    """What a plan says that no procedure can."""

    name: str
    environment: str
    author: str
    product: str
    version: str
    previous: str
    summary: str
    opens: str
    closes: str
    timezone: str
    follows: str | None


def environment_text(name: str, connection: str, timezone: str, fleet: ListedMachines) -> str:
    """Return infrastructure/NAME.yaml."""
    lines = [
        "# An environment: its machines, and how they are reached.",
        *(f"# Not carried from the inventory: {' '.join(remark.split())}" for remark in fleet.left),
        f"environment: {yaml_text(name)}",
        f"connection: {yaml_text(connection)}      # an SSH connection of Airflow: AIRFLOW_CONN_{connection.upper()}",
        f"timezone: {yaml_text(timezone)}        # of wall times in plans that name none",
        "nodes:",
        *(f"  {yaml_text(node)}: {{{_pairs(facts)}}}" for node, facts in fleet.nodes.items()),
    ]
    if fleet.groups:
        lines += ["groups:                  # a plan says group:NAME"]
        lines += [f"  {yaml_text(group)}: [{_list(nodes)}]" for group, nodes in fleet.groups.items()]
    lines += [
        "requires: [sh]           # programs that every node must have before people are asked; add yours",
        "# freezes: [{name: year end, from: 2030-12-20 00:00, to: 2031-01-04 06:00, reason: the books are closed}]",
    ]
    return SCHEMA.format(document="infrastructure") + "\n".join(lines) + "\n"


def procedure_text(parts: Sequence[FirstComponent], nodes: str, authorities: Mapping[str, str]) -> str:
    """Return procedures/NAME.yaml: what is the same for each release."""
    lines = ["# A procedure: what is the same at each release. A plan follows it, and says what is its own."]
    lines += _work(parts, nodes, authorities)
    return SCHEMA.format(document="procedure") + "\n".join(lines) + "\n"


def plan_text(answers: PlanAnswers, parts: Sequence[FirstComponent], nodes: str, authorities: Mapping[str, str]) -> str:
    """Return plans/NAME.yaml: one release; its work stands in the procedure that it follows, if it follows one."""
    given = {key: yaml_text(getattr(answers, key)) for key in PlanAnswers.__slots__ if getattr(answers, key)}
    lines = [
        "# A plan: one release. `deployplan lint` checks it, `deployplan show` prints it whole.",
        f"plan: {given['name']}              # = the file's name",
        *([f"follows: {given['follows']}      # what is the same each time"] if answers.follows else []),
        f"environment: {given['environment']}",
        f"author: {given['author']}             # may not approve it",
        "scope:",
        f"  release: {{product: {given['product']}, version: {given['version']}, previous: {given['previous']}}}",
        f"  summary: {given['summary']}",
        "schedule:                # nothing starts outside, nor what could not be undone before it closes",
        f"  window: {{opens: {answers.opens}, closes: {answers.closes}, timezone: {given['timezone']}}}",
    ]  # fmt: skip
    if not answers.follows:
        lines += _work(parts, nodes, authorities)
    return SCHEMA.format(document="plan") + "\n".join(lines) + "\n"


def _work(parts: Sequence[FirstComponent], nodes: str, authorities: Mapping[str, str]) -> list[str]:
    lines = ["components:"]
    for part in parts:
        lines += [f"  # {remark}" for remark in part.remarks]
        lines += [
            f"  {yaml_text(part.name)}:",
            f"    nodes: [{yaml_text(nodes)}]",
            "    waves: [1, 100%]      # one node first, a canary; then the others",
            f"    deploy: {yaml_text(part.deploy)}",
            f"    undo: {yaml_text(part.undo)}       # back to the release that was there",
            *([f"    current: {yaml_text(part.current)}      # prints the version"] if part.current else []),
            "    timeout: 5m           # longer than that, and it is terminated",
        ]  # fmt: skip
    people = ", ".join(f"{yaml_text(person)}: {yaml_text(role)}" for person, role in authorities.items())
    lines += ["approval:                # who says yes to exactly this content", f"  authorities: {{{people}}}"]
    lines += [f"  quorum: {len(authorities)}", "success:                 # what must hold afterwards"]
    for part in parts:
        if part.check:
            lines += [
                f"  {yaml_text(part.name)}:",
                f"    command: {yaml_text(part.check)}",
                f'    "on": {yaml_text(nodes)}',
            ]
        else:
            lines += [f"  {yaml_text(part.name)}:", f"    manual: {yaml_text(f'Does {part.name} work on each node?')}"]
    return lines


def _pairs(facts: Mapping[str, str | int]) -> str:
    return ", ".join(
        f"{key}: {yaml_text(str(value)) if isinstance(value, str) else value}" for key, value in facts.items()
    )


def _list(nodes: Sequence[str]) -> str:
    return ", ".join(map(yaml_text, nodes))
