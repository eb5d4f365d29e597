"""What the evidence proves, and what is missing in it: a task's colour proves nothing."""

from deployplan.evidence.kinds.verify import ManualAnswer
from deployplan.plan.snapshot import Snapshot
from deployplan.plan.waves import Wave
from deployplan.runbook.run.state import RunState


def missing_waves(snapshot: Snapshot, state: RunState) -> tuple[list[str], set[str]]:
    """The waves without evidence that they ended well, none undone since; and the nodes left out of the other waves.

    A wave of which only the gate did not hold counts as ended: a person can accept that.
    """
    missing: list[str] = []
    excluded: set[str] = set()
    for wave in snapshot.waves:
        proof = state.review.waves.get((wave.component, wave.number))
        if proof is None or not (proof.ok or all(each.is_done for each in proof.nodes.values())):
            missing.append(f"{wave.component} wave {wave.number}")
        else:
            excluded |= set(proof.excluded)
    return missing, excluded


def left_half_done(state: RunState) -> str | None:
    """Say what the run has begun and neither released nor undone since, in any of its passes; None when nothing."""
    if state.half_done:
        return f"{', '.join(state.half_done)} was begun and neither released nor undone"
    return None if state.backout_proven else "a backout was tried and not proven"


def waves_to_do(snapshot: Snapshot, state: RunState) -> tuple[Wave, ...]:
    """The waves that did not end well in this pass, or were undone since, in the order they run."""
    return tuple(wave for wave in snapshot.waves if (wave.component, wave.number) not in state.review.done)


def unverified_criteria(snapshot: Snapshot, state: RunState) -> list[str]:
    """The criteria without evidence that they held after the last wave."""
    verified = state.review.verified
    missing = [] if verified is not None and verified.ok else ["the machine criteria"]
    return missing + [name for name in snapshot.plan.manual_criteria() if not _passed(state.review.manual.get(name))]


def has_passed(state: RunState, criterion: str) -> bool:
    """Whether a person has said since the last arming that this criterion holds, and nobody else since."""
    return _passed(state.since_armed.manual.get(criterion))


def _passed(answer: ManualAnswer | None) -> bool:
    return answer is not None and answer.passed
