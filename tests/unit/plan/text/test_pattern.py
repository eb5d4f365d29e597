"""Patterns of documents are searched for in time that their text bounds, or are refused with their line."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deployplan.plan.text.pattern import LARGEST, LONGEST, PatternRefused, compile_pattern


@pytest.mark.parametrize("pattern", ["^(a+)+$", "(x+x+)+y", "(a|aa)+$", "(.*)*,", r"^(\w+\s?)*$", "(a?){30}a{30}"])
@pytest.mark.parametrize("line", ["a" * 8192 + "!", "x" * 8192, "word " * 1600 + "!"])
def test_a_pattern_that_keeps_a_backtracking_engine_busy_for_years_takes_no_time(pattern: str, line: str) -> None:
    before = time.process_time()
    compile_pattern(pattern).search(line)
    assert time.process_time() - before < 1


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(", r"missing \)"),
        ("a)(b", r"unexpected \)"),
        ("FATAL(?!: ignored)", "no such operator"),
        (r"(ERR|FATAL) \1", "no such escape"),
        (r"done\Z", "no such escape"),
        ("x{1001}", "at most 1000 repetitions"),
        ("((a{100}){100}){100}", "at most 1000 repetitions|too large"),
        (r"(?:[\pL]*\d?){100}x", "too large"),
        ("(ab?){900}", f"at most {LARGEST}"),
        ("x" * (LONGEST + 1), f"at most {LONGEST}"),
    ],
)
def test_what_cannot_be_searched_for_in_bounded_time_is_refused_with_the_reason(pattern: str, why: str) -> None:
    with pytest.raises(PatternRefused, match=why):
        compile_pattern(pattern)


WORDS = st.sampled_from(["a", "b", "ERR", ".", "[^x]", r"\s", r"\S+", "x?", "(a|b)", "^", "$", r"\b", "(?i)e", "(?s)."])
TEXT = st.text(alphabet="abxERre \t", max_size=12)


@settings(deadline=None)
@given(pattern=st.lists(WORDS, min_size=1, max_size=4).map("".join), lines=st.lists(TEXT, min_size=1, max_size=5))
def test_a_text_of_many_lines_is_matched_where_one_of_its_lines_is(pattern: str, lines: list[str]) -> None:
    compiled = compile_pattern(pattern)
    in_one = compiled.search("\n".join(lines)) is not None
    assert in_one == any(compiled.search(line) is not None for line in lines)


@settings(deadline=None)
@given(pattern=st.lists(WORDS.filter(lambda word: "(?" not in word), min_size=1, max_size=4).map("".join), line=TEXT)
def test_a_line_is_matched_as_pythons_own_engine_matches_it(pattern: str, line: str) -> None:
    assert (compile_pattern(pattern).search(line) is None) == (re.search(pattern, line) is None)
