"""Announce: leave in the evidence that people are to be told of something; the outbox tells them (`telling`)."""

from deployplan.evidence.kinds.people import MomentReached
from deployplan.plan.model.moment import Moment
from deployplan.runbook.run.run import Run


async def announce(
    run: Run, moment: Moment, *, occasion: str, reason: str | None = None, next_open: str | None = None
) -> None:
    """Leave that this moment has come, once an occasion, with what its messages say.

    For what no other entry tells: most moments follow from the evidence of what was done (`fold`).
    """
    if (moment, occasion) not in (await run.state()).moments:
        event = MomentReached(moment=str(moment), occasion=occasion, reason=reason, next_open=next_open)
        await run.note(event)
