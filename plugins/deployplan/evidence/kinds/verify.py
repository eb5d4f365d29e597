"""Kinds of entries of the verification: readings, manual tests, cards, and what is decided."""

from collections.abc import Mapping
from typing import Annotated

from deployplan.evidence.event import Event, Facts
from deployplan.evidence.kinds.words import (
    AnswerFact,
    AskedFact,
    CriterionFact,
    LoginFact,
    NoteFact,
    PersonFact,
    ReadOnFact,
    TaskFact,
    UserFact,
    WhyFact,
)


class Figures(Facts):
    """The numbers that were seen, at most sixty: of more, the worst of each stretch."""

    began: Annotated[str, "when the first was seen"]
    seconds: Annotated[tuple[float, ...], "how long after it each was seen"]
    values: Annotated[tuple[float | None, ...], "the numbers; null where there was none"]
    least: Annotated[float | None, "below which none should be"] = None
    most: Annotated[float | None, "above which none should be"] = None


class CriterionRead(
    Event, kind="reading", line="{criterion}[ on {node}]: {answer}[ ({why})][ {drawn}][{shadow? (shadow)|}]"
):
    """A criterion was held over its time."""

    criterion: CriterionFact
    node: ReadOnFact = None
    answer: AnswerFact
    observed: Annotated[str | None, "what was seen last"] = None
    why: Annotated[str | None, "what decided it, in words: how often it was read, and whether it flapped"] = None
    readings: Annotated[int | None, "how many readings were taken"] = None
    held_for: Annotated[float | None, "how long it had to hold, in seconds"] = None
    drawn: Annotated[str | None, "the numbers as a line of bars, and what they should be"] = None
    figures: Annotated[Figures | None, "the numbers: when, how many, and their bounds"] = None
    shadow: Annotated[bool, "whether it decides nothing"] = False


class ReleaseVerified(Event, kind="verified", line="verification {ok?passed|FAILED}[: {why}]"):
    """The machine criteria, all of them."""

    ok: Annotated[bool, "whether every criterion held"]
    why: Annotated[str | None, "what did not"] = None
    criteria: Annotated[tuple[str, ...], "names of those that did not"] = ()
    no_answer: Annotated[
        tuple[str, ...], "of those, the ones that told nothing and back nothing out by themselves"
    ] = ()


class ManualAnswer(Event, line="manual test {criterion}: {passed?passed|NOT PASSED}[, says {person}][ ({why})]"):
    """What a person says of a manual test."""

    criterion: CriterionFact
    passed: Annotated[bool, "what the person says"]
    person: PersonFact = None
    why: WhyFact = None


class CardPut(Event, line="{task} asks {people}[: {subject}]"):
    """People are asked."""

    task: TaskFact
    people: AskedFact = ()
    subject: Annotated[str | None, "the question"] = None
    clear: Annotated[int | None, "Airflow's max_tries of the task; a person's clear raises it"] = None
    options: Annotated[
        Mapping[str, tuple[str, ...]] | None, "by option, who may choose it; null: everybody who is asked, each"
    ] = None
    until: Annotated[str | None, "when silence is taken for an answer; null when nothing is done without one"] = None
    text: Annotated[str | None, "what the card says below the question; null where it says the same each time"] = None


class CardAnswered(Event, line="{person} answers {task}: {option}[ ({note})]"):
    """Airflow took an answer."""

    task: TaskFact
    person: Annotated[str | None, "who answered, as plans call them; else id and login"] = None
    option: Annotated[str | None, "what was chosen"] = None
    note: NoteFact = None
    user: UserFact = None
    login: LoginFact = None
    card: Annotated[int | None, "the entry of the card that was answered; null: the last one before this"] = None


class CardClosed(Event, line="{task} takes the answer[: {option}][ by {person}]"):
    """The task that asked has the answer."""

    task: TaskFact
    person: PersonFact = None
    option: Annotated[str | None, "what was chosen"] = None
    note: NoteFact = None
    user: UserFact = None
    login: LoginFact = None


class QuestionWaits(Event, line="{person} lets {task} wait until {until}[ ({note})]"):
    """A question stays open because somebody said so; it is asked again."""

    task: TaskFact
    person: PersonFact = None
    until: Annotated[str, "when it is asked again"]
    note: NoteFact = None


class AnswerRefused(Event, line="{person} may not answer {task}[ with {option}]; it is asked again[: {why}]"):
    """An answer that Airflow took, of somebody who may not give it: nothing was done."""

    task: TaskFact
    person: Annotated[str | None, "who answered, as plans call them; else id and login"] = None
    option: Annotated[str | None, "what was chosen"] = None
    why: WhyFact = None
    user: UserFact = None
    login: LoginFact = None


class DecisionMade(Event, kind="decision", line="decision: {decision}[ by {by}][ ({why})]"):
    """What becomes of the release."""

    decision: Annotated[str, "what was decided"]
    by: Annotated[str | None, "who decided, or the rule that did"] = None
    why: Annotated[tuple[str, ...], "the reasons, in words"] = ()
