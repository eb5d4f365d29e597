"""The URL of a criterion can be read: http or https, a host, a port that exists, and no password in it.

A password would stand in the record of the release, on cards and in logs; Airflow keeps secrets in its connections.

PASS
    success:
      health: {http: "http://{node}:8080/health"}

FAIL
    success:
      health: {http: "http://{node}:99999/health"}
      other: {http: "{node}:8080/health"}
"""

from collections.abc import Iterator
from typing import Final
from urllib.parse import SplitResult, urlsplit

from deployplan.plan.draft import Draft
from deployplan.plan.model.placeholders import fill, placeholders
from deployplan.plan.text.problem import Problem

ID: Final = "url-readable"
SEVERITY: Final = "error"
_SCHEMES: Final = ("http", "https")


def check(draft: Draft) -> Iterator[Problem]:
    for name, criterion in draft.plan.success.items():
        written = draft.tree.get("success", name, "http")
        # What stands in place of a mistake in shape is not the author's.
        if criterion.http is None or written is None or written.value != criterion.http:
            continue
        for url in _urls(draft, name):
            if wrong := what_is_wrong(url):
                message, hint = wrong
                yield Problem.at(written.at, ID, f"criterion {name!r} reads {message}", hint)
                break


def what_is_wrong(url: str) -> tuple[str, str] | None:
    """Return what keeps a URL from being read, and what would be right; None when nothing does."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        return f"{url!r}, which is no URL: {str(error).lower()}", "write one like http://{host}:8080/health"
    if parts.scheme not in _SCHEMES or "://" not in url:
        return f"{url!r}, which has no scheme http or https", f"write http://{url.partition('://')[2] or url}"
    if parts.username is not None or parts.password is not None:
        hidden = url.replace(parts.netloc, parts.netloc.rpartition("@")[2])
        return f"{hidden!r} with a user or password in it", "a plan is read by many; let the check need none"
    if not parts.hostname:
        return f"{url!r}, which names no host", "write one like http://{host}:8080/health"
    if not _has_a_port(parts):
        return f"{url!r}, whose port is no number from 1 to 65535", "write one like http://{host}:8080/health"
    return None


def _has_a_port(parts: SplitResult) -> bool:
    try:
        return parts.port != 0
    except ValueError:
        return False


def _urls(draft: Draft, name: str) -> Iterator[str]:
    """The URL as it is read on each node; a placeholder without a value is told by placeholder-known."""
    criterion = draft.plan.success[name]
    url = criterion.http or ""
    if not placeholders(url):
        yield url
        return
    for node in draft.nodes_read_by(criterion):
        values = node.placeholders()
        if all(placeholder in values for placeholder in placeholders(url)):
            yield fill(url, node.placeholders())
