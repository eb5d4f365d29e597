"""Are two names of people the same to who reads them? Capitals, composed letters, letters of two alphabets."""

import unicodedata

from deployplan.plan.text.scalars import quote_value, value_error

_ALONE = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "GEORGIAN")
"""Alphabets with letters that look like those of another of them: one name has letters of one."""


def same_spelling(name: str) -> str:
    """Return the spelling that all names have which are told apart by capitals or by how letters are encoded only."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def check_spelling(name: str) -> str:
    """Return a name that reads as it is written; raises a validation error for one that could pass for another."""
    if unicodedata.normalize("NFC", name) != name:
        raise value_error("name", f"{quote_value(name)} has letters in pieces (not NFC)", "write them composed")
    alphabets = sorted({found for letter in name if (found := _alphabet(letter))})
    if len(alphabets) > 1:
        told = " and ".join(alphabet.capitalize() for alphabet in alphabets)
        raise value_error("name", f"{quote_value(name)} mixes letters of {told}", "it could pass for another name")
    return name


def _alphabet(letter: str) -> str | None:
    found = unicodedata.name(letter, "").partition(" ")[0] if letter.isalpha() else ""
    return found if found in _ALONE else None
