"""People who answer as told: after a while, with a word, or never."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from random import Random

from deployplan.airflow_glue.tasks.host import CardAnswer, Question
from deployplan.airflow_glue.tasks.review_tasks import APPROVE, REJECT
from deployplan.airflow_glue.tasks.verify_tasks import FAIL, PASS
from deployplan.airflow_glue.what_if.faults import PEOPLE, Faults
from deployplan.runbook.failure.question import Option
from deployplan.runbook.run.directory import Directory

USUALLY = timedelta(minutes=5)
"""After so long people answer, unless told otherwise."""
_WORDS = {
    "reject": REJECT,
    "fail": FAIL,
    "back-out": Option.BACK_OUT,
    "try-again": Option.TRY_AGAIN,
    "leave-out": Option.LEAVE_OUT,
    "accept": Option.ACCEPT,
    "wait": Option.WAIT,
}


@dataclass(frozen=True)
class People:
    """Who answers what, when; with `chance` not always as fast."""

    faults: Faults
    directory: Directory
    chance: Random | None = None

    def answer(self, question: Question) -> tuple[timedelta | None, CardAnswer]:
        """After how long the card is answered, and how; after None nobody ever does.

        An option that is not on the card, or that nobody who is asked may choose, is answered with the safest: the last
        word that backs out.
        """
        step, usual = _step_of(question.options)
        latest = self.faults.of(PEOPLE, step)
        if latest is not None and latest.kind == "never":
            return None, CardAnswer(None)
        slow, said = self.faults.of(PEOPLE, step, "after"), self.faults.of(PEOPLE, step, *_WORDS)
        option = _WORDS[said.kind] if said is not None and _WORDS[said.kind] in question.options else usual
        within = USUALLY if slow is None else slow.length
        if slow is None and self.chance is not None:
            within = timedelta(seconds=self.chance.expovariate(1 / USUALLY.total_seconds()))
        able = question.people if question.rights is None else question.rights.get(option, ())
        person = next((each for each in able if self.directory.users_of(each)), None)
        if person is None:
            return None, CardAnswer(None)
        return within, CardAnswer(option, None, None, self.directory.users_of(person)[0])


def _step_of(options: tuple[str, ...]) -> tuple[str, str]:
    """Which kind of card it is, and what is usually said to it."""
    if APPROVE in options:
        return "approve", APPROVE
    if PASS in options:
        return "test", PASS
    return "answer", str(Option.BACK_OUT)
