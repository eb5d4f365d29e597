import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deployplan.evidence.entry import BEGINNING, Entry
from deployplan.evidence.kinds import CHAPTERS, KINDS
from deployplan.evidence.story import sentence, story

NIGHT = datetime(2026, 11, 28, 22, tzinfo=UTC)
REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "evidence.md"


def an_entry(kind: str, /, seq: int = 1, **facts: object) -> Entry:
    return Entry.of(seq, NIGHT, kind, facts, prev=BEGINNING, key=None)


def test_a_story_has_one_numbered_dated_line_an_entry() -> None:
    told = story([an_entry("approved", person="mia", seat=1, digest="9f2c" * 16), an_entry("sealed", 2, entries=1)])
    assert told == (
        "   1  2026-11-28 22:00:00 UTC  mia approved digest 9f2c9f2c9f2c (seat 1)\n"
        "   2  2026-11-28 22:00:00 UTC  sealed after 1 entries\n"
    )


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        (an_entry("gate", name="backout", ok=True, detail="undo everywhere"), "gate backout: holds (undo everywhere)"),
        (an_entry("gate", name="backout", ok=False), "gate backout: DOES NOT HOLD"),
        (an_entry("window_verdict", open=False, reason="frozen by year end"), "window looked at: frozen by year end"),
        (an_entry("wave_ended", component="web", wave=1, ok=True, why=None), "web wave 1 done"),
        (
            an_entry("wave_ended", component="web", wave=2, ok=False, why="2 nodes failed", excluded=["web-3"]),
            "web wave 2 STOPPED: 2 nodes failed; left out: web-3",
        ),
        (
            an_entry("job_ended", node="web-1", job="j", state="failed", exit=0),
            "web-1: j ended as failed with exit 0",
        ),
        (
            an_entry("terminated", node="web-1", job="j", gone=False, why="no progress"),
            "web-1: terminated j, NOT PROVEN GONE (no progress)",
        ),
        (
            an_entry("rollback_point", node="web-1", component="web", version=None),
            "web on web-1 would go back to nothing",
        ),
        (an_entry("preflight", node="web-1", problems=["disk", "skew"]), "preflight of web-1: NOT READY: disk, skew"),
        (an_entry("outcome", outcome="backed_out", because="undone"), "outcome: backed_out (undone)"),
    ],
)
def test_known_kinds_are_told_in_words(entry: Entry, told: str) -> None:
    assert sentence(entry) == told


def test_an_unknown_kind_is_told_with_its_facts_as_they_are() -> None:
    assert sentence(an_entry("novelty", node="web-1", n=3, why=None)) == "novelty [node=web-1, n=3]"


def test_an_unknown_fact_of_a_known_kind_is_not_lost() -> None:
    assert sentence(an_entry("ready", by="erin")) == "review says ready [by=erin]"


def test_a_missing_fact_is_a_question_mark() -> None:
    assert sentence(an_entry("gate", ok=True)) == "gate ?: holds"


def test_a_fact_cannot_forge_another_line() -> None:
    entry = an_entry("not_ready", problems="x\n   9  2026-11-28 22:00:00 UTC  mia approved\x1b[2K\u2028")
    assert len(story([entry]).splitlines()) == 1
    assert "\x1b" not in story([entry])


def test_a_fact_that_looks_like_a_placeholder_stays_what_it_is() -> None:
    assert sentence(an_entry("rejected", person="{digest}", digest="9f2c", why="[{x}]")) == (
        "{digest} REJECTED digest 9f2c: [{x}]"
    )


def test_a_long_fact_is_clipped() -> None:
    assert len(sentence(an_entry("not_ready", problems="x" * 10_000))) < 400


VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=9)


def told_in_one_line(kind: str, facts: dict[str, object]) -> None:
    entry = Entry.of(1, NIGHT, kind, facts, prev=BEGINNING, key=None)
    assert len(story([entry]).splitlines()) == 1


@settings(max_examples=1000)
@given(data=st.data(), kind=st.sampled_from(sorted(KINDS)))
def test_whatever_its_own_facts_say_a_kind_is_told_in_one_line(data: st.DataObject, kind: str) -> None:
    told_in_one_line(kind, data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys(KINDS[kind].told, VALUES))))


@pytest.mark.chaos
@pytest.mark.parametrize("kind", KINDS)
@given(facts=st.dictionaries(st.text(max_size=5), VALUES))
def test_whatever_the_facts_a_kind_is_told_in_one_line(kind: str, facts: dict[str, object]) -> None:
    told_in_one_line(kind, facts)


@pytest.mark.parametrize("kind", KINDS)
@given(facts=st.dictionaries(st.text(max_size=5), VALUES, max_size=3))
@settings(max_examples=8)
def test_whatever_a_few_facts_a_kind_is_told_in_one_line(kind: str, facts: dict[str, object]) -> None:
    told_in_one_line(kind, facts)


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_tells_only_facts_that_it_declares(kind: str) -> None:
    told = set(re.findall(r"\{(\w+)", KINDS[kind].line))
    assert told <= set(KINDS[kind].told)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_reference_names_every_kind_and_every_fact(chapter: str) -> None:
    page = REFERENCE.read_text()
    assert f"## {chapter}\n" in page
    for name, kind in CHAPTERS[chapter].items():
        rows = "".join(f"| `{fact}` | {meaning} |\n" for fact, meaning in kind.told.items())
        assert f"### {name}\n" in page
        assert rows in page
