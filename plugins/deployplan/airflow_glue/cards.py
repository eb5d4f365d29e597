"""Questions to people, as Airflow's human-in-the-loop cards: approval seats, manual tests, the decision to back out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NoReturn

from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException, TaskAwaitingInput

from deployplan.airflow_glue.step import Step
from deployplan.airflow_glue.wiring import rows
from deployplan.runbook import review, verify
from deployplan.runbook.decide import Decision, find_trouble, record_decision

if TYPE_CHECKING:
    from airflow.sdk import Context

APPROVE, REJECT = "Approve", "Reject"
PASS, FAIL = "Pass", "Fail"
BACK_OUT, ACCEPT = "Back out", "Accept with issues"


class Card(Step):
    """A task that parks without a process until one of the asked people answers."""

    def ask(
        self,
        context: Context,
        *,
        people: Iterable[str],
        subject: str,
        body: str,
        options: list[str],
        within: timedelta | None,
    ) -> NoReturn:
        """Put the card up and park the task; `answered` goes on. Airflow itself refuses anybody else's answer.

        No option is the default: silence is never taken for an answer.
        """
        from airflow.sdk.execution_time.hitl import HITLUser, upsert_hitl_detail

        upsert_hitl_detail(
            ti_id=context["ti"].id,
            options=options,
            subject=subject,
            body=body,
            params={},
            assigned_users=[HITLUser(id=person, name=person) for person in people],
        )
        self.say(f"waiting for {', '.join(people)}: {subject}")
        raise TaskAwaitingInput(method_name="answered", timeout=within)


def answer_of(event: dict[str, Any]) -> tuple[str | None, str | None]:
    """The chosen option and the person who chose it; (None, None) when nobody answered in time."""
    if event.get("error_type") == "timeout":
        return None, None
    if "error" in event:
        raise AirflowException(f"the answer could not be read: {event}")
    person = event.get("responded_by_user") or {}
    return event["chosen_options"][0], person.get("id")


class ApprovalSeat(Card):
    """One seat of the quorum. The answer counts by the evidence it leaves, never by this task's colour."""

    def __init__(self, *, seat: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.seat = seat

    def execute(self, context: Context) -> None:
        """Parks the task; raises AirflowFailException when nobody may take the seat."""
        with self.ending(context):
            run = self.open(context)
            seat = review.offer_seat(run, self.seat)
            self.ask(
                context,
                people=seat.people,
                subject=seat.subject,
                body=seat.body,
                options=[APPROVE, REJECT],
                within=self.snapshot.plan.approval.within,
            )

    def answered(self, context: Context, event: dict[str, Any]) -> None:
        """Records the answer; raises AirflowFailException unless it is a yes."""
        with self.ending(context):
            run = self.open(context)
            people = review.asked_people(run, self.seat)
            option, person = answer_of(event)
            if option is None:
                review.expire_seat(run, self.seat, people)
                raise AirflowFailException(f"nobody approved in time; asked were {', '.join(people)}")
            review.answer_seat(run, self.seat, person=person, approved=option == APPROVE, people=people)
            if option != APPROVE:
                raise AirflowFailException(f"rejected by {person}")


class ManualTest(Card):
    """A criterion that a person judges."""

    def __init__(self, *, criterion: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.criterion = criterion

    def execute(self, context: Context) -> None:
        """Parks the task until the named person has tested."""
        with self.ending(context):
            self.open(context)
            wanted = self.snapshot.plan.success[self.criterion]
            self.ask(
                context,
                people=[wanted.by] if wanted.by else list(self.snapshot.plan.approval.authorities),
                subject=f"{self.snapshot.plan.name}: {wanted.manual}",
                body=f"**{wanted.manual}**\n\nRelease {self.snapshot.plan.scope.release.version} is in place. "
                f"Does it work? Without an answer within {wanted.within} the release counts as not verified.",
                options=[PASS, FAIL],
                within=wanted.within,
            )

    def answered(self, context: Context, event: dict[str, Any]) -> None:
        """Records the answer; raises AirflowFailException unless the test passed."""
        with self.ending(context):
            run = self.open(context)
            option, person = answer_of(event)
            why = "" if option else "nobody tested in time"
            verify.record_manual(
                run, self.snapshot.plan.success[self.criterion], person=person, passed=option == PASS, why=why
            )


class Decide(Card):
    """Looks whether anything is wrong; decides by the plan's policy or asks the backout authority."""

    def execute(self, context: Context) -> None:
        """Skips itself when all is well; parks when the plan says that people decide."""
        with self.ending(context):
            run = self.open(context)
            watched = [row.task for row in rows(self.snapshot) if row.task.startswith(("deploy.", "verify."))]
            trouble = find_trouble(run, self.states(context, watched))
            if trouble is None:
                record_decision(run, Decision.NOTHING, by="facts", why=["all is well"])
                raise AirflowSkipException("all is well: nothing to back out")
            for line in trouble.why:
                self.say(f"trouble: {line}")
            if not trouble.ask:
                record_decision(run, Decision.BACK_OUT, by="policy", why=trouble.why)
                return
            self._ask(context, trouble.why, may_accept=trouble.may_accept)

    def answered(self, context: Context, event: dict[str, Any]) -> None:
        """Records the decision; silence means what the plan's `on_silence` says: back out."""
        with self.ending(context):
            run = self.open(context)
            option, person = answer_of(event)
            if option == ACCEPT:
                record_decision(run, Decision.ACCEPT, by=str(person), why=[f"accepted by {person}"])
            else:
                record_decision(
                    run, Decision.BACK_OUT, by=person or "silence", why=["nobody answered"] if option is None else []
                )

    def _ask(self, context: Context, why: Iterable[str], *, may_accept: bool) -> NoReturn:
        backout = self.snapshot.plan.backout
        lines = [*(f"- {line}" for line in why), ""]
        lines += ["To try the failed nodes again, clear the failed task with Downstream instead of answering."]
        lines += (
            [f"Without an answer within {backout.decide_within} it is backed out."]
            if backout.on_silence == "back_out"
            else []
        )
        self.ask(
            context,
            people=backout.authority or tuple(self.snapshot.plan.approval.authorities),
            subject=f"{self.snapshot.plan.name}: back out?",
            body="\n".join(lines),
            options=[BACK_OUT, ACCEPT] if may_accept else [BACK_OUT],
            within=backout.decide_within if backout.on_silence == "back_out" else None,
        )
