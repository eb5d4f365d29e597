"""Cells of CSV files that spreadsheets open: text of others stays text."""

from deployplan.printable import printable

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes a cell for a formula by that begins so; OWASP names these."""


def safe_cell(value: object) -> str:
    """Return a cell: one line, empty for None; behind an apostrophe where it would begin a formula."""
    text = "" if value is None else printable(value)
    return f"'{text}" if text.lstrip().startswith(FORMULA) else text
