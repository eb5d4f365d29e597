"""What did people do to a run by Airflow's own means, besides answering its cards?"""

from collections.abc import Iterable

from deployplan.evidence.entry import Entry
from deployplan.evidence.story import sentence

INTERVENED = "intervened"
STOPS = {"failed", "skipped", "upstream_failed", "removed"}
"""States that end the work of a task, or of a run, when a person gives them."""


def marks(entries: Iterable[Entry]) -> list[str]:
    """The states that people gave to tasks or to the run, as sentences; what Airflow refused has changed nothing."""
    return list(dict.fromkeys(sentence(entry) for entry in entries if _is_mark(entry)))


def people_who_stopped(entries: Iterable[Entry]) -> list[str]:
    """Who ended tasks or the run by a mark, once each."""
    stops = [entry for entry in entries if _is_mark(entry) and entry.facts.get("state") in STOPS]
    return list(dict.fromkeys(str(entry.facts.get("who") or "somebody without a name") for entry in stops))


def _is_mark(entry: Entry) -> bool:
    return entry.kind == INTERVENED and entry.facts.get("action") == "mark" and bool(entry.facts.get("accepted"))
