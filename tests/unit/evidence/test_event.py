"""An event is what its facts say: written whole, and read again as it was."""

import hashlib
import re
from datetime import UTC, datetime
from typing import Any, get_args, get_origin, get_type_hints

import pytest

from deployplan.evidence.entry import BEGINNING, Bond, Entry, digest_of, plain
from deployplan.evidence.error import RecordError
from deployplan.evidence.event import Event, Facts
from deployplan.evidence.kinds import KINDS, event_in
from deployplan.evidence.kinds.deploy import NodeEnd, WaveEnded
from deployplan.evidence.kinds.people import Intervened

NIGHT = datetime(2026, 11, 28, 22, tzinfo=UTC)
SAMPLES: dict[Any, Any] = {str: "web-1", int: 3, float: 0.5, bool: True}


def a_value(hint: Any) -> Any:
    if hint in SAMPLES:
        return SAMPLES[hint]
    origin, within = get_origin(hint), get_args(hint)
    if origin is tuple:
        return ("a", "b") if within[0] is str else (0.5, a_value(within[0]))
    if isinstance(hint, type) and issubclass(hint, Facts):
        return hint(**{name: a_value(inner) for name, inner in get_type_hints(hint).items() if name in fields_of(hint)})
    if origin is not None and len(within) == 2 and type(None) in within:
        return a_value(within[0])
    return {"web-1": a_value(within[1])}


def fields_of(kind: type[Facts]) -> set[str]:
    return {name for name, *_ in kind._readers}


def an_event(kind: type[Event]) -> Event:
    hints = get_type_hints(kind)
    return kind(**{name: a_value(hints[name]) for name in fields_of(kind)})


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_what_was_written_is_read_again_as_it_was(kind: type[Event]) -> None:
    event = an_event(kind)
    entry = Entry.of(1, NIGHT, event.kind, event.facts(), prev=BEGINNING, key=None)
    assert event_in(entry) == event


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_fact_says_what_it_means(kind: type[Event]) -> None:
    assert all(kind.told.values())


def test_a_fact_of_a_newer_version_is_passed_over_and_one_that_an_older_did_not_write_has_its_default() -> None:
    read = WaveEnded.of({"component": "web", "wave": 1, "ok": True, "nodes": {"web-1": {"state": "done"}}, "new": 1})
    assert read == WaveEnded(component="web", wave=1, ok=True, nodes={"web-1": NodeEnd(state="done")})


@pytest.mark.parametrize("key", [None, b"secret"])
@pytest.mark.parametrize("text", ["", ',"hash":"' + "0" * 64 + '"', '\\",\\"mac\\":\\"', "é\n"])
def test_the_digest_of_a_line_is_that_of_the_documented_command(text: str, key: bytes | None) -> None:
    entry = Entry.of(7, NIGHT, text or "ready", {text: text}, prev=BEGINNING, key=key, bond=Bond("shop-2", text, 1))
    without = re.sub(rb'"hash":"[0-9a-f]{64}",|"mac":"[0-9a-f]{64}",', b"", entry.line()).rstrip(b"\n")
    assert digest_of(entry.line()) == hashlib.sha256(without).hexdigest() == entry.hash
    assert plain(entry.as_json()["hash"]) == entry.hash


@pytest.mark.parametrize(
    ("kind", "facts", "told"),
    [
        ("plan_frozen", {"digest": "d", "redeploy": "false"}, "redeploy: 'false' where true or false would be right"),
        ("verified", {"ok": "no"}, "ok: 'no' where true or false would be right"),
        ("verified", {"ok": None}, "ok: None where true or false would be right"),
        ("manual_answer", {"criterion": "looks", "passed": 0}, "passed: 0 where true or false would be right"),
        ("armed", {"generation": "1_0"}, "generation: '1_0' where a whole number would be right"),
        ("armed", {"generation": True}, "generation: True where a whole number would be right"),
        ("armed", {}, "generation is missing"),
        ("approved", {"seat": 1, "person": ["mia"]}, r"person: \['mia'\] where a text would be right"),
        (
            "wave_ended",
            {"component": "web", "wave": 1, "ok": False, "nodes": {}, "excluded": "web-1"},
            "excluded: 'web-1' where a list of texts would be right",
        ),
        (
            "wave_ended",
            {"component": "web", "wave": 1, "ok": False, "nodes": ["web-1"]},
            r"nodes: \['web-1'\] where facts by name would be right",
        ),
        (
            "undo_ended",
            {"component": "web", "ok": True, "nodes": {"web-1": "done"}},
            "nodes: 'done' is no facts by name",
        ),
        ("undo_ended", {"component": "web", "ok": True, "nodes": {"web-1": {}}}, "nodes: state is missing"),
    ],
)
def test_a_fact_of_another_type_is_not_guessed_at(kind: str, facts: dict[str, Any], told: str) -> None:
    entry = Entry.of(3, NIGHT, kind, facts, prev=BEGINNING, key=None)
    with pytest.raises(RecordError, match=f"entry 3 of the evidence, {kind}, cannot be read: {told}"):
        event_in(entry)


@pytest.mark.parametrize("odd", [True, ["a"], {"a": 1}, 1.5, 7])
def test_what_others_answer_where_a_text_belongs_is_kept_as_its_text_and_can_be_read(odd: Any) -> None:
    seen = Intervened(who=odd, state=odd, note=odd, tasks=(odd,), accepted=True)
    entry = Entry.of(1, NIGHT, seen.kind, seen.facts(), prev=BEGINNING, key=None)
    read = event_in(entry)
    assert isinstance(read, Intervened)
    assert (read.who, read.state, read.note, read.tasks) == (str(odd), str(odd), str(odd), (str(odd),))
