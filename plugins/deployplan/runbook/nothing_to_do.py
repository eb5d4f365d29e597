"""Is this very plan on all of its nodes already, verified? Then there is nothing to approve, and nothing to do."""

from dataclasses import dataclass

from deployplan.runbook.run.outcome_kinds import UNTOUCHED, Outcome
from deployplan.runbook.run.run import Run
from deployplan.runbook.task_names import REDEPLOY_PARAM
from deployplan.runbook.timing.past_runs import PastRun, history_of


@dataclass(frozen=True, slots=True)
class AlreadyThere:
    """Which run released the plan, and since when the node that was verified last has it, as the nodes say."""

    run_id: str
    since: str
    nodes: tuple[str, ...]

    @property
    def told(self) -> str:
        where = ", ".join(self.nodes) if len(self.nodes) <= 5 else f"all {len(self.nodes)} nodes"
        return (
            f"this very plan is on {where} already, verified since {self.since}, released by run {self.run_id}; "
            f"to run its scripts again, trigger it with {REDEPLOY_PARAM}: true"
        )


def earlier_release(run: Run) -> PastRun | None:
    """The run that ended in success with this very plan, and after which none has touched the product; else None.

    A release with known issues is none of these: whoever triggers it again may want to mend them. Neither is anything
    for a run that was armed before, or that is to redeploy.
    """
    state, plan = run.read_state(), run.snapshot.plan
    if state.redeploys or state.generation is not None:
        return None
    past = history_of(run.records, plan.environment, plan.scope.release.product)
    latest = next((each for each in reversed(past) if each.outcome not in UNTOUCHED), None)
    wanted = (plan.name, run.snapshot.digest, Outcome.SUCCESS)
    return latest if latest is not None and (latest.plan, latest.digest, latest.outcome) == wanted else None


def already_there(run: Run, verified: dict[str, str | None]) -> AlreadyThere | None:
    """What there is to say when nothing is to be done; None when the plan has to go its ordinary way.

    `verified` is since when each node of the plan says that it has all of it, verified; None where one does not say so.
    The nodes and the history of releases must both say so: the one does not know of a run that broke off, the other
    not of hands on the node.
    """
    times = [since for since in verified.values() if since is not None]
    if not times or len(times) < len(verified):
        return None
    past = earlier_release(run)
    return None if past is None else AlreadyThere(past.run_id, max(times), tuple(verified))
