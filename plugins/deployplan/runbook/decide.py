"""Decide: something went wrong. Back out by itself, or ask the people who may say?"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from deployplan.evidence.kinds.deploy import WaveEnded, WaveNotStarted, WaveStopped
from deployplan.evidence.kinds.verify import DecisionMade, ManualAnswer, ReleaseVerified
from deployplan.runbook import task_names
from deployplan.runbook.run.held import is_held
from deployplan.runbook.run.proof import missing_waves, unverified_criteria
from deployplan.runbook.run.run import Run
from deployplan.runbook.run.state import RunState
from deployplan.runbook.run.traces import Failure, WaveKey

WINDOW = "window"
"""The cause when the window closed before a wave was done, or begun; `schedule.on_close` says who decides."""
DEPLOY = "deploy"
"""The name in `backout.when` for a script that failed, as a criterion's name is for a criterion that did not hold."""


NOBODY_KNOWN = "nobody known"
"""Who stopped a run whose tasks failed without any evidence why: a mark that left no name, or processes that died."""
POLICY = "policy"
"""Who decides where the plan says "automatic" and no person has stopped the run."""


class Decision(StrEnum):
    """What becomes of the release."""

    NOTHING = "nothing"
    BACK_OUT = "back_out"
    ACCEPT = "accept"


@dataclass(frozen=True)
class Trouble:
    """What went wrong, who decides, and whether the release may be accepted as it is.

    `held`: only the window closed, so that nobody is hurried to decide. `untold`: nothing has failed, metrics gave no
    answer, and nobody is hurried either; so it stays when people had that tried again. `by`: whose word it is to back
    out when nobody is asked: the plan's policy, or that of the people who stopped the run.
    """

    why: tuple[str, ...]
    ask: bool
    may_accept: bool
    held: bool = False
    untold: bool = False
    by: str = POLICY

    @property
    def waits(self) -> bool:
        """Whether silence is never taken for a word."""
        return self.held or self.untold


def find_trouble(run: Run, states: Mapping[str, str | None]) -> Trouble | None:
    """Judge by facts whether anything is wrong; `states` are those of the deploy and verify tasks.

    Any state but success is trouble: a run that a person marked failed between two waves has no failed task.
    """
    bad = {task: state for task, state in states.items() if state != "success"}
    state = run.read_state()
    failures = state.since_armed.failures
    if not bad and not failures:
        return _marked_by_hand(run, state)
    why = recorded_trouble(run)
    stopped_by = state.since_armed.stopped_by
    causes = {name for failure in failures for name in _causes(failure)}
    failed = {name for failure in failures for name in set(_causes(failure)) - _untold(failure)}
    untold = {name for failure in failures for name in _untold(failure)} - failed
    ask = all(cause in untold or _asks(run, cause) for cause in causes or ["a person"])
    again = state.since_armed.again.values()
    failed_before = not all(map(is_held, again))  # what failed before keeps its clock
    held_again = bool(again) and not failed_before and not stopped_by
    if not causes:
        causes = {"a person"}
        why += [f"{task} is {found or 'not run'}" for task, found in sorted(bad.items())]
        lost, question = _lost_waves(run, bad), state.since_armed.question
        stops = _lost_again(state, lost) if question is None else [question.stop.event]
        held = held_again or (not stopped_by and bool(stops) and all(map(is_held, stops)))
        if question is None and not held_again:
            why += [f"{_stop(each)}; it was tried again, and nobody knows why it ended" for each in stops]
        untold = causes if held else untold
        ask = ask or held or (not stopped_by and _all_ask(run, lost))
        stopped_by = stopped_by or [NOBODY_KNOWN]
    ask = ask or (held_again and causes <= {WINDOW, *untold})  # nothing has failed: only people say how it goes on
    unfinished = [
        task
        for task, found in states.items()
        if found in {"skipped", "upstream_failed", None} and task.startswith("deploy.")
    ]
    return Trouble(
        tuple(why),
        ask,
        may_accept=not (unfinished or state.since_armed.question or again) and WINDOW not in causes,
        held=causes == {WINDOW} and not failed_before,
        untold=causes <= untold and not failed_before,
        by=", ".join(stopped_by) or POLICY,
    )


def _lost_waves(run: Run, bad: Mapping[str, str | None]) -> list[WaveKey]:
    """The waves that ended although neither the evidence nor a person's mark says why.

    Their processes were lost, and Airflow tries no more.
    """
    waves = {task_names.wave(wave.component, wave.number): (wave.component, wave.number) for wave in run.snapshot.waves}
    return [waves[task] for task, found in bad.items() if task in waves and found == "failed"]


def _lost_again(state: RunState, lost: Sequence[WaveKey]) -> list[WaveStopped]:
    """Why lost waves had stopped before people had them tried again; nothing unless that is so of each of them."""
    resumed = state.since_armed.resumed
    return [resumed[key] for key in lost] if all(key in resumed for key in lost) else []


def _all_ask(run: Run, lost: Sequence[WaveKey]) -> bool:
    """Whether people are to be asked about all of them: that processes were lost decides nothing."""
    return bool(lost) and all(run.snapshot.plan.on_failure(component) == "ask" for component, _ in lost)


def is_left_undecided(state: RunState) -> bool:
    """Whether people were asked for a decision that nobody has made or passed over: whoever asked them was lost."""
    card, after = state.cards.get(task_names.DECIDE), state.since_armed
    if card is None or card.gone or after.decision is not None or after.backs_out is not None:
        return False
    return state.taking_back is None and state.armed is not None and card.seq > state.armed.seq


def recorded_trouble(run: Run) -> list[str]:
    """What went wrong since the last arming, by the evidence: who stopped it, and what failed."""
    return trouble_in(run.read_state())


def trouble_in(state: RunState) -> list[str]:
    """The same of a run of which only the evidence is known."""
    found = state.since_armed
    asked = [] if found.question is None else [f"{_stop(found.question.stop.event)}; nobody has answered what to do"]
    again = [f"{_stop(stop)}; it was to be tried again, and was not" for stop in found.again.values()]
    return [*found.marks, *map(_sentence, found.failures), *asked, *again]


def _stop(stop: WaveStopped) -> str:
    return f"{stop.component} wave {stop.wave}: {stop.why}"


def _asks(run: Run, cause: str) -> bool:
    if cause == WINDOW:
        return run.snapshot.plan.schedule.on_close != "back_out"
    return run.snapshot.plan.backout.decision(cause) == "ask"


def _marked_by_hand(run: Run, state: RunState) -> Trouble | None:
    """All tasks are green, but a person may have made them so: then people decide, on what the evidence lacks."""
    missing, _ = missing_waves(run.snapshot, state)
    missing += unverified_criteria(run.snapshot, state)
    if not missing:
        return None
    why = tuple(
        f"{what}: the task is green, but there is no evidence that it ended well; marked by hand?" for what in missing
    )
    return Trouble(why, ask=True, may_accept=False)


def record_decision(run: Run, decision: Decision, *, by: str | None, why: Iterable[str]) -> None:
    """Leave evidence of the decision; the backout acts on nothing else. Without `by` there was nothing to decide."""
    run.record(DecisionMade(decision=str(decision), by=by, why=tuple(why)))
    run.say(f"decision: {decision} ({by})" if by else f"decision: {decision}")


def recorded_decision(run: Run) -> Decision:
    """The decision of this arming. None recorded means back out: whoever should decide died or was passed over."""
    made = run.read_state().since_armed.decision
    return Decision(made.decision) if made is not None else Decision.BACK_OUT


def _causes(failure: Failure) -> Iterable[str]:
    match failure:
        case ManualAnswer():
            return [failure.criterion]
        case WaveNotStarted():
            return [WINDOW]
        case WaveEnded() if failure.closed:
            return [WINDOW]
        case _:
            return failure.criteria or [DEPLOY]


def _untold(failure: Failure) -> set[str]:
    """The criteria that gave no answer."""
    match failure:
        case WaveEnded() | ReleaseVerified():
            return set(failure.no_answer)
        case _:
            return set()


def _sentence(failure: Failure) -> str:
    match failure:
        case WaveEnded():
            return f"{failure.component} wave {failure.wave}: {failure.why}"
        case WaveNotStarted():
            return f"{failure.component} wave {failure.wave} did not start: {failure.reason}"
        case ReleaseVerified():
            return f"verification: {failure.why}"
        case ManualAnswer():
            return f"manual test {failure.criterion}: {failure.why or 'failed'}"
