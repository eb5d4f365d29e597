"""Questions to people, as Airflow's human-in-the-loop cards: approval seats, manual tests, the decision to back out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NoReturn

from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException, TaskAwaitingInput

from deployplan.airflow_glue.tasks.step import Step
from deployplan.comms.moment import Moment
from deployplan.plan.pages.markdown import code, running_text
from deployplan.plan.text.scalars import spell_duration
from deployplan.printable import printable
from deployplan.runbook import review, verify
from deployplan.runbook.decide import Decision, Trouble, find_trouble, record_decision, recorded_trouble
from deployplan.runbook.held import held_card
from deployplan.runbook.run.answers import require_asked
from deployplan.runbook.run.run import Run, last, since
from deployplan.runbook.tasks import must_succeed

if TYPE_CHECKING:
    from airflow.sdk import Context

APPROVE, REJECT = "Approve", "Reject"
PASS, FAIL = "Pass", "Fail"
BACK_OUT, ACCEPT = "Back out", "Accept with issues"


@dataclass(frozen=True)
class CardAnswer:
    """What was chosen and by whom; both None when nobody answered in time."""

    option: str | None
    person: str | None


class Card(Step):
    """A task that parks without a process until one of the asked people answers.

    A subclass says in `question` whether and what to ask, and in `take` what an answer means.
    """

    def execute(self, context: Context) -> None:
        """Puts the card up and parks the task, unless the answer to an earlier try of it was kept."""
        with self.ending(context):
            run = self.open(context)
            kept = kept_answer(run, self.task_id, clear=context["ti"].max_tries)
            if kept is not None:
                self.say(f"{kept.person} has answered before: {kept.option}")
                self._close(run, context, kept)
                return
            question = self.question(run, context)
            if question is not None:
                self._ask(run, context, question)

    def answered(self, context: Context, event: dict[str, Any]) -> None:
        """Takes the answer that Airflow hands over."""
        with self.ending(context):
            self._close(self.open(context), context, answer_of(event))

    def question(self, run: Run, context: Context) -> Question | None:
        """What to ask; None when there is nothing to ask and the task is done."""
        raise NotImplementedError

    def take(self, run: Run, answer: CardAnswer) -> None:
        """Record what the answer means; raises AirflowFailException when it means no."""
        raise NotImplementedError

    def _ask(self, run: Run, context: Context, question: Question) -> NoReturn:
        """Airflow itself refuses an answer of anybody else. No option is the default: silence is never an answer."""
        from airflow.sdk.execution_time.hitl import HITLUser, upsert_hitl_detail

        subject = printable(question.subject)
        run.record(
            "card_put",
            task=self.task_id,
            clear=context["ti"].max_tries,
            people=list(question.people),
            subject=subject,
        )
        upsert_hitl_detail(
            ti_id=context["ti"].id,
            options=list(question.options),
            subject=subject,
            body=question.body,
            params={},
            assigned_users=[HITLUser(id=person, name=person) for person in question.people],
        )
        self.say(f"waiting for {', '.join(question.people)}: {subject}")
        raise TaskAwaitingInput(method_name="answered", timeout=question.within)

    def _close(self, run: Run, context: Context, answer: CardAnswer) -> None:
        if answer.option is not None:
            require_asked(run, self.task_id, answer.person)
        run.record("card_closed", task=self.task_id, person=answer.person, option=answer.option)
        self.take(run, answer)


@dataclass(frozen=True)
class Question:
    """A card: who may answer, what they read, what they may choose, and for how long; None waits for ever."""

    people: tuple[str, ...]
    subject: str
    body: str
    options: tuple[str, ...]
    within: timedelta | None


def kept_answer(run: Run, task_id: str, *, clear: int) -> CardAnswer | None:
    """The answer that an earlier try of this task was given, when Airflow lost it, or the try, on the way.

    `clear` is Airflow's `max_tries`: a person's clear raises it, and then everybody is asked anew.
    """
    mine = [entry for entry in run.ledger.entries() if entry.facts.get("task") == task_id]
    card = since(mine, "card_put")
    given = last(card, "card_closed") or last(card, "card_answered")
    if given is None or card[0].facts.get("clear") != clear:
        return None
    option, person = given.facts["option"], given.facts["person"]
    return CardAnswer(None if option is None else str(option), None if person is None else str(person))


def answer_of(event: dict[str, Any]) -> CardAnswer:
    """Read what Airflow hands over."""
    if event.get("error_type") == "timeout":
        return CardAnswer(None, None)
    if "error" in event:
        raise AirflowException(f"the answer could not be read: {event}")
    person = event.get("responded_by_user") or {}
    return CardAnswer(event["chosen_options"][0], person.get("id"))


class SeatCard(Card):
    """One seat of the quorum. The answer counts by the evidence it leaves, never by this task's colour."""

    def question(self, run: Run, context: Context) -> Question:
        """Raises NotReady when nobody may take the seat."""
        seat = review.offer_seat(run, self.subject)
        within = self.snapshot.plan.approval.within
        return Question(seat.people, seat.subject, seat.body, (APPROVE, REJECT), within)

    def take(self, run: Run, answer: CardAnswer) -> None:
        people = review.asked_people(run, self.subject)
        if answer.option is None:
            review.expire_seat(run, self.subject, people)
            raise AirflowFailException(f"nobody approved in time; asked were {', '.join(people)}")
        approved = answer.option == APPROVE
        review.answer_seat(run, self.subject, person=answer.person, approved=approved, people=people)
        if not approved:
            raise AirflowFailException(f"rejected by {answer.person}")


class ManualCard(Card):
    """A criterion that a person judges."""

    def question(self, run: Run, context: Context) -> Question:
        plan = self.snapshot.plan
        wanted = plan.manual_criteria()[self.subject]
        test, version = running_text(wanted.manual), running_text(plan.scope.release.version)
        return Question(
            people=(wanted.by,) if wanted.by else tuple(plan.approval.authorities),
            subject=f"{plan.name}: {wanted.manual}",
            body=f"**{test}**\n\nRelease {version} is in place. Does it work? Without an answer within "
            f"{spell_duration(wanted.within)} the release counts as not verified.",
            options=(PASS, FAIL),
            within=wanted.within,
        )

    def _close(self, run: Run, context: Context, answer: CardAnswer) -> None:
        super()._close(run, context, answer)
        self.pass_backout_by(run, context)

    def take(self, run: Run, answer: CardAnswer) -> None:
        why = "" if answer.option else "nobody tested in time"
        wanted = self.snapshot.plan.manual_criteria()[self.subject]
        verify.record_manual(run, wanted, person=answer.person, passed=answer.option == PASS, why=why)


class DecideCard(Card):
    """Looks whether anything is wrong; decides by the plan's policy or asks the backout authority."""

    def question(self, run: Run, context: Context) -> Question | None:
        """Raises AirflowSkipException when all is well."""
        trouble = find_trouble(run, self.states(context, list(must_succeed(self.snapshot))))
        if trouble is None:
            record_decision(run, Decision.NOTHING, by=None, why=["all is well"])
            raise AirflowSkipException("all is well: nothing to back out")
        for line in trouble.why:
            self.say(f"trouble: {line}")
        if not trouble.ask:
            record_decision(run, Decision.BACK_OUT, by=trouble.by, why=trouble.why)
            return None
        return self._card(run, trouble)

    def take(self, run: Run, answer: CardAnswer) -> None:
        why = recorded_trouble(run)
        if answer.option == ACCEPT:
            record_decision(run, Decision.ACCEPT, by=str(answer.person), why=why)
            return
        why.append(f"{answer.person} decided to back out" if answer.option else "nobody answered in time")
        record_decision(run, Decision.BACK_OUT, by=answer.person or "silence", why=why)

    def _card(self, run: Run, trouble: Trouble) -> Question:
        backout = self.snapshot.plan.backout
        lines = [*(f"- {code(line)}" for line in trouble.why), ""]
        subject = f"{self.snapshot.plan.name}: back out?"
        if trouble.held:
            held = held_card(run)
            subject = held.subject
            lines += map(running_text, held.lines)
            facts = {"reason": "; ".join(trouble.why), "next_open": held.ahead, "occasion": held.subject}
            self.work(run, self.tell(run, Moment.ON_HOLD, **facts))
        else:
            lines.append("To try the failed nodes again, clear the failed task with Downstream instead of answering.")
        backs_out = backout.on_silence == "back_out" and not trouble.held
        people = backout.authority or tuple(self.snapshot.plan.approval.authorities)
        if backs_out:
            silence = f"without an answer within {spell_duration(backout.decide_within)} it is backed out"
        else:
            silence = "there is no deadline: it waits for an answer"
        lines += ["", f"Asked: {', '.join(map(running_text, people))}; {silence}."]
        return Question(
            people=people,
            subject=subject,
            body="\n".join(lines),
            options=(BACK_OUT, ACCEPT) if trouble.may_accept else (BACK_OUT,),
            within=backout.decide_within if backs_out else None,
        )
