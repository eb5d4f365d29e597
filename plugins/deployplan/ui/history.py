"""What was released where: each product in each environment, and the ended runs, with what one searches them by."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from deployplan.evidence.end import End
from deployplan.runbook.run.outcome_kinds import LEAVES_LOCKED, UNTOUCHED
from deployplan.runbook.timing.estimate import ENOUGH, LATEST, p90
from deployplan.runbook.timing.past_runs import PastRun
from deployplan.ui.node_list import Reads

WITHIN = ("ticket", "feature", "person", "node")
"""Where a text may be searched for alone; else in everything that is known of a run."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long the waves of a release took together, beside what nine in ten of the earlier `runs` did not exceed.

    `usual` is None while there are too few earlier releases with the same waves.
    """

    seconds: float
    usual: float | None
    runs: int

    @property
    def told(self) -> str:
        """The comparison in words."""
        if self.usual is None:
            return f"no p90 yet ({self.runs} earlier runs with these waves, {ENOUGH} make one)"
        return f"{'slower' if self.seconds > self.usual else 'not slower'} than the p90 of {self.runs} earlier runs"


@dataclass(frozen=True, slots=True)
class EndedRun:
    """A run that is over, by its end alone: what a listing and a small read tell.

    `entries` and `head` are how many entries of evidence it had then, and the hash of the last one.
    """

    name: str
    environment: str
    product: str
    run: PastRun
    pace: Pace | None
    entries: int = 0
    head: str = ""


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What plan and evidence say of a run besides; `problem` is why they say nothing, or not all."""

    release: str | None = None
    previous: str | None = None
    summary: str | None = None
    reason: str | None = None
    author: str | None = None
    triggered_by: str | None = None
    timezone: str = "UTC"
    approved_by: tuple[str, ...] = ()
    tickets: tuple[str, ...] = ()
    features: Mapping[str, str] | None = None
    nodes: tuple[str, ...] = ()
    because: str | None = None
    problem: str | None = None

    def words(self, within: str | None) -> Iterator[str]:
        """The words that are searched: of tickets, features, people or nodes alone, or of all and more."""
        if within in (None, "ticket"):
            yield from self.tickets
        if within in (None, "feature"):
            for name, text in (self.features or {}).items():
                yield from (name, text)
        if within in (None, "person"):
            yield from (*self.approved_by, self.author or "", self.triggered_by or "")
        if within in (None, "node"):
            yield from self.nodes
        if within is None:
            yield from (self.release or "", self.summary or "", self.because or "")


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    """Which ended runs are meant; what is None or empty is not asked. `text` is looked for `within` a kind of words."""

    environment: str | None = None
    product: str | None = None
    outcome: str | None = None
    text: str | None = None
    within: str | None = None

    def may_take(self, ended: EndedRun) -> bool:
        """Whether the run is meant, as far as its end tells."""
        return (
            (not self.environment or ended.environment == self.environment)
            and (not self.product or ended.product == self.product)
            and (not self.outcome or ended.run.outcome == self.outcome)
        )

    def takes(self, ended: EndedRun, facts: RunFacts) -> bool:
        """Whether the run has the text."""
        if not self.text:
            return True
        words = [*facts.words(self.within or None), *(() if self.within else (ended.run.plan, ended.run.run_id))]
        return self.text.casefold() in "\n".join(words).casefold()


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Ended runs, the latest first. `next` is the end to go on behind; `cut`: time was over before it was full."""

    rows: tuple[tuple[EndedRun, RunFacts], ...]
    next: str | None
    cut: bool


def find_runs(
    ends: Sequence[EndedRun],
    wanted: HistoryFilter,
    facts_of: Callable[[EndedRun], RunFacts | None],
    reads: Reads,
    *,
    after: str = "",
    limit: int,
) -> HistoryPage:
    """Return the runs that are meant, `limit` of them behind the end `after`; `ends` are all, the latest first.

    `facts_of` is None for a run that there is no time to read: the next page goes on there.
    """
    rows: list[tuple[EndedRun, RunFacts]] = []
    last = after
    for ended in ends:
        if after and ended.name >= after:
            continue
        if wanted.may_take(ended) and reads(ended.run.plan):
            if len(rows) == limit:
                return HistoryPage(tuple(rows), last, cut=False)
            facts = facts_of(ended)
            if facts is None:
                return HistoryPage(tuple(rows), last, cut=True)
            if wanted.takes(ended, facts):
                rows.append((ended, facts))
        last = ended.name
    return HistoryPage(tuple(rows), None, cut=False)


@dataclass(frozen=True, slots=True)
class Current:
    """A product in an environment: the release that came last and was not taken back, and what happened since.

    `since` is the run that brought it, None when none is known; `later` is the last run after it that changed
    something. `hidden`: one of the two is of a plan that this person may not read, and is left out. `doubt`: what is
    there is not known, because of how `later` ended, or because of what is hidden.
    """

    environment: str
    product: str
    since: EndedRun | None
    later: EndedRun | None
    doubt: bool
    hidden: bool = False


def current_releases(ends: Iterable[EndedRun], reads: Reads) -> tuple[Current, ...]:
    """Return each product in each environment of which one may read a run, by name; `ends` are the latest first.

    All runs decide what is there, and those that one may not read are not named: without them an older release would
    be called the current one.
    """
    places: dict[tuple[str, str], tuple[EndedRun | None, EndedRun | None]] = {}
    mine: set[tuple[str, str]] = set()
    for ended in ends:
        place = ended.environment, ended.product
        if place not in mine and reads(ended.run.plan):
            mine.add(place)
        since, later = places.setdefault(place, (None, None))
        if since is not None or ended.run.outcome in UNTOUCHED:
            continue
        places[place] = (ended, later) if ended.run.released else (None, later or ended)
    return tuple(_seen(place, *places[place], reads) for place in sorted(mine))


def _seen(place: tuple[str, str], since: EndedRun | None, later: EndedRun | None, reads: Reads) -> Current:
    """What is there, without the runs of plans that this person may not read."""
    doubt = later is not None and later.run.outcome in LEAVES_LOCKED
    shown_since, shown_later = (each if each is None or reads(each.run.plan) else None for each in (since, later))
    hidden = shown_since is not since or shown_later is not later
    return Current(*place, shown_since, shown_later, doubt or hidden, hidden)


def with_pace(ends: Iterable[tuple[End, PastRun]]) -> tuple[EndedRun, ...]:
    """Return the ended runs, the latest first, each release with its pace; `ends` are the latest last."""
    earlier: dict[object, list[float]] = {}
    found = []
    for end, run in ends:
        pace = None
        if run.released and run.waves:
            waves = frozenset((wave.component, wave.number, wave.of, wave.nodes) for wave in run.waves)
            past = earlier.setdefault((end.environment, end.product, waves), [])
            seconds = sum(wave.seconds for wave in run.waves)
            pace = Pace(seconds, p90(past[-LATEST:]) if len(past) >= ENOUGH else None, len(past[-LATEST:]))
            past.append(seconds)
        found.append(EndedRun(end.name, end.environment, end.product, run, pace, end.entries, end.head))
    return tuple(reversed(found))
