"""How a run can end, and what each end means for everything after it: one row an outcome."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from deployplan.plan.model.moment import Moment


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an outcome means, in the words of the reference, and for whoever asks.

    - `moment`: at which people are told of it.
    - `released`: this run brought the new release to production, verified or accepted by a person.
    - `green`: the release is in production, by this run or by an earlier one that left it nothing to do.
    - `untouched`: everything is as it was before.
    - `undecided`: nobody decided about it, so the plan may run again in its window.
    - `leaves_locked`: the nodes stay locked until a person has looked at them.
    - `ended_by`: the run ended before its deploy, by evidence of the outcome's own name.
    """

    words: str
    moment: Moment = Moment.FAILED
    released: bool = False
    green: bool = False
    untouched: bool = False
    undecided: bool = False
    leaves_locked: bool = False
    ended_by: bool = False


class Outcome(StrEnum):
    """How a run ended."""

    SUCCESS = (
        "success",
        Meaning("released and verified", Moment.SUCCESS, released=True, green=True),
    )
    SUCCESS_WITH_ISSUES = (
        "success_with_issues",
        Meaning(
            "in place with something amiss, which a person or the plan's budget accepts",
            Moment.SUCCESS,
            released=True,
            green=True,
        ),
    )
    BACKED_OUT = "backed_out", Meaning("undone, and the previous release was looked for", Moment.BACKED_OUT)
    BACKOUT_FAILED = "backout_failed", Meaning("not proven undone", leaves_locked=True)
    REJECTED = "rejected", Meaning("an approver said no", untouched=True, ended_by=True)
    EXPIRED = "expired", Meaning("nobody approved in time", untouched=True, undecided=True, ended_by=True)
    NOT_READY = "not_ready", Meaning("something was not as it must be", untouched=True, undecided=True, ended_by=True)
    WINDOW_MISSED = (
        "window_missed",
        Meaning("no window was left", Moment.WINDOW_MISSED, untouched=True, undecided=True, ended_by=True),
    )
    TERMINATED = "terminated", Meaning("ended before its deploy had begun on any node, with nothing left behind")
    UNKNOWN = "unknown", Meaning("the evidence does not say how production is", leaves_locked=True)
    LEFT_DRAINED = (
        "left_drained",
        Meaning("undone or ended, but a node could not be put back into service"),
    )
    NOTHING_TO_DO = (
        "nothing_to_do",
        Meaning(
            "the plan was on all its nodes already", Moment.NOTHING_TO_DO, green=True, untouched=True, ended_by=True
        ),
    )

    meaning: Meaning

    def __new__(cls, word: str, *meaning: Meaning) -> Self:  # a look-up, Outcome("success"), names the word alone
        outcome = str.__new__(cls, word)
        outcome._value_, (outcome.meaning,) = word, meaning
        return outcome


RELEASED = frozenset(each for each in Outcome if each.meaning.released)
UNTOUCHED = frozenset(each for each in Outcome if each.meaning.untouched)
UNDECIDED = frozenset(each for each in Outcome if each.meaning.undecided)
LEAVES_LOCKED = frozenset(each for each in Outcome if each.meaning.leaves_locked)
ENDED_BY = frozenset(each for each in Outcome if each.meaning.ended_by)
"""As sets, in which the word of an outcome is found, too: evidence and history hold words."""
