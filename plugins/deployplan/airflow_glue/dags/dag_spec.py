"""What an Airflow DAG shows of a plan: enough to build the DAG, and nothing that a task acts on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from deployplan.airflow_glue.dags.openings import Offer, offer_of
from deployplan.runbook import task_names
from deployplan.runbook.tasks import StartRule, TaskRow, task_table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from deployplan.plan.snapshot import Snapshot


@dataclass(frozen=True)
class Outline:
    """A plan's name, digest, texts, tags and table of tasks, and the openings of its windows."""

    name: str
    digest: str
    environment: str
    author: str
    product: str
    summary: str
    doc_md: str
    tags: tuple[str, ...]
    rows: tuple[TaskRow, ...]
    offer: Offer
    access: Mapping[str, str] | None
    """What people of a role of the auth manager may do with it; None: it grants nobody anything."""

    def as_json(self) -> dict[str, Any]:
        """Return the outline as JSON values."""
        table = [[row.task, row.after, row.rule, row.title, row.subject] for row in self.rows]
        return {
            "name": self.name,
            "digest": self.digest,
            "environment": self.environment,
            "author": self.author,
            "product": self.product,
            "summary": self.summary,
            "doc_md": self.doc_md,
            "tags": self.tags,
            "rows": table,
            "offer": self.offer.as_json(),
            "access": self.access,
        }

    @classmethod
    def of_json(cls, found: dict[str, Any]) -> Outline:
        """Return what `as_json` gave; raises KeyError, TypeError or ValueError for anything else."""
        table = tuple(
            TaskRow(
                task, tuple(after), StartRule(rule), title, tuple(subject) if isinstance(subject, list) else subject
            )
            for task, after, rule, title, subject in found["rows"]
        )
        return cls(
            name=found["name"],
            digest=found["digest"],
            environment=found["environment"],
            author=found["author"],
            product=found["product"],
            summary=found["summary"],
            doc_md=found["doc_md"],
            tags=tuple(found["tags"]),
            rows=table,
            offer=Offer.of_json(found["offer"]),
            access=found["access"],
        )


def outline_of(snapshot: Snapshot, at: datetime | None = None) -> Outline:
    """Return the outline of a plan; `at` is the instant from which on openings are offered, None offers none.

    A task process offers none: there the openings of today must not judge a choice that was made before.
    """
    from deployplan.plan.pages.readable import essentials  # the plan's models: not while DAGs are parsed from the cache

    plan = snapshot.plan
    return Outline(
        name=plan.name,
        digest=snapshot.digest,
        environment=plan.environment,
        author=plan.author,
        product=plan.scope.release.product,
        summary=plan.scope.summary,
        doc_md=essentials(snapshot),
        tags=tuple(task_names.tags(snapshot)),
        rows=task_table(snapshot),
        offer=Offer() if at is None else offer_of(snapshot, at),
        access=snapshot.infrastructure.access,
    )
