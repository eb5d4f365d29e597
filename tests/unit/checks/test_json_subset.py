from typing import Any

import pytest

from deployplan.checks.json_subset import differences, find_parts


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        pytest.param({"a": 1}, {"a": 1, "b": 2}, id="other keys do not matter"),
        pytest.param({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}}, id="nested"),
        pytest.param({"a.b": 1}, {"a": {"b": 1}}, id="dotted"),
        pytest.param({"a.b": 1}, {"a.b": 1, "a": {"b": 2}}, id="the very key before the dotted path"),
        pytest.param({"a.b.c": 1}, {"a": {"b.c": 1}}, id="a key with a dot at the end of a path"),
        pytest.param({"nodes.1.state": "up"}, {"nodes": [{}, {"state": "up"}]}, id="into a list"),
        pytest.param({"a": [1, {"b": 2}]}, {"a": [1, {"b": 2, "c": 3}]}, id="lists item by item"),
        pytest.param({"a": (1, 2)}, {"a": [1, 2]}, id="a frozen list is a list"),
        pytest.param({"v": "4.3.0"}, {"v": "4.3.0"}, id="a version is text"),
        pytest.param({"v": 4.3}, {"v": "4.3"}, id="a number where the answer has text"),
        pytest.param({"v": "4.3"}, {"v": 4.3}, id="text where the answer has a number"),
        pytest.param({"v": 1}, {"v": 1.0}, id="whole and decimal numbers"),
        pytest.param({"v": "true"}, {"v": True}, id="true as text"),
        pytest.param({"v": None}, {"v": None}, id="null"),
        pytest.param({}, ["anything"], id="nothing is expected"),
    ],
)
def test_an_answer_that_holds_what_is_named_has_no_differences(expected: Any, actual: Any) -> None:
    assert list(differences(expected, actual)) == []


@pytest.mark.parametrize(
    ("expected", "actual", "said"),
    [
        pytest.param({"a": 1}, {"a": 2}, "a is 2, expected 1", id="value"),
        pytest.param({"a": 1}, {}, "a is missing, expected 1", id="missing"),
        pytest.param({"a": None}, {}, "a is missing, expected null", id="null is not missing"),
        pytest.param({"a": "null"}, {"a": None}, "a is null, expected null", id="null is not the text"),
        pytest.param({"a": {"b": 1}}, {"a": {"b": 2}}, "a.b is 2, expected 1", id="nested"),
        pytest.param({"a": {"b": 1}}, {"a": 7}, 'a is 7, expected {"b": 1}', id="no mapping there"),
        pytest.param({"a.b": 1}, {"a": 7}, "a.b is missing, expected 1", id="dotted into a number"),
        pytest.param({"a": [1, 2]}, {"a": [1]}, "a is [1], expected [1, 2]", id="shorter list"),
        pytest.param({"a": [1]}, {"a": "1"}, "a is 1, expected [1]", id="text is no list"),
        pytest.param({"a": 1}, ["a"], "a is missing, expected 1", id="a list at the top"),
        pytest.param({"v": True}, {"v": 1}, "v is 1, expected true", id="true is not 1"),
        pytest.param({"v": "4.10"}, {"v": 4.1}, "v is 4.1, expected 4.10", id="a version that became a number"),
        pytest.param({"n.5": 1}, {"n": [1]}, "n.5 is missing, expected 1", id="beyond the list"),
    ],
)
def test_each_difference_names_the_path_what_is_there_and_what_was_expected(
    expected: Any, actual: Any, said: str
) -> None:
    assert list(differences(expected, actual)) == [said]


def test_long_texts_that_differ_only_at_the_end_are_different() -> None:
    assert list(differences({"v": "x" * 200 + "1"}, {"v": "x" * 200 + "2"}))


def test_what_was_found_is_shown_for_the_keys_that_were_asked_for() -> None:
    assert list(
        find_parts({"version": "4.3.0", "db.state": "up"}, {"version": "4.3.0", "db": {"state": "up"}, "x": 1})
    ) == [
        "version 4.3.0",
        "db.state up",
    ]
