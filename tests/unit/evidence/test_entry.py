import json
import re
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deployplan.evidence.entry import BEGINNING, Bond, Entry, digest_of, parse_entry, plain

NIGHT = datetime(2026, 11, 28, 22, tzinfo=ZoneInfo("Europe/Paris"))
KEY = b"k" * 32


def an_entry(kind: str = "approved", key: bytes | None = None, **facts: object) -> Entry:
    return Entry.of(1, NIGHT, kind, facts, prev=BEGINNING, key=key)


class Colour(StrEnum):
    RED = "red"


def test_an_entry_is_one_line_of_json_that_a_person_can_read() -> None:
    line = an_entry(person="zoë").line()
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    stored = json.loads(line)
    assert stored["at"] == "2026-11-28T21:00:00.000000+00:00"
    assert (stored["seq"], stored["kind"], stored["facts"]) == (1, "approved", {"person": "zoë"})
    assert "zoë".encode() in line


def test_reading_a_line_gives_the_entry_that_was_written() -> None:
    entry = an_entry(key=KEY, person="mia", seat=1)
    assert parse_entry(entry.line()) == entry


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (timedelta(minutes=5), 300.0),
        (datetime(2026, 1, 1, tzinfo=UTC), "2026-01-01T00:00:00+00:00"),
        (Colour.RED, "red"),
        (("a", 1, None), ["a", 1, None]),
        ({"b", "a"}, ["a", "b"]),
        ({1: {2: 3}}, {"1": {"2": 3}}),
        (b"bytes \xff", "bytes \\xff"),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        ("half a \ud83d", "half a \\ud83d"),
        (ValueError("no"), "no"),
    ],
)
def test_facts_become_plain_values(value: object, kept: object) -> None:
    assert plain(value) == kept


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()) | st.binary(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters()), inner, max_size=3),
        max_leaves=8,
    )
)
def test_whatever_is_recorded_can_be_read_back_and_checked(fact: Any) -> None:
    entry = an_entry(fact=fact)
    assert parse_entry(entry.line()).hash == digest_of(entry.line())


@given(st.data())
def test_any_changed_byte_is_noticed(data: st.DataObject) -> None:
    line = bytearray(an_entry(key=KEY, person="mia", seat=1).line())
    where = data.draw(st.integers(0, len(line) - 1))
    line[where] ^= data.draw(st.integers(1, 255))
    try:
        changed = parse_entry(bytes(line))
    except ValueError:
        return
    assert digest_of(changed.line()) != changed.hash or not changed.is_signed_with(KEY)


@pytest.mark.parametrize(
    "line",
    [b"", b"{}", b"[]", b"null", b"7", b"half a li", b"\xff\xfe", b'{"seq":1,"at":7}', b"[" * 100_000],
)
def test_what_is_no_entry_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError, match="not an entry"):
        parse_entry(line)


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(lambda line: line.replace(b'"seq":1', b'"seq": 1'), id="a blank"),
        pytest.param(lambda line: line + b"\n", id="another line"),
        pytest.param(lambda line: line.rstrip(), id="no line end"),
        pytest.param(lambda line: line.replace(b'"kind"', b'"\\u006bind"'), id="an escape"),
        pytest.param(lambda line: line.replace(b'{"at"', b'{"extra":1,"at"'), id="another key"),
        pytest.param(lambda line: line.replace(b'"seq":1', b'"seq":1.0'), id="another number"),
    ],
)
def test_a_line_that_means_the_same_but_is_not_what_was_written_is_refused(changed: Any) -> None:
    with pytest.raises(ValueError, match="not "):
        parse_entry(changed(an_entry().line()))


def test_a_signature_needs_the_very_key() -> None:
    entry = an_entry(key=KEY)
    assert entry.is_signed_with(KEY)
    assert not entry.is_signed_with(b"x" * 32)
    assert not an_entry().is_signed_with(KEY)


def test_the_same_event_at_another_place_in_the_chain_is_another_entry() -> None:
    here = Entry.of(1, NIGHT, "approved", {}, prev=BEGINNING, key=None)
    there = Entry.of(2, NIGHT, "approved", {}, prev=here.hash, key=None)
    assert here.hash != there.hash


@pytest.mark.parametrize("place", [b"}\n", b',"kind"', b',"prev"', b',"seq"'])
def test_nothing_is_smuggled_in_where_a_signature_would_stand_and_is_not_hashed(place: bytes) -> None:
    line = an_entry("rejected", person="mia").line()
    smuggled = b',"mac":"' + b'","kind":"approved","facts":{"person":"mia"}'.ljust(65)
    forged = line.replace(place, smuggled + place)
    assert json.loads(forged)["hash"] == digest_of(forged), "the hash does not find it"
    with pytest.raises(ValueError, match="not the bytes that were written"):
        parse_entry(forged)


def rewritten(line: bytes, change: Any) -> bytes:
    """The line otherwise, with the hash that its new bytes call for: what somebody without a key can write."""
    other = change(line)
    return other.replace(json.loads(line)["hash"].encode(), digest_of(other).encode())


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda line: line.replace(b'":', b'": ', 1), id="a blank"),
        pytest.param(lambda line: line[:-1] + b" ", id="another end"),
        pytest.param(lambda line: line[:-2] + b',"seq":1}\n', id="a name twice"),
        pytest.param(lambda line: line[:-2] + b',"zone":"UTC"}\n', id="a name of nobody"),
        pytest.param(lambda line: line.replace(b'"facts":{"n":1}', b'"facts":[["n",1]]'), id="facts as pairs"),
        pytest.param(lambda line: line.replace(b'"facts":{"n":1}', b'"facts":null'), id="no facts"),
        pytest.param(lambda line: line.replace(b"+00:00", b""), id="a time of no zone"),
        pytest.param(lambda line: line.replace(b"+00:00", b"Z"), id="a zone by its letter"),
        pytest.param(lambda line: line.replace(b'"seq":1', b'"seq":true'), id="a number that is none"),
        pytest.param(lambda line: line.replace(b'"seq":1', b'"seq":1.0'), id="a fraction"),
        pytest.param(lambda line: line.replace(b'"format":2', b'"format":2.0'), id="a version that is none"),
        pytest.param(lambda line: line.replace(b'"kind":"ready"', b'"kind":["ready"]'), id="kinds"),
        pytest.param(lambda line: line.replace(b'"plan":', b'"mac":null,"plan":'), id="no signature"),
        pytest.param(lambda line: line.replace(b'"plan":', b'"mac":5,"plan":'), id="a number as signature"),
        pytest.param(lambda line: line.replace(b'"plan":', '"mac":"é","plan":'.encode()), id="letters as signature"),
        pytest.param(lambda line: re.sub(rb'"hash":"\w+"', b'"hash":5', line), id="a number as hash"),
        pytest.param(lambda line: re.sub(rb'"prev":"\w+"', b'"prev":null', line), id="no predecessor"),
        pytest.param(lambda line: line.replace(b'"run":"run-1"', b'"run":["run-1"]'), id="runs"),
        pytest.param(lambda line: line.replace(b'"generation":1', b'"generation":"1"'), id="a generation as text"),
    ],
)
def test_a_line_written_otherwise_is_refused_though_its_hash_is_right(change: Any) -> None:
    line = Entry.of(1, NIGHT, "ready", {"n": 1}, prev=BEGINNING, key=None, bond=Bond("shop-2", "run-1", 1)).line()
    assert rewritten(line, lambda same: same) == line
    with pytest.raises(ValueError, match=r"not (an entry|the bytes)"):
        parse_entry(rewritten(line, change))


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e999", "9" * 400 + ".0"])
def test_a_number_that_json_cannot_write_makes_no_entry_however_well_it_is_hashed(number: str) -> None:
    line = Entry.of(1, NIGHT, "ready", {"free_mb": 7}, prev=BEGINNING, key=None).line()
    forged = line.replace(b'"free_mb":7', f'"free_mb":{number}'.encode())
    hashed = forged.replace(json.loads(line)["hash"].encode(), digest_of(forged).encode())
    assert digest_of(hashed).encode() in hashed
    with pytest.raises(ValueError, match="not an entry"):
        parse_entry(hashed)
