"""Announce: tell each group what it was promised to hear, once, and never let a mail server decide a release."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from deployplan.comms.channel import Channel, SendError
from deployplan.comms.message import Message, render
from deployplan.evidence.kinds.people import MessageFailed, MessageSent
from deployplan.plan.model.moment import Moment
from deployplan.plan.model.people import Communication
from deployplan.runbook.run.run import Run
from deployplan.runbook.timing.chosen_window import chosen_opening

NO_CHANNEL = "there is no such channel here; it is written to the log instead"


async def announce(run: Run, moment: Moment, channels: Mapping[str, Channel], **facts: object) -> None:
    """Send the plan's messages for this moment on the channels they name; what was sent before is not sent again.

    A message that cannot be sent is recorded, shown in the log, and changes nothing else.
    """
    sent = (await run.state()).messages
    known = await asyncio.to_thread(_known, run)
    for communication in run.snapshot.plan.communications:
        if moment in communication.on:
            message = render(communication, run.snapshot, moment, known | facts)
            message = replace(message, subject=run.masks(message.subject), body=run.masks(message.body))
            for via in communication.via:
                if (message.key, via) not in sent:
                    await _tell(run, communication, message, via, channels.get(via))


def _known(run: Run) -> dict[str, object]:
    """What every message may tell of the run: its id, and the opening that was chosen for it."""
    chosen = chosen_opening(run)
    return {"run": run.run_id, "window": chosen.label if chosen is not None else None}


async def _tell(run: Run, communication: Communication, message: Message, via: str, channel: Channel | None) -> None:
    to, moment, key = communication.to, str(message.moment), message.key

    async def failed(why: str, *, uncertain: bool = False) -> None:
        await run.note(MessageFailed(to=to, moment=moment, via=via, key=key, why=why, uncertain=uncertain))
        _say_not_told(run, message, via, why)

    if channel is None:
        await failed(NO_CHANNEL)
        return
    try:
        receipt = await channel.send(message)
    except SendError as error:
        await failed(str(error), uncertain=error.uncertain)
        return
    await run.note(MessageSent(to=to, moment=moment, via=via, key=key, receipt=receipt))
    run.say(f"told {communication.to} by {via}: {message.subject}")


def _say_not_told(run: Run, message: Message, via: str, why: str) -> None:
    """The whole message, line by line, so that somebody who reads the log can still tell people."""
    run.say(f"NOT told by {via}: {why}")
    for line in (message.subject, *message.body.splitlines()):
        run.say(f"  | {line}")
