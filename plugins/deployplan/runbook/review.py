"""Review: do the controls hold, and did the right people say yes to exactly this plan?"""

from dataclasses import dataclass

from deployplan.evidence.kinds.review import (
    ConflictFound,
    ControlChecked,
    SeatApproved,
    SeatAsked,
    SeatExpired,
    SeatRejected,
)
from deployplan.lint.controls import check_controls
from deployplan.plan.text.problem import PlanRejected
from deployplan.runbook.approval_card import approval_card
from deployplan.runbook.authors import authors_of, find_authors, missing_authors
from deployplan.runbook.calendar.conflicts import conflicts
from deployplan.runbook.nothing_to_do import earlier_release
from deployplan.runbook.run.directory import Directory
from deployplan.runbook.run.rehearsal_record import last_rehearsal, with_rehearsal
from deployplan.runbook.run.run import NotReady, Run, WindowMissed
from deployplan.runbook.run.standing import changed_since, people_detail, triggered_by, unknown_people, without_role
from deployplan.runbook.run.state import RunState
from deployplan.runbook.run.traces import Noted
from deployplan.runbook.timing.chosen_window import choose, choose_again, chosen_in
from deployplan.runbook.timing.verdict import estimate_of, fits_at_all, make_verdict_event, past_of, verdict_of
from deployplan.window.error import WindowError


def review_controls(run: Run, wish: object = None) -> None:
    """Check the release controls and that the work fits a window; records every gate.

    `wish` is the opening that the person who triggered the run has chosen, if any.

    Raises NotReady naming each gate that does not hold, WindowMissed when all hold but it is too late.
    """
    choose(run, wish)
    gates = check_controls(with_rehearsal(run.snapshot, last_rehearsal(run.records, run.snapshot)), at=run.clock.now())
    problems = []
    for gate in gates:
        run.record(ControlChecked(name=gate.name, ok=gate.ok, detail=gate.detail))
        run.say(f"{'ok  ' if gate.ok else 'FAIL'} {gate.name}: {gate.detail}")
        if not gate.ok:
            problems.append(f"{gate.name}: {gate.detail}")
    problems += _people(run)
    problems += find_authors(run)
    problems += _conflicts(run)
    now = verdict_of(run)
    work = estimate_of(run).told
    run.record(make_verdict_event(now, work))
    run.say(f"window: {now.reason}")
    run.say(f"time: {work}")
    missed = now.missed and earlier_release(run) is None  # else the nodes tell whether anything is to be done at all
    if missed and not fits_at_all(run.snapshot, at=run.clock.now(), past=past_of(run)):
        problems.append(f"window: {now.reason}")
    if problems:
        raise NotReady(problems)
    if missed:
        raise WindowMissed(now.reason)


def _people(run: Run) -> list[str]:
    """Record whether it is known who the people of the plan are, where that is a question at all."""
    found = run.directory()
    if found == Directory() and not without_role(run):
        return []
    problems = unknown_people(run, run.read_state())
    detail = "; ".join(problems) or people_detail(run.snapshot.plan, found)
    run.record(ControlChecked(name="people", ok=not problems, detail=detail))
    run.say(f"{'FAIL' if problems else 'ok  '} people: {detail}")
    return [f"people: {problem}" for problem in problems]


def _conflicts(run: Run) -> list[str]:
    """Record which other plans are in the way; return those beside which this release cannot be carried out."""
    try:
        found = conflicts(run)
    except (PlanRejected, WindowError) as error:  # the verdict holds and says why; in the way may be anybody
        run.say(f"conflicts with other plans are not known: {error}")
        return []
    for each in found:
        event = ConflictFound(
            plan=each.plan, owner=each.owner, nodes=each.nodes, refuses=each.refuses, detail=each.detail
        )
        run.record(event)
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
    state = run.read_state()
    taken = {seat.person for other, seat in _standing(run, state).items() if other != number and seat.person}
    if unknown := unknown_people(run, state):
        raise NotReady(unknown)
    triggers, known = triggered_by(run, state), run.directory().known(approval.authorities)
    wrote = authors_of(run, state)
    barred = {*wrote, *triggers, *taken}
    people = tuple(person for person in known if person not in barred)
    if not people:
        raise NotReady(
            [
                f"nobody may take approval seat {number}: the authorities are {', '.join(approval.authorities)}; "
                f"the author ({', '.join(wrote)}), the person who triggered the run "
                f"({', '.join(triggers) or 'unknown'}) and earlier approvers "
                f"({', '.join(sorted(taken)) or 'none'}) may not"
            ]
        )
    digest, window = _binding(run, state)
    run.record(SeatAsked(seat=number, people=people, digest=digest, window=window))
    subject = f"Approve {run.snapshot.plan.name}? Seat {number} of {approval.quorum}"
    return Seat(number, approval.quorum, people, subject, approval_card(run, state))


def asked_people(run: Run, number: int) -> tuple[str, ...]:
    """The people whom the seat's card was put to, by the evidence."""
    seat = run.read_state().review.seats.get(number)
    return seat.asked.people if seat is not None and seat.asked is not None else ()


def answer_seat(
    run: Run,
    number: int,
    *,
    person: str | None,
    approved: bool,
    people: tuple[str, ...],
    user: str | None = None,
    login: str | None = None,
) -> None:
    """Record a person's answer, bound to the digest. An answer by somebody who may not give it counts for nothing.

    `user` and `login` are what the auth manager calls who answered.

    Raises NotReady when the answer does not count.
    """
    if person is None or person not in people:
        raise NotReady([f"the answer to seat {number} came from {person or 'nobody'}; asked were {', '.join(people)}"])
    state = run.read_state()
    digest, window = _binding(run, state)
    kind = SeatApproved if approved else SeatRejected
    answer = kind(seat=number, person=person, digest=digest, window=window, user=user, login=login)
    seat = state.review.seats.get(number)
    if seat is None or seat.answer is None or seat.answer.event != answer:  # else an earlier try, whose end was lost
        run.record(answer)
    run.say(f"{person} {'approved' if approved else 'REJECTED'} {run.snapshot.plan.name} {run.snapshot.digest[:12]}")


def expire_seat(run: Run, number: int, people: tuple[str, ...]) -> None:
    """Record that nobody answered in time."""
    digest, window = _binding(run, run.read_state())
    run.record(SeatExpired(seat=number, people=people, digest=digest, window=window))


def missing_approvals(run: Run) -> list[str]:
    """Say what the approval lacks; empty when the quorum has answered yes to exactly this digest and this window.

    Only entries that this project signed count: a task marked green by hand leaves none.
    """
    if trouble := run.directory().trouble:
        return [trouble]
    plan, state = run.snapshot.plan, run.read_state()
    yes, triggers, wrote = _standing(run, state), triggered_by(run, state), authors_of(run, state)
    problems = [
        f"seat {n} has no recorded approval of this plan" for n in range(1, plan.approval.quorum + 1) if n not in yes
    ]
    people = [str(answer.person) for answer in yes.values()]
    for person in dict.fromkeys(people):
        if people.count(person) > 1:
            problems.append(f"{person} holds more than one seat")
        if person == plan.author:
            problems.append(f"{person} is the author")
        elif person in wrote:
            problems.append(f"{person} wrote it, by the repository's history")
        if person in triggers:
            problems.append(f"{person} triggered the run")
        if person not in plan.approval.authorities:
            problems.append(f"{person} is not an authority; authorities are {', '.join(plan.approval.authorities)}")
    changed = (changed_since(run, answer.person, answer.user, answer.login) for answer in yes.values())
    problems += missing_authors(run, state)
    problems += without_role(run)
    problems += [why for why in changed if why is not None]
    refusals = [found.event for found in state.review.refusals if _binds(run, state, found)]
    if problems and refusals:
        problems.append(f"last refusal: {refusals[-1].kind} by {getattr(refusals[-1], 'person', 'nobody')}")
    return problems


def _standing(run: Run, state: RunState) -> dict[int, SeatApproved]:
    """The approvals that count, by seat: of this digest and window, each the latest word on its seat."""
    return {number: yes.event for number, yes in state.review.approvals.items() if _binds(run, state, yes)}


def _binding(run: Run, state: RunState) -> tuple[str, str | None]:
    """What an answer is about: the plan, and the opening that was chosen, if one was."""
    chosen = chosen_in(state)
    return run.snapshot.digest, chosen.value if chosen else None


def _binds(run: Run, state: RunState, found: Noted[SeatApproved] | Noted[SeatRejected | SeatExpired]) -> bool:
    """Whether an answer is about this; one of the first format does not say which run it is about."""
    return found.bound and (found.event.digest, found.event.window) == _binding(run, state)
