"""How does each kind of evidence change what is known of a run? Each entry once; other kinds change nothing."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from threading import Lock
from typing import Any

from deployplan.evidence.entry import Entry
from deployplan.evidence.event import Event
from deployplan.evidence.kinds import backout, deploy, end, event_in, people, review, traffic, verify, window
from deployplan.evidence.ledger import Ledger
from deployplan.evidence.story import sentence
from deployplan.plan.model.moment import Moment
from deployplan.runbook.run.outcome_kinds import ENDED_BY, RELEASED, Outcome
from deployplan.runbook.run.state import ArmingState, ReviewState, RunState
from deployplan.runbook.run.traces import (
    ATTEMPT_GONE_AFTER,
    CardState,
    FailureAnswer,
    JobTrace,
    LeftOut,
    MessageTrace,
    MomentSeen,
    Noted,
    OutOfService,
    SeatState,
    StoppedWave,
    TakingBack,
    WaveRun,
)

Fold = Callable[[RunState, Any], None]

BACK_OUT = "back_out"
"""The decision that undoes what was done (`decide.Decision.BACK_OUT`)."""
STOPS = {"failed", "skipped", "upstream_failed", "removed"}
"""States that end the work of a task, or of a run, when a person gives them."""

_FOLDS: dict[type[Event], Fold] = {}


class StateReader:
    """Reads a ledger: a further look folds what is new, and threads may share it."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._lock = Lock()
        self._state = RunState()

    def read(self) -> RunState:
        """Return what the evidence says now. Raises LedgerDamaged as the ledger does, RecordError as `fold_all`."""
        with self._lock:
            entries = self._ledger.entries()
            if len(entries) > self._state.entries:
                self._state = fold(self._state, entries[self._state.entries :])
            return self._state


def fold_all(entries: Iterable[Entry]) -> RunState:
    """Return what these entries say, from the first on. Raises RecordError when one lacks what its kind must say."""
    return fold(RunState(), entries)


def fold(state: RunState, entries: Iterable[Entry]) -> RunState:
    """Return a new state with these entries; `state` stays as it is. Kinds of a newer version change nothing."""
    new = state.copy()
    for entry in entries:
        new.entries += 1
        if new.review.began is None:
            new.review.began = entry.at
        event = event_in(entry)
        if event is None:
            continue
        found = Noted(event, entry.seq, entry.at, entry.bond is not None, entry.hash)
        if (change := _FOLDS.get(type(event))) is not None:
            change(new, found)
        if event.kind in ENDED_BY:
            new.review.early_end = found
        if isinstance(event, people.Intervened):
            _intervened(new, event, entry)
    return new


def _on(*kinds: type[Event]) -> Callable[[Fold], Fold]:
    def register(change: Fold) -> Fold:
        _FOLDS.update(dict.fromkeys(kinds, change))
        return change

    return register


@_on(review.PlanFrozen)
def _plan_frozen(state: RunState, found: Noted[review.PlanFrozen]) -> None:
    state.frozen = found.event
    state.review = ReviewState(began=found.at)
    state.is_over, state.taking_back = False, None


@_on(review.SeatAsked)
def _seat_asked(state: RunState, found: Noted[review.SeatAsked]) -> None:
    seat = found.event.seat
    state.review.seats[seat] = SeatState(found.event)
    state.review.connections_asked[seat] = dict(state.review.connections)


@_on(review.SeatApproved, review.SeatRejected, review.SeatExpired)
def _seat_answered(
    state: RunState, found: Noted[review.SeatApproved | review.SeatRejected | review.SeatExpired]
) -> None:
    seats, event = state.review.seats, found.event
    seats[event.seat] = replace(seats.get(event.seat, SeatState()), answer=found)
    if isinstance(event, review.SeatApproved):
        state.review.approved_at = found.at
    else:
        refusal: Any = found
        state.review.refusals.append(refusal)


@_on(review.NodeExamined)
def _node_examined(state: RunState, found: Noted[review.NodeExamined]) -> None:
    state.review.nodes[found.event.node] = found.event


@_on(review.AuthorsFound)
def _authors_found(state: RunState, found: Noted[review.AuthorsFound]) -> None:
    state.review.authors = found.event


@_on(review.ConflictFound)
def _conflict_found(state: RunState, found: Noted[review.ConflictFound]) -> None:
    state.review.conflicts.append(found.event)


@_on(review.ConnectionSeen)
def _connection_seen(state: RunState, found: Noted[review.ConnectionSeen]) -> None:
    state.review.connections[found.event.connection] = found.event


@_on(review.ReadBefore)
def _read_before(state: RunState, found: Noted[review.ReadBefore]) -> None:
    event = found.event
    state.readings_before.setdefault((event.criterion, event.node), event.answer == "pass")


@_on(review.BaselineTaken)
def _baseline_taken(state: RunState, found: Noted[review.BaselineTaken]) -> None:
    state.review.baseline = found.event
    _moment(state, Moment.ANNOUNCED, found)


@_on(window.WindowChosen)
def _window_chosen(state: RunState, found: Noted[window.WindowChosen]) -> None:
    state.review.window = found.event


@_on(window.ArmingBegun)
def _arming_begun(state: RunState, found: Noted[window.ArmingBegun]) -> None:
    state.last_arming = found.event
    state.generation = state.review.arming = found.event.generation
    state.is_over, state.taking_back = False, None


@_on(window.RunArmed)
def _run_armed(state: RunState, found: Noted[window.RunArmed]) -> None:
    state.armed = state.review.armed = found
    state.generation = state.review.arming = found.event.generation
    if state.review.armed_first is None:
        state.review.armed_first = found.at
    state.review.held, state.review.waits, state.review.failed = False, None, {}
    state.since_armed = ArmingState()
    _moment(state, Moment.STARTED, found)
    for key, job in state.jobs.items():
        if job.ended and job.counts:
            state.jobs[key] = replace(job, counts=False)


@_on(window.RollbackPointKnown)
def _point_known(state: RunState, found: Noted[window.RollbackPointKnown]) -> None:
    event = found.event
    state.points[event.node, event.component] = event.version


@_on(deploy.WaveStarted)
def _wave_started(state: RunState, found: Noted[deploy.WaveStarted]) -> None:
    event = found.event
    key = event.component, event.wave
    if (tries := state.since_armed.tries.get(key, 0)) > state.since_armed.admitted.get(key, 0):
        state.since_armed.admitted[key] = tries
        state.since_armed.again.pop(key, None)
        state.starts[key, event.generation] = state.review.starts[key, event.generation] = found.at
        state.begun_steps[event.component, "deploy", event.generation] = found.seq
    state.starts.setdefault((key, event.generation), found.at)
    state.review.starts.setdefault((key, event.generation), found.at)
    state.review.first_starts.setdefault(key, found.at)
    state.begun_steps.setdefault((event.component, "deploy", event.generation), found.seq)
    state.review.begun[event.component] = state.half_done[event.component] = None
    state.review.held, state.review.waits = False, None
    for node in event.nodes:
        state.review.failed.pop((event.component, node), None)


@_on(deploy.WaveWaited, window.LockWaited)
def _waited(state: RunState, found: Noted[deploy.WaveWaited | window.LockWaited]) -> None:
    state.review.waits = found.event


@_on(deploy.NodeFailed)
def _node_failed(state: RunState, found: Noted[deploy.NodeFailed]) -> None:
    state.review.failed[found.event.component, found.event.node] = found.event


@_on(deploy.WaveNotStarted)
def _wave_not_started(state: RunState, found: Noted[deploy.WaveNotStarted]) -> None:
    state.since_armed.failures.append(found.event)
    state.review.held, state.review.waits = True, None


@_on(deploy.WaveStopped)
def _wave_stopped(state: RunState, found: Noted[deploy.WaveStopped]) -> None:
    key = (found.event.component, found.event.wave)
    state.since_armed.question = StoppedWave(found)
    state.gates[key] = False
    state.review.waves.pop(key, None)  # how it ended in an earlier turn says nothing any more


@_on(deploy.FailureAnswered)
def _failure_answered(state: RunState, found: Noted[deploy.FailureAnswered]) -> None:
    """Waiting and backing out leave the question open; else the wave is to be admitted and begun once more."""
    event, after = found.event, state.since_armed
    question, key = after.question, (event.component, event.wave)
    if question is None or question.wave != key:
        return
    if event.answer == FailureAnswer.WAIT:
        after.question = replace(question, waits=found)
    elif event.answer == FailureAnswer.BACK_OUT:
        after.question, after.backs_out = replace(question, ends=found), event
    else:
        after.question = None
        after.tries[key], after.again[key] = after.tries.get(key, 0) + 1, question.stop.event
        after.resumed[key] = question.stop.event
        if event.answer == FailureAnswer.LEAVE_OUT:
            ends, by = question.stop.event.nodes, event.person or "nobody"
            after.left_out |= {node: LeftOut(event.component, ends[node], by) for node in event.nodes if node in ends}


@_on(deploy.WaveEnded)
def _wave_ended(state: RunState, found: Noted[deploy.WaveEnded]) -> None:
    event = found.event
    key = event.component, event.wave
    state.tries[key, event.generation] = event
    state.gates[key] = event.ok
    state.excluded -= set(event.nodes)
    state.excluded |= set(event.excluded)
    state.review.waves[key] = event
    state.review.verified, state.review.manual = None, {}
    state.review.held = event.closed
    state.since_armed.again.pop(key, None)
    state.since_armed.resumed.pop(key, None)
    if (question := state.since_armed.question) is not None and question.wave == key:
        state.since_armed.question = None
    if not event.ok:
        state.since_armed.failures.append(event)
    elif (began := state.review.starts.get((key, event.generation))) is not None and _whole(event):
        state.review.runs[key] = WaveRun(began, found)


def _whole(event: deploy.WaveEnded) -> bool:
    """Whether the wave was done as a whole in one go."""
    return all(each.is_done and not each.already for each in event.nodes.values())


@_on(deploy.WaveLeft)
def _wave_left(state: RunState, found: Noted[deploy.WaveLeft]) -> None:
    key = found.event.component, found.event.wave
    state.shown |= {(key, node, left.job): left.shown for node, left in found.event.nodes.items()}


@_on(deploy.JobStarted)
def _job_started(state: RunState, found: Noted[deploy.JobStarted]) -> None:
    event = found.event
    state.jobs[event.node, event.job] = JobTrace(event.component, event.step)
    if event.step == "deploy":
        state.at_work.add((event.node, event.component))


@_on(deploy.JobEnded, deploy.JobTerminated)
def _job_ended(state: RunState, found: Noted[deploy.JobEnded | deploy.JobTerminated]) -> None:
    event = found.event
    gone = not isinstance(event, deploy.JobTerminated) or event.gone
    if gone and (job := state.jobs.get((event.node, event.job))) is not None:
        state.jobs[event.node, event.job] = replace(job, ended=True, state=event.state)


@_on(deploy.NodeLost)
def _node_lost(state: RunState, found: Noted[deploy.NodeLost]) -> None:
    key = found.event.component, found.event.node
    state.losses[key] = (*state.losses.get(key, ()), (found.seq, found.at))


@_on(deploy.NodeBack)
def _node_back(state: RunState, found: Noted[deploy.NodeBack]) -> None:
    state.losses.pop((found.event.component, found.event.node), None)


@_on(traffic.DrainBegun)
def _drain_begun(state: RunState, found: Noted[traffic.DrainBegun]) -> None:
    event = found.event
    known = state.out.get(event.node)
    since = found.at if known is None else known.since
    state.out[event.node] = OutOfService(event.component, since, event.on)


@_on(traffic.NodeDrained)
def _node_drained(state: RunState, found: Noted[traffic.NodeDrained]) -> None:
    event = found.event
    known = state.out.get(event.node, OutOfService(event.component, found.at, event.on))
    state.out[event.node] = replace(known, sure=True)


@_on(traffic.PutBackFailed)
def _put_back_failed(state: RunState, found: Noted[traffic.PutBackFailed]) -> None:
    if (known := state.out.get(found.event.node)) is not None:
        state.out[found.event.node] = replace(known, failed=found.event.why or "it is not known why", left=None)


@_on(traffic.NodeLeftOut)
def _node_left_out(state: RunState, found: Noted[traffic.NodeLeftOut]) -> None:
    if (known := state.out.get(found.event.node)) is not None:
        state.out[found.event.node] = replace(known, left=found.event.why or "it is not known why")


@_on(traffic.NodePutBack)
def _node_put_back(state: RunState, found: Noted[traffic.NodePutBack]) -> None:
    state.out.pop(found.event.node, None)


@_on(verify.CriterionRead)
def _criterion_read(state: RunState, found: Noted[verify.CriterionRead]) -> None:
    state.since_armed.readings[found.event.criterion, found.event.node] = found.event


@_on(verify.ReleaseVerified)
def _release_verified(state: RunState, found: Noted[verify.ReleaseVerified]) -> None:
    state.review.verified = found.event
    if not found.event.ok:
        state.since_armed.failures.append(found.event)


@_on(verify.ManualAnswer)
def _manual_answer(state: RunState, found: Noted[verify.ManualAnswer]) -> None:
    state.review.manual[found.event.criterion] = state.since_armed.manual[found.event.criterion] = found.event
    if not found.event.passed:
        state.since_armed.failures.append(found.event)


@_on(verify.CardPut)
def _card_put(state: RunState, found: Noted[verify.CardPut]) -> None:
    last, put = state.cards.get(found.event.task), found.event
    card = CardState(found.seq, put, found.at, since=found.at)
    if last is not None and last.put.clear == put.clear:
        card = replace(card, tries=last.tries + 1, since=last.since, waits=last.waits)
    state.cards[put.task] = card


@_on(verify.CardAnswered)
def _card_answered(state: RunState, found: Noted[verify.CardAnswered]) -> None:
    """Of two that Airflow took, through two API servers at once, the first is the answer: the ledger has an order."""
    card = state.cards.get(found.event.task)
    if card is not None and card.why_not_counted(found.event) is None:
        state.cards[found.event.task] = replace(card, answered=found.event)


@_on(verify.CardClosed)
def _card_closed(state: RunState, found: Noted[verify.CardClosed]) -> None:
    if (card := state.cards.get(found.event.task)) is not None:
        state.cards[found.event.task] = replace(card, closed=found.event)


@_on(verify.QuestionWaits)
def _question_waits(state: RunState, found: Noted[verify.QuestionWaits]) -> None:
    if (card := state.cards.get(found.event.task)) is not None:
        state.cards[found.event.task] = replace(card, answered=None, closed=None, waits=found.event)


@_on(verify.AnswerRefused)
def _answer_refused(state: RunState, found: Noted[verify.AnswerRefused]) -> None:
    """As if nobody had answered: the card of the next try is a fresh one."""
    if (card := state.cards.get(found.event.task)) is not None:
        state.cards[found.event.task] = replace(card, answered=None, closed=None)


@_on(verify.DecisionMade)
def _decision_made(state: RunState, found: Noted[verify.DecisionMade]) -> None:
    state.since_armed.decision = found.event
    state.since_armed.undoes = found.event.decision == BACK_OUT
    if state.taking_back is not None and found.event.decision == "back_out":
        state.half_done |= state.review.begun  # until it is undone again
    state.review.held = False
    if found.event.decision == BACK_OUT:
        _moment(state, Moment.BACKING_OUT, found, f"decision {found.seq}", reason="; ".join(found.event.why))


@_on(backout.BackoutAsked)
def _backout_asked(state: RunState, found: Noted[backout.BackoutAsked]) -> None:
    """The pass of the run goes on, in a turn of its own: nodes that were given back are not taken with the old one."""
    state.taking_back = TakingBack(found)
    state.generation = state.review.arming = found.event.generation
    state.is_over = False


@_on(backout.BackoutDeclined)
def _backout_declined(state: RunState, found: Noted[backout.BackoutDeclined]) -> None:
    if state.taking_back is not None:
        state.taking_back = replace(state.taking_back, declined=found.event)


@_on(backout.UndoStarted)
def _undo_started(state: RunState, found: Noted[backout.UndoStarted]) -> None:
    state.begun_steps.setdefault((found.event.component, "undo", found.event.generation), found.seq)
    state.since_armed.undoes = True
    if state.since_armed.decision is None:  # whoever should decide died, which means to back out
        _moment(state, Moment.BACKING_OUT, found, f"generation {found.event.generation}")


@_on(backout.UndoEnded)
def _undo_ended(state: RunState, found: Noted[backout.UndoEnded]) -> None:
    event = found.event
    state.since_armed.undone[event.component] = event
    state.review.waves = {key: each for key, each in state.review.waves.items() if key[0] != event.component}
    state.gates |= {key: False for key in state.gates if key[0] == event.component}
    state.at_work -= {(node, event.component) for node, each in event.nodes.items() if each.is_done}
    if event.ok:
        state.half_done.pop(event.component, None)
        for key, job in state.jobs.items():
            if job.component == event.component and job.counts:
                state.jobs[key] = replace(job, counts=False)


@_on(backout.BackoutVerified)
def _backout_verified(state: RunState, found: Noted[backout.BackoutVerified]) -> None:
    state.since_armed.backout = found.event
    state.backout_proven = found.event.ok


@_on(backout.RestUnproven)
def _rest_unproven(state: RunState, found: Noted[backout.RestUnproven]) -> None:
    state.since_armed.unproven = found.event


@_on(people.MomentReached)
def _moment_reached(state: RunState, found: Noted[people.MomentReached]) -> None:
    event = found.event
    if event.moment in set(Moment):
        _moment(state, Moment(event.moment), found, event.occasion, reason=event.reason, next_open=event.next_open)


@_on(people.MessageBegun)
def _message_begun(state: RunState, found: Noted[people.MessageBegun]) -> None:
    key = found.event.key, found.event.via
    trace = state.messages.get(key, MessageTrace())
    if trace.begun is None or abs(found.at - trace.begun.at) >= ATTEMPT_GONE_AFTER:  # else somebody was first
        state.messages[key] = replace(trace, begun=found, at=found.at)


@_on(people.MessageSent)
def _message_sent(state: RunState, found: Noted[people.MessageSent]) -> None:
    key = found.event.key, found.event.via
    trace = state.messages.get(key, MessageTrace())
    told, ended = found.event.receipt, _ended(trace, found)
    state.messages[key] = replace(trace, begun=None, sent=True, told=told, ended=ended, at=found.at)


@_on(people.MessageFailed)
def _message_failed(state: RunState, found: Noted[people.MessageFailed]) -> None:
    event = found.event
    trace = state.messages.get((event.key, event.via), MessageTrace())
    is_of_it = trace.begun is not None and trace.begun.event.attempt == event.attempt
    state.messages[event.key, event.via] = replace(
        trace,
        begun=None if is_of_it else trace.begun,
        uncertain=trace.uncertain or event.uncertain,
        failures=trace.failures + 1,
        failed_at=found.at,
        told=event.why,
        ended=_ended(trace, found),
        at=found.at,
    )


@_on(people.SendAgain)
def _send_again(state: RunState, found: Noted[people.SendAgain]) -> None:
    """Whatever became of it before does not count any more."""
    key = found.event.key, found.event.via
    state.messages[key] = MessageTrace(
        ended=state.messages.get(key, MessageTrace()).ended, at=found.at, again_at=found.at
    )


@_on(people.Acknowledged)
def _acknowledged(state: RunState, found: Noted[people.Acknowledged]) -> None:
    if found.event.about is None:
        state.acknowledged = found
    else:
        state.acknowledged_alone[found.event.about] = found.at


@_on(people.AllResumed)
def _all_resumed(state: RunState, found: Noted[people.AllResumed]) -> None:
    if any(moment is Moment.ON_HOLD for moment, _ in state.moments):
        _moment(state, Moment.RESUMED, found, found.event.was, reason=found.event.reason)


def _ended(trace: MessageTrace, found: Noted[people.MessageSent] | Noted[people.MessageFailed]) -> tuple[str, ...]:
    return (*trace.ended, found.event.attempt) if found.event.attempt else trace.ended


@_on(people.TaskRefused)
def _task_refused(state: RunState, found: Noted[people.TaskRefused]) -> None:
    state.refusals.add((found.event.task, found.event.why))


@_on(end.OutcomeReached)
def _outcome_reached(state: RunState, found: Noted[end.OutcomeReached]) -> None:
    state.outcome, state.is_over = found, True
    if found.event.outcome in RELEASED:
        state.half_done, state.backout_proven = {}, True
    is_still_there = state.released is not None and state.released.event.outcome == found.event.outcome
    kept = state.taking_back is not None and found.event.outcome in RELEASED
    if found.event.outcome not in RELEASED:
        state.released = None
    elif not kept:
        state.released = found
    state.taking_back = None
    if found.event.outcome in set(Outcome) and not (kept or is_still_there):  # that a release is there is told once
        _tell_outcome(state, Outcome(found.event.outcome), found)


def _tell_outcome(state: RunState, outcome: Outcome, found: Noted[end.OutcomeReached]) -> None:
    """A rerun may end like this again, and is told again, but of a release that is still there: the occasion is it."""
    why = "issues" if outcome is Outcome.SUCCESS_WITH_ISSUES else "reason"
    facts: dict[str, object] = {"outcome": outcome, why: found.event.because, "head": found.hash}
    if outcome is Outcome.BACKED_OUT and state.since_armed.backout is not None:
        facts["found"] = state.since_armed.backout.found
    _moment(state, outcome.meaning.moment, found, found.hash, **facts)


def _moment(
    state: RunState, moment: Moment, found: Noted[Event], occasion: str | None = None, /, **facts: object
) -> None:
    """People are told of this, once, whatever is found again later."""
    state.moments.setdefault((moment, occasion), MomentSeen(moment, occasion, found.at, facts))


def _intervened(state: RunState, event: people.Intervened, entry: Entry) -> None:
    """A mark is told as a sentence wherever it is told; what Airflow refused has changed nothing."""
    if not event.accepted:
        state.refused_requests += 1
        return
    _withdraw_cards(state, event)
    if event.action == "mark":
        told = sentence(entry)
        for marks in (state.review.marks, state.since_armed.marks):
            if told not in marks:
                marks.append(told)
        who = event.who or "somebody without a name"
        if event.state in STOPS and who not in state.since_armed.stopped_by:
            state.since_armed.stopped_by.append(who)


def _withdraw_cards(state: RunState, event: people.Intervened) -> None:
    """Nobody is asked any more by a task that a person has ended or cleared, or whose run they have."""
    if event.action == "clear" or (event.action == "mark" and event.state in {"success", *STOPS}):
        for task, card in state.cards.items():
            if task in event.tasks or (not event.tasks and event.action == "mark"):
                state.cards[task] = replace(card, gone=True)
