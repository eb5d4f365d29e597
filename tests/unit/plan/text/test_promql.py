"""A query is text with placeholders: what it names, what may stand in it, and how a value is put in."""

import pytest

from deployplan.plan.text.promql import LONGEST, NoQuery, check_query, fill_query, query_placeholders, selectors


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ('up{instance="{host}:9100"}', ("host",)),
        ('up{job="shop", instance=~"{host}.*|{node}"} > {name}', ("host", "node", "name")),
        ('label_replace(up, "n", "${name}", "instance", "(?P<name>.*)")', ()),
        ('up{a=~"[0-9]{2,3}", b=~"x{2}"}', ()),
        ('up # of "{node}"', ()),
        ("up{a='{a}', b=`{b}`}", ("a", "b")),
    ],
)
def test_a_word_in_braces_is_a_placeholder_and_a_matcher_is_none(query: str, names: tuple[str, ...]) -> None:
    assert query_placeholders(query) == names


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("up", ("up",)),
        ('{__name__="up"}', ('{__name__="up"}',)),
        (
            'sum by (le, job) (rate(a_bucket{x="}"}[5m])) / on (job) group_left (z) b offset 5m',
            ('a_bucket{x="}"}', "b"),
        ),
        ("max_over_time(a:b[5m:1m]) and c unless d or vector(0)", ("a:b", "c", "d")),
        ("sum(a) without (x) > bool 3 # not_this", ("a",)),
        ("avg by (x) (a) == inf or -a @ start()", ("a",)),
        ("quantile(0.9, a) * 0x1f ^ 1e-3", ("a",)),
        ('label_replace(a, "b", "$1", "c", "(.*)")', ("a",)),
        ("vector(1) + time()", ()),
        ("a and a", ("a",)),
    ],
)
def test_the_selectors_of_a_query_are_its_series_without_ranges(query: str, found: tuple[str, ...]) -> None:
    assert selectors(query) == found


@pytest.mark.parametrize(
    ("query", "value", "filled"),
    [
        ('up{a="{x}"}', 'q"\\\n', 'up{a="q\\"\\\\\\n"}'),
        ("up{a='{x}'}", "it's", "up{a='it\\'s'}"),
        ("up{a=`{x}`}", 'a"b', 'up{a=`a"b`}'),
        ('up{a=~"{x}:.*"}', "10.0.0.1", 'up{a=~"10\\\\.0\\\\.0\\\\.1:.*"}'),
        ('up{a !~ "{x}"}', "a|b", 'up{a !~ "a\\\\|b"}'),
        ("up{a=~`{x}`}", ".*", "up{a=~`\\.\\*`}"),
        ('up{a="{x}"} # {x}', "1", 'up{a="1"} # {x}'),
        ('up{a="{x}{x}"}', 7, 'up{a="77"}'),
    ],
)
def test_a_value_is_escaped_for_the_quotes_and_the_matcher_around_it(query: str, value: str | int, filled: str) -> None:
    assert fill_query(query, {"x": value}) == filled


def test_a_backtick_cannot_stand_between_backticks() -> None:
    with pytest.raises(NoQuery, match="cannot stand between backticks"):
        fill_query("up{a=`{x}`}", {"x": "a`b"})


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("up{node}", r"\{node\} stands outside of quotes"),
        ("up > {limit}", r"\{limit\} stands outside of quotes"),
        ('up{a="b}', "a quote is not closed"),
        ("up{a='b\n'}", "a quote is not closed"),
        ("vector(1)", "names no series"),
        ("# up", "names no series"),
        ("a" * (LONGEST + 1), "4001 characters"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_its_reason(query: str, why: str) -> None:
    with pytest.raises(NoQuery, match=why):
        check_query(query)


def test_brackets_that_never_close_take_no_time() -> None:
    assert selectors("a{" * 2000)
