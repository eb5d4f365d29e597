"""A job's bytes become lines for people, in whatever pieces they come."""

from hypothesis import given
from hypothesis import strategies as st

from deployplan.runbook.lines import LONGEST, Lines


def lines_of(*pieces: bytes) -> list[str]:
    seen: list[str] = []
    lines = Lines(seen.append)
    for piece in pieces:
        lines.feed(piece)
    lines.close()
    return seen


def test_a_line_is_passed_on_when_it_is_complete_and_not_before() -> None:
    seen: list[str] = []
    lines = Lines(seen.append)
    lines.feed(b"one\ntw")
    assert seen == ["one"]
    lines.feed(b"o\n")
    assert seen == ["one", "two"]


def test_the_last_line_needs_no_end() -> None:
    assert lines_of(b"one\ntwo") == ["one", "two"]


def test_closing_twice_passes_nothing_on_twice() -> None:
    seen: list[str] = []
    lines = Lines(seen.append)
    lines.feed(b"one")
    lines.close()
    lines.close()
    assert seen == ["one"]


def test_line_ends_of_other_systems_and_empty_lines() -> None:
    assert lines_of(b"one\r\n\r\n\ntwo\n") == ["one", "", "", "two"]


def test_a_character_that_is_cut_in_two_pieces_is_whole_again() -> None:
    euro = "€".encode()
    assert lines_of(b"5 " + euro[:1], euro[1:2], euro[2:] + b"\n") == ["5 €"]


def test_bytes_that_are_no_text_do_not_hide_the_line() -> None:
    assert lines_of(b"\xff\xfeFATAL\n", b"half \xe2\x82") == ["\ufffd\ufffdFATAL", "half \ufffd"]


def test_a_line_without_end_is_broken_so_that_it_fills_no_memory() -> None:
    seen: list[str] = []
    lines = Lines(seen.append)
    for _ in range(100):
        lines.feed(b"x" * 1000)
    assert [len(line) for line in seen] == [LONGEST] * (100_000 // LONGEST)
    lines.close()
    assert sum(map(len, seen)) == 100_000


@given(st.binary(max_size=300), st.lists(st.integers(0, 300)))
def test_where_the_bytes_are_cut_makes_no_difference(data: bytes, cuts: list[int]) -> None:
    ends = sorted({cut for cut in cuts if cut < len(data)} | {len(data)})
    pieces = [data[start:end] for start, end in zip([0, *ends[:-1]], ends, strict=True)]
    assert lines_of(*pieces) == lines_of(data)
