"""The card of an approval seat: what an approver must see before a yes."""

from collections.abc import Iterator

from deployplan.evidence.kinds.review import NodeExamined
from deployplan.plan.load.roster_file import read_roster
from deployplan.plan.model.address_book import AddressBook
from deployplan.plan.model.roster import Roster
from deployplan.plan.pages.markdown import code, running_text, table
from deployplan.plan.pages.readable import essentials
from deployplan.plan.text.scalars import spell_duration
from deployplan.plan.worst_case import worst_case
from deployplan.runbook.run.rehearsal_record import last_rehearsal
from deployplan.runbook.run.run import Run
from deployplan.runbook.run.state import RunState
from deployplan.runbook.telling.ahead import messages_ahead
from deployplan.runbook.telling.occasions import opening_after
from deployplan.runbook.timing.chosen_window import chosen_opening
from deployplan.runbook.timing.verdict import estimate_of, verdict_of
from deployplan.window.wall_time import local

MOST_MESSAGES = 25
"""Messages that the card names."""


def approval_card(run: Run, state: RunState) -> str:
    """The plan, the nodes' state by the evidence of this review, the worst case, the digest; in markdown."""
    return "\n".join(_lines(run, state))


def _lines(run: Run, state: RunState) -> Iterator[str]:
    snapshot = run.snapshot
    yield from (
        essentials(snapshot),
        "",
        "### Worst case",
        *(f"- {running_text(line)}" for line in worst_case(snapshot)),
    )
    yield from _written_by(state)
    if nodes := list(state.review.nodes.values()):
        head = ("node", "release now", "free MB", "clock skew s", "result")
        yield from ("", "### Nodes", *table(head, map(_node_row, nodes)))
        yield from _already_there(nodes, redeploy=state.redeploys)
    if state.review.conflicts:
        yield from (
            "",
            "### Other plans on these nodes",
            *(f"- {running_text(each.detail)}" for each in state.review.conflicts),
        )
    reserve = spell_duration(snapshot.plan.schedule.backout_reserve)
    yield from ("", f"**Window**: {running_text(verdict_of(run).reason)}")
    yield from ("", f"**Time**: {running_text(estimate_of(run).told)}; {reserve} kept for a backout")
    yield from _rehearsed(run)
    yield from _messages(run)
    yield from ("", f"**After the last yes**, and not before, production is read: {_asked(run)}")
    chosen = chosen_opening(run)
    only = f", to start in {running_text(chosen.label)}, and in no other window" if chosen else ""
    yield from ("", f"You approve digest {code(snapshot.digest)}{only}.")


def _rehearsed(run: Run) -> Iterator[str]:
    """Whether the backout of exactly this content was tried, and what came of it."""
    if (found := last_rehearsal(run.records, run.snapshot)) is None:
        return
    result = found.result
    went = "proven" if result.backout_ok else f"FAILED ({'; '.join(result.problems)[:300]})"
    deployed = "went well" if result.deploy_ok else "FAILED"
    when = f"{local(found.at, run.snapshot.timezone)} by {result.by}, in {result.environment}"
    told = f"{when}: deploy {deployed} in {result.deploy_seconds:g} s, backout {went} in {result.backout_seconds:g} s"
    yield from ("", f"**Backout of exactly these scripts and packages rehearsed** on {running_text(told)}.")
    yield "It proves the scripts, not production."


def _written_by(state: RunState) -> Iterator[str]:
    """Who wrote it, by the repository; what it does not know must not look like nobody."""
    if (found := state.review.authors) is not None:
        people = ", ".join(map(running_text, found.people)) or "nobody known"
        since = f" since {code(found.since[:12])}" if found.since else ""
        told = [f"nobody knows {code(each)}" for each in found.unknown] + ([code(found.why)] if found.why else [])
        yield from ("", f"**Written by**, by the repository{since}: {'; '.join([people, *told])}.")


def _already_there(nodes: list[NodeExamined], *, redeploy: bool) -> Iterator[str]:
    """Whoever is asked to approve what is done already must know that."""
    if redeploy:
        again = "a yes runs every script of this plan again, also where it has run; a backout goes back to the release"
        yield from ("", f"**Redeploy**: {again} that was there before this plan.")
    verified = [each.verified for each in nodes]
    if all(verified):
        latest = max(map(str, verified))
        told = f"by their own ledgers all nodes have this very plan, verified since {code(latest)}"
        yield from ("", f"**Already there**: {told}.{'' if redeploy else ' A yes runs no script again.'}")


def _messages(run: Run) -> Iterator[str]:
    """Who will be told what, and when: it is part of what is approved."""
    now, chosen = run.clock.now(), chosen_opening(run)
    opening, roster = chosen or opening_after(run.snapshot, now), read_roster(run.include).roster
    found = messages_ahead(run.snapshot, roster, opening, now=now)
    yield from _untold(run, roster)
    if not found:
        return
    rows = (
        (
            running_text(each.when if each.at is None else str(local(each.at, run.snapshot.timezone))),
            running_text(str(each.moment)),
            running_text(each.group),
            running_text(each.via),
        )
        for each in found[:MOST_MESSAGES]
    )
    yield from ("", "### Messages", *table(("when", "moment", "whom", "by"), rows))
    if len(found) > MOST_MESSAGES:
        name = run.snapshot.plan.name
        yield f"and {len(found) - MOST_MESSAGES} more: `deployplan messages {name}` prints them all"


def _untold(run: Run, roster: Roster | None) -> Iterator[str]:
    """Who is to be told, and cannot be: an approver must not take silence for consent."""
    missing = list(AddressBook(run.snapshot.plan, roster).unreached())
    if missing:
        listed = (f"- {running_text(each.told)}" for each in missing[:MOST_MESSAGES])
        yield from ("", "### Whom no message reaches", *listed)


def _asked(run: Run) -> str:
    """What the plan's own words will ask of production, in daylight, once they are approved."""
    components = run.snapshot.plan.components.items()
    asked = [f"`current` of {running_text(name)}" for name, component in components if component.current is not None]
    asked += [running_text(criterion.name) for criterion in run.snapshot.plan.machine_criteria()]
    return ", ".join(asked) or "nothing"


def _node_row(found: NodeExamined) -> tuple[str, ...]:
    """The release and the problems come from the node."""
    numbers = ("" if number is None else running_text(number) for number in (found.free_mb, found.skew))
    return (running_text(found.node), code(found.release or ""), *numbers, code("; ".join(found.problems)) or "ready")
