"""When are people told, and in which words? One row a moment."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Literal, Self


@dataclass(frozen=True, slots=True)
class Telling:
    """What is said at a moment. In `opening`, {release} and {environment} stand for themselves.

    `when` tells an author what the word alone does not. `tone` is what services that know such a thing are told.
    `before`: it comes by the clock, so long before the opening that the run is meant for. `asks`: a
    task of these groups has put up a card; those whom it asks are told without the plan saying so. `ends_run`: the run
    is over.
    """

    headline: str
    opening: str
    when: str | None = None
    tone: Literal["info", "success", "warning", "failure"] = "info"
    tells_window: bool = False
    tells_why: bool = True
    tells_what_it_brings: bool = False
    tells_what_is_noticed: bool = False
    before: timedelta | None = None
    asks: tuple[str, ...] = ()
    ends_run: bool = False


class Moment(StrEnum):
    """The moments at which a plan may have something to say."""

    APPROVAL_ASKED = (
        "approval_asked",
        Telling(
            "waits for an approval",
            "{release} waits for an approval before it may be brought to {environment}.",
            when="when a seat of the approval is to be taken",
            tells_window=True,
            tells_what_it_brings=True,
            asks=("review",),
        ),
    )
    ANNOUNCED = (
        "announced",
        Telling(
            "planned",
            "{release} is planned for {environment}.",
            when="after the last approval",
            tells_window=True,
            tells_why=False,
            tells_what_it_brings=True,
            tells_what_is_noticed=True,
        ),
    )
    DAY_BEFORE = (
        "day_before",
        Telling(
            "starts in a day",
            "{release} is to be brought to {environment} in a day.",
            when="24 hours before the opening that the run is meant for, when it was announced before that",
            tells_window=True,
            tells_why=False,
            tells_what_it_brings=True,
            tells_what_is_noticed=True,
            before=timedelta(hours=24),
        ),
    )
    HOUR_BEFORE = (
        "hour_before",
        Telling(
            "starts in an hour",
            "{release} is to be brought to {environment} in an hour.",
            when="an hour before the opening that the run is meant for, when it was announced before that",
            tells_window=True,
            tells_why=False,
            tells_what_is_noticed=True,
            before=timedelta(hours=1),
        ),
    )
    STARTED = (
        "started",
        Telling(
            "the release has started",
            "{release} is now being brought to {environment}.",
            tells_window=True,
            tells_why=False,
            tells_what_it_brings=True,
            tells_what_is_noticed=True,
        ),
    )
    ON_HOLD = (
        "on_hold",
        Telling(
            "the release is on hold",
            "{release} waits; nothing is being changed in {environment}.",
            when="when all is held then or while the run waits for its window, or when the window closed on a release "
            "under way",
            tone="warning",
            tells_window=True,
        ),
    )
    RESUMED = (
        "resumed",
        Telling(
            "the release goes on",
            "{release} goes on in {environment}; it was on hold.",
            when="when nothing is held any more, when people were told of the hold",
            tells_window=True,
        ),
    )
    TEST_ASKED = (
        "test_asked",
        Telling(
            "waits for a test",
            "{release} is in place in {environment} and waits for somebody to test it.",
            when="when a manual test is to be done",
            asks=("verify",),
        ),
    )
    DECISION_ASKED = (
        "decision_asked",
        Telling(
            "waits for a decision",
            "{release} waits in {environment} until somebody decides how it goes on.",
            when="when something failed, or the window closed, and people are asked",
            tone="warning",
            asks=("deploy", "backout"),
        ),
    )
    ABOUT_TO_EXPIRE = (
        "about_to_expire",
        Telling(
            "an answer is needed soon",
            "{release} still waits for an answer in {environment}; without one it soon goes on by itself.",
            when="in the last quarter of the time for an answer, or two hours before its end",
            tone="warning",
        ),
    )
    ESCALATED = (
        "escalated",
        Telling(
            "somebody is needed",
            "{release} needs somebody in {environment}, and nobody has answered so far.",
            when="at each call of `delivery.escalation`",
            tone="failure",
        ),
    )
    BACKING_OUT = (
        "backing_out",
        Telling(
            "is being backed out",
            "{release} is being taken back in {environment}.",
            when="when it is decided to go back to the previous release",
            tone="warning",
        ),
    )
    SUCCESS = (
        "success",
        Telling(
            "live", "{release} is live in {environment}.", tone="success", tells_what_it_brings=True, ends_run=True
        ),
    )
    BACKED_OUT = (
        "backed_out",
        Telling("backed out", "{release} was taken back in {environment}.", tone="warning", ends_run=True),
    )
    FAILED = (
        "failed",
        Telling("did not go live", "{release} did not go live in {environment}.", tone="failure", ends_run=True),
    )
    WINDOW_MISSED = (
        "window_missed",
        Telling(
            "did not start, its release window has passed",
            "{release} did not start before its release window was over; nothing was changed.",
            tone="warning",
            tells_window=True,
            ends_run=True,
        ),
    )
    NOTHING_TO_DO = (
        "nothing_to_do",
        Telling(
            "is live already",
            "{release} is live in {environment} already; nothing was changed.",
            when="when the plan was there already",
            ends_run=True,
        ),
    )

    telling: Telling

    def __new__(cls, word: str, *telling: Telling) -> Self:  # a look-up, Moment("started"), names the word alone
        moment = str.__new__(cls, word)
        moment._value_, (moment.telling,) = word, telling
        return moment
