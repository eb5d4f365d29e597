"""Which of two versions is the older one, and where nobody can tell."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deployplan.plan.model.version_order import is_older


@pytest.mark.parametrize(
    ("version", "other", "older"),
    [
        ("1.9", "1.10", True),
        ("1.10", "1.9", False),
        ("4.2.1", "4.3.0", True),
        ("v2", "3", True),
        ("2.0", "2", False),
        ("2.0-rc1", "2.0", True),
        ("2.0", "2.0-rc1", False),
        ("2.0rc1", "2.0", True),
        ("2.0-build7", "2.0", None),
        ("2.0-blue", "2.0-green", None),
        ("blue", "green", None),
        ("2026.11.28", "2026.12.01", True),
        ("1" * 500, "2", None),
        ("", "1", None),
    ],
)
def test_numbers_decide_and_what_follows_them_only_where_it_is_known(version: str, other: str, older: bool) -> None:
    assert is_older(version, other) is older


NUMBERS = st.lists(st.integers(min_value=0, max_value=999), min_size=1, max_size=4)


@given(NUMBERS, NUMBERS)
@settings(deadline=None)
def test_of_two_versions_of_numbers_exactly_one_is_older_or_they_are_the_same(
    left: list[int], right: list[int]
) -> None:
    versions = [".".join(map(str, each)) for each in (left, right)]
    length = max(len(left), len(right))
    padded = [each + [0] * (length - len(each)) for each in (left, right)]
    assert is_older(*versions) == (padded[0] < padded[1])
    assert is_older(*reversed(versions)) == (padded[1] < padded[0])
