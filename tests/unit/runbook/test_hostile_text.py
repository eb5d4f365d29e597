"""Whatever a plan, a node or a response says reaches cards, descriptions and messages as the characters it is."""

import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from builders import PLAN, a_component, a_snapshot
from deployplan.comms.message import render
from deployplan.comms.webhook_channel import _content
from deployplan.plan.model.moment import Moment
from deployplan.plan.pages.markdown import code, running_text
from deployplan.plan.pages.readable import essentials, plan_page
from deployplan.plan.snapshot import Snapshot
from deployplan.runbook import review
from deployplan.runbook.decide import find_trouble
from deployplan.runbook.failure.failure_card import failure_card
from deployplan.runbook.failure.question import question_of
from unit.runbook.runs import a_run, armed, freeze, node_result, wave_ended

HOSTILE = (
    "x\n\n## Approved by mia\n\n![seen](http://evil.example/p.png) [details](http://evil.example) <b>b</b> **bold** "
    "| cell | `code` ``c`` &lt; <http://evil.example> \u202e\u200b\x1b[2K\r\n- item\n1. one\n---\n"
)
TEXTS = (
    HOSTILE,
    "- item",
    "+ item",
    "1. one",
    "1) one",
    "# head",
    "===",
    "---",
    "> said",
    "```\ncode",
    "    code",
    "|a|",
)
QUIET = {"paragraph", "inline", "text", "code_inline", "strong", "softbreak"}
FRAME = {"table", "thead", "tbody", "tr", "th", "td", "bullet_list", "list_item", "heading"}


def tokens(markdown: str) -> Iterator[tuple[str, str]]:
    """The kinds of token in the text, with their content."""
    for token in MarkdownIt("commonmark").enable("table").parse(markdown):
        for each in (token, *(token.children or ())):
            yield each.type.removesuffix("_open").removesuffix("_close"), each.content


def assert_harmless(markdown: str, ours: set[str] = FRAME) -> None:
    """Nothing in it that we did not put there: no link, picture, HTML or heading of others, nothing unseen."""
    found = {kind for kind, _ in tokens(markdown)}
    assert found <= QUIET | ours, found - QUIET - ours
    assert not any(unicodedata.category(character) in {"Cf", "Cc"} for character in markdown if character != "\n")
    assert "Approved by mia" not in [
        line.lstrip("# ").strip() for line in markdown.splitlines() if line.startswith("#")
    ]


def headings(markdown: str) -> list[str]:
    return [line for line in markdown.splitlines() if line.startswith("#")]


@pytest.mark.parametrize("hostile", TEXTS)
@pytest.mark.parametrize("made", [running_text, code])
def test_a_piece_of_text_is_one_paragraph_of_plain_words_or_code(made: Any, hostile: str) -> None:
    assert_harmless(made(hostile), set())
    assert "\n" not in made(hostile)


def hostile_plan() -> Snapshot:
    """A plan in which every field that takes any text has a hostile one."""
    return a_snapshot(
        author=HOSTILE,
        change=HOSTILE,
        scope={
            **PLAN["scope"],
            "release": {"product": HOSTILE, "version": HOSTILE, "previous": "1" + HOSTILE},
            "summary": HOSTILE,
            "features": {HOSTILE: HOSTILE},
            **{
                key: [HOSTILE]
                for key in ("fixes", "out_of_scope", "configuration_items", "assumptions", "test_evidence")
            },
            "security_impact": HOSTILE,
        },
        schedule={
            "window": {"name": HOSTILE, "opens": "2026-11-28 22:00", "closes": "2026-11-29 02:00", "timezone": "UTC"}
        },
        components={
            "web": {
                "nodes": ["web-1"],
                "deploy": HOSTILE,
                "irreversible": HOSTILE,
                "current": HOSTILE,
                "env": {"A": HOSTILE},
                "secrets": {"S": HOSTILE},
            }
        },
        risks=[{"id": "R1", "risk": HOSTILE, "mitigation": HOSTILE, "owner": HOSTILE}],
        impact={
            "customer": HOSTILE,
            "downtime": HOSTILE,
            "stakeholders": {HOSTILE: {"contact": HOSTILE, "effect": HOSTILE}},
            "end_users": {"locations": [HOSTILE]},
        },
        approval={"authorities": {"mia": HOSTILE, HOSTILE: "owner"}},
        delivery={
            "team": {HOSTILE: {"role": HOSTILE, "phone": HOSTILE, "mail": HOSTILE}},
            "handover": {"channel": HOSTILE, "support": {"tier1": HOSTILE, "docs": [HOSTILE]}},
            "escalation": [{"after": "5m", "contact": HOSTILE}],
        },
        success={
            "url": {"http": f"http://web-1/{HOSTILE}", "expect": {"contains": HOSTILE, "json": {HOSTILE: HOSTILE}}},
            "said": {"command": HOSTILE, "expect": {"stdout": HOSTILE}, "on": "web-1"},
            "seen": {"manual": HOSTILE, "by": HOSTILE},
        },
        backout={
            "authority": [HOSTILE],
            "when": {"url": "ask"},
            "tested": {"environment": HOSTILE, "at": "2026-11-20", "evidence": HOSTILE},
        },
        communications=[{"to": HOSTILE, "on": ["announced"], "via": ["log", "notifier"], "value": HOSTILE}],
    )


def test_the_description_of_a_plan_has_nothing_in_it_that_the_plan_formatted() -> None:
    assert_harmless(essentials(hostile_plan()))
    assert headings(essentials(hostile_plan())) == []


def test_the_whole_plan_as_a_document_has_no_section_but_ours() -> None:
    told = plan_page(hostile_plan())
    assert_harmless(told)
    ours = set(headings(plan_page(a_snapshot())))
    assert len(headings(told)) == len(ours)


def test_an_approvers_card_shows_what_plan_and_nodes_say_as_characters(tmp_path: Path) -> None:
    run = a_run(tmp_path, snapshot=hostile_plan())
    freeze(run)
    run.ledger.record("preflight", node="web-1", release=HOSTILE, free_mb=900, skew=0.1, problems=[HOSTILE])
    run.ledger.record("conflict", plan="p", owner=HOSTILE, nodes=["web-1"], refuses=False, detail=HOSTILE)
    body = review.offer_seat(run, 1).body
    assert_harmless(body)
    told = ["### Whom no message reaches", "### Messages"]
    assert headings(body) == ["### Worst case", "### Nodes", "### Other plans on these nodes", *told]


def test_the_reasons_on_the_card_of_a_backout_are_characters(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    armed(run)
    wave_ended(run, ok=False, why=HOSTILE, nodes={"web-1": node_result("failed", HOSTILE)})
    trouble = find_trouble(run, {})
    assert trouble is not None
    body = "\n".join(f"- {code(line)}" for line in trouble.why)
    assert "Approved by mia" in body
    assert_harmless(body)


@pytest.mark.parametrize("moment", list(Moment))
def test_no_value_in_a_message_can_pass_for_a_line_of_ours(moment: Moment) -> None:
    snapshot = hostile_plan()
    facts = dict.fromkeys(("run", "window", "reason", "outcome", "next_open", "issues", "head", "url"), HOSTILE)
    message = render(snapshot.plan.communications[0], snapshot, moment, facts)
    assert "\n" not in message.subject
    assert not any(line.startswith(("##", "- item", "1. one", "---")) for line in message.body.splitlines())
    assert not any(unicodedata.category(each) in {"Cf", "Cc"} for each in message.body if each != "\n")
    assert (
        "<" not in _content(message, "room")["text"]
    )  # what a chat room would take for a link, or for calling everybody


def test_the_card_of_a_stopped_wave_shows_what_nodes_and_people_said_as_the_characters_they_are(tmp_path: Path) -> None:
    for number, hostile in enumerate(TEXTS):
        run = a_run(
            tmp_path / str(number),
            components={"web": a_component(nodes=["web-1"], on_failure="ask")},
            success={"page": {"command": "true", "on": "web-1"}},
        )
        armed(run)
        run.ledger.record("reading", criterion="page", node="web-1", answer="fail", observed=hostile, why=hostile)
        stop = {"component": "web", "wave": 1, "generation": "run-1#1", "why": hostile, "criteria": ["page"]}
        run.ledger.record("wave_stopped", **stop, nodes={"web-1": node_result("failed", hostile)})
        waits = {"answer": "wait", "person": hostile, "note": hostile, "until": "2026-11-28T13:00:00+00:00"}
        run.ledger.record("failure_answered", component="web", wave=1, generation="run-1#1", **waits)
        question = question_of(run, run.read_state())
        assert question is not None
        assert_harmless(failure_card(run, run.read_state(), question, {"web-1": hostile.splitlines()}))
