"""What is now, as figures for those who watch: by product and environment, never by plan, so that they stay few."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from deployplan.evidence.hold import Hold
from deployplan.runbook.run.outcome_kinds import Outcome
from deployplan.runbook.run.state import RunState
from deployplan.ui.progress import TROUBLE, Phase
from deployplan.ui.tonight import Lane, Tonight, TonightRow, WaitsFor

FAR = timedelta(days=7)
"""What `window_left_seconds` says at most, and where nothing waits or works."""
DEPLOYS = (Phase.REVIEW, Phase.WINDOW, Phase.DEPLOY)
"""The phases with waves to do."""

Place = tuple[str, str]
"""A product and an environment."""


@dataclass(frozen=True, slots=True)
class Gauge:
    """A number that holds now, its name without prefix, and its tags."""

    name: str
    value: float
    tags: Mapping[str, str]


def gauges_now(tonight: Tonight, at: datetime, places: Iterable[Place] = ()) -> list[Gauge]:
    """Return the figures; each that there may be is among them at every place, 0 where there is nothing to count.

    What is not sent any more would stand as it was for ever, where a gauge is kept until its next value. `places` are
    those of which there may be no row now.
    """
    rows: dict[Place, list[TonightRow]] = {place: [] for place in places}
    for row in tonight.rows:
        if row.product is not None and row.environment is not None:
            rows.setdefault((row.product, row.environment), []).append(row)
    nowhere = sum(row.problem for row in tonight.rows if row.product is None or row.environment is None)
    figures = [
        Gauge("hold_seconds", _age_of(tonight.hold, at), {}),
        Gauge("runs_unread", tonight.unread, {}),
        Gauge("records_damaged", nowhere, {"product": "unknown", "environment": "unknown"}),
        Gauge("plans_rejected", tonight.rejected, {}),
    ]
    for (product, environment), some in sorted(rows.items()):
        tags = {"product": product, "environment": environment}
        figures += [Gauge(each.name, each.value, {**tags, **each.tags}) for each in _of_place(some, at)]
    return figures


def places_of(tonight: Tonight) -> set[Place]:
    """Return the products and environments of all rows."""
    return {(row.product, row.environment) for row in tonight.rows if row.product and row.environment}


def _age_of(hold: Hold | None, at: datetime) -> float:
    return 0.0 if hold is None else _seconds(at - hold.since)


def _of_place(rows: list[TonightRow], at: datetime) -> Iterator[Gauge]:
    active = [row for row in rows if row.run is not None and row.ended is None]
    waiting = Counter(row.waits_for for row in active)
    ended = Counter(row.outcome for row in rows if row.run is not None and row.ended is not None)
    for reason in WaitsFor:
        yield Gauge("runs_waiting", waiting[reason], {"reason": str(reason)})
    for outcome in Outcome:
        yield Gauge("releases_ended", ended[outcome], {"outcome": str(outcome)})
    yield Gauge("runs_working", sum(1 for row in active if _works(row)), {})
    yield Gauge("card_age_seconds", max((_card_age(row, at) for row in active), default=0.0), {})
    yield Gauge("window_left_seconds", min((_window_left(row, at) for row in active), default=_seconds(FAR)), {})
    yield Gauge("nodes_failed", sum(_troubled(row) for row in active), {})
    yield Gauge("nodes_locked", sum(_locked(row) for row in active), {})
    yield Gauge("records_damaged", sum(row.problem for row in rows), {})
    yield Gauge("messages_uncertain", sum(_uncertain(row.known) for row in rows), {})


def _works(row: TonightRow) -> bool:
    return row.progress is not None and row.progress.began is not None and row.waits_for is None


def _card_age(row: TonightRow, at: datetime) -> float:
    """How long the card has been open that has waited longest."""
    opened = [] if row.known is None else [card.since or card.at for card in row.known.cards.values() if card.is_open]
    return max((_seconds(at - each) for each in opened), default=0.0)


def _window_left(row: TonightRow, at: datetime) -> float:
    """Until the last safe start of a run that has not begun, the close for one that has waves to do still."""
    progress = row.progress
    if progress is None or row.closes is None or progress.phase not in DEPLOYS:
        return _seconds(FAR)
    until = row.closes if progress.began is not None else row.last_safe_start or row.closes
    return _seconds(min(FAR, until - at))


def _troubled(row: TonightRow) -> int:
    return 0 if row.progress is None else sum(row.progress.nodes.get(each, 0) for each in TROUBLE)


def _locked(row: TonightRow) -> int:
    """How many nodes the run has taken for itself, and not given back."""
    if row.progress is None or row.progress.began is None or row.lane is Lane.ENDED:
        return 0
    return sum(row.progress.nodes.values())


def _uncertain(known: RunState | None) -> int:
    traces = () if known is None else known.messages.values()
    return sum(1 for each in traces if each.uncertain and not each.sent)


def _seconds(length: timedelta) -> float:
    return max(0.0, round(length.total_seconds(), 1))
