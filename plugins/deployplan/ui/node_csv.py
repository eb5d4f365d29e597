"""Nodes as CSV: a line a component on a node, for spreadsheets, in which no text of others becomes a formula."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO

from deployplan.ui.csv_cells import safe_cell
from deployplan.ui.node_list import NodeOverview

HEAD = (
    *("environment", "node", "state", "why", "product", "component", "version", "event", "since", "run", "plan"),
    *("verified_by", "holder_plan", "holder_run", "holder_since", "frozen", "jobs", "next_plan", "next_release"),
    *("next_opens", "problems", "hidden", "drained"),
)


def nodes_as_csv(rows: Iterable[NodeOverview]) -> str:
    """Return all rows, with a head; instants in ISO 8601. A node without a release has one line."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(HEAD)
    for row in rows:
        writer.writerows([safe_cell(value) for value in line] for line in _lines(row))
    return text.getvalue()


def _lines(row: NodeOverview) -> Iterator[tuple[object, ...]]:
    held, coming = row.holder, row.next
    begin = (row.environment, row.node, row.state, row.why)
    holder = (None,) * 4 if held is None else (held.plan, held.run, held.since.isoformat(), held.frozen)
    jobs = " ".join(each.job for each in row.jobs)
    follows = (None,) * 3 if coming is None else (coming.plan, coming.release, coming.opens.isoformat())
    problems = "; ".join(f"{each.plan}/{each.run_id}: {each.problem}" for each in row.problems)
    end = (*holder, jobs, *follows, problems, row.hidden, None if row.drained is None else row.drained.words)
    for each in row.installed:
        what = (each.product, each.component, each.version, each.event, each.at, each.run, each.plan, each.verified_by)
        yield (*begin, *what, *end)
    if not row.installed:
        yield (*begin, *(None,) * 8, *end)
