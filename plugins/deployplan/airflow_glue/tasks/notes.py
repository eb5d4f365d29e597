"""The note that people may write with an answer: how a card asks for it, and how it is read."""

from __future__ import annotations

from typing import Any

from deployplan.printable import printable

LONGEST_NOTE = 500
"""Characters of a note that are kept."""
NOTE: dict[str, Any] = {
    "note": {
        "value": "",
        "description": "goes into the evidence with your answer",
        "schema": {"type": ["null", "string"], "title": "Note", "maxLength": LONGEST_NOTE},
    }
}
"""The card's one field, as Airflow describes those of a form."""


def note_in(written: Any) -> str | None:
    """Return the note among what somebody filled in, as one line; None when there is none."""
    note = written.get("note") if isinstance(written, dict) else None
    text = printable(" ".join(str(note).split()))[:LONGEST_NOTE] if isinstance(note, str) else ""
    return text or None
