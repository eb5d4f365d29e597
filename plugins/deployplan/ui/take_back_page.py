"""The page of a release that ended well and may still be taken back: what that undoes, and the way to ask for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from deployplan.ui.card_page import alert, page, text

MOST_REASON = 500
"""Characters of a reason."""
REASON = (
    '<label for="reason">Why it is to be backed out, for the evidence</label>'
    f'<textarea id="reason" name="reason" rows="3" maxlength="{MOST_REASON}" required></textarea>'
)


@dataclass(frozen=True, slots=True)
class BackoutOffer:
    """A release that may be taken back until then; `undoes` has by component the release that each node goes back to.

    `begins_at_once`: the person who reads is of the backout authority; `may_ask`: Airflow lets them ask at all.
    """

    plan: str
    run: str
    version: str
    until: datetime | None
    authority: tuple[str, ...]
    undoes: Mapping[str, Mapping[str, str | None]]
    begins_at_once: bool
    may_ask: bool


def render_offer(offer: BackoutOffer, told: str | None = None) -> str:
    """Return the page; `told` is what the person's request came to."""
    until = "" if offer.until is None else f" It may be asked for until {offer.until:%F %R %Z}."
    facts = (
        f"<p>{text(offer.plan)}, run {text(offer.run)}: the release {text(offer.version)} is in production."
        f"{text(until)}</p>"
    )
    undone = "".join(
        f"<li>{text(component)}: {text(', '.join(_back_to(*each) for each in nodes.items()))}</li>"
        for component, nodes in offer.undoes.items()
    )
    who = f"Decided by {', '.join(offer.authority)}."
    what = "You are one of them: it begins at once." if offer.begins_at_once else "They are asked on a card."
    button = "Back out" if offer.begins_at_once else "Ask for the backout"
    form = (
        f'<form method="post" action="{text(_last_of(offer.run))}/backout">{REASON}'
        f'<button type="submit">{button}</button></form>'
        if offer.may_ask
        else "<p>You may not ask for it: Airflow gives you no right to change runs of this plan.</p>"
    )
    content = (
        f"<h2>Backing out undoes</h2><ul>{undone}</ul><p>{text(who)} {text(what)} No window holds it up.</p>{form}"
    )
    return page(f"{offer.plan}: back out the release?", f"{alert(told)}{facts}{content}")


def render_told(title: str, why: str) -> str:
    """Return the page that says why a release is not backed out, or what the request came to."""
    return page(title, alert(why))


def _back_to(node: str, version: str | None) -> str:
    return f"{node} to {version}" if version else f"{node} to what was there before"


def _last_of(run: str) -> str:
    """The run's own part of the address, from which the form's action is read."""
    return quote(run, safe="")
