"""Verify: do the success criteria hold, by machine and by hand?"""

from deployplan.plan.model.criterion import Criterion
from deployplan.runbook.gate import hold_smoke
from deployplan.runbook.run.run import Run, StepFailed


async def verify_smoke(run: Run) -> None:
    """Hold every machine criterion for its soak time and record the verdict.

    Raises StepFailed when one did not hold; unknown is never success.
    """
    verified = await hold_smoke(run)
    await run.note(
        "verified", ok=verified.why_not is None, why=verified.why_not, criteria=list(verified.failed_criteria)
    )
    if verified.why_not is not None:
        raise StepFailed(f"verification: {verified.why_not}")


def record_manual(run: Run, criterion: Criterion, *, person: str | None, passed: bool, why: str = "") -> None:
    """Record what a person says of a manual test; nobody in time is recorded as not passed.

    Raises StepFailed when it did not pass.
    """
    run.record("manual_answer", criterion=criterion.name, passed=passed, person=person, why=why)
    if not passed:
        raise StepFailed(f"manual test {criterion.name}: {why or f'{person} says it failed'}")
