"""The address of a criterion can be read: a URL of http or https, or HOST:PORT; a port that exists, and no password.

A password would stand in the record of the release, on cards and in logs; Airflow keeps secrets in its connections.

PASS
    success:
      health: {http: "http://{node}:8080/health"}
      port: {tcp: "{node}:5432"}

FAIL
    success:
      health: {http: "http://{node}:99999/health"}
      other: {http: "{node}:8080/health"}
      third: {tcp: "{node}"}
"""

from collections.abc import Iterator
from typing import Final

from deployplan.plan.draft import Draft
from deployplan.plan.model.criterion import MachineCriterion
from deployplan.plan.model.endpoint import NoEndpoint
from deployplan.plan.text.problem import Problem

ID: Final = "url-readable"
SEVERITY: Final = "error"


def check(draft: Draft) -> Iterator[Problem]:
    for criterion in draft.plan.machine_criteria():
        written = draft.tree.get("success", criterion.name, criterion.kind)
        # What stands in place of a mistake in shape is not the author's.
        if written is None or written.value != criterion.question:
            continue
        if wrong := _what_is_wrong(draft, criterion):
            yield Problem.at(written.at, ID, f"criterion {criterion.name!r} reads {wrong}", wrong.hint)


def _what_is_wrong(draft: Draft, criterion: MachineCriterion) -> NoEndpoint | None:
    """What keeps it from being read on a node; a placeholder without a value is told by placeholder-known."""
    for question in draft.questions(criterion):
        try:
            criterion.endpoint(question)
        except NoEndpoint as wrong:
            return wrong
    return None
