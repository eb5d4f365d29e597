"""Which of two versions is the older one, where numbers can tell it?"""

import re
from itertools import zip_longest

_VERSION = re.compile(r"v?(\d+(?:\.\d+)*)(.*)", re.DOTALL | re.IGNORECASE)
_BEFORE_IT = re.compile(r"[-._~]?(a|alpha|b|beta|c|rc|dev|pre|preview|snapshot)[-._]?\d*", re.IGNORECASE)
LONGEST = 200


def is_older(version: str, other: str) -> bool | None:
    """Whether `version` comes before `other`; None where that cannot be told from the texts.

    Versions begin with numbers, perhaps after a v: `4.10` comes after `4.9`, `2.0-rc1` before `2.0`. Two that
    differ only in what follows their numbers are not compared otherwise: nobody knows what a build's name means.
    """
    mine, theirs = _read(version), _read(other)
    if mine is None or theirs is None:
        return None
    for left, right in zip_longest(mine[0], theirs[0], fillvalue=0):
        if left != right:
            return left < right
    if mine[1].lower() == theirs[1].lower():
        return False
    before = [_BEFORE_IT.fullmatch(rest) is not None for rest in (mine[1], theirs[1])]
    if before[0] and not theirs[1]:
        return True
    return False if before[1] and not mine[1] else None


def _read(version: str) -> tuple[list[int], str] | None:
    """The numbers that the version begins with, and what follows them."""
    found = _VERSION.fullmatch(version.strip()) if len(version) <= LONGEST else None
    return None if found is None else ([int(number) for number in found[1].split(".")], found[2])
