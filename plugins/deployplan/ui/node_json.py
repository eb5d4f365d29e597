"""Nodes as JSON values: a page of the list, and one node with its history."""

from collections.abc import Sequence

from deployplan.remote.node_facts import Holder
from deployplan.runbook.node.node_story import Installed
from deployplan.runbook.node.node_words import holder_words, installed_words
from deployplan.ui.json_values import instant_text, shown_text
from deployplan.ui.node_filter import FREE, HELD, NodeFilter
from deployplan.ui.node_list import STATES, NextPlan, NodeJob, NodeList, NodeOverview, Reads
from deployplan.ui.release_trail import JobTimes
from deployplan.ui.run_nodes import NOT_OVER, NodeResult, RunOnNodes

VERSION = 1


def nodes_as_json(found: NodeList, wanted: NodeFilter, *, after: str = "", limit: int) -> dict[str, object]:
    """Return the rows that are meant, `limit` of them behind the node `after` (ENVIRONMENT/NODE).

    `next` is what to ask `after` for the rest; `matching` counts all that are meant, `total` all nodes.
    """
    meant = [row for row in found.rows if wanted.takes(row)]
    rest = [row for row in meant if (row.environment, row.node) > _place(after)] if after else meant
    page = rest[:limit]
    more = len(rest) > len(page)
    return {
        "version": VERSION,
        **_reading(found),
        "total": len(found.rows),
        "matching": len(meant),
        "next": f"{page[-1].environment}/{page[-1].node}" if page and more else None,
        "choices": _choices(found),
        "rows": [node_as_json(row) for row in page],
    }


def node_history_as_json(
    found: NodeList, row: NodeOverview, reads: Reads, *, before: str = "", limit: int
) -> dict[str, object]:
    """Return one node and the runs that it was part of, the latest first, `limit` of them behind the run `before`."""
    here = (run for run in reversed(found.runs.runs) if run.environment == row.environment and row.node in run.nodes)
    mine = [run for run in here if reads(run.plan)]
    names = [_cursor(run) for run in mine]
    begin = names.index(before) + 1 if before in names else 0
    page = mine[begin : begin + limit]
    return {
        "version": VERSION,
        **_reading(found),
        "node": node_as_json(row),
        "runs": [_run(run, row.node) for run in page],
        "matching": len(mine),
        "next": _cursor(page[-1]) if begin + limit < len(mine) else None,
    }


def node_as_json(row: NodeOverview) -> dict[str, object]:
    """Return one row as JSON values."""
    return {
        "environment": shown_text(row.environment),
        "node": shown_text(row.node),
        "timezone": shown_text(row.timezone),
        "declared": row.declared,
        "state": row.state,
        "why": shown_text(row.why),
        "last": None if row.last is None else _last(row.last),
        "installed": [_installed(each) for each in row.installed],
        "holder": None if row.holder is None else _holder(row.holder),
        "jobs": [_job(each) for each in row.jobs],
        "next": None if row.next is None else _next(row.next),
        "problems": [_problem(each) for each in row.problems],
        "hidden": row.hidden,
        "drained": None if row.drained is None else shown_text(row.drained.words),
    }


def _reading(found: NodeList) -> dict[str, object]:
    broken = found.broken or {}
    return {
        "unread": found.runs.unread,
        "older": found.runs.older,
        "broken": {str(shown_text(name)): shown_text(why) for name, why in sorted(broken.items())},
    }


def _choices(found: NodeList) -> dict[str, object]:
    """What may be asked for: the words that there are."""
    rows = found.rows
    holders = sorted({row.holder.plan for row in rows if row.holder is not None})
    return {
        "environment": sorted({row.environment for row in rows}),
        "product": sorted({each.product for row in rows for each in row.installed}),
        "state": [state for state in STATES if any(row.state == state for row in rows)],
        "holder": [HELD, FREE, *holders],
    }


def _place(text: str) -> tuple[str, str]:
    environment, _, node = text.partition("/")
    return environment, node


def _cursor(run: RunOnNodes) -> str:
    return f"{run.plan}/{run.run_id}"


def _last(run: RunOnNodes) -> dict[str, object]:
    return {
        "plan": shown_text(run.plan),
        "run": shown_text(run.run_id),
        "product": shown_text(run.product),
        "release": shown_text(run.release),
        "outcome": shown_text(run.outcome),
        "at": None if run.at == NOT_OVER else instant_text(run.at),
    }


def _installed(each: Installed) -> dict[str, object]:
    return {
        "product": shown_text(each.product),
        "component": shown_text(each.component),
        "version": shown_text(each.version),
        "event": each.event,
        "run": shown_text(each.run),
        "plan": shown_text(each.plan),
        "since": each.at,
        "verified": each.verified,
        "verified_by": shown_text(each.verified_by),
        "sentence": shown_text(installed_words(each)),
    }


def _holder(holder: Holder) -> dict[str, object]:
    return {
        "plan": shown_text(holder.plan),
        "run": shown_text(holder.run),
        "since": instant_text(holder.since),
        "frozen": shown_text(holder.frozen),
        "sentence": shown_text(holder_words(holder)),
    }


def _job(job: NodeJob) -> dict[str, object]:
    return {
        "job": shown_text(job.job),
        "component": shown_text(job.component),
        "step": shown_text(job.step),
        "since": instant_text(job.since),
        "plan": shown_text(job.plan),
    }


def _next(coming: NextPlan) -> dict[str, object]:
    return {
        "plan": shown_text(coming.plan),
        "release": shown_text(coming.release),
        "opens": instant_text(coming.opens),
    }


def _problem(run: RunOnNodes) -> dict[str, object]:
    return {
        "plan": shown_text(run.plan),
        "run": shown_text(run.run_id),
        "sentence": shown_text(run.problem),
    }


def _run(run: RunOnNodes, node: str) -> dict[str, object]:
    results: Sequence[NodeResult] = run.results_on(node)
    return {
        **_last(run),
        "standing": str(run.nodes[node]) if run.problem is None else None,
        "results": [_result(each) for each in results],
        "problem": shown_text(run.problem),
    }


def _result(each: NodeResult) -> dict[str, object]:
    job: JobTimes | None = each.job
    took = None if job is None or job.ended is None else (job.ended - job.began).total_seconds()
    return {
        "component": shown_text(each.component),
        "standing": str(each.standing),
        "why": shown_text(each.why),
        "job": None if job is None else shown_text(job.job),
        "step": None if job is None else shown_text(job.step),
        "began": None if job is None else instant_text(job.began),
        "ended": None if job is None else instant_text(job.ended),
        "seconds": took,
        "exit": None if job is None else job.exit,
    }
