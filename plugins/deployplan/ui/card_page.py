"""The cards that ask somebody, as small pages of their own: for a phone, without scripts, whatever stands in them."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from html import escape
from urllib.parse import quote

from markdown_it import MarkdownIt

from deployplan.printable import printable, printable_lines
from deployplan.ui.tonight import TonightRow
from deployplan.window.wall_time import local

STYLE = """
:root { color-scheme: light dark; }
body { font: 1.1rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 44rem; padding: 0.75rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.15rem; margin-top: 1.5rem; }
h1, h2, p, li, td, code, dd { overflow-wrap: anywhere; }
article, .card { border: 1px solid GrayText; border-radius: 0.5rem; padding: 0.75rem; margin: 0.75rem 0; }
.table { overflow-x: auto; }
table { border-collapse: collapse; }
td, th { border: 1px solid GrayText; padding: 0.2rem 0.5rem; }
td:first-child, th:first-child { overflow-wrap: normal; }
pre { white-space: pre-wrap; }
a { display: inline-block; padding: 0.4rem 0; }
label { display: block; margin-top: 1rem; }
textarea { box-sizing: border-box; font: inherit; width: 100%; }
button { display: block; font: inherit; font-weight: 600; margin: 0.75rem 0; min-height: 3.25rem; width: 100%; }
[role=alert] { border-left: 0.3rem solid; padding-left: 0.6rem; font-weight: 600; }
"""

NOTE = (
    '<label for="note">Note, for the evidence</label>'
    '<textarea id="note" name="note" rows="3" maxlength="500"></textarea>'
)


@dataclass(frozen=True, slots=True)
class CardContent:
    """What Airflow holds of a card: its text in Markdown, and what may be chosen by the person who reads it.

    `takes_note`: whether something may be written with the answer.
    """

    body: str
    options: tuple[str, ...]
    takes_note: bool


def render_list(who: str, rows: Iterable[TonightRow], told: str | None = None) -> str:
    """Return the page of what somebody is asked; `told` is what their last answer came to."""
    cards = "".join(_in_list(row) for row in rows if row.progress is not None and row.progress.question is not None)
    nothing = "<p>Nothing asks you now.</p>"
    return page(f"Cards of {who}", f"{alert(told)}{cards or nothing}")


def render_card(row: TonightRow, content: CardContent | None, problem: str | None = None) -> str:
    """Return the page of one card; without `content`, as Airflow did not show it, nothing can be chosen there."""
    question = row.progress.question if row.progress is not None else None
    assert question is not None
    release = " ".join(each for each in (row.product, row.version) if each)
    facts = f"<p>{text(row.plan)}: {text(release)}, {text(row.environment or '')}; run {text(row.run or '')}</p>"
    until = "Without an answer nothing happens by itself, but what the text below says."
    if question.until is not None:
        until = f"Silence is taken for an answer at {local(question.until.replace(microsecond=0), row.timezone)}."
    asked = f"<p>Asked: {text(', '.join(question.people))}. {text(until)}</p>"
    shown = "" if content is None else _content(content)
    back = '<p><a href="../../m">All that asks you</a></p>'
    return page(question.subject, f"{alert(problem)}{facts}{asked}{shown}{back}")


def path_of_card(plan: str, run_id: str) -> str:
    """Return where a run's card stands, below the list's own place."""
    return f"m/{quote(plan, safe='')}/{quote(run_id, safe='')}"


def _in_list(row: TonightRow) -> str:
    assert row.progress is not None
    assert row.progress.question is not None
    due = "" if row.act_by is None else f"<p>By {text(local(row.act_by.replace(microsecond=0), row.timezone))}</p>"
    link = f'<a href="{escape(path_of_card(row.plan, row.run or ""), quote=True)}">Read and answer</a>'
    return f"<article><h2>{text(row.progress.question.subject)}</h2><p>{text(row.plan)}</p>{due}{link}</article>"


def _content(content: CardContent) -> str:
    note = NOTE if content.takes_note else ""
    buttons = "".join(
        f'<button type="submit" name="choice" value="{escape(_whole(each), quote=True)}">{text(each)}</button>'
        for each in content.options
    )
    form = f'<form method="post">{note}{buttons}</form>' if buttons else "<p>You may not answer this.</p>"
    return f'<div class="card">{render_markdown(content.body)}</div>{form}'


def render_markdown(written: str) -> str:
    """Return Markdown as HTML: raw HTML stays text, nothing is fetched, no link runs a script, what hides is spelt."""
    html: str = _markdown().render(printable_lines(written))
    return html.replace("<table>", '<div class="table" role="region" aria-label="table" tabindex="0"><table>').replace(
        "</table>", "</table></div>"
    )


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


def page(title: str, content: str) -> str:
    """Return a page; `content` is HTML."""
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{text(title)}</title>'
    return (
        f'<!doctype html><html lang="en"><head>{head}<style>{STYLE}</style></head>'
        f"<body><main><h1>{text(title)}</h1>{content}</main></body></html>"
    )


def alert(told: str | None) -> str:
    """Return what is said first of all on a page, if anything is."""
    return "" if told is None else f'<p role="alert">{text(told)}</p>'


def text(written: str) -> str:
    """Return text for HTML, bounded, with nothing hidden in it."""
    return escape(printable(written)[:1000], quote=True)


def _whole(written: str) -> str:
    return printable(written)
