"""Verify: do the success criteria hold, by machine and by hand?"""

from deployplan.evidence.kinds.verify import ManualAnswer, ReleaseVerified
from deployplan.plan.model.criterion import Criterion
from deployplan.runbook.gate import judge_smoke
from deployplan.runbook.run.run import Run, StepFailed


async def verify_smoke(run: Run) -> None:
    """Hold every machine criterion for its soak time and record the verdict.

    Raises StepFailed when one did not hold; unknown is never success.
    """
    verified = await judge_smoke(run)
    why = verified.why_not
    criteria, no_answer = verified.failed_criteria, verified.no_answer
    await run.note(ReleaseVerified(ok=why is None, why=why, criteria=criteria, no_answer=no_answer))
    if why is not None:
        raise StepFailed(f"verification: {why}")


def record_manual(run: Run, criterion: Criterion, *, person: str | None, passed: bool, why: str = "") -> None:
    """Record what a person says of a manual test; nobody in time is recorded as not passed.

    Raises StepFailed when it did not pass.
    """
    run.record(ManualAnswer(criterion=criterion.name, passed=passed, person=person, why=why))
    if not passed:
        raise StepFailed(f"manual test {criterion.name}: {why or f'{person} says it failed'}")
