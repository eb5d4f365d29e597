"""Comms: messages to the people concerned, written before the release, sent once."""

from deployplan.comms.channel import Channel, LogChannel, SendError
from deployplan.comms.mail_channel import MailChannel, MailServer
from deployplan.comms.message import Message, render
from deployplan.comms.moment import Moment, moment_of
from deployplan.comms.webhook_channel import Webhook, WebhookChannel

__all__ = [
    "Channel",
    "LogChannel",
    "MailChannel",
    "MailServer",
    "Message",
    "Moment",
    "SendError",
    "Webhook",
    "WebhookChannel",
    "moment_of",
    "render",
]
