"""What an addition takes: the files in which what was added last is named, and no other file knows of it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "plugins" / "deployplan"


def names(path: Path) -> Iterator[str]:
    """The names, imports and words of a module; what it says in sentences does not count."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                yield name
            case ast.ImportFrom(module=str(name)):
                yield from (name, *(each.name for each in node.names))
            case ast.Constant(value=str(text)) if " " not in text:
                yield text


def files_that_name(pattern: str) -> set[str]:
    known = re.compile(pattern)
    return {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if any(known.search(name) for name in names(path))
    }


@pytest.mark.parametrize(
    ("addition", "pattern", "files"),
    [
        (
            "a criterion kind that asks what it names: its shape, its check, and the reader that asks it",
            r"(?i)\btcp\b|TcpCriterion|tcp_check|connect_from_here|connect_command|judge_connection",
            {"plan/model/criterion_shapes.py", "checks/tcp_check.py", "checks/read.py"},
        ),
        (
            "a channel: its file, and the word that plans say",
            r"(?i)apprise",
            {"comms/apprise_channel.py", "plan/model/people.py"},
        ),
        (
            "an outcome and its moment: a row each; the evidence and the step that lead to it are of their own",
            r"^NOTHING_TO_DO$",
            {"runbook/run/outcome_kinds.py", "plan/model/moment.py"},
        ),
    ],
)
def test_what_was_added_last_is_named_in_as_few_files_as_promised(addition: str, pattern: str, files: set[str]) -> None:
    assert files_that_name(pattern) == files, addition


METRIC = {
    "what every criterion kind takes: its shape, its check, and the reader that asks it": {
        "plan/model/criterion_shapes.py",
        "checks/metric_check.py",
        "checks/read.py",
    },
    "a language and a protocol of its own: how a query is filled in, asked, and held against its bounds": {
        "plan/text/promql.py",
        "checks/prometheus.py",
        "checks/metric_bounds.py",
    },
    "its server is operations', not the plan's: the environment states it, and that is approved": {
        "plan/model/metrics.py",
        "plan/model/infrastructure.py",
        "plan/snapshot.py",
        "plan/difference.py",
        "plan/rules/metrics_known.py",
        "plan/rules/__init__.py",
    },
    "who logs in there is an Airflow connection's, and whether it answers is asked before anybody approves": {
        "airflow_glue/connections.py",
        "airflow_glue/context.py",
        "runbook/run/run.py",
        "runbook/preflight.py",
    },
    "it looks back and at other nodes: when a wave began, who has the release, when there is nothing to compare": {
        "runbook/node/metric_context.py",
        "runbook/node/read_criterion.py",
        "runbook/baseline.py",
        "runbook/gate.py",
        "runbook/backout_proof.py",
        "lint/rules/others_left.py",
    },
    "bounds of its own are explained where they are wrong, and drawn where people read them": {
        "lint/rule_reference.py",
        "plan/text/repair.py",
        "ui/release.py",
    },
    "nobody has approved what a rehearsal would ask of it": {"local/rehearsal.py"},
    "what-if runs are told that its server answers": {"airflow_glue/what_if/world.py"},
    "no criterion: figures about the releases, for those who watch Airflow": {
        "airflow_glue/server/metrics.py",
        "airflow_glue/server/outbox.py",
    },
}
"""The files that the last criterion kind is named in, by what it needed beyond the three of every kind."""


def test_each_file_that_names_the_last_criterion_kind_is_one_of_the_three_of_every_kind_or_has_a_reason() -> None:
    assert files_that_name(r"(?i)metric|promql|prometheus") == set().union(*METRIC.values())
