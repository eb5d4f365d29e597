"""A plan, the list of plans and the rejected files as JSON values."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from deployplan.plan.pages.readable import plan_page
from deployplan.plan.snapshot import Snapshot
from deployplan.ui.json_values import shown_text
from deployplan.ui.markdown_blocks import blocks_of
from deployplan.ui.plan_view import MOST_FILES, MOST_PROBLEMS, Comparison, LintFinding, plan_of_file

VERSION = 1


def plan_as_json(
    snapshot: Snapshot, verdict: str, work: str, against: Comparison, findings: Sequence[LintFinding] | None
) -> dict[str, object]:
    """Return one plan; `verdict` and `work` are the lines of `deployplan window`, `findings` None while not known."""
    return {
        "version": VERSION,
        **plan_line(snapshot, findings),
        "verdict": shown_text(verdict),
        "work": shown_text(work),
        "against": {
            "told": shown_text(against.told),
            "digest": against.digest,
            "lines": [shown_text(line) for line in against.lines[:MOST_PROBLEMS]],
            "left_out": max(0, len(against.lines) - MOST_PROBLEMS),
        },
        "findings": None if findings is None else [_finding(each) for each in findings[:MOST_PROBLEMS]],
        "page": blocks_of(plan_page(snapshot)),
    }


def plan_line(snapshot: Snapshot, findings: Sequence[LintFinding] | None) -> dict[str, object]:
    """Return what a list says of a plan; how many `errors` and `warnings` it has, null while that is not known."""
    plan = snapshot.plan
    severities = None if findings is None else [each.problem.severity for each in findings]
    return {
        "plan": shown_text(plan.name),
        "product": shown_text(plan.scope.release.product),
        "release": shown_text(plan.scope.release.version),
        "environment": shown_text(plan.environment),
        "owner": shown_text(plan.author),
        "summary": shown_text(plan.scope.summary),
        "digest": snapshot.digest,
        "errors": None if severities is None else severities.count("error"),
        "warnings": None if severities is None else severities.count("warning"),
    }


def rejected_as_json(by_file: Mapping[str, Sequence[LintFinding]]) -> dict[str, object]:
    """Return the files that cannot be used, each with what is wrong with it."""
    shown = islice(sorted(by_file.items()), MOST_FILES)
    return {
        "version": VERSION,
        "files": [
            {
                "path": shown_text(path),
                "plan": shown_text(plan_of_file(path)),
                "findings": [_finding(each) for each in found[:MOST_PROBLEMS]],
                "left_out": max(0, len(found) - MOST_PROBLEMS),
            }
            for path, found in shown
        ],
        "left_out": max(0, len(by_file) - MOST_FILES),
    }


def by_file(findings: Iterable[LintFinding]) -> dict[str, list[LintFinding]]:
    """Return the findings by file, in order of line."""
    found: dict[str, list[LintFinding]] = {}
    for each in findings:
        found.setdefault(each.path, []).append(each)
    return found


def _finding(found: LintFinding) -> dict[str, object]:
    problem = found.problem
    return {
        "path": shown_text(found.path),
        "line": problem.line,
        "column": problem.column,
        "rule": problem.rule,
        "severity": problem.severity,
        "message": shown_text(problem.message),
        "hint": shown_text(problem.hint),
        "snippet": [shown_text(line.replace("\t", " ")) for line in found.snippet.splitlines()[:2]],
    }
