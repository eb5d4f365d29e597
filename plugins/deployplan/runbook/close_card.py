"""What do people read about a release that its window left half done, and how does it go on?"""

from collections.abc import Iterable
from dataclasses import dataclass

from deployplan.plan.waves import Wave
from deployplan.runbook.run.run import Run
from deployplan.runbook.timing.verdict import estimate_of, past_of, verdict, waves_left
from deployplan.window.verdict import Verdict
from deployplan.window.wall_time import local


@dataclass(frozen=True, slots=True)
class CloseCard:
    """The question put to the backout authority, without a deadline, and what is told with it."""

    subject: str
    lines: tuple[str, ...]
    ahead: str | None


def close_card(run: Run) -> CloseCard:
    """Say what is done, what is left, when the next window takes it, and how to go on there."""
    plan, left = run.snapshot.plan, waves_left(run)
    done = [wave for wave in run.snapshot.waves if wave not in left]
    found = _anywhere(run)
    ahead = "now" if found.open else found.next_open and local(found.next_open, run.snapshot.timezone)
    lines = [
        f"Done: {_named(done) or 'nothing'}. Left: {_named(left) or 'the verification'}.",
        estimate_of(run).told + ".",
    ]
    if found.missed:
        lines.append(f"No later window takes what is left ({found.reason}): it can only be backed out.")
    else:
        lines += [f"The next opening that takes what is left: {ahead or f'not known ({found.reason})'}.", GO_ON]
    subject = f"{plan.name}: its window closed before it was done; back out?"
    if plan.schedule.on_close == "finish_wave" and ahead is not None:
        subject = f"{plan.name}: the rest is for the next window, {ahead}"
    return CloseCard(subject, tuple(lines), None if ahead is None else str(ahead))


GO_ON = (
    "To go on there, clear review.approve_1 with Downstream: it asks for a new approval, waits for the window and "
    "works on the nodes that are not done. Until then the nodes stay locked and nothing happens by itself."
)


def _anywhere(run: Run) -> Verdict:
    """The verdict on what is left in any window of the plan: a new approval may be for another one than the last."""
    now, left = run.clock.now(), waves_left(run)
    return verdict(run.snapshot, run.include, at=now, past=past_of(run), remaining=left, hold=run.hold())


def _named(some: Iterable[Wave]) -> str:
    return ", ".join(f"{wave.component} wave {wave.number} of {wave.of}" for wave in some)
