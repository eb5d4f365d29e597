"""A job's bytes become whole lines for people, in whatever pieces they come."""

from hypothesis import given, settings
from hypothesis import strategies as st

from deployplan.remote.masking import Masks
from deployplan.runbook.node.lines import CONTINUED, LONGEST, SEAM, Lines


def lines_of(*pieces: bytes, secrets: tuple[str, ...] = ()) -> list[str]:
    lines = Lines(Masks(secrets))
    text = "".join(lines.feed(piece) for piece in pieces) + lines.close()
    return text.split("\n")[:-1]


def test_a_line_is_passed_on_when_it_is_complete_and_not_before() -> None:
    lines = Lines()
    assert lines.feed(b"one\ntw") == "one\n"
    assert lines.feed(b"o\n") == "two\n"


def test_the_last_line_needs_no_end() -> None:
    assert lines_of(b"one\ntwo") == ["one", "two"]


def test_closing_twice_passes_nothing_on_twice() -> None:
    lines = Lines()
    assert lines.feed(b"one") == ""
    assert lines.close() == "one\n"
    assert lines.close() == ""


def test_what_ends_in_a_carriage_return_is_passed_on_at_once() -> None:
    lines = Lines()
    assert lines.feed(b"10%\r20%\r30") == "10%\r20%\r"
    assert lines.feed(b"%\n") == "30%\n"


def test_a_character_that_is_cut_in_two_pieces_is_whole_again() -> None:
    euro = "€".encode()
    assert lines_of(b"5 " + euro[:1], euro[1:2], euro[2:] + b"\n") == ["5 €"]


def test_bytes_that_are_no_text_do_not_hide_the_line() -> None:
    assert lines_of(b"\xff\xfeFATAL\n", b"half \xe2\x82") == ["\ufffd\ufffdFATAL", "half \ufffd"]


def test_colours_and_titles_do_not_hide_the_line() -> None:
    coloured = b"\x1b[1;31mERROR\x1b[0m: \x1b]0;title\x07disk \x1b(full\x1b[2K\n"
    assert lines_of(coloured, b"\x1b]0;a title without end\nERROR: x\n") == [
        "ERROR: disk (full",
        "0;a title without end",
        "ERROR: x",
    ]


def test_a_line_without_end_is_broken_so_that_it_fills_no_memory() -> None:
    lines = Lines()
    text = "".join(lines.feed(b"x" * 1000) for _ in range(100))
    seen = text.split("\n")[:-1]
    assert [len(line) for line in seen] == [LONGEST] * len(seen)
    assert all(line.startswith(CONTINUED) for line in seen[1:])
    assert (text + lines.close()).count("x") == 100_000


def test_what_a_break_cuts_in_two_is_looked_at_in_one_piece() -> None:
    lines = Lines()
    lines.feed(b"x" * (LONGEST - 3) + b"FATAL" + b"x" * 100)
    assert lines.seams == [CONTINUED + "x" * (SEAM - 3) + "FATAL" + "x" * 100]


def test_a_secret_that_a_break_would_cut_in_two_is_replaced_whole() -> None:
    secret = "correct-horse-battery-staple"
    for before in range(LONGEST - 40, LONGEST + 5):
        data = b"x" * before + secret.encode() + b"y" * LONGEST + b"\n"
        whole = "".join(lines_of(*(data[at : at + 1000] for at in range(0, len(data), 1000)), secrets=(secret,)))
        assert "*" in whole
        assert "correct" not in whole
        assert "staple" not in whole


@settings(deadline=None)
@given(st.binary(max_size=300), st.lists(st.integers(0, 300)))
def test_where_the_bytes_are_cut_makes_no_difference(data: bytes, cuts: list[int]) -> None:
    ends = sorted({cut for cut in cuts if cut < len(data)} | {len(data)})
    pieces = [data[start:end] for start, end in zip([0, *ends[:-1]], ends, strict=True)]
    assert lines_of(*pieces) == lines_of(data)
