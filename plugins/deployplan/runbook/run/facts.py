"""Reading the facts of an evidence entry, which are plain JSON, as what the step that wrote them meant."""

from collections.abc import Mapping

from deployplan.evidence.entry import Entry


def text_in(entry: Entry, name: str) -> str:
    """A fact that is a text."""
    return str(entry.facts[name])


def number_in(entry: Entry, name: str) -> int:
    """A fact that is a whole number."""
    return int(str(entry.facts[name]))


def texts_in(entry: Entry, name: str) -> list[str]:
    """A fact that is a list of texts; absent is empty."""
    value = entry.facts.get(name)
    return [str(item) for item in value] if isinstance(value, list) else []


def by_node(entry: Entry) -> Mapping[str, Mapping[str, object]]:
    """The results of an entry by node."""
    value = entry.facts["nodes"]
    if not isinstance(value, dict):
        return {}
    return {name: result for name, result in value.items() if isinstance(result, dict)}


def wave_of(entry: Entry) -> tuple[str, int]:
    """The component and the number of the wave that the entry is about."""
    return text_in(entry, "component"), number_in(entry, "wave")
