"""What people answer about a wave that has stopped, as evidence: from then on it is done, whoever dies in between."""

from dataclasses import dataclass

from deployplan.evidence.kinds.deploy import FailureAnswered, WaveEnded
from deployplan.evidence.kinds.verify import DecisionMade
from deployplan.runbook.failure.question import FailureQuestion, Option
from deployplan.runbook.run.run import Run, StepFailed
from deployplan.runbook.run.traces import FailureAnswer, StoppedWave

ANSWERS = {
    Option.TRY_AGAIN: FailureAnswer.TRY_AGAIN,
    Option.LEAVE_OUT: FailureAnswer.LEAVE_OUT,
    Option.BACK_OUT: FailureAnswer.BACK_OUT,
    Option.WAIT: FailureAnswer.WAIT,
}


@dataclass(frozen=True, slots=True)
class Word:
    """What was chosen and by whom, with what they wrote; nobody when the time was over."""

    option: Option
    person: str | None
    note: str | None = None


def record_answer(run: Run, question: FailureQuestion, word: Word) -> str:
    """Leave evidence of the answer, and return it as a sentence.

    Raises StepFailed when the wave is to be backed out.
    """
    stop, option = question.open.stop.event, word.option
    nodes = {Option.TRY_AGAIN: question.again, Option.LEAVE_OUT: question.leave}.get(option, ())
    until = (question.waits_until or question.clock.until) if option is Option.WAIT else None
    answered = FailureAnswered(
        component=stop.component,
        wave=stop.wave,
        generation=stop.generation,
        answer=str(ANSWERS[option]),
        person=word.person,
        note=word.note,
        nodes=nodes,
        until=None if until is None else until.isoformat(),
    )
    run.record(answered)
    told = f"{word.person or 'nobody answered in time'}: {option}" + (f" ({word.note})" if word.note else "")
    run.say(told)
    if (open_ := run.read_state().since_armed.question) is not None and open_.ends is not None:
        end_wave(run, open_)
    return told


def end_wave(run: Run, question: StoppedWave) -> None:
    """End the wave of which it is decided that it is backed out, and leave evidence of that decision, once.

    Raises StepFailed.
    """
    stop, ends = question.stop.event, question.ends
    why = f"{stop.component} wave {stop.wave}: {stop.why}"
    if ends is not None:
        person, note = ends.event.person, ends.event.note
        told = f"{person} decided to back out" if person else "nobody answered in time"
        if run.read_state().since_armed.decision is None:
            reasons = (why, told + (f": {note}" if note else ""))
            run.record(DecisionMade(decision="back_out", by=person or "silence", why=reasons))
    run.record(
        WaveEnded(
            component=stop.component,
            wave=stop.wave,
            generation=stop.generation,
            ok=False,
            nodes=stop.nodes,
            why=stop.why,
            criteria=stop.criteria,
            no_answer=stop.no_answer,
        )
    )
    raise StepFailed(why)
