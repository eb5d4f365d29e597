"""Which try is this? Counted by what a person cleared, never by Airflow's retries."""

from dataclasses import dataclass

from deployplan.runbook.run.lock_token import LockToken
from deployplan.runbook.run.run import NotReady, Refused, Run
from deployplan.runbook.run.state import RunState


@dataclass(frozen=True)
class Generation:
    """One arming of a run. A person's clear always clears `deploy.arm` too, so each clear begins a new generation;
    a retry by Airflow stays in its generation. The node's lock carries it, so that an older controller is fenced off.
    """

    plan: str
    run_id: str
    number: int

    def __str__(self) -> str:
        return f"{self.run_id}#{self.number}"

    @property
    def deploy(self) -> str:
        """What the node's lock holds while the release is brought out."""
        return str(LockToken(self.plan, self.run_id, self.number))

    def owns(self, token: str) -> bool:
        """Whether a lock with this token is held by this run, in whichever generation."""
        found = LockToken.parse(token)
        return found is not None and (found.plan, found.run_id) == (self.plan, self.run_id)

    @property
    def backout(self) -> str:
        """What the node's lock holds once the backout has begun: from then on no deploy job can start."""
        return str(LockToken(self.plan, self.run_id, self.number, backout=True))


def generation_of(run: Run, number: int) -> Generation:
    """The generation of this run with this number."""
    return Generation(run.snapshot.plan.name, run.run_id, number)


def refuse_second_use(run_id: str, before: RunState, *, clear: int) -> None:
    """Raise NotReady when the id of this run was another's, whose work on the nodes would count as this one's.

    Airflow forgets a run that is deleted, and its id may be given again; evidence and nodes do not forget. `before` is
    what the evidence says before this freezing. What has gone beyond its freezing is frozen again by a person's clear,
    which raises `clear`, or by nobody.
    """
    last = None if before.frozen is None else before.frozen.clear
    review = before.review
    went_on = bool(before.is_over or review.nodes or review.seats or review.arming is not None)
    if last is None or not went_on or clear < 0 or clear > last:
        return
    ended = before.outcome if before.is_over else None
    told = "has no outcome" if ended is None else f"ended as {ended.event.outcome} on {ended.at:%F %R %Z}"
    raise NotReady(
        [f"run id {run_id!r} was given before, and that run {told}: trigger the plan again under an id of its own"]
    )


def current(run: Run) -> Generation:
    """The generation that the last arming began.

    Raises Refused when the run was never armed, or was armed under the first format of evidence.
    """
    armed = run.read_state().armed
    if armed is None:
        raise Refused("deploy.arm has not armed this run: clear deploy.arm with Downstream")
    if not armed.bound:
        raise Refused(
            "this run was approved and armed by an earlier version, whose evidence does not say which run it is about: "
            "clear the approval seats with Downstream, so that they are asked again; it can be ended and backed out"
        )
    return generation_of(run, armed.event.generation)


def latest(run: Run) -> Generation:
    """The generation that the last arming began, even if that was refused half-way: its backout comes after all.

    Raises Refused when the run was never armed.
    """
    number = run.read_state().generation
    return current(run) if number is None else generation_of(run, number)
