"""Review: do the controls hold, and did the right people say yes to exactly this plan?"""

from dataclasses import dataclass

from deployplan.evidence.entry import Entry
from deployplan.lint.controls import check_controls
from deployplan.plan.text.problem import PlanRejected
from deployplan.runbook.approval_card import approval_card
from deployplan.runbook.calendar.conflicts import conflicts
from deployplan.runbook.nothing_to_do import released_by
from deployplan.runbook.run.facts import number_in as whole
from deployplan.runbook.run.facts import text_in, texts_in
from deployplan.runbook.run.run import REVIEW_BEGINS, NotReady, Run, WindowMissed, since
from deployplan.runbook.timing.chosen_window import choose, choose_again, chosen_opening
from deployplan.runbook.timing.verdict import estimate_of, fits_at_all, past_of, verdict_of
from deployplan.window.error import WindowError


def review_controls(run: Run, wish: object = None) -> None:
    """Check the release controls and that the work fits a window; records every gate.

    `wish` is the opening that the person who triggered the run has chosen, if any.

    Raises NotReady naming each gate that does not hold, WindowMissed when all hold but it is too late.
    """
    choose(run, wish)
    gates = check_controls(run.snapshot, at=run.clock.now())
    problems = []
    for gate in gates:
        run.record("gate", name=gate.name, ok=gate.ok, detail=gate.detail)
        run.say(f"{'ok  ' if gate.ok else 'FAIL'} {gate.name}: {gate.detail}")
        if not gate.ok:
            problems.append(f"{gate.name}: {gate.detail}")
    problems += _conflicts(run)
    now = verdict_of(run)
    work = estimate_of(run).told
    run.record("window_verdict", **now.as_json(), work=work)
    run.say(f"window: {now.reason}")
    run.say(f"time: {work}")
    missed = now.missed and released_by(run) is None  # else the nodes tell whether anything is to be done at all
    if missed and not fits_at_all(run.snapshot, at=run.clock.now(), past=past_of(run)):
        problems.append(f"window: {now.reason}")
    if problems:
        raise NotReady(problems)
    if missed:
        raise WindowMissed(now.reason)


def _conflicts(run: Run) -> list[str]:
    """Record which other plans are in the way; return those beside which this release cannot be carried out."""
    try:
        found = conflicts(run)
    except (PlanRejected, WindowError) as error:  # the verdict holds and says why; in the way may be anybody
        run.say(f"conflicts with other plans are not known: {error}")
        return []
    for each in found:
        facts = {"plan": each.plan, "owner": each.owner, "nodes": list(each.nodes)}
        run.record("conflict", **facts, refuses=each.refuses, detail=each.detail)
        run.say(f"{'FAIL' if each.refuses else 'note'} conflicts: {each.detail}")
    return [f"conflicts: {each.detail}" for each in found if each.refuses]


@dataclass(frozen=True)
class Seat:
    """One approval to be given: the people who may, and what they are shown."""

    number: int
    of: int
    people: tuple[str, ...]
    subject: str
    body: str


def offer_seat(run: Run, number: int) -> Seat:
    """Decide who may take the seat and write the card.

    The author, the person who triggered the run and whoever took an earlier seat may not.
    Raises NotReady when nobody is left.
    """
    choose_again(run)
    approval = run.snapshot.plan.approval
    taken = {
        text_in(entry, "person")
        for entry in _this_review(run)
        if entry.kind == "approved" and _binds(run, entry) and entry.facts["seat"] != number
    }
    barred = {run.snapshot.plan.author, run.triggered_by, *taken}
    people = tuple(person for person in approval.authorities if person not in barred)
    if not people:
        raise NotReady(
            [
                f"nobody may take approval seat {number}: the authorities are {', '.join(approval.authorities)}; "
                f"the author ({run.snapshot.plan.author}), the person who triggered the run "
                f"({run.triggered_by or 'unknown'}) and earlier approvers "
                f"({', '.join(sorted(taken)) or 'none'}) may not"
            ]
        )
    run.record("seat_asked", seat=number, people=list(people), **_bound_to(run))
    subject = f"Approve {run.snapshot.plan.name}? Seat {number} of {approval.quorum}"
    return Seat(number, approval.quorum, people, subject, approval_card(run, _this_review(run)))


def asked_people(run: Run, number: int) -> tuple[str, ...]:
    """The people whom the seat's card was put to, by the evidence."""
    asked = [entry for entry in _this_review(run) if entry.kind == "seat_asked" and entry.facts["seat"] == number]
    return tuple(texts_in(asked[-1], "people")) if asked else ()


def answer_seat(run: Run, number: int, *, person: str | None, approved: bool, people: tuple[str, ...]) -> None:
    """Record a person's answer, bound to the digest. An answer by somebody who may not give it counts for nothing.

    Raises NotReady when the answer does not count.
    """
    if person is None or person not in people:
        raise NotReady([f"the answer to seat {number} came from {person or 'nobody'}; asked were {', '.join(people)}"])
    kind = "approved" if approved else "rejected"
    if not _is_recorded(run, kind, number, person):
        run.record(kind, seat=number, person=person, **_bound_to(run))
    run.say(f"{person} {'approved' if approved else 'REJECTED'} {run.snapshot.plan.name} {run.snapshot.digest[:12]}")


def _is_recorded(run: Run, kind: str, number: int, person: str) -> bool:
    """Whether this answer to the latest card of the seat was recorded by an earlier try, whose end was lost."""
    recorded = False
    for entry in _this_review(run):
        if entry.facts.get("seat") != number:
            continue
        if entry.kind == "seat_asked":
            recorded = False
        elif entry.kind == kind and entry.facts["person"] == person and _binds(run, entry):
            recorded = True
    return recorded


def expire_seat(run: Run, number: int, people: tuple[str, ...]) -> None:
    """Record that nobody answered in time."""
    run.record("expired", seat=number, people=list(people), **_bound_to(run))


def missing_approvals(run: Run) -> list[str]:
    """Say what the approval lacks; empty when the quorum has answered yes to exactly this digest and this window.

    Only entries that this project signed count: a task marked green by hand leaves none.
    """
    plan = run.snapshot.plan
    answers = _this_review(run)
    refusals = [entry for entry in answers if entry.kind in {"rejected", "expired"} and _binds(run, entry)]
    yes: dict[int, str] = {}
    for entry in answers:
        if entry.kind == "seat_asked" and _binds(run, entry):
            yes.pop(whole(entry, "seat"), None)  # asked again: the earlier answer no longer counts
        elif entry.kind == "approved" and _binds(run, entry):
            yes[whole(entry, "seat")] = text_in(entry, "person")
        elif entry.kind in {"rejected", "expired"}:
            yes.pop(whole(entry, "seat"), None)
    problems = [
        f"seat {n} has no recorded approval of this plan" for n in range(1, plan.approval.quorum + 1) if n not in yes
    ]
    people = list(yes.values())
    for person in dict.fromkeys(people):
        if people.count(person) > 1:
            problems.append(f"{person} holds more than one seat")
        if person == plan.author:
            problems.append(f"{person} is the author")
        if person == run.triggered_by:
            problems.append(f"{person} triggered the run")
        if person not in plan.approval.authorities:
            problems.append(f"{person} is not an authority; authorities are {', '.join(plan.approval.authorities)}")
    if problems and refusals:
        problems.append(f"last refusal: {refusals[-1].kind} by {refusals[-1].facts.get('person', 'nobody')}")
    return problems


def _this_review(run: Run) -> tuple[Entry, ...]:
    return since(run.ledger.entries(), REVIEW_BEGINS)


def _bound_to(run: Run) -> dict[str, str | None]:
    """What an answer is about: the plan, and the opening that was chosen, if one was."""
    chosen = chosen_opening(run)
    return {"digest": run.snapshot.digest, "window": chosen.value if chosen else None}


def _binds(run: Run, entry: Entry) -> bool:
    if entry.bond is None:  # of the first format: it does not say which run it is about
        return False
    return all(entry.facts.get(name) == value for name, value in _bound_to(run).items())
